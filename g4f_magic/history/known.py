"""The turns that were read before: a row that is settled is parsed once."""

from __future__ import annotations

import sqlite3

from g4f_magic.history import line, table
from g4f_magic.messages import Turn

_LIMIT = 8
"""Conversations, those read last: memory does not grow with the store."""

Held = tuple[float, Turn]
"""When the row was written last, and what it says."""


class Known:
    """Reads conversations. What another kernel changed is read anew: its rows were written at another time."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str], dict[str, Held]] = {}

    def turns(self, db: sqlite3.Connection, notebook: str, name: str) -> tuple[Turn, ...]:
        """Return the turns of the line, oldest first."""
        held = self._lines.pop((notebook, name), {})
        settled: dict[str, Held] = {}
        found: list[Turn] = []
        for number, identity, written_at in line.marks(db, notebook, name):
            if (one := held.get(identity)) is not None and one[0] == written_at:
                settled[identity] = one
                found.append(one[1])
            elif (row := table.row(db, number, identity)) is not None:  # else another kernel just forgot it
                turn = table.read_turn(row)
                found.append(turn)
                if row["status"] != "open":
                    settled[identity] = (row["flushed_at"], turn)
        self._lines[notebook, name] = settled
        while len(self._lines) > _LIMIT:
            del self._lines[next(iter(self._lines))]
        return tuple(found)

    def forget(self) -> None:
        """Let all of it go."""
        self._lines.clear()
