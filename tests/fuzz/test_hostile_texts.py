"""Whatever a text is: what is kept of it is in proportion to it, and so is the work."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Any

import pytest

from g4f_magic.panel.rendering import GrowingReply
from g4f_magic.renderers.views import make_view
from tests.hostile import CODE, FORMATS, MARKDOWN, Text, kinds
from tests.shows import SHOWS

pytestmark = pytest.mark.heavy

MOST_BYTES = 40
"""Saved for one of the text, beside what any reply costs."""
ANY_REPLY = 2_000
SIZE = 1_000

KINDS = [pytest.param(*kind, id=f"{kind[0]}: {kind[1]}") for kind in kinds()]


@pytest.mark.parametrize(("format", "name", "text"), KINDS)
def test_what_is_saved_is_in_proportion_to_the_text(format: str, name: str, text: Text) -> None:  # noqa: A002
    said = text(SIZE)
    bound = ANY_REPLY + MOST_BYTES * len(said.encode())
    assert asyncio.run(SHOWS["cell"](said, format)) <= bound
    if format == "markdown":
        assert asyncio.run(SHOWS["panel"](said, format)) <= bound
        assert asyncio.run(SHOWS["%chat history"](said, format)) <= bound


def calls(work: Callable[[], object]) -> int:
    """Return how many functions were called: a clock that no other program makes slower."""
    count = 0

    def note(frame: object, event: str, arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def grows(view: Callable[[], Any], text: Text, *, size: int = 500) -> float:
    """Return how many times more work four times the text is; of `size` characters on, from where its kind of work is the same."""

    def shown(characters: int) -> int:
        said, one = text(characters), view()
        # In two pieces: at what moment something is finished is not to weigh in.
        return calls(
            lambda: (one.feed(said[: characters // 2]), one.feed(said[characters // 2 :]), end(one, said))
        )

    shown(100)
    return shown(4 * size) / (shown(size) + 2_000)


def end(view: Any, text: str) -> object:
    return view.end(text) if isinstance(view, GrowingReply) else view.parts(text)


LINEAR = 7
"""Four times, and what a text's own fixed parts add; what is quadratic grows 16 times."""


@pytest.mark.parametrize("name", MARKDOWN)
def test_work_in_a_cell_is_in_proportion_to_the_text(name: str) -> None:
    assert grows(lambda: make_view("markdown"), MARKDOWN[name]) < LINEAR


@pytest.mark.parametrize("name", CODE)
def test_work_on_code_is_in_proportion_to_the_text(name: str) -> None:
    assert grows(lambda: make_view("markdown"), CODE[name], size=4_000) < LINEAR


@pytest.mark.parametrize("name", MARKDOWN)
def test_work_in_the_panel_is_in_proportion_to_the_text(name: str) -> None:
    # Where another kind of work begins, a formula that is whole, say, it grows once; what is quadratic always does.
    assert any(grows(GrowingReply, MARKDOWN[name], size=size) < LINEAR for size in (2_000, 8_000))


@pytest.mark.parametrize(
    ("format", "name"), [(shape, name) for shape, texts in FORMATS.items() for name in texts]
)
def test_work_in_a_format_is_in_proportion_to_the_text(format: str, name: str) -> None:  # noqa: A002
    assert grows(lambda: make_view(format), FORMATS[format][name]) < LINEAR


@pytest.mark.parametrize(
    ("first", "piece"),
    [
        ("", "a"),
        ("", "a\n"),
        ("", "\r"),
        ("```\n", "a"),
        ("```\n", "a\n"),
        ("- a\n", "  b\n"),
        ("$$\n", "a\n"),
    ],
)
def test_a_text_letter_by_letter_is_linear_work(first: str, piece: str) -> None:
    def fed(size: int) -> int:
        view = make_view("markdown")
        text = (first + piece * size)[:size]
        return calls(lambda: [(view.feed(letter), view.finished()) for letter in text])

    assert fed(2_000) / fed(500) < LINEAR


def test_every_kind_is_as_long_as_it_says() -> None:
    for shape, name, text in kinds():
        assert 0.5 * SIZE <= len(text(SIZE)) <= 1.2 * SIZE, (shape, name)
