"""Which stored notebook a file is: itself, renamed, a copy, or a new one; and in which order its cells stand."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from g4f_magic.history.order import Order, cell_of
from g4f_magic.history.proof import (
    Identity,
    Inode,
    Marks,
    StoredNotebook,
    ids_of,
    is_alike,
    is_itself,
    is_moved,
    is_renamed,
)
from g4f_magic.history.store import KERNEL

NAMED = "name:"
"""Begins the key of a notebook that the person named."""
_MOST_RAN = 256
"""Ids of cells that ran in a notebook's kernels which are remembered."""
_MOST_OWN = 8
"""Ids that a notebook itself held which are remembered: a copy of a copy holds one after the other."""


class Around(Protocol):
    """What can be seen of the files around a notebook (see `g4f_magic.whereabouts`)."""

    def is_there(self, path: str, marks: Marks, inode: Inode | None) -> bool:
        """Say whether the file at a path is the one with those cells."""

    def has_moved(self, path: str, marks: Marks, inode: Inode) -> bool:
        """Say whether the file `inode`, with those cells, lies beside a path, not at it."""

    def has_rivals(self, path: str, marks: Marks) -> bool:
        """Say whether a notebook beside that at a path holds most of those cells, or there are too many to tell."""

    def holds_id(self, path: str, own: str) -> bool | None:
        """Say whether the file at a path holds that id of a notebook; None where it holds none, or is not there."""

    def has_twin(self, path: str, own: str) -> bool:
        """Say whether a notebook beside that at a path holds that id, or there are too many to tell."""


@dataclass(frozen=True, slots=True)
class FoundNotebook:
    """Which stored notebook a kernel serves."""

    key: str
    is_known: bool
    """Whether it is stored; else it is a new one, of which nothing is stored before its first turn."""
    renamed_from: str = ""
    like: NotebookOutline | None = None
    """The notebook that a new one looks like a copy of."""
    own: str = ""
    """The id that it holds, as far as that is stored."""
    is_twin: bool = False
    """Whether the id that the file holds is another notebook's: it was copied with it."""


@dataclass(frozen=True, slots=True)
class NotebookOutline:
    """A notebook in a list of them."""

    notebook: str
    path: str
    """Of its file as last seen; empty where it has none."""
    conversations: int
    turns: int
    used_at: float

    @property
    def is_kernel(self) -> bool:
        """Say whether it is what was said in a kernel that served no notebook."""
        return self.notebook.startswith(KERNEL)

    @property
    def is_file(self) -> bool:
        """Say whether it goes by its file; the others go by a name, or by their kernel."""
        return not self.is_kernel and not self.notebook.startswith(NAMED)

    @property
    def name(self) -> str:
        """Return the name that the person gave it; of one that goes by its file, its key."""
        return self.notebook.removeprefix(NAMED)


def notebook_outlines(db: sqlite3.Connection) -> list[NotebookOutline]:
    """Return the notebooks that hold conversations, the one used last first."""
    rows = db.execute(
        "SELECT notebook, coalesce(path, '') AS path, count(*) AS conversations, max(used_at) AS used_at,"
        " sum((SELECT count(*) FROM line WHERE conversation = conversations.id)) AS turns"
        " FROM conversations LEFT JOIN notebooks ON key = notebook GROUP BY notebook ORDER BY max(used_at) DESC"
    )
    return [
        NotebookOutline(row["notebook"], row["path"], row["conversations"], row["turns"], row["used_at"])
        for row in rows
    ]


def resolve(db: sqlite3.Connection, seen: Identity, around: Around) -> FoundNotebook:
    """Return which stored notebook it is that was seen, or that it is a new one. Changes nothing.

    It is the one at its path, where the proof holds (see `g4f_magic.history.proof`); else one of its folder whose
    file is there no longer, renamed; else a new one, which may look like a copy. An id in the notebook's metadata tells
    more than its cells: with it a notebook is known in another folder too, unless two files hold that id.
    """
    here = list(_records(db, "path IN (?, ?)", seen.path, seen.named or seen.path))
    itself = [one for one in here if is_itself(one, seen, has_moved=_has_moved(one, seen, around))]
    if itself:
        found = _best(itself, seen)
        return FoundNotebook(found.key, True, own="".join(found.own[-1:]))
    claimed = _claimed(db, seen)
    if same := [one for one in claimed if is_moved(one, seen) and _is_same_file(one, seen, around)]:
        found = _best(same, seen)
        return FoundNotebook(found.key, True, renamed_from=found.path, own=seen.own)
    if _is_twin(claimed, seen, around):
        return FoundNotebook(_new_key(db, seen), False, like=_held(db, _best(claimed, seen)), is_twin=True)
    if moved := [one for one in claimed if is_moved(one, seen) and not _is_still_there(one, around)]:
        found = _best(moved, seen)
        return FoundNotebook(found.key, True, renamed_from=found.path, own=seen.own)
    folder = str(Path(seen.path).parent)
    beside = [
        one
        for one in _records(db, "path LIKE ? ESCAPE '!'", f"{_escaped(folder)}%")
        if one.path != seen.path and _is_renamed(one, seen, around)
    ]
    if beside:
        found = _best(beside, seen)
        return FoundNotebook(found.key, True, renamed_from=found.path, own="".join(found.own[-1:]))
    return FoundNotebook(_new_key(db, seen), False, like=_like(db, seen))


