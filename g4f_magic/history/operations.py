"""The operations on a conversation, each in its journal: back and forth, emptying, forking, restoring, adding.

Every function works on an open connection, with a transaction around it.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import uuid4

from g4f_magic.errors import InputError
from g4f_magic.history.line import PlaceChange, ensure, find, put, record, stand
from g4f_magic.history.table import insert, read_turn, turn_to_row
from g4f_magic.turn import Turn


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation that was taken back or done again, and the turns that it was about."""

    operation: str
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Steps:
    """Whether there is something to take back, and something to do again."""

    can_undo: bool = False
    can_redo: bool = False


def steps(db: sqlite3.Connection, notebook: str, name: str) -> Steps:
    """Return which of the two there is."""
    conversation, cursor = _cursor(db, notebook, name)
    found = db.execute(
        "SELECT max(seq <= ?), max(seq > ?) FROM journal WHERE conversation = ?",
        (cursor, cursor, conversation),
    ).fetchone()
    return Steps(bool(found[0]), bool(found[1]))


def rename(db: sqlite3.Connection, notebook: str, name: str, new: str) -> None:
    """Give a conversation another name; one that holds nothing yet has no row, and needs none."""
    conversation = find(db, notebook, name)
    if find(db, notebook, new) is not None:
        raise InputError(f"There is a conversation {new!r} already", hint="Choose another name.")
    _refuse_under_way(db, conversation)
    db.execute("UPDATE conversations SET name = ? WHERE id = ?", (new, conversation))


def undo(db: sqlite3.Connection, notebook: str, name: str) -> Operation | None:
    """Take back the last operation; None where there is none."""
    conversation, cursor = _cursor(db, notebook, name)
    _refuse_under_way(db, conversation)
    row = db.execute(
        "SELECT max(seq) FROM journal WHERE conversation = ? AND seq <= ?", (conversation, cursor)
    ).fetchone()
    return _go(db, conversation, row[0], forth=False)


def redo(db: sqlite3.Connection, notebook: str, name: str) -> Operation | None:
    """Do again what was taken back last; None where there is nothing."""
    conversation, cursor = _cursor(db, notebook, name)
    _refuse_under_way(db, conversation)
    row = db.execute(
        "SELECT min(seq) FROM journal WHERE conversation = ? AND seq > ?", (conversation, cursor)
    ).fetchone()
    return _go(db, conversation, row[0], forth=True)


def reset(db: sqlite3.Connection, notebook: str, name: str) -> int:
    """Empty the line and return how many turns stood in it."""
    conversation = ensure(db, notebook, name)
    _refuse_under_way(db, conversation)
    rows = db.execute("SELECT place, turn FROM line WHERE conversation = ?", (conversation,)).fetchall()
    if rows:
        record(db, conversation, "reset", [(row["place"], row["turn"], None) for row in rows])
    return len(rows)


def drop(db: sqlite3.Connection, notebook: str, name: str, turn_id: str) -> None:
    """Take a turn off the line; it stays a revision of its slot."""
    conversation = ensure(db, notebook, name)
    row = db.execute(
        "SELECT place, turn FROM line JOIN turns ON turns.number = line.turn WHERE conversation = ? AND id = ?",
        (conversation, turn_id),
    ).fetchone()
    if row is None:
        raise InputError("That turn is not in the conversation", hint="%chat history lists its turns.")
    _refuse_under_way(db, conversation, row["turn"])
    record(db, conversation, "delete", [(row["place"], row["turn"], None)])


def restore(db: sqlite3.Connection, notebook: str, name: str, turn_id: str) -> None:
    """Put a turn that once stood in the conversation back at the place of its slot, else at the end."""
    conversation = ensure(db, notebook, name)
    row = db.execute(
        "SELECT number, stood.slot FROM stood JOIN turns ON turns.number = stood.turn"
        " WHERE conversation = ? AND id = ?",
        (conversation, turn_id),
    ).fetchone()
    if row is None:
        raise InputError("That turn never stood in the conversation", hint="%chat history --all lists them.")
    query = "SELECT turn FROM line WHERE conversation = ? AND slot = ?"
    standing = db.execute(query, (conversation, row["slot"])).fetchone()
    if standing is not None:
        _refuse_under_way(db, conversation, standing["turn"])
    put(db, conversation, row["number"], row["slot"], "restore")


def stand_in(db: sqlite3.Connection, notebook: str, name: str, turn_id: str) -> None:
    """Let a revision stand where another one of its slot was just put, as if it had been put there at once.

    Undo then takes back both.
    """
    conversation = ensure(db, notebook, name)
    row = db.execute(
        "SELECT number, place, line.turn AS standing FROM turns JOIN stood ON stood.turn = number"
        " JOIN line ON line.conversation = stood.conversation AND line.slot = stood.slot"
        " WHERE stood.conversation = ? AND id = ?",
        (conversation, turn_id),
    ).fetchone()
    if row is None:
        return
    db.execute(
        "UPDATE journal SET after = ? WHERE conversation = ? AND place = ? AND after = ?"
        " AND seq = (SELECT max(seq) FROM journal WHERE conversation = ? AND place = ?)",
        (row["number"], conversation, row["place"], row["standing"], conversation, row["place"]),
    )
    stand(db, conversation, row["place"], row["number"])


