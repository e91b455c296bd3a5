"""Replies one below the other, where text is printed."""

from __future__ import annotations

from typing import Any

import pytest

from g4f_magic.chunks import Text
from g4f_magic.host.program import Program
from g4f_magic.renderers import choose_columns
from g4f_magic.renderers.renderer import Columns, Part
from g4f_magic.settings import Settings
from g4f_magic.turn import Turn


def turn(name: str, **fields: Any) -> Turn:
    return Turn.plain(id=name, slot="s", prompt="", provider=name, model="", started_at=0.0, **fields)


@pytest.fixture
def shown() -> Columns:
    host = Program()
    made = choose_columns(format="markdown", settings=Settings(), host=host, offer=host.offer)
    made.begin(["one", "two", "three"], [turn("one"), turn("two"), turn("three")])
    return made


def test_they_stand_in_the_order_of_the_columns(shown: Columns, capsys: pytest.CaptureFixture[str]) -> None:
    shown.show(2, Text("Third."))
    shown.show(0, Text("Fir"))
    assert "Fir" in capsys.readouterr().out
    shown.settle(2, turn("three", reply="Third.", status="done"), None)
    shown.show(1, Text("Second."))
    shown.show(0, Text("st."))
    shown.settle(0, turn("one", reply="First.", status="done", seconds=2.0), 0.25)
    shown.settle(1, turn("two", status="failed", error="no credit\x1b[2J", hint="Ask another."), None)
    shown.end(0, [Part("", "What differs")])
    printed = capsys.readouterr().out
    words = [
        "st.",
        "— live · one",
        "— first word 0.2 s",
        "2 · two",
        "Second.",
        "no credit␛[2J",
        "Ask another.",
        "3 · three",
        "Third.",
        "What differs",
    ]
    places = [printed.index(word) for word in words]
    assert places == sorted(places)


def test_what_was_stopped_is_all_printed(shown: Columns, capsys: pytest.CaptureFixture[str]) -> None:
    shown.show(1, Text("Half of it"))
    shown.settle(1, turn("two", reply="Half of it", status="stopped", seconds=1.0), None)
    shown.settle(0, turn("one", status="stopped", seconds=1.0), None)
    shown.settle(2, turn("three", status="stopped", seconds=1.0), None)
    shown.end(0)
    printed = capsys.readouterr().out
    assert "Half of it" in printed
    assert printed.count("— stopped") == 3
