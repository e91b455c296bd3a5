"""What is stored of a notebook: where its file lay, what it was known by, and in which order its cells stand."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from g4f_magic.history.line import Order, cell_of
from g4f_magic.history.proof import Identity, StoredNotebook, ids_of
from g4f_magic.history.store import KERNEL

NAMED = "name:"
"""Begins the key of a notebook that the person named."""
_MOST_RAN = 256
"""Ids of cells that ran in a notebook's kernels which are remembered."""
_MOST_OWN = 8
"""Ids that a notebook itself held which are remembered: a copy of a copy holds one after the other."""


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


def see(db: sqlite3.Connection, key: str, seen: Identity, before: Order | None = None) -> None:
    """Note what was seen of the notebook. Where its file lies is noted only where that is sure."""
    row = db.execute("SELECT path, seen FROM notebooks WHERE key = ?", (key,)).fetchone()
    known = _seen_of("{}" if row is None else row["seen"])
    ran = [mark for mark in known["ran"] if mark not in seen.ran]
    known["ran"] = [*ran, *sorted(ids_of(seen.ran))][-_MOST_RAN:]
    if seen.is_sure and seen.marks:
        known |= {"outline": sorted(seen.marks), "inode": seen.inode}
    elif not (
        known["outline"] or seen.marks
    ):  # nothing saved yet: of its file there is but the number to know it by
        known["inode"] = seen.inode
    if seen.own:
        known["own"] = [*(one for one in known["own"] if one != seen.own), seen.own][-_MOST_OWN:]
    path = seen.path if seen.is_sure or row is None else row["path"]
    _see(
        db, key, replace(seen, path=path, cells=seen.cells if seen.is_sure else ()), before, json.dumps(known)
    )


def stored(db: sqlite3.Connection, where: str, *values: str) -> Iterator[StoredNotebook]:
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