def see(db: sqlite3.Connection, key: str, seen: Identity, before: Order | None = None) -> None:
    """Note what was seen of the notebook. Where its file lies is noted only where that is sure."""
    row = db.execute("SELECT path, seen FROM notebooks WHERE key = ?", (key,)).fetchone()
    known = _seen_of("{}" if row is None else row["seen"])
    ran = [mark for mark in known["ran"] if mark not in seen.ran]
    known["ran"] = [*ran, *sorted(ids_of(seen.ran))][-_MOST_RAN:]
    if seen.is_sure and seen.marks:
        known |= {"outline": sorted(seen.marks), "inode": seen.inode}
    elif not (known["outline"] or seen.marks):  # nothing saved yet: of its file there is but the number to know it by
        known["inode"] = seen.inode
    if seen.own:
        known["own"] = [*(one for one in known["own"] if one != seen.own), seen.own][-_MOST_OWN:]
    path = seen.path if seen.is_sure or row is None else row["path"]
    _see(
        db, key, replace(seen, path=path, cells=seen.cells if seen.is_sure else ()), before, json.dumps(known)
    )


def _claimed(db: sqlite3.Connection, seen: Identity) -> list[StoredNotebook]:
    """Return the notebooks at other paths that hold the id which was seen."""
    if not seen.own:
        return []
    found = _records(db, "seen LIKE ?", f'%"{seen.own}"%')
    return [one for one in found if one.is_claimed_by(seen) and one.path != seen.path]


def _is_twin(claimed: Sequence[StoredNotebook], seen: Identity, around: Around) -> bool:
    """Say whether another file holds the id, too: one of the two is a copy, and nobody knows which."""
    for one in claimed:
        holds = around.holds_id(one.path, seen.own)
        if holds or (holds is None and around.is_there(one.path, one.base, one.inode)):
            return True
        if _is_still_there(one, around) or one.inode in (None, seen.inode):
            continue
        if around.has_moved(one.path, one.base, one.inode) or _has_moved(one, seen, around):
            return True
    return bool(claimed) and around.has_twin(seen.path, seen.own)


def _is_same_file(record: StoredNotebook, seen: Identity, around: Around) -> bool:
    """Say whether it is the record's own file, under another name: a copy is another one."""
    is_same = record.inode is not None and record.inode == seen.inode
    return is_same and not around.holds_id(record.path, seen.own)


def _is_still_there(record: StoredNotebook, around: Around) -> bool:
    """Say whether the record's file lies where it lay, under an id that it was given later."""
    return any(around.holds_id(record.path, own) for own in record.own)


def _has_moved(record: StoredNotebook, seen: Identity, around: Around) -> bool:
    inode = record.inode
    return inode is not None and inode != seen.inode and around.has_moved(seen.path, record.base, inode)


def _is_renamed(record: StoredNotebook, seen: Identity, around: Around) -> bool:
    is_same_file = record.inode is not None and record.inode == seen.inode
    if not is_renamed(record, seen, has_rivals=False):
        return False
    marks = record.base | (frozenset() if record.outline else record.ran)
    if around.is_there(record.path, record.base, record.inode):
        return False
    return is_same_file or not around.has_rivals(seen.path, marks & seen.marks)


def _best(records: Sequence[StoredNotebook], seen: Identity) -> StoredNotebook:
    """Return the one that shares most cells; of equals the one seen last."""
    return max(
        records,
        key=lambda one: (
            bool(seen.own) and one.own[-1:] == (seen.own,),
            one.knows(seen.ran),
            one.shared(seen.marks),
            one.seen_at,
        ),
    )


def _like(db: sqlite3.Connection, seen: Identity) -> NotebookOutline | None:
    """Return the notebook that a new one looks like, or that lay at its path: the one with most in common."""
    held = _holding(db)
    alike = [
        one
        for one in _records(db, "1")
        if one.key in held and (is_alike(one, seen) or (one.path == seen.path and bool(seen.marks)))
    ]
    return held[_best(alike, seen).key] if alike else None


def _held(db: sqlite3.Connection, record: StoredNotebook) -> NotebookOutline | None:
    """Return what a notebook holds; None where that is nothing."""
    return _holding(db).get(record.key)


def _holding(db: sqlite3.Connection) -> dict[str, NotebookOutline]:
    return {outline.notebook: outline for outline in notebook_outlines(db) if outline.turns}


def _records(db: sqlite3.Connection, where: str, *values: str) -> Iterator[StoredNotebook]:
    """Yield what is stored of those notebooks."""
    for row in db.execute(f"SELECT * FROM notebooks WHERE {where}", values).fetchall():  # noqa: S608 - ours
        values_of = dict(row)  # an older version's file lacks columns
        known = _seen_of(values_of.get("seen") or "{}")
        inode = known["inode"]
        yield StoredNotebook(
            key=row["key"],
            path=row["path"],
            outline=frozenset(known["outline"] or _texts(row["cells"])),
            asked=frozenset(map(cell_of, _cell_slots(db, row["key"]))),
            ran=frozenset(known["ran"]),
            inode=(inode[0], inode[1]) if inode else None,
            seen_at=row["seen_at"],
            own=tuple(known["own"]),
        )


