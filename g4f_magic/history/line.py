"""The line of a conversation: which turns stand in it now, in which order, and what ever stood there.

What is given a connection works on an open one, and expects a transaction around it where it changes something.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from g4f_magic.history.table import find as find_turn
from g4f_magic.history.table import insert, read_turn
from g4f_magic.turn import Turn

PlaceChange = tuple[int, int | None, int | None]
"""A place, and the numbers of the turns that stood there before and stand there after."""
_Key = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Order:
    """The cells of a saved notebook, and those that it held once and holds no longer."""

    places: Mapping[str, int] = field(default_factory=dict)
    """Where each cell stands, counted from 0; empty where no saved notebook tells."""
    gone: frozenset[str] = frozenset()

    def has_lost(self, slot: str) -> bool:
        """Say whether the slot's cell was deleted."""
        return bool(self.gone) and cell_of(slot) in self.gone

    def arranged(self, line: Iterable[Turn]) -> tuple[Turn, ...]:
        """Return the turns as they follow each other, without those of cells that were deleted.

        A turn that no saved cell has (of the panel, of a cell that is not saved yet) comes after all that were
        there when it was asked.
        """
        return tuple(turn for _, turn in self._placed(line)) if self.places else tuple(line)

    def before(self, line: Iterable[Turn], slot: str) -> tuple[Turn, ...]:
        """Return the turns that come before the one in `slot`, which need not be there yet."""
        if not self.places:
            return tuple(takewhile(lambda turn: turn.slot != slot, line))
        placed = self._placed(line)
        for number, (_, turn) in enumerate(placed):
            if turn.slot == slot:
                return tuple(earlier for _, earlier in placed[:number])
        key = self._key(slot)
        return tuple(turn for at, turn in placed if key is None or at < key)

    def left_out(self, line: Iterable[Turn]) -> tuple[Turn, ...]:
        """Return the turns of cells that were deleted."""
        return tuple(turn for turn in line if self.has_lost(turn.slot))

    def _placed(self, line: Iterable[Turn]) -> list[tuple[_Key, Turn]]:
        placed: list[tuple[_Key, Turn]] = []
        reached = -1
        for number, turn in enumerate(line):
            if self.has_lost(turn.slot):
                continue
            key = self._key(turn.slot) or (reached, 1, number)
            reached = max(reached, key[0])
            placed.append((key, turn))
        return sorted(placed, key=lambda one: one[0])

    def _key(self, slot: str) -> _Key | None:
        """Return where a slot stands among all; a cell that asks more than once has a slot for each."""
        cell, _, number = slot.partition("#")
        at = self.places.get(cell)
        return None if at is None else (at, 0, int(number) if number.isdecimal() else 1)


def cell_of(slot: str) -> str:
    """Return the id of the slot's cell: a cell that asks more than once has a slot for each."""
    return slot.partition("#")[0]


@dataclass(frozen=True, slots=True)
class ConversationOutline:
    """A conversation in a list of them."""

    name: str
    turns: int
    used_at: float


def marks(db: sqlite3.Connection, notebook: str, name: str) -> list[tuple[int, str, float]]:
    """Return the turns of the line, oldest first: number, id, and when the row was written last."""
    cursor = db.cursor()
    cursor.row_factory = None  # a long conversation has many, and plain tuples come fastest
    return cursor.execute(
        "SELECT number, turns.id, flushed_at FROM conversations JOIN line ON line.conversation = conversations.id"
        " JOIN turns ON turns.number = line.turn WHERE notebook = ? AND name = ? ORDER BY place",
        (notebook, name),
    ).fetchall()


def latest(db: sqlite3.Connection, limit: int) -> tuple[Turn, ...]:
    """Return the turns that began last, newest first."""
    rows = db.execute("SELECT * FROM turns ORDER BY number DESC LIMIT ?", (limit,))
    return tuple(read_turn(row) for row in rows)


