"""Long replies get their static form while they come."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.renderers.document import MarkdownView, laid_over, letters
from g4f_magic.renderers.markdown import to_html
from g4f_magic.renderers.renderer import Part
from tests.examples import examples

PARAGRAPH = "Some **bold** words, `code`, and a [link](https://example.org) in a paragraph. " * 8 + "\n\n"
FENCE = "```python\n" + "print('a line of code')\n" * 400 + "```\n\n"


def joined(parts: list[Part]) -> str:
    return "".join(part.html for part in parts)


def stream(text: str, size: int) -> tuple[MarkdownView, list[Part]]:
    view, sealed = MarkdownView(), []
    for start in range(0, len(text), size):
        view.feed(text[start : start + size])
        sealed += view.seal()
        view.finished()
    return view, sealed


@examples(30)
@given(
    st.lists(st.sampled_from([PARAGRAPH, FENCE, "# Title\n\n", "- a\n- b\n\n"]), max_size=150),
    st.integers(50, 5_000),
)
def test_what_was_sealed_and_the_rest_are_the_whole(blocks: list[str], size: int) -> None:
    text = "".join(blocks)
    view, sealed = stream(text, size)
    rest = view.rest(text)
    assert rest is not None
    assert "".join(part.plain for part in [*sealed, *rest]) == text
    assert joined([*sealed, *rest]) == to_html(text)


@pytest.mark.heavy
@examples(30)
@given(
    st.lists(
        st.sampled_from([PARAGRAPH, FENCE, "# Title\n\n", "- a\n- b\n\n", "> a\n\n", "עברית\n\n"]),
        max_size=40,
    )
)
def test_what_is_rendered_at_once_is_what_streams(blocks: list[str]) -> None:
    text = "".join(blocks)
    view, sealed = stream(text, 200)
    assert joined(MarkdownView().parts(text)) == joined([*sealed, *(view.rest(text) or ())])


def test_a_short_reply_is_never_sealed() -> None:
    assert stream(PARAGRAPH * 20, 100)[1] == []


@pytest.mark.heavy
def test_sealed_parts_are_of_bounded_size() -> None:
    _, sealed = stream(PARAGRAPH * 400, 1_000)
    assert len(sealed) > 3
    assert max(len(part.html) for part in sealed) < 120_000


@pytest.mark.heavy
def test_a_late_link_definition_says_that_the_sealed_parts_do_not_hold() -> None:
    text = PARAGRAPH * 200 + "See [this][1].\n\n[1]: https://example.org\n"
    view, sealed = stream(text, 1_000)
    assert sealed
    assert view.rest(text) is None
    assert joined(view.parts(text)) == to_html(text)


@given(st.lists(st.integers(0, 3_000), max_size=40), st.lists(st.integers(0, 9_000), min_size=1, max_size=10))
def test_parts_are_laid_over_the_outputs_in_their_order(lengths: list[int], sizes: list[int]) -> None:
    parts = [Part(f"<b>{chr(97 + index % 26) * size}</b>", f"{index},") for index, size in enumerate(lengths)]
    laid = laid_over(parts, sizes)
    assert len(laid) == len(sizes)
    assert joined(laid) == joined(parts)
    assert "".join(part.plain for part in laid) == "".join(part.plain for part in parts)


@given(st.lists(st.lists(st.integers(1, 500), min_size=1, max_size=9), min_size=1, max_size=9))
def test_what_stands_in_an_output_stays_there(shown: list[list[int]]) -> None:
    parts = [Part(f"<p>{'x' * size}</p>", "") for sizes in shown for size in sizes]
    laid = laid_over(parts, [sum(sizes) for sizes in shown])
    assert [letters(part.html) for part in laid] == [sum(sizes) for sizes in shown]


def test_a_part_that_covers_several_outputs_leaves_the_others_empty() -> None:
    before, long, after = (Part(f"<p>{'x' * size}</p>", "") for size in (10, 300, 10))
    laid = laid_over([before, long, after], [10, 100, 100, 100, 10])
    assert [letters(part.html) for part in laid] == [10, 0, 300, 0, 10]
