"""Where a growing Markdown text is cut: nothing is lost, and what was finished was never wrong."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from g4f_magic.renderers.blocks import BlockSplitter
from g4f_magic.renderers.markdown import definitions, to_html
from tests.examples import examples

LINES = [
    *(
        "",
        "",
        "",
        " ",
        "para",
        "two words",
        "# head",
        "## a | b",
        "===",
        "---",
        "***",
        "- item",
        "* star",
        "+ plus",
    ),
    *(
        "- [ ] box | x",
        "  more",
        "    four",
        "\tcode",
        "1. one",
        "2) two",
        "10. ten",
        "> quote",
        "> > deep",
        ">",
    ),
    *(
        "> | a | b |",
        "> $$",
        "```",
        "````",
        "```python",
        "~~~",
        "~~~ | x",
        "  ```",
        "- ```",
        "> ```",
        "   ```",
    ),
    *(
        "| a | b |",
        "|---|---|",
        "a | b",
        "--- | ---",
        ":-:|-",
        "| 1 | 2 |",
        "$$",
        "$$ x",
        "x $$",
        "$$ a|b $$",
    ),
    *(
        r"\[",
        r"\]",
        r"\[ x",
        r"y \]",
        "$x$ and $5",
        "- $$",
        "  $$",
        "[foo]: /url",
        "[foo]:",
        "/url",
        "'title",
    ),
    *(
        "end'",
        '"t"',
        "[foo]: http://a.b 'c'",
        "[bar]: <http://x.y>",
        "[foo] [bar]",
        "![foo]",
        "*em",
        "em*",
        "**b",
    ),
    *(
        "`code",
        "code`",
        "<div>",
        "</div>",
        "<!-- x",
        "-->",
        "<script>",
        "&amp; &#36;",
        "שלום",
        "\\",
        "a\\",
        "a  ",
    ),
    *(
        "\\begin{align}",
        "\\end{align}",
        "<details>",
        "<details>\n<summary>a</summary>",
        "</details>",
        "[^1]: x",
        "y[^1]",
    ),
    *("- <details>", "> </details>", "https://a.b/c", "a <sub>b</sub>"),
    *("- a\n\n  b", "- a\n- b\n\n\n- c", "-", "1.", "- - x", "-\n\n  x", "\x0c", "\u2028x", "\0"),
]
ENDS = ["\n", "\n", "\n", "\n", "\n", "\n\n", "\r\n", "\r", "", " "]
TEXTS = st.lists(st.tuples(st.sampled_from(LINES), st.sampled_from(ENDS)), max_size=14).map(
    lambda pairs: "".join(line + end for line, end in pairs)
)


@st.composite
def cut_texts(draw: st.DrawFn) -> list[str]:
    text = draw(TEXTS)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=12)))
    return [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]


@given(cut_texts())
@example(["more\n<details>\n<summary>a</summary>\n\n", "</details>\n"])
@example(["<details><details>\n</details>\n", "a\n</details>\n"])
@example(["- <details> - <details>\n</details>\n", "> </details>\n"])
@example(["[b]: http://x.y\n1.\n", "a\n"])
@example(["[b]: http://x.y\n$$\n> $$\n", "a\n"])
@examples(400)
def test_what_was_finished_was_never_wrong_and_nothing_is_lost(pieces: list[str]) -> None:
    text = "".join(pieces)
    splitter, finished, so_far = BlockSplitter(), [], ""
    for piece in pieces:
        finished += splitter.feed(piece)
        so_far += piece
        assert "".join(finished) + splitter.tail == so_far
    defined = definitions(text)
    # Without frames around code: whether there is room for one depends on how long a text is.
    rendered = [to_html(block, env=defined, is_framed=False) for block in [*finished, splitter.tail]]
    assert "".join(rendered) == to_html(text, env=definitions(text), is_framed=False)


@given(TEXTS)
@examples(200)
def test_a_text_in_single_characters_is_cut_as_rightly(text: str) -> None:
    splitter = BlockSplitter()
    finished = [block for character in text for block in splitter.feed(character)]
    assert "".join(finished) + splitter.tail == text
    defined = definitions(text)
    rendered = [to_html(block, env=defined, is_framed=False) for block in [*finished, splitter.tail]]
    assert "".join(rendered) == to_html(text, env=defined, is_framed=False)


def fed(text: str) -> tuple[list[str], str]:
    splitter = BlockSplitter()
    return splitter.feed(text), splitter.tail


@pytest.mark.parametrize(
    ("text", "tail"),
    [
        ("one\n\ntwo", "\ntwo"),
        ("# head\nmore", "more"),
        ("```\ncode\n```\n", ""),
        ("one\n\n| a |\n|---|\n| 1 |\n\n", "\n"),
        ("$$\nx\n$$\n", ""),
        ("> quote\n\nmore", "\nmore"),
    ],
)
def test_a_block_is_finished_as_soon_as_nothing_can_change_it(text: str, tail: str) -> None:
    assert fed(text)[1] == tail


@pytest.mark.parametrize(
    "text",
    [
        "a paragraph may be a heading's text\n",
        "- a list may become loose\n\n",
        "    indented code\n\n",
        "| a | b |\n",
        "# a heading | or a table's head\n",
        "```\nan open fence\n\n# is no heading\n",
        "$$\nopen math\n# is no heading\n",
        "1. a\n\n   ```\n   fence in a list\n   ```\n",
    ],
)
def test_a_block_that_can_still_change_is_kept(text: str) -> None:
    assert fed(text) == ([], text)


def test_an_open_fence_is_known_by_its_first_line() -> None:
    splitter = BlockSplitter()
    assert splitter.feed("text\n\n```python\nx = 1\n") == ["text\n"]
    assert splitter.open_fence == "```python"
    assert splitter.feed("y = 2\n```\n") == ["\n```python\nx = 1\ny = 2\n```\n"]
    assert splitter.open_fence is None


@pytest.mark.heavy
@pytest.mark.parametrize(
    "unit",
    [
        "- item of a list that never ends\n\n",
        "| a | b |\n",
        "    code\n\n",
        "line of one paragraph\n",
        "$$\n",
        "[a]: /b\n\n",
    ],
)
def test_a_block_that_never_ends_is_parsed_a_bounded_number_of_times(
    unit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from g4f_magic.renderers import blocks

    parsed = []
    original = blocks._blocks
    monkeypatch.setattr(blocks, "_blocks", lambda text: parsed.append(len(text)) or original(text))
    splitter = BlockSplitter()
    total = 0
    while total < 60_000:
        splitter.feed(unit)
        total += len(unit)
    assert sum(parsed) <= 7 * total + 40_000
