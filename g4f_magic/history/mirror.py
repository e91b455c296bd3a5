"""What this kernel knows of its conversations, for a file that can no longer be read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import replace

from g4f_magic.history import line, table
from g4f_magic.messages import Turn

_LIMIT = 8


class Mirror:
    """The lines of the conversations used last, as this kernel saw them. It shares its values with the callers."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str], dict[str, Turn]] = {}
        self._slots: dict[str, tuple[str, str, str]] = {}

    def keep(self, notebook: str, name: str, turns: Iterable[Turn]) -> None:
        """Remember a line as it was read."""
        self._lines.pop((notebook, name), None)
        self._lines[notebook, name] = {turn.slot: turn for turn in turns}
        while len(self._lines) > _LIMIT:
            del self._lines[next(iter(self._lines))]

    def begin(self, notebook: str, name: str, turn: Turn) -> None:
        """Remember a turn that was begun."""
        self._lines.setdefault((notebook, name), {})[turn.slot] = turn
        self._slots[turn.id] = (notebook, name, turn.slot)

    def flush(self, turn_id: str, reply: str, reasoning: str) -> None:
        """Remember the text so far."""
        notebook, name, slot = self._slots.get(turn_id, ("", "", ""))
        turn = self._lines.get((notebook, name), {}).get(slot)
        if turn is not None and turn.id == turn_id:
            self._lines[notebook, name][slot] = replace(turn, reply=reply, reasoning=reasoning)

    def settle(self, turn: Turn) -> None:
        """Remember how a turn ended."""
        notebook, name, slot = self._slots.pop(turn.id, ("", "", ""))
        held = self._lines.get((notebook, name), {}).get(slot)
        if held is not None and held.id == turn.id:
            self._lines[notebook, name][slot] = turn

    def knows(self, notebook: str, name: str) -> bool:
        """Say whether the line of a conversation is remembered."""
        return (notebook, name) in self._lines

    def notebook(self, turn_id: str) -> str:
        """Return the notebook that an open turn of this kernel belongs to, empty where it is not known."""
        return self._slots.get(turn_id, ("",))[0]

    def forget(self) -> None:
        """Forget all lines; they are read again at their next use."""
        self._lines.clear()

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
        target.execute("INSERT OR IGNORE INTO notebooks VALUES (?, ?, ?, ?)", tuple(row))
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
