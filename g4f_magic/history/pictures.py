"""Pictures that were sent, each kept once, under its digest; they go with the last turn that names them.

Every function works on an open connection; those that change something expect a transaction around them.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection

MOST_BYTES = 256 * 1024 * 1024
"""Of all pictures in one file: above it the oldest go, and later turns say that they were there."""


def keep(db: sqlite3.Connection, digest: str, media_type: str, content: bytes) -> None:
    """Keep a picture, unless it is kept already; the oldest make room for it."""
    db.execute(
        "INSERT INTO pictures (digest, media_type, content, size, used_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (digest) DO UPDATE SET used_at = excluded.used_at",
        (digest, media_type, content, len(content), time.time()),
    )
    (total,) = db.execute("SELECT coalesce(sum(size), 0) FROM pictures").fetchone()
    while total > MOST_BYTES:
        oldest = db.execute("SELECT digest, size FROM pictures ORDER BY used_at, digest LIMIT 1").fetchone()
        db.execute("DELETE FROM pictures WHERE digest = ?", (oldest["digest"],))
        total -= oldest["size"]


def find(db: sqlite3.Connection, digests: Collection[str]) -> dict[str, tuple[str, bytes]]:
    """Return kind and bytes of those that are kept, by their digest."""
    found = {}
    for digest in digests:
        row = db.execute("SELECT media_type, content FROM pictures WHERE digest = ?", (digest,)).fetchone()
        if row is not None:
            found[digest] = (str(row["media_type"]), bytes(row["content"]))
    return found


def drop_unused(db: sqlite3.Connection) -> None:
    """Delete the pictures that no turn names any more."""
    for (digest,) in db.execute("SELECT digest FROM pictures").fetchall():
        named = db.execute("SELECT 1 FROM turns WHERE instr(details, ?) LIMIT 1", (digest,)).fetchone()
        if named is None:
            db.execute("DELETE FROM pictures WHERE digest = ?", (digest,))