def add(
    db: sqlite3.Connection, notebook: str, name: str, turns: Iterable[Turn], operation: str = "import"
) -> int:
    """Append turns from elsewhere as one operation; one whose id or slot is taken gets a new one."""
    conversation = ensure(db, notebook, name)
    query = "SELECT coalesce(max(place), 0) FROM line WHERE conversation = ?"
    (place,) = db.execute(query, (conversation,)).fetchone()
    changes: list[PlaceChange] = []
    for given in turns:
        turn = given
        if db.execute("SELECT 1 FROM turns WHERE id = ?", (turn.id,)).fetchone():
            identity = uuid4().hex
            turn = replace(turn, id=identity, slot=identity if turn.slot == turn.id else turn.slot)
        query = "SELECT 1 FROM stood WHERE conversation = ? AND slot = ?"
        if db.execute(query, (conversation, turn.slot)).fetchone():
            turn = replace(turn, slot=turn.id)
        number = insert(db, turn_to_row(turn))
        db.execute("INSERT INTO stood VALUES (?, ?, ?)", (conversation, turn.slot, number))
        changes.append((place + len(changes) + 1, None, number))
    if changes:
        record(db, conversation, operation, changes)
    return len(changes)


def fork(db: sqlite3.Connection, notebook: str, name: str, new: str, turn_ids: Iterable[str]) -> None:
    """Begin the conversation `new` with those turns of `name`, in the order given.

    In the fork each turn counts as an operation of its own, so that undo takes back one turn at a time.
    """
    source = ensure(db, notebook, name)
    if find(db, notebook, new) is not None:
        raise InputError(f"There is a conversation {new!r} already", hint=f"%chat switch {new} goes to it.")
    target = ensure(db, notebook, new)
    db.executemany(
        "INSERT INTO line SELECT ?, ?, line.slot, turn FROM line JOIN turns ON turns.number = line.turn"
        " WHERE conversation = ? AND id = ?",
        [(target, place, source, turn_id) for place, turn_id in enumerate(turn_ids, 1)],
    )
    db.execute(
        "INSERT INTO stood SELECT ?, slot, turn FROM stood"
        " WHERE conversation = ? AND slot IN (SELECT slot FROM line WHERE conversation = ?)",
        (target, source, target),
    )
    db.execute(
        "INSERT INTO journal SELECT conversation, place, place, 'run', ?, NULL, turn FROM line WHERE conversation = ?",
        (time.time(), target),
    )
    db.execute(
        "UPDATE conversations SET cursor = (SELECT count(*) FROM line WHERE conversation = ?) WHERE id = ?",
        (target, target),
    )


def _refuse_under_way(db: sqlite3.Connection, conversation: int | None, number: int | None = None) -> None:
    """Refuse to steer what a reply is being written into: a conversation, or one turn of it.

    Raises:
        InputError: it is under way, in this kernel or in another.
    """
    rows = db.execute(
        "SELECT turns.* FROM line JOIN turns ON turns.number = line.turn"
        " WHERE conversation = ? AND status = 'open' AND coalesce(?, number) = number",
        (conversation, number),
    ).fetchall()
    if any(not read_turn(row).is_settled for row in rows):
        raise InputError("a reply is under way", hint="Stop it first.")


def _go(
    db: sqlite3.Connection, conversation: int | None, seq: int | None, *, forth: bool
) -> Operation | None:
    if conversation is None or seq is None:
        return None
    rows = db.execute(
        "SELECT * FROM journal WHERE conversation = ? AND seq = ? ORDER BY place", (conversation, seq)
    ).fetchall()
    for row in rows:
        stand(db, conversation, row["place"], row["after"] if forth else row["before"])
    db.execute(
        "UPDATE conversations SET cursor = ?, used_at = ? WHERE id = ?",
        (seq if forth else seq - 1, time.time(), conversation),
    )
    numbers = [row["after"] or row["before"] for row in rows]
    found = [db.execute("SELECT * FROM turns WHERE number = ?", (number,)).fetchone() for number in numbers]
    return Operation(rows[0]["operation"], tuple(read_turn(row) for row in found))


def _cursor(db: sqlite3.Connection, notebook: str, name: str) -> tuple[int | None, int]:
    row = db.execute(
        "SELECT id, cursor FROM conversations WHERE notebook = ? AND name = ?", (notebook, name)
    ).fetchone()
    return (None, 0) if row is None else (int(row["id"]), int(row["cursor"]))
