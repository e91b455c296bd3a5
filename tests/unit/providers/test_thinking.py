"""What a model thinks aloud at the beginning of its text is reasoning, however its bytes are cut."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.chunks import Chunk, Finish, Reasoning, Rethought, Text
from g4f_magic.providers.thinking import Thinking
from tests.named import named

DRAFT = 'first idea:\n```python\nprint("draft")\n```\n'
FINAL = 'Here:\n```python\nprint("final")\n```'


def told(*texts: str, finish: bool = True) -> list[Chunk]:
    thinking = Thinking()
    chunks: list[Chunk] = [Text(text) for text in texts] + ([Finish("stop")] if finish else [])
    return [*(one for chunk in chunks for one in thinking.of(chunk)), *thinking.close()]


def outcome(*texts: str) -> tuple[str, str]:
    """Return what was thought and what was said, in the end."""
    thought = said = ""
    for chunk in told(*texts):
        match chunk:
            case Reasoning(text):
                thought += text
            case Text(text):
                said += text
            case Rethought():
                thought, said = thought + said, ""
    return thought, said


THOUGHTS = {
    "tag": f"<think>\n{DRAFT}</think>\n{FINAL}",
    "after blank": f"\n \n<think>\n{DRAFT}</think>\n\n{FINAL}",
    "thinking": f"<thinking>{DRAFT}</thinking>{FINAL}",
    "thought": f"<thought>{DRAFT}</thought>\n{FINAL}",
    "reasoning": f"<reasoning>{DRAFT}</reasoning>\n{FINAL}",
    "any case": f"<Think>{DRAFT}</THINK>\n{FINAL}",
    "attributes": f'<think duration="3" model="a">{DRAFT}</think>\n{FINAL}',
    "Seed-OSS": f"<seed:think>{DRAFT}</seed:think>\n{FINAL}",
    "MiniMax-M3": f"<mm:think>{DRAFT}</mm:think>\n{FINAL}",
    "Kimi": f"◁think▷{DRAFT}◁/think▷\n{FINAL}",
    "Magistral": f"[THINK]{DRAFT}[/THINK]\n{FINAL}",
    "Command A": f"<|START_THINKING|>{DRAFT}<|END_THINKING|><|START_RESPONSE|>{FINAL}",
    "OpenThoughts": f"<|begin_of_thought|>\n{DRAFT}<|end_of_thought|>\n\n<|begin_of_solution|>\n{FINAL}",
    "Apertus": f"<|inner_prefix|>{DRAFT}<|inner_suffix|>{FINAL}",
    "Command A, with its own end": f"<|START_THINKING|>{DRAFT}<|END_THINKING|><|START_RESPONSE|>{FINAL}<|END_RESPONSE|>\n",
    "gpt-oss, with its own end": f"<|channel|>analysis<|message|>{DRAFT}<|end|><|start|>assistant<|channel|>final<|message|>{FINAL}<|return|>",
    "gpt-oss": f"<|channel|>analysis<|message|>{DRAFT}<|end|><|start|>assistant<|channel|>final<|message|>{FINAL}",
    "gpt-oss, begun by its role": f"<|start|>assistant<|channel|>analysis<|message|>{DRAFT}<|end|><|start|>assistant<|channel|>final<|message|>{FINAL}<|return|>",
    "gpt-oss, in a form that was asked for": f"<|channel|>analysis<|message|>{DRAFT}<|end|><|start|>assistant<|channel|>final <|constrain|>JSON<|message|>{FINAL}<|return|>",
    "gpt-oss, without an end between": f"<|channel|>analysis<|message|>{DRAFT}<|start|>assistant<|channel|>final<|message|>{FINAL}",
    "gpt-oss, without end and role between": f"<|channel|>analysis<|message|>{DRAFT}<|channel|>final<|message|>{FINAL}",
    "gpt-oss, with blanks in its heads": f"<|channel|> analysis <|message|>{DRAFT}<|end|><|start|>assistant <|channel|> final <|message|>{FINAL}<|end|>",
    "Gemma 4": f"<|channel>thought\n{DRAFT}<channel|>{FINAL}",
    "twice by the template and the model": f"<think>\n<think>\n{DRAFT}</think>\n{FINAL}",
    "only the end, as the template began it": f"{DRAFT}</think>\n\n{FINAL}",
    "only the end, at the end of a line": f"{DRAFT}so it is.</think>\n{FINAL}",
}


@pytest.mark.parametrize("name", THOUGHTS)
def test_what_is_thought_at_the_beginning_is_reasoning(name: str) -> None:
    thought, said = outcome(THOUGHTS[name])
    assert (thought.removesuffix("so it is."), said) == (DRAFT, FINAL)


@pytest.mark.parametrize(
    "text", ["Let me greet them.</think>Hello!", "先想一想。</think> Hello!", "Is it?</think>Hello!"]
)
def test_only_the_end_right_behind_a_sentence_ends_thoughts(text: str) -> None:
    assert outcome(text) == (text.partition("</think>")[0], "Hello!")
    assert outcome(*text) == outcome(text)


def test_blocks_that_follow_each_other_are_all_reasoning() -> None:
    assert outcome("<think>a</think>\n<think>b</think>\n\nYes") == ("ab", "Yes")


@pytest.mark.parametrize(
    "head",
    [
        "<|channel|>commentary to=functions.look<|constrain|>json<|message|>",
        "<|channel|>commentary to=functions.look <|constrain|> json<|message|>",
        "<|channel|>analysis to=browser.open code<|message|>",
        "<|start|>assistant<|channel|>commentary to=functions.look json<|message|>",
    ],
)
def test_a_call_that_gpt_oss_makes_aloud_is_no_reply(head: str) -> None:
    call = f'{head}{{"q": 1}}<|call|>'
    assert outcome(call) == ('{"q": 1}', "")
    assert outcome(f"<|channel|>analysis<|message|>a<|end|>{call}") == ('a{"q": 1}', "")
    assert outcome(f"{call}<|start|>assistant<|channel|>final<|message|>Yes") == ('{"q": 1}', "Yes")


def test_what_gpt_oss_thinks_is_told_apart_where_its_tokens_were_left_out() -> None:
    text = f"analysisWe need to look.{DRAFT}assistantcommentaryLet me see.assistantfinal{FINAL}"
    thought, said = outcome(text)
    assert (said, thought.startswith("analysisWe need to look.")) == (FINAL, True)
    assert outcome(*text) == (thought, said)


@pytest.mark.parametrize(
    "text",
    ["analysisResult = 1\nassistant", "analysis", "anal", "The assistantfinal word", "analysis\n\nYes"],
)
def test_a_word_like_those_of_gpt_oss_is_text(text: str) -> None:
    assert outcome(text) == ("", text)
    assert outcome(*text) == ("", text)


@pytest.mark.parametrize(
    "text",
    [
        "<think>a</thinking>Yes",
        "<thinking>a</think>\n\nYes",
        "<reasoning>a\n</think>Yes",
        "<think>a[/THINK]Yes",
    ],
)
def test_an_end_of_another_name_ends_what_nothing_else_does(text: str) -> None:
    thought, said = outcome(text)
    assert (thought.strip()[:1], said) == ("a", "Yes")
    assert outcome(*text)[1] == "Yes"


def test_an_end_of_another_name_inside_is_thought() -> None:
    assert outcome("<think>a </thinking> b</think>Yes") == ("a </thinking> b", "Yes")


@pytest.mark.parametrize("box", ["<|begin_of_box|>Yes<|end_of_box|>", "<|begin_of_box|>Yes<|end_of_box|>\n"])
def test_the_box_around_a_reply_of_glm_is_no_part_of_it(box: str) -> None:
    assert outcome(box) == ("", "Yes")
    assert outcome(f"<think>a</think>{box}") == ("a", "Yes")


def test_a_block_inside_a_block_is_reasoning_too() -> None:
    assert outcome("<think>a <think>b</think> c</think>Yes") == ("a b c", "Yes")


def test_a_block_that_opens_more_than_it_ends_loses_no_reply() -> None:
    assert outcome("<think>is <think> a tag?</think>\n\nYes")[1] == "Yes"


@pytest.mark.parametrize(
    "text", ["<think></think>Yes", "<think>\n\n</think>\n\nYes", "<think/>Yes", "</think>\n\nYes"]
)
def test_an_empty_block_leaves_nothing(text: str) -> None:
    assert outcome(text) == ("", "Yes")


def test_a_token_of_another_model_is_text() -> None:
    assert outcome("<think>a</think>Say <|end|>") == ("a", "Say <|end|>")
    assert outcome("<|inner_prefix|>a<|inner_suffix|>Say <|end|> and <b") == ("a", "Say <|end|> and <b")


def test_a_block_without_an_end_is_reasoning() -> None:
    assert outcome("<think>Let me see") == ("Let me see", "")


def test_an_indented_reply_keeps_its_indentation() -> None:
    assert outcome("<think>a</think>\n\n    code")[1] == "    code"


LITERAL = [
    "The tag <think> opens it, </think> ends it.",
    "```\n<think>\na\n</think>\n```\nThat is how.",
    "```xml\n<think>a</think>\n```",
    "Write `<think>` first\nand `</think>` then.",
    "Like this:\n```\n</think>\n```\nand more",
    "~~~~\n```\n</think>\n~~~~\n",
    "````\n```\n</think>\n````\n",
    "Write `so` or `It is so.</think>` there.",
    "First comes\n<think>\nand then\n</think>\nfor the end.",
    "<thinker>no tag of ours</thinker>",
    "<html><body>page</body></html>",
    "<b>bold</b>",
    "< 5 is less",
    "<",
    "<thin",
    "[1, 2, 3]",
    "[THIS] is a list",
    '{"a": "</think>"}',
    '{"a": "So.</think>"}',
    "Say so, </think> comes then.",
    "Write `It is so.</think>` there.",
    "  leading blank",
    "\n",
    "a\n\nb",
    "◁ is a sign",
]


@pytest.mark.parametrize("text", LITERAL)
def test_what_stands_later_or_in_code_is_text(text: str) -> None:
    assert outcome(text) == ("", text)


def test_text_is_passed_on_at_once() -> None:
    thinking = Thinking()
    assert [list(thinking.of(Text(text))) for text in ("He", "llo ", "<", "b> there")] == [
        [Text("He")],
        [Text("llo ")],
        [],
        [Text("<b> there")],
    ]


def test_thoughts_are_passed_on_as_they_come() -> None:
    thinking = Thinking()
    assert list(thinking.of(Text("<think>one "))) == [Reasoning("one ")]
    assert list(thinking.of(Text("two"))) == [Reasoning("two")]


ALL = [
    "<|channel|>commentary to=functions.look <|constrain|>json<|message|>{}<|call|><|start|>assistant<|channel|>final<|message|>Yes",
    "<think>a</thinking>Yes",
    "analysisSo.assistantfinalYes",
    *THOUGHTS.values(),
    *LITERAL,
    "<think>a <think>b</think> c</think>Yes",
    "<think>is <think> a tag?</think>\n\nYes",
]
MARKS = [
    "<think>",
    "</think>",
    "<think a='1'>",
    "\n",
    " ",
    "```",
    "`",
    "x",
    "[THINK]",
    "[/THINK]",
    "◁/think▷",
    "<",
    "</th",
]


def _pieces(text: str, places: Sequence[int]) -> list[str]:
    bounds = sorted({0, len(text), *(place for place in places if place < len(text))})
    return [text[start:end] for start, end in pairwise(bounds)]


def test_each_character_by_itself_gives_the_same() -> None:
    for text in ALL:
        with named(text):
            assert outcome(*text) == outcome(text)


@given(
    st.sampled_from(ALL) | st.lists(st.sampled_from(MARKS), max_size=12).map("".join),
    st.lists(st.integers(1, 200), max_size=8),
)
def test_how_a_text_is_cut_does_not_matter(text: str, places: list[int]) -> None:
    assert outcome(*_pieces(text, places)) == outcome(text)


@given(st.lists(st.sampled_from(MARKS), max_size=12).map("".join))
def test_no_word_is_lost(text: str) -> None:
    assert "".join(outcome(text)).count("x") >= text.count("x")
