"""The table of turns, and the full-text index over it.

Every function works on an open connection; those that change something expect a transaction around them.
"""

from __future__ import annotations

import json
import math
import os
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, get_args

from g4f_magic.history import owner
from g4f_magic.history.schema import has_index
from g4f_magic.turn import Status, Turn
from g4f_magic.turn_json import storable, turn_from_json, turn_to_json

ENDED = "The kernel ended."
UNREADABLE = "This turn cannot be read: something other than g4f_magic changed the file of the history."
_TEXTS = ("id", "slot", "prompt", "reply", "reasoning", "status")
"""What has a column of its own; the rest is one JSON text, so that what is new needs no migration."""


def turn_to_row(turn: Turn) -> dict[str, Any]:
    """Return the columns of a turn; what is written of it is made here once, and `turn_from_row` gives what will be read."""
    values = turn_to_json(turn)
    row = {name: values.pop(name, "") for name in _TEXTS}
    row["status"] = turn.status
    return {**row, "details": json.dumps(values)}


def turn_from_row(row: Mapping[str, Any] | sqlite3.Row) -> Turn:
    """Return the turn of a row; one that another program wrote over is a failed one without words."""
    texts = {name: row[name] for name in _TEXTS}
    try:
        turn = turn_from_json({**json.loads(row["details"]), **texts})
        if is_turn(turn):
            return turn
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        pass
    known = {name: value if isinstance(value, str) else value.hex() for name, value in texts.items() if value}
    return Turn.plain(
        id=known.get("id", ""),
        slot=known.get("slot", ""),
        prompt="",
        provider="",
        model="",
        started_at=0.0,
        status="failed",
        error=UNREADABLE,
    )


def is_turn(turn: Turn) -> bool:
    """Say whether the fields of a turn that came from JSON are of the kinds that all rely on."""
    values: tuple[object, ...] = (
        turn.id,
        turn.slot,
        turn.provider,
        turn.model,
        turn.error,
        turn.hint,
        turn.via,
    )
    started_at: object = turn.started_at
    is_time = isinstance(started_at, int | float) and math.isfinite(started_at)
    return is_time and turn.status in get_args(Status) and all(isinstance(value, str) for value in values)


def insert(db: sqlite3.Connection, columns: Mapping[str, Any]) -> int:
    """Write a turn's row and return its number."""
    values = {**columns, "owner": owner.name_of(os.getpid()), "now": time.time()}
    cursor = db.execute(
        "INSERT INTO turns (id, slot, prompt, reply, reasoning, status, details, owner, flushed_at)"
        " VALUES (:id, :slot, :prompt, :reply, :reasoning, :status, :details, :owner, :now)",
        values,
    )
    number = int(cursor.lastrowid or 0)
    if columns["status"] != "open":
        _index(db, number)
    return number


def find(db: sqlite3.Connection, turn_id: str) -> int | None:
    """Return the number of a turn, or None."""
    row = db.execute("SELECT number FROM turns WHERE id = ?", (turn_id,)).fetchone()
    return None if row is None else int(row["number"])


def row(db: sqlite3.Connection, number: int, turn_id: str) -> sqlite3.Row | None:
    """Return the row of a turn, None where it is gone, though its number may be another's by now."""
    found: sqlite3.Row | None = db.execute(
        "SELECT * FROM turns WHERE number = ? AND id = ?", (number, turn_id)
    ).fetchone()
    return found


def flush(db: sqlite3.Connection, turn_id: str, reply: str, reasoning: str) -> None:
    """Keep the text so far of an open turn."""
    db.execute(
        "UPDATE turns SET reply = ?, reasoning = ?, flushed_at = ? WHERE id = ? AND status = 'open'",
        (storable(reply), storable(reasoning), time.time(), turn_id),
    )


def settle(db: sqlite3.Connection, columns: Mapping[str, Any]) -> None:
    """Keep how a turn ended; nothing where it was forgotten meanwhile."""
    row = db.execute("SELECT * FROM turns WHERE id = ?", (columns["id"],)).fetchone()
    if row is None:
        return
    unindex(db, row)
    db.execute(
        "UPDATE turns SET prompt = :prompt, reply = :reply, reasoning = :reasoning, status = :status,"
        " details = :details, flushed_at = :now WHERE id = :id",
        {**columns, "now": time.time()},
    )
    _index(db, row["number"])


def adopt_broken(db: sqlite3.Connection) -> None:
    """Settle the open turns whose process is gone as broken off."""
    for row in db.execute("SELECT * FROM turns WHERE status = 'open'").fetchall():
        turn = read_turn(row)
        if turn.is_settled:
            settle(db, turn_to_row(turn))


def has_broken(db: sqlite3.Connection) -> bool:
    """Say whether there are open turns whose process is gone."""
    return any(read_turn(row).is_settled for row in db.execute("SELECT * FROM turns WHERE status = 'open'"))


def read_turn(row: sqlite3.Row) -> Turn:
    """Return the turn of a row; one that is open in a process that is gone is broken off."""
    turn = turn_from_row(row)
    if turn.is_settled or row["owner"] == owner.name_of(os.getpid()):
        return turn
    flushed_at = row["flushed_at"]
    silent = time.time() - (flushed_at if isinstance(flushed_at, int | float) else 0.0)
    if owner.is_alive(str(row["owner"]), silent_seconds=silent):
        return turn
    return replace(turn, status="broken", error=ENDED)


def unindex(db: sqlite3.Connection, row: sqlite3.Row) -> None:
    """Take a turn out of the full-text index; open turns are not in it yet."""
    if row["status"] != "open" and has_index(db):
        db.execute(
            "INSERT INTO words (words, rowid, prompt, reply) VALUES ('delete', ?, ?, ?)",
            (row["number"], row["prompt"], row["reply"]),
        )


def _index(db: sqlite3.Connection, number: int) -> None:
    if has_index(db):
        db.execute(
            "INSERT INTO words (rowid, prompt, reply)"
            " SELECT number, prompt, reply FROM turns WHERE number = ? AND status != 'open'",
            (number,),
        )
