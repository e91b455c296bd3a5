"""The write-through cache of conversations: they are not read again, and are written anew where the file is lost."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field, replace

from g4f_magic.history import line, table
from g4f_magic.turn import Turn, steps_of
from g4f_magic.turn_json import storable

_LIMIT = 8
"""Conversations, those read last: memory does not grow with the store."""


@dataclass(slots=True)
class CachedLine:
    """One conversation as it was read last, and as it was written since."""

    turns: dict[str, Turn] = field(default_factory=dict)
    """By slot, in the order of the line."""
    version: int | None = None
    """The version of the store (see `Store.version`) of which this is known to be all; None: it is read at its next use."""
    written_at: dict[str, float] = field(default_factory=dict)
    """When the row of a turn was written last, by the turn's id: of those that were read settled."""

    def put(self, slot: str, turn: Turn) -> None:
        """Hold a turn as its row has it that is written now, at a time that only that row tells."""
        self.turns[slot] = turn
        self.written_at.pop(turn.id, None)


class ConversationCache:
    """The lines of the conversations used last, as this kernel saw them. It shares its values with the callers.

    A line is as it was read while the store has the same version. Else it is read again, and of its rows only those
    that are new or were written at another time: a settled turn is parsed once.
    """

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str], CachedLine] = {}
        self._slots: dict[str, tuple[str, str, str]] = {}

    def line(self, notebook: str, name: str, version: int) -> tuple[Turn, ...] | None:
        """Return the line as it is at that version; None where that is not known."""
        held = self._lines.get((notebook, name))
        if held is None or held.version != version:
            return None
        return tuple(held.turns.values())

    def read(self, db: sqlite3.Connection, notebook: str, name: str) -> CachedLine:
        """Return a line as the store holds it now."""
        before = self._lines.get((notebook, name), CachedLine())
        known = {turn.id: turn for turn in before.turns.values() if turn.id in before.written_at}
        found = CachedLine()
        for number, identity, written_at in line.marks(db, notebook, name):
            if identity in known and before.written_at[identity] == written_at:
                turn, is_settled = known[identity], True
            elif (row := table.row(db, number, identity)) is not None:
                turn, is_settled = table.read_turn(row), row["status"] != "open"
                written_at = row["flushed_at"]
            else:
                continue  # another kernel just forgot it
            found.turns[turn.slot] = turn
            if is_settled:
                found.written_at[identity] = written_at
        return found

    def keep(self, notebook: str, name: str, held: CachedLine, version: int) -> tuple[Turn, ...]:
        """Remember a line as it was read at that version, or after it, and return its turns, oldest first."""
        turns = tuple(held.turns.values())
        if all(turn.is_settled or turn.id in self._slots for turn in turns):  # else another kernel may end
            held.version = version
        self._lines.pop((notebook, name), None)
        self._lines[notebook, name] = held
        while len(self._lines) > _LIMIT:
            del self._lines[next(iter(self._lines))]
        return turns

    def follow(self, turn_id: str, before: int, now: int) -> None:
        """Say that between two versions nothing changed but the turn, which is remembered as it is."""
        held = self._lines.get(self._slots[turn_id][:2]) if turn_id in self._slots else None
        if held is not None and now == before + 1 and held.version == before:
            held.version = now

    def begin(self, notebook: str, name: str, turn: Turn) -> None:
        """Remember a turn as it was written when it began, in place of what its cell asked in an earlier run."""
        held = self._lines.setdefault((notebook, name), CachedLine())
        for slot in [one for one in held.turns if one.startswith(f"{turn.slot}#")]:
            if held.turns[slot].is_settled:
                held.written_at.pop(held.turns.pop(slot).id, None)
        held.put(turn.slot, turn)
        self._slots[turn.id] = (notebook, name, turn.slot)

    def begin_beside(self, notebook: str, name: str, turn: Turn) -> None:
        """Remember where a turn belongs that was begun and does not stand in the line."""
        self._slots[turn.id] = (notebook, name, turn.slot)

    def flush(self, turn_id: str, reply: str, reasoning: str) -> None:
        """Remember the text so far."""
        held, slot = self._open(turn_id)
        if held is not None:
            held.put(slot, replace(held.turns[slot], steps=steps_of(storable(reply), storable(reasoning))))

    def settle(self, turn: Turn) -> None:
        """Remember a turn as it was written when it ended."""
        held, slot = self._open(turn.id)
        if held is not None:
            held.put(slot, replace(turn, slot=slot))

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

    def restore(self, db: sqlite3.Connection, notebook: str | None = None) -> None:
        """Write what is known of a notebook, or of all."""
        for (of, name), held in self._lines.items():
            if notebook not in (of, None):
                continue
            conversation = line.ensure(db, of, name)
            for turn in held.turns.values():
                # A fork shares its turns, and another kernel may have been first.
                number = table.find(db, turn.id) or table.insert(db, table.turn_to_row(turn))
                line.put(db, conversation, number, turn.slot, "run")

    def _open(self, turn_id: str) -> tuple[CachedLine | None, str]:
        """Return the line and the slot in which an open turn of this kernel still stands."""
        notebook, name, slot = self._slots.get(turn_id, ("", "", ""))
        held = self._lines.get((notebook, name))
        if held is None or slot not in held.turns or held.turns[slot].id != turn_id:
            return None, slot
        return held, slot