def _escaped(folder: str) -> str:
    return re.sub("([!%_])", r"!\1", f"{folder.rstrip(os.sep)}{os.sep}")


def arrange(db: sqlite3.Connection, key: str, identity: Identity, before: Order) -> None:
    """Note which cells the notebook's file holds by now; not, where none of them is known: it is another's then.

    `before` tells what it held where that is not stored any more.
    """
    row = db.execute("SELECT path FROM notebooks WHERE key = ?", (key,)).fetchone()
    if row is not None:
        identity = replace(identity, path=row["path"])
    known = frozenset(order(db, key).places) | _slots(db, key)
    if identity.path and not (known and identity.cells and known.isdisjoint(identity.cells)):
        _see(db, key, identity, before if row is None else None)


def bring_back(db: sqlite3.Connection, key: str, slot: str) -> None:
    """Note that a cell is there that was taken for deleted: it was just run."""
    gone = order(db, key).gone - {cell_of(slot)}
    db.execute("UPDATE notebooks SET gone = ? WHERE key = ?", (json.dumps(sorted(gone)), key))


def order(db: sqlite3.Connection, key: str) -> Order:
    """Return the order of the notebook's cells; an empty one where it is not known."""
    row = db.execute("SELECT cells, gone FROM notebooks WHERE key = ?", (key,)).fetchone()
    return Order() if row is None else _order(row["cells"], row["gone"])


@lru_cache(maxsize=8)
def _order(cells: str, gone: str) -> Order:
    return Order({cell: place for place, cell in enumerate(_texts(cells))}, frozenset(_texts(gone)))


def _texts(told: str) -> list[str]:
    """Return the texts of a JSON list; none where something else stands there."""
    return _strings(_loaded(told))


def _seen_of(told: str) -> dict[str, Any]:
    """Return what the notebook's file was known by, as JSON has it; what is none of that counts as not known."""
    known = _loaded(told)
    known = known if isinstance(known, dict) else {}
    inode = known.get("inode")
    is_inode = isinstance(inode, list) and len(inode) == 2 and all(isinstance(one, int) for one in inode)
    lists = {name: _strings(known.get(name)) for name in ("outline", "ran", "own")}
    return {**known, **lists, "inode": inode if is_inode else None}


def _loaded(told: str) -> Any:
    try:
        return json.loads(told)
    except (ValueError, RecursionError):
        return None


def _strings(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _new_key(db: sqlite3.Connection, seen: Identity) -> str:
    """Return a new key: the same for kernels of one notebook that meet it at once, by the cells that ran first."""
    told = json.dumps([seen.path, min(seen.ran, default=uuid4().hex)])
    key = sha256(told.encode("utf-8", "replace")).hexdigest()[:32]
    is_taken = db.execute(
        "SELECT 1 FROM notebooks WHERE key = ? UNION SELECT 1 FROM conversations WHERE notebook = ?",
        (key, key),
    )
    return uuid4().hex if is_taken.fetchone() else key


def _see(
    db: sqlite3.Connection,
    key: str,
    identity: Identity,
    before: Order | None = None,
    known: str | None = None,
) -> None:
    """Note where the notebook lies and which cells it holds now; `before` it held those, if not what is stored."""
    before = before or order(db, key)
    cells = identity.cells or tuple(before.places)
    asked = {cell_of(slot) for slot in _slots(db, key)}  # of the others there is nothing to leave out
    gone = asked & (before.gone | before.places.keys()) - set(cells)
    db.execute(
        "INSERT INTO notebooks (key, path, cells, gone, seen_at, seen)"
        " VALUES (:key, :path, :cells, :gone, :now, coalesce(:seen, '{}')) ON CONFLICT (key) DO UPDATE"
        " SET path = :path, cells = :cells, gone = :gone, seen_at = :now, seen = coalesce(:seen, seen)",
        {
            "key": key,
            "path": identity.path,
            "cells": json.dumps(cells),
            "gone": json.dumps(sorted(gone)),
            "now": time.time(),
            "seen": known,
        },
    )


def _cell_slots(db: sqlite3.Connection, key: str) -> Iterator[str]:
    """Yield the slots that are cells'; a turn of none has its own id for one."""
    for (slot,) in db.execute(
        "SELECT stood.slot FROM conversations JOIN stood ON stood.conversation = conversations.id"
        " JOIN turns ON turns.number = stood.turn WHERE notebook = ? AND stood.slot != turns.id",
        (key,),
    ):
        yield slot


def _slots(db: sqlite3.Connection, key: str) -> frozenset[str]:
    rows = db.execute(
        "SELECT slot FROM conversations JOIN stood ON stood.conversation = conversations.id WHERE notebook = ?",
        (key,),
    )
    return frozenset(slot for (slot,) in rows)
