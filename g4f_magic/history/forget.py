"""Forgetting for good: rows, index and free pages.

Every function but `purge` expects a transaction around it.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable

from g4f_magic.history.pictures import drop_unused
from g4f_magic.history.schema import has_index
from g4f_magic.history.table import unindex

_DAY_SECONDS = 86_400.0


def forget_turns(db: sqlite3.Connection, turn_ids: Iterable[str]) -> int:
    """Delete these turns in every conversation, and return how many there were."""
    rows = [db.execute("SELECT * FROM turns WHERE id = ?", (turn_id,)).fetchone() for turn_id in turn_ids]
    return _delete(db, [row for row in rows if row is not None])


def forget_conversation(db: sqlite3.Connection, notebook: str, name: str) -> int:
    """Delete a conversation, and return how many turns went with it.

    Turns that stand in a fork of it too stay there.
    """
    row = db.execute(
        "SELECT id FROM conversations WHERE notebook = ? AND name = ?", (notebook, name)
    ).fetchone()
    if row is None:
        return 0
    numbers = db.execute("SELECT turn FROM stood WHERE conversation = ?", (row["id"],)).fetchall()
    db.execute("DELETE FROM conversations WHERE id = ?", (row["id"],))
    alone = [
        turn
        for (number,) in numbers
        for turn in db.execute(
            "SELECT * FROM turns WHERE number = ? AND NOT EXISTS (SELECT 1 FROM stood WHERE turn = number)",
            (number,),
        )
    ]
    return _delete(db, alone)


def forget_notebook(db: sqlite3.Connection, notebook: str) -> int:
    """Delete a notebook with all its conversations, and return how many turns went with it."""
    names = db.execute("SELECT name FROM conversations WHERE notebook = ?", (notebook,)).fetchall()
    count = sum(forget_conversation(db, notebook, name) for (name,) in names)
    db.execute("DELETE FROM notebooks WHERE key = ?", (notebook,))
    return count


def forget_older(db: sqlite3.Connection, seconds: float, *, is_wary: bool) -> int:
    """Delete the turns of all notebooks that were written last so long ago, and return how many there were.

    `is_wary` counts from the newest turn and a day after it at most: nobody said yes to this very run, and a clock that
    jumped ahead would take all of them.
    """
    (newest,) = db.execute("SELECT max(flushed_at) FROM turns").fetchone()
    now = time.time() if newest is None or not is_wary else min(time.time(), newest + _DAY_SECONDS)
    rows = db.execute(
        "SELECT * FROM turns WHERE flushed_at < ? AND status != 'open'", (now - seconds,)
    ).fetchall()
    count = _delete(db, rows)
    db.execute(
        "DELETE FROM conversations WHERE used_at < ? AND NOT EXISTS"
        " (SELECT 1 FROM stood WHERE stood.conversation = conversations.id)",
        (now - seconds,),
    )
    return count


def purge(db: sqlite3.Connection) -> bool:
    """Leave nothing of deleted rows in the file, and say whether that could be done.

    Writes the whole file anew: the index keeps deleted words until it is merged, pages that were split keep
    copies of rows, and the log keeps the pages as they were.
    """
    try:
        if has_index(db):
            db.execute("INSERT INTO words (words) VALUES ('optimize')")
        db.execute("VACUUM")
        is_busy, _, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError:  # locked by another kernel for the moment, or no room for the copy
        return False
    return not is_busy


def _delete(db: sqlite3.Connection, rows: list[sqlite3.Row]) -> int:
    for row in rows:
        number = row["number"]
        unindex(db, row)
        db.execute("DELETE FROM line WHERE turn = ?", (number,))
        db.execute("DELETE FROM stood WHERE turn = ?", (number,))
        # A step of the journal stays as long as it still moves another turn.
        db.execute("DELETE FROM journal WHERE before = ? AND after IS NULL", (number,))
        db.execute("DELETE FROM journal WHERE after = ? AND before IS NULL", (number,))
        db.execute("UPDATE journal SET before = NULL WHERE before = ?", (number,))
        db.execute("UPDATE journal SET after = NULL WHERE after = ?", (number,))
        db.execute("DELETE FROM turns WHERE number = ?", (number,))
    if rows:
        drop_unused(db)
    return len(rows)
