"""Which answers are older than what they build on."""

from __future__ import annotations

from typing import Any

import pytest

from g4f_magic.renderers.decoration import CARET, with_caret
from g4f_magic.renderers.older import older
from g4f_magic.turn import Turn


def _turn(slot: str, at: float, *, reply: str = "", carried: int = 9, **about: Any) -> Turn:
    return Turn.plain(
        id=f"{slot}{at}",
        slot=slot,
        prompt=about.pop("prompt", slot),
        provider="k",
        model="m",
        reply=reply or f"{slot} {at}",
        started_at=at,
        status="done",
        context_turns=carried,
        **about,
    )


A, B, C = (_turn(slot, at) for at, slot in enumerate("abc", 1))
A_AGAIN = _turn("a", 10)


def _of(*turns: Turn, before: tuple[Turn, ...] = (A,)) -> list[str]:
    return [
        one.slot for one in older(turns, lambda slot: [one for one in (*before, *turns) if one.slot == slot])
    ]


def test_nothing_is_older_in_the_order_in_which_it_was_asked() -> None:
    assert _of(A, B, C) == []


def test_what_was_answered_before_an_answer_above_changed_is_older() -> None:
    assert _of(A_AGAIN, B, C) == ["b", "c"]


def test_what_was_asked_again_since_is_not() -> None:
    assert _of(A_AGAIN, _turn("b", 11), C) == ["c"]
    assert _of(A_AGAIN, _turn("b", 11), _turn("c", 12)) == []


def test_an_answer_that_says_the_same_again_makes_nothing_older() -> None:
    assert _of(_turn("a", 10, reply=A.reply), B, C) == []


def test_a_new_cell_above_makes_what_is_below_older() -> None:
    assert _of(A, _turn("n", 10), B) == ["b"]


@pytest.mark.parametrize("about", [{"carried": 0}, {"source": "imported"}])
def test_what_builds_on_nothing_here_is_not_older(about: dict[str, Any]) -> None:
    assert _of(A_AGAIN, _turn("b", 2, **about)) == []


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("", ""),
        ("<p>so far</p>\n", f"<p>so far{CARET}</p>\n"),
        ("<ul>\n<li>a</li>\n</ul>\n", f"<ul>\n<li>a{CARET}</li>\n</ul>\n"),
        ("words", f"words{CARET}"),
    ],
)
def test_a_caret_stands_where_the_last_word_ends(html: str, shown: str) -> None:
    assert with_caret(html) == shown
