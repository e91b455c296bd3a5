"""A cell that asks several times, in a loop for example: what it asked in an earlier run goes with that run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from g4f_magic.history import History
from tests.turns import changed, make_turn


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    one = History(tmp_path / "history.sqlite")
    yield one
    one.close()


def ask(history: History, *slots: str) -> None:
    for slot in slots:
        turn = make_turn(slot, prompt=slot)
        history.begin("nb", "main", turn)
        history.settle(changed(turn, reply="Yes.", status="done"))


def line(history: History) -> list[str]:
    """Return the slots as they stand, in this kernel's memory and in the file."""
    held = [turn.slot for turn in history.turns("nb", "main")]
    history.rest()
    assert [turn.slot for turn in history.turns("nb", "main")] == held
    return held


def test_a_run_that_asks_less_often_leaves_nothing_of_the_run_before(history: History) -> None:
    ask(history, "a", "a#2", "a#3", "ab", "ab#2", "b")
    ask(history, "a")
    assert line(history) == ["a", "ab", "ab#2", "b"]
    ask(history, "a#2")
    assert sorted(line(history)) == ["a", "a#2", "ab", "ab#2", "b"]
    assert len(history.revisions("nb", "main", "a#2")) == 2


def test_undo_brings_the_whole_run_back(history: History) -> None:
    ask(history, "a", "a#2", "a#3", "b")
    ask(history, "a")
    history.undo("nb", "main")
    assert line(history) == ["a", "a#2", "a#3", "b"]
    history.redo("nb", "main")
    assert line(history) == ["a", "b"]


def test_what_is_under_way_elsewhere_stays(history: History) -> None:
    ask(history, "a")
    history.begin("nb", "main", make_turn("a#2"))
    ask(history, "a")
    assert [turn.slot for turn in history.turns("nb", "main")] == ["a", "a#2"]