def revisions(db: sqlite3.Connection, notebook: str, name: str, slot: str) -> tuple[Turn, ...]:
    """Return all turns that ever stood at that slot, oldest first."""
    rows = db.execute(
        "SELECT turns.* FROM conversations JOIN stood ON stood.conversation = conversations.id"
        " JOIN turns ON turns.number = stood.turn WHERE notebook = ? AND name = ? AND stood.slot = ?"
        " ORDER BY turns.number",
        (notebook, name, slot),
    )
    return tuple(read_turn(row) for row in rows)


def revised(db: sqlite3.Connection, notebook: str, name: str) -> dict[str, tuple[str, ...]]:
    """Return the ids of all turns of each slot where more than one ever stood, oldest first."""
    rows = db.execute(
        "SELECT stood.slot AS slot, turns.id AS id FROM conversations"
        " JOIN stood ON stood.conversation = conversations.id JOIN turns ON turns.number = stood.turn"
        " WHERE notebook = ? AND name = ? AND stood.slot IN (SELECT slot FROM stood WHERE"
        " conversation = conversations.id GROUP BY slot HAVING count(*) > 1) ORDER BY turns.number",
        (notebook, name),
    )
    found: dict[str, tuple[str, ...]] = {}
    for row in rows:
        found[row["slot"]] = (*found.get(row["slot"], ()), row["id"])
    return found


def conversations(
    db: sqlite3.Connection, notebook: str, is_left_out: Callable[[str], bool]
) -> tuple[ConversationOutline, ...]:
    """Return the conversations of a notebook, oldest first, without the slots that are left out."""
    rows = db.execute(
        "SELECT name, used_at, slot FROM conversations LEFT JOIN line ON line.conversation = conversations.id"
        " WHERE notebook = ? ORDER BY conversations.id",
        (notebook,),
    )
    found: dict[str, ConversationOutline] = {}
    for name, used_at, slot in rows:
        count = found[name].turns if name in found else 0
        found[name] = ConversationOutline(name, count + (slot is not None and not is_left_out(slot)), used_at)
    return tuple(found.values())


def begin(db: sqlite3.Connection, notebook: str, name: str, columns: Mapping[str, Any]) -> None:
    """Put the turn of those columns on the line: at the place of its slot, else at the end. Done twice, it is done once.

    What the cell asked besides in an earlier run is taken off, as it begins anew: it may ask less often by now.
    """
    conversation = ensure(db, notebook, name)
    slot = columns["slot"]
    number = find_turn(db, columns["id"])  # what was written as the disk failed may have arrived all the same
    if number is not None:
        put(db, conversation, number, slot, "run")
        return
    besides = db.execute(
        "SELECT place, turn FROM line JOIN turns ON turns.number = line.turn"
        " WHERE conversation = ? AND line.slot >= ? || '#' AND line.slot < ? || '$' AND status != 'open'",
        (conversation, slot, slot),
    ).fetchall()
    put(db, conversation, insert(db, columns), slot, "run", [(row[0], row[1], None) for row in besides])


def begin_beside(db: sqlite3.Connection, notebook: str, name: str, columns: Mapping[str, Any]) -> None:
    """Let the turn of those columns be a revision of its slot, where another one stands. Done twice, it is done once."""
    conversation = ensure(db, notebook, name)
    number = find_turn(db, columns["id"])
    number = insert(db, columns) if number is None else number
    db.execute("INSERT OR IGNORE INTO stood VALUES (?, ?, ?)", (conversation, columns["slot"], number))


def ensure(db: sqlite3.Connection, notebook: str, name: str) -> int:
    """Return the number of a conversation, which begins with this where it did not exist."""
    found = find(db, notebook, name)
    if found is not None:
        return found
    now = time.time()
    cursor = db.execute(
        "INSERT INTO conversations (notebook, name, created_at, used_at) VALUES (?, ?, ?, ?)",
        (notebook, name, now, now),
    )
    return int(cursor.lastrowid or 0)


