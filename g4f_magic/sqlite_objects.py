"""What a file of SQLite's must not hold to be ours: what would run somebody else's SQL while it is read or written.

A view in the place of a table, a trigger or a column that is computed can go on for ever, and no interrupt reaches
Python meanwhile. A file comes from somebody else where a history lies in a shared folder, or was copied from elsewhere.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection

_COMPUTED = (2, 3)
"""How SQLite marks a column that is generated: virtual, or stored."""
_EXPRESSION = -2
_LONGEST_BYTES = 256 * 2**20
"""Of one value: SQLite's own bound is four times that."""


def guard(db: sqlite3.Connection) -> None:
    """Bound what a connection takes of a file, before anything of that is asked."""
    db.execute("PRAGMA trusted_schema = OFF")
    db.execute("PRAGMA cell_size_check = ON")
    db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_BYTES)


def foreign_object(db: sqlite3.Connection, indexes_of_words: Collection[str] = ()) -> str:
    """Return what a file holds that is none of ours, in words; empty where it holds nothing such.

    `indexes_of_words` are the names of its full-text indexes.
    """
    for kind, name, sql in db.execute("SELECT type, name, sql FROM sqlite_master").fetchall():
        words = str(sql or "").lower().split()
        if kind not in ("table", "index"):
            return f"a {kind}"
        is_virtual = words[:2] == ["create", "virtual"]
        if is_virtual != (name in indexes_of_words) or (is_virtual and "fts5" not in words):
            return f"a table {str(name)[:80]!r} of another kind"
        if kind == "table":
            columns = db.execute("SELECT hidden FROM pragma_table_xinfo(?)", (name,)).fetchall()
            if any(hidden in _COMPUTED for (hidden,) in columns):
                return "a column that is computed"
        elif any(
            cid == _EXPRESSION for (cid,) in db.execute("SELECT cid FROM pragma_index_xinfo(?)", (name,))
        ):
            return "an index that is computed"
    return ""
