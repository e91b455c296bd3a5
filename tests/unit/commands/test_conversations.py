"""`%chat conversations` and `%chat adopt`: what there is, as a history tells it that others may have written."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from g4f_magic import commands
from g4f_magic.session import Session
from g4f_magic.settings import Settings
from tests.turns import make_turn


async def test_a_time_that_no_calendar_has_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "h.sqlite"
    for notebook in ("mine", "other"):
        session = Session(Settings(history=str(file)), notebook=notebook)
        session.conversation().keep(make_turn(status="done", reply="So."))
        await session.aclose()
    with sqlite3.connect(file) as db:
        db.execute("UPDATE conversations SET used_at = 1e300")
    db.close()
    session = Session(Settings(history=str(file)), notebook="mine")
    await commands.run("conversations", session)
    await commands.run("adopt", session)
    await session.aclose()
    shown = capsys.readouterr().out
    assert "| `main` (in use) | 1 |" in shown
    assert "`%chat adopt other`" in shown
