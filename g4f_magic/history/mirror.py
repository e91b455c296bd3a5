"""What this kernel knows of its conversations: instead of reading them again, and for a file that no longer can be."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from g4f_magic.history import line, table
from g4f_magic.history.rows import as_stored
from g4f_magic.messages import Turn

_LIMIT = 8


class Mirror:
    """The lines of the conversations used last, as this kernel saw them. It shares its values with the callers.

    Each is known as of a version of the store, see `Store.version`.
    """

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str], dict[str, Turn]] = {}
        self._versions: dict[tuple[str, str], int] = {}
        self._slots: dict[str, tuple[str, str, str]] = {}

    def keep(self, notebook: str, name: str, turns: Sequence[Turn], version: int) -> None:
        """Remember a line as it was read at that version, or after it."""
        key = (notebook, name)
        self._lines.pop(key, None)
        self._versions.pop(key, None)
        self._lines[key] = {turn.slot: turn for turn in turns}
        if all(turn.is_settled or turn.id in self._slots for turn in turns):  # else another kernel may end
            self._versions[key] = version
        while len(self._lines) > _LIMIT:
            oldest = next(iter(self._lines))
            del self._lines[oldest]
            self._versions.pop(oldest, None)

    def line(self, notebook: str, name: str, version: int) -> tuple[Turn, ...] | None:
        """Return the line as it is at that version; None where that is not known."""
        if self._versions.get((notebook, name)) != version:
            return None
        return tuple(self._lines[notebook, name].values())

    def follow(self, turn_id: str, before: int, now: int) -> None:
        """Say that between two versions nothing changed but the turn, which is remembered as it is."""
        key = self._slots[turn_id][:2] if turn_id in self._slots else None
        if key is not None and now == before + 1 and self._versions.get(key) == before:
            self._versions[key] = now

    def begin(self, notebook: str, name: str, turn: Turn) -> None:
        """Remember a turn that was begun."""
        self._lines.setdefault((notebook, name), {})[turn.slot] = as_stored(turn)
        self._slots[turn.id] = (notebook, name, turn.slot)

    def flush(self, turn_id: str, reply: str, reasoning: str) -> None:
        """Remember the text so far."""
        notebook, name, slot = self._slots.get(turn_id, ("", "", ""))
        turn = self._lines.get((notebook, name), {}).get(slot)
        if turn is not None and turn.id == turn_id:
            self._lines[notebook, name][slot] = as_stored(replace(turn, reply=reply, reasoning=reasoning))

    def settle(self, turn: Turn) -> None:
        """Remember how a turn ended."""
        notebook, name, slot = self._slots.get(turn.id, ("", "", ""))
        held = self._lines.get((notebook, name), {}).get(slot)
        if held is not None and held.id == turn.id:
            self._lines[notebook, name][slot] = as_stored(replace(turn, slot=slot))

    def let_go(self, turn_id: str) -> None:
        """Take no more of a turn, which has ended."""
        self._slots.pop(turn_id, None)

    def knows(self, notebook: str, name: str) -> bool:
        """Say whether the line of a conversation is remembered."""
        return (notebook, name) in self._lines

    def notebook(self, turn_id: str) -> str:
        """Return the notebook that an open turn of this kernel belongs to, empty where it is not known."""
        return self._slots.get(turn_id, ("",))[0]

    def forget(self) -> None:
        """Forget all lines; they are read again at their next use."""
        self._lines.clear()
        self._versions.clear()

    def restore(self, db: sqlite3.Connection, notebook: str | None = None) -> None:
        """Write what is known of a notebook, or of all."""
        for (of, name), turns in self._lines.items():
            if notebook not in (of, None):
                continue
            conversation = line.ensure(db, of, name)
            for turn in turns.values():
                # A fork shares its turns, and another kernel may have been first.
                number = table.find(db, turn.id) or table.insert(db, turn)
                line.put(db, conversation, number, turn.slot, "run")


def copy_notebook(source: sqlite3.Connection, target: sqlite3.Connection, notebook: str) -> None:
    """Copy a notebook's conversations from one store to another, with all revisions and the journal."""
    for row in source.execute("SELECT * FROM notebooks"):
        target.execute(
            "INSERT OR IGNORE INTO notebooks (key, path, cells, gone, seen_at)"
            " VALUES (:key, :path, :cells, :gone, :seen_at)",
            {"gone": "[]", **dict(row)},  # an older version's file has no such column
        )
    numbers: dict[int | None, int | None] = {None: None}
    columns = "id, slot, prompt, reply, reasoning, status, details, owner, flushed_at"
    for row in source.execute(
        f"SELECT number, {columns} FROM turns WHERE number IN (SELECT turn FROM stood JOIN conversations"  # noqa: S608 - fixed names
        " ON conversations.id = stood.conversation WHERE notebook = ?)",
        (notebook,),
    ):
        target.execute(f"INSERT OR IGNORE INTO turns ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row[1:])  # noqa: S608
        found = target.execute("SELECT number FROM turns WHERE id = ?", (row["id"],)).fetchone()
        numbers[row["number"]] = found["number"]
    for row in source.execute("SELECT * FROM conversations WHERE notebook = ?", (notebook,)).fetchall():
        conversation = line.ensure(target, notebook, row["name"])
        target.execute(
            "UPDATE conversations SET created_at = ?, used_at = ?, cursor = ? WHERE id = ?",
            (row["created_at"], row["used_at"], row["cursor"], conversation),
        )
        for one in source.execute("SELECT place, slot, turn FROM line WHERE conversation = ?", (row["id"],)):
            target.execute(
                "INSERT INTO line VALUES (?, ?, ?, ?)",
                (conversation, one["place"], one["slot"], numbers[one["turn"]]),
            )
        for one in source.execute("SELECT slot, turn FROM stood WHERE conversation = ?", (row["id"],)):
            target.execute(
                "INSERT INTO stood VALUES (?, ?, ?)", (conversation, one["slot"], numbers[one["turn"]])
            )
        for one in source.execute("SELECT * FROM journal WHERE conversation = ?", (row["id"],)):
            target.execute(
                "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    *(conversation, one["seq"], one["place"], one["operation"], one["at"]),
                    *(numbers[one["before"]], numbers[one["after"]]),
                ),
            )
