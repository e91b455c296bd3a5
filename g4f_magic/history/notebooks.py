"""Which stored notebook a file is: itself, renamed, a copy, or a new one; and in which order its cells stand."""

from __future__ import annotations

import json
import sqlite3
import time
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from g4f_magic.history.line import ensure
from g4f_magic.history.order import Order, cell_of


@dataclass(frozen=True, slots=True)
class Identity:
    """A notebook as its file shows it.

    `cells` are the ids of the cells that the saved file holds, in their order; empty where it could not be
    read, or where its format is too old for ids.
    """

    path: str
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shelf:
    """A notebook in a list of them."""

    notebook: str
    path: str
    """Of its file as last seen; empty where it has none."""
    conversations: int
    turns: int
    used_at: float


def shelves(db: sqlite3.Connection) -> list[Shelf]:
    """Return the notebooks that hold conversations, the one used last first."""
    rows = db.execute(
        "SELECT notebook, coalesce(path, '') AS path, count(*) AS conversations, max(used_at) AS used_at,"
        " sum((SELECT count(*) FROM line WHERE conversation = conversations.id)) AS turns"
        " FROM conversations LEFT JOIN notebooks ON key = notebook GROUP BY notebook ORDER BY max(used_at) DESC"
    )
    return [
        Shelf(row["notebook"], row["path"], row["conversations"], row["turns"], row["used_at"])
        for row in rows
    ]


def resolve(db: sqlite3.Connection, identity: Identity) -> str:
    """Return the key under which the notebook's conversations lie.

    A file that shares its cells with a stored notebook is that notebook, renamed, where that one's file is
    gone, and else a copy of it, which goes on from the same turns under a key of its own. Expects a transaction.
    """
    row = db.execute("SELECT key FROM notebooks WHERE path = ?", (identity.path,)).fetchone()
    if row is not None and not _is_another(db, row["key"], identity):
        _see(db, row["key"], identity)
        return str(row["key"])
    if row is not None:  # a new notebook where the old one lay: the old one may have moved elsewhere
        db.execute("UPDATE notebooks SET path = '' WHERE key = ?", (row["key"],))
    found = _most_alike(db, identity)
    if found is not None and not _is_there(found["path"]):
        _see(db, found["key"], identity)
        return str(found["key"])
    key = _new_key(db, identity.path)
    if found is not None:
        _copy(db, found["key"], key)
    _see(db, key, identity, Order() if found is None else order(db, found["key"]))
    return key


def arrange(db: sqlite3.Connection, key: str, identity: Identity, before: Order) -> None:
    """Note which cells the notebook's file holds by now; not, where none of them is known: it is another's then.

    `before` tells what it held where that is not stored any more.
    """
    row = db.execute("SELECT path FROM notebooks WHERE key = ?", (key,)).fetchone()
    if row is not None:
        identity = replace(identity, path=row["path"])
    if identity.path and not _is_another(db, key, identity):
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
    return Order({cell: place for place, cell in enumerate(json.loads(cells))}, frozenset(json.loads(gone)))


def _new_key(db: sqlite3.Connection, path: str) -> str:
    """Return a key made of the path, so that it is the same for a kernel that cannot look it up at the moment."""
    key = sha256(path.encode("utf-8", "replace")).hexdigest()[:32]
    is_taken = db.execute("SELECT 1 FROM notebooks WHERE key = ?", (key,)).fetchone()
    return uuid4().hex if is_taken else key


def _see(db: sqlite3.Connection, key: str, identity: Identity, before: Order | None = None) -> None:
    """Note where the notebook lies and which cells it holds now; `before` it held those, if not what is stored."""
    before = before or order(db, key)
    cells = identity.cells or tuple(before.places)
    asked = {cell_of(slot) for slot in _slots(db, key)}  # of the others there is nothing to leave out
    gone = asked & (before.gone | before.places.keys()) - set(cells)
    db.execute(
        "INSERT INTO notebooks (key, path, cells, gone, seen_at) VALUES (?1, ?2, ?3, ?4, ?5)"
        " ON CONFLICT (key) DO UPDATE SET path = ?2, cells = ?3, gone = ?4, seen_at = ?5",
        (key, identity.path, json.dumps(cells), json.dumps(sorted(gone)), time.time()),
    )


def _most_alike(db: sqlite3.Connection, identity: Identity) -> sqlite3.Row | None:
    """Return the stored notebook that shares most cells, if at least half of them."""
    if not identity.cells:
        return None
    cells = frozenset(identity.cells)
    best, most = None, 0
    for row in db.execute("SELECT key, path FROM notebooks ORDER BY seen_at DESC").fetchall():
        # The cells of the file as it was last seen, and those that were asked in since.
        for known in (_cells(db, row["key"]), _slots(db, row["key"])):
            shared = len(known & cells)
            if shared > most and 2 * shared >= min(len(known), len(cells)):
                best, most = row, shared
    return best


def _is_another(db: sqlite3.Connection, key: str, identity: Identity) -> bool:
    known = _cells(db, key) | _slots(db, key)
    return bool(known and identity.cells) and known.isdisjoint(identity.cells)


def _cells(db: sqlite3.Connection, key: str) -> frozenset[str]:
    """Return the cells that the notebook was last seen with."""
    return frozenset(order(db, key).places)


def _slots(db: sqlite3.Connection, key: str) -> frozenset[str]:
    rows = db.execute(
        "SELECT slot FROM conversations JOIN stood ON stood.conversation = conversations.id WHERE notebook = ?",
        (key,),
    )
    return frozenset(slot for (slot,) in rows)


def _copy(db: sqlite3.Connection, source: str, target: str) -> None:
    """Give the notebook `target` the conversations of `source`, to go on apart from here."""
    for row in db.execute("SELECT * FROM conversations WHERE notebook = ?", (source,)).fetchall():
        conversation = ensure(db, target, row["name"])
        db.execute(
            "UPDATE conversations SET used_at = ?, cursor = ? WHERE id = ?",
            (row["used_at"], row["cursor"], conversation),
        )
        for table, columns in (
            ("line", "place, slot, turn"),
            ("stood", "slot, turn"),
            ("journal", "seq, place, operation, at, before, after"),
        ):
            db.execute(
                f"INSERT INTO {table} SELECT ?, {columns} FROM {table} WHERE conversation = ?",  # noqa: S608
                (conversation, row["id"]),
            )


def _is_there(path: str) -> bool:
    return bool(path) and Path(path).exists()
