"""A mark with which a model ends what it says is no part of the reply, unless the reply may mean it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.chunks import Finish, Text, ToolCall
from g4f_magic.providers.replies import Words
from tests.unit.providers.test_thinking import outcome

LEAKED = [
    ("Hello!", "<|im_end|>"),
    ("Hello!", "</s>"),
    ("Hello! ", "</s>"),
    ("Hello!\n", "<|im_end|>\n"),
    ("42", "<|eot_id|>"),
    ("Hi.", "<end_of_turn>\n"),
    ("是的。", "</s>"),
    ("Fine 😊", "<|endoftext|>"),
    ("Done", "<｜end▁of▁sentence｜>"),
    ("Done", "<turn|>"),
    ("Done [1]", "[e~["),
    ("Done", "<|END_OF_TURN_TOKEN|>"),
    ("Done", "<|user|>"),
    ("Hi", "<|im_end|><|im_end|>\n<|im_end|>"),
    ("Hi", "</s>" * 90),
    ("```python\nprint(1)\n```", "<|im_end|>"),
    ("```python\nprint(1)\n```\n", "<|im_end|>"),
    ('{"a": 1}', "<|im_end|>"),
    ('It says "so."', "<|im_end|>"),
    ("See `x`", "<|im_end|>"),
    ("Use <b>bold</b>", "</s>"),
    ("- one\n- two", "</s>"),
]


@pytest.mark.parametrize(("text", "mark"), LEAKED)
def test_a_mark_at_the_very_end_is_no_part_of_the_reply(text: str, mark: str) -> None:
    assert outcome(text + mark) == ("", text)
    assert outcome(*text, *mark) == ("", text)
    assert outcome(f"<think>a</think>{text}{mark}") == ("a", text)


MEANT = [
    "<|im_end|>",
    "The token is <|im_end|>",
    "It ends with:\n\n<|im_end|>",
    "eos=<|im_end|>",
    'It prints "<|im_end|>',
    "Write `a<|im_end|>",
    "Write `<|im_end|>`",
    "```\na<|im_end|>",
    "```\na<|im_end|>\n```",
    "This is <s>old</s>",
    "- <|im_end|>",
    "1. <|im_end|>",
    "<|im_start|>user\nHi<|im_end|>",
    "Use </s> or <|im_end|>",
    "Hi<|im_end|> there",
    "Hi<|im_e",
    "Hi</",
    "a <| b |>",
    "f <|g|>",
    "a[e",
    "x" * 500_000 + "</s>",
    "Hi" + "</s>" * 900,
]


@pytest.mark.parametrize("text", MEANT)
def test_a_mark_that_the_reply_may_mean_is_text(text: str) -> None:
    assert outcome(text) == ("", text)
    size = max(3, len(text) // 2_000)
    assert outcome(*(text[at : at + size] for at in range(0, len(text), size))) == ("", text)


def test_thoughts_and_a_mark_are_no_reply() -> None:
    assert outcome("<think>a</think>\n<|im_end|>") == ("a", "")


def test_a_mark_before_a_call_is_no_part_of_the_words_before_it() -> None:
    words, call = Words(), ToolCall("c", "look", "{}", "")
    assert [*words.of((Text("Let me look.<|im_end|>"), call, Finish("tool_calls")))] == [
        Text("Let me look."),
        call,
        Finish("tool_calls"),
    ]


@given(
    st.lists(st.sampled_from(["Hi", ".", " ", "\n", "</s>", "<|a|>", "<|", "a|>", "`", "```", "<s>", "[e~["]), max_size=9),
    st.integers(1, 9),
)  # fmt: skip
def test_how_a_mark_is_cut_does_not_matter(parts: list[str], size: int) -> None:
    text = "".join(parts)
    assert outcome(*(text[at : at + size] for at in range(0, len(text), size))) == outcome(text)
