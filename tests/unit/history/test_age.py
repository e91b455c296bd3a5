"""What is older than the person wants to keep is deleted for good, and a clock that jumps deletes nothing by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from g4f_magic.history import History, table
from g4f_magic.session import Session
from g4f_magic.settings import Settings
from tests.turns import say

DAY = 86_400.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time of day, in seconds ahead of the real one."""
    ahead = [0.0]
    real = table.time.time
    monkeypatch.setattr(table.time, "time", lambda: real() + ahead[0])
    return ahead


def test_what_is_older_goes_and_the_rest_stays(history: History, file: Path, clock: list[float]) -> None:
    say(history, "old", reply="an ancient word")
    history.fork("nb", "main", "side")
    clock[0] = 100 * DAY
    new = say(history, "new")
    assert history.forget_older(90 * DAY) == 1
    assert history.turns("nb", "main") == (new,)
    assert history.search("ancient") == ()
    assert [one.name for one in history.conversations("nb")] == ["main"]
    assert history.forget_older(90 * DAY) == 0
    history.close()
    assert b"ancient" not in file.read_bytes()


def test_a_clock_that_jumps_ahead_deletes_nothing_by_itself(history: History, clock: list[float]) -> None:
    turn = say(history, "a")
    clock[0] = 10_000 * DAY
    assert history.forget_older(90 * DAY, is_wary=True) == 0
    assert history.turns("nb", "main") == (turn,)
    assert history.forget_older(90 * DAY) == 1  # the person said so


def test_a_setting_keeps_so_many_days(history: History, file: Path, clock: list[float]) -> None:
    for day in (0, 80, 160):
        clock[0] = day * DAY
        say(history, f"turn{day}")
    history.close()
    session = Session(Settings(history=str(file), keep_days=90))
    assert session.untold() == ("Deleted for good, as ChatMagics.keep_days says: 1 turn older than 90 days.",)
    session.history.close()
    kept = History(file)
    assert [turn.slot for turn in kept.turns("nb", "main")] == ["turn80", "turn160"]
    kept.close()
    again = Session(Settings(history=str(file), keep_days=90))
    assert again.untold() == ()
    again.history.close()
