"""What keeps a file of SQLite's from being read or written, in words. No I/O."""

from __future__ import annotations

import sqlite3

_REASONS = {
    sqlite3.SQLITE_BUSY: "another program holds it locked",
    sqlite3.SQLITE_LOCKED: "another program holds it locked",
    sqlite3.SQLITE_PROTOCOL: "another program holds it locked",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "it cannot be written",
    sqlite3.SQLITE_PERM: "it cannot be written",
    sqlite3.SQLITE_AUTH: "it cannot be written",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_IOERR: "the disk reports an error",
    sqlite3.SQLITE_NOLFS: "it is too large for the disk",
}
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def is_damaged(error: BaseException) -> bool:
    """Say whether the file is no longer SQLite's, or not as that left it."""
    return _code(error) in _DAMAGED


def reason_of(error: BaseException) -> str:
    """Return why the disk, or another program, does not let the file be had; empty where it is neither."""
    if isinstance(error, sqlite3.OperationalError) and "decode to UTF-8" in str(error):
        return "it holds a text that is not UTF-8, which g4f_magic does not write"
    return _REASONS.get(_code(error), "")


def _code(error: BaseException) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