def put(
    db: sqlite3.Connection,
    conversation: int,
    number: int,
    slot: str,
    operation: str,
    besides: Iterable[PlaceChange] = (),
) -> None:
    """Let a turn stand at the place of its slot, else at the end; `besides` is changed in the same operation."""
    db.execute("INSERT OR IGNORE INTO stood VALUES (?, ?, ?)", (conversation, slot, number))
    row = db.execute(
        "SELECT place, turn FROM line WHERE conversation = ? AND slot = ?", (conversation, slot)
    ).fetchone()
    if row is None:
        row = db.execute(
            "SELECT coalesce(max(place), 0) + 1 AS place, NULL AS turn FROM line WHERE conversation = ?",
            (conversation,),
        ).fetchone()
    if row["turn"] != number:
        record(db, conversation, operation, [(row["place"], row["turn"], number), *besides])


def record(db: sqlite3.Connection, conversation: int, operation: str, changes: Iterable[PlaceChange]) -> None:
    """Do an operation and note it in the journal; what was taken back before it can no longer be redone."""
    now = time.time()
    (cursor,) = db.execute("SELECT cursor FROM conversations WHERE id = ?", (conversation,)).fetchone()
    db.execute("DELETE FROM journal WHERE conversation = ? AND seq > ?", (conversation, cursor))
    for place, before, after in changes:
        db.execute(
            "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?)",
            (conversation, cursor + 1, place, operation, now, before, after),
        )
        stand(db, conversation, place, after)
    db.execute(
        "UPDATE conversations SET cursor = ?, used_at = ? WHERE id = ?", (cursor + 1, now, conversation)
    )


def stand(db: sqlite3.Connection, conversation: int, place: int, number: int | None) -> None:
    """Let a turn stand at a place, or none."""
    db.execute("DELETE FROM line WHERE conversation = ? AND place = ?", (conversation, place))
    if number is not None:
        db.execute(
            "INSERT INTO line SELECT conversation, ?, slot, turn FROM stood WHERE conversation = ? AND turn = ?",
            (place, conversation, number),
        )


def find(db: sqlite3.Connection, notebook: str, name: str) -> int | None:
    """Return the number of a conversation, or None."""
    row = db.execute(
        "SELECT id FROM conversations WHERE notebook = ? AND name = ?", (notebook, name)
    ).fetchone()
    return None if row is None else int(row["id"])


def rename(db: sqlite3.Connection, notebook: str, old: str, new: str) -> None:
    """Give the turns of a slot, and of what else its cell asked, to another slot; they stand before what stood there."""
    query = "SELECT id FROM conversations WHERE notebook = ?"
    for (conversation,) in db.execute(query, (notebook,)).fetchall():
        query = "SELECT DISTINCT slot FROM stood WHERE conversation = ? AND (slot = ? OR slot LIKE ? || '#%')"
        for (slot,) in db.execute(query, (conversation, old, old)).fetchall():
            _move(db, conversation, slot, new + slot[len(old) :])


def _move(db: sqlite3.Connection, conversation: int, slot: str, target: str) -> None:
    query = "SELECT place, turn FROM line WHERE conversation = ? AND slot = ?"
    here, there = (db.execute(query, (conversation, one)).fetchone() for one in (slot, target))
    moved = (target, time.time(), conversation, slot)
    db.execute(
        "UPDATE turns SET slot = ?, flushed_at = ?"
        " WHERE number IN (SELECT turn FROM stood WHERE conversation = ? AND slot = ?)",
        moved,
    )
    db.execute(
        "UPDATE OR REPLACE stood SET slot = ? WHERE conversation = ? AND slot = ?",
        (target, conversation, slot),
    )
    if here is None:
        return
    if there is None:
        db.execute(
            "UPDATE line SET slot = ? WHERE conversation = ? AND place = ?",
            (target, conversation, here["place"]),
        )
        return
    db.execute("DELETE FROM line WHERE conversation = ? AND place = ?", (conversation, here["place"]))
    db.execute(
        "UPDATE line SET turn = ? WHERE conversation = ? AND place = ?",
        (here["turn"], conversation, there["place"]),
    )
    # As if it had been asked there: undo brings back what stood there before.
    db.execute(
        "UPDATE OR REPLACE journal SET place = ?, before = coalesce(before, ?) WHERE conversation = ? AND place = ?",
        (there["place"], there["turn"], conversation, here["place"]),
    )
