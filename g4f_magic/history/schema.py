"""The tables, how they came about, and opening them."""

from __future__ import annotations

import glob
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from g4f_magic import disk
from g4f_magic.sqlite_objects import foreign_object, guard

APPLICATION_ID = 0x67346D67  # "g4mg": tells our file from another program's
BUSY_SECONDS = 0.25
NETWORK_BUSY_SECONDS = 2.0
"""The same on a network's file system, where each write takes its round trips."""

_FIRST = """
CREATE TABLE notebooks (
    key TEXT PRIMARY KEY,
    path TEXT NOT NULL,
    cells TEXT NOT NULL DEFAULT '[]',
    seen_at REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX notebooks_path ON notebooks (path);

-- `cursor` is the last operation of the journal that is in force: undo moves it back, redo forth.
CREATE TABLE conversations (
    id INTEGER PRIMARY KEY,
    notebook TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at REAL NOT NULL,
    used_at REAL NOT NULL,
    cursor INTEGER NOT NULL DEFAULT 0,
    UNIQUE (notebook, name)
);

-- `owner` is the process that a turn is open in.
CREATE TABLE turns (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    slot TEXT NOT NULL,
    prompt TEXT NOT NULL,
    reply TEXT NOT NULL,
    reasoning TEXT NOT NULL,
    status TEXT NOT NULL,
    details TEXT NOT NULL,
    owner TEXT NOT NULL,
    flushed_at REAL NOT NULL
);
CREATE INDEX turns_open ON turns (number) WHERE status = 'open';

-- The line: what stands at which place now.
CREATE TABLE line (
    conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
    place INTEGER NOT NULL,
    slot TEXT NOT NULL,
    turn INTEGER NOT NULL REFERENCES turns,
    PRIMARY KEY (conversation, place),
    UNIQUE (conversation, slot)
) WITHOUT ROWID;
CREATE INDEX line_turn ON line (turn);

-- Every turn that ever stood in a conversation: the revisions of a slot.
CREATE TABLE stood (
    conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
    slot TEXT NOT NULL,
    turn INTEGER NOT NULL REFERENCES turns,
    PRIMARY KEY (conversation, slot, turn)
) WITHOUT ROWID;
CREATE INDEX stood_turn ON stood (turn);

-- What each operation changed; a place without a turn is NULL.
CREATE TABLE journal (
    conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    place INTEGER NOT NULL,
    operation TEXT NOT NULL,
    at REAL NOT NULL,
    before INTEGER REFERENCES turns,
    after INTEGER REFERENCES turns,
    PRIMARY KEY (conversation, seq, place)
) WITHOUT ROWID;
CREATE INDEX journal_before ON journal (before);
CREATE INDEX journal_after ON journal (after);
"""

# `cells` are the ids in the saved file's order; `gone` those that it held before and holds no longer.
_ORDER = """
ALTER TABLE notebooks ADD COLUMN gone TEXT NOT NULL DEFAULT '[]'
"""

# `seen` is what the notebook's file was known by when it was last seen, as JSON: outline, inode, ran.
_SEEN = """
ALTER TABLE notebooks ADD COLUMN seen TEXT NOT NULL DEFAULT '{}'
"""

# What was sent of pictures, once each; turns name them by their SHA-256.
_PICTURES = """
CREATE TABLE IF NOT EXISTS pictures (
    digest TEXT PRIMARY KEY,
    media_type TEXT NOT NULL,
    content BLOB NOT NULL,
    size INTEGER NOT NULL,
    used_at REAL NOT NULL
)
"""

MIGRATIONS = (_FIRST, _ORDER, _SEEN, _PICTURES)
"""What brings a file from version n to n + 1; never changed once published, only added to."""

_WORDS = """
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (
    prompt, reply, content='turns', content_rowid='number', tokenize='unicode61 remove_diacritics 2'
)
"""

_TEXT, _NUMBER = "'text'", "'real', 'integer'"
_KINDS: dict[str, dict[str, str]] = {
    "notebooks": dict.fromkeys(("key", "path", "cells", "gone", "seen"), _TEXT) | {"seen_at": _NUMBER},
    "conversations": dict.fromkeys(("notebook", "name"), _TEXT)
    | dict.fromkeys(("id", "created_at", "used_at", "cursor"), _NUMBER),
    # These may be many: what is in them is looked at where they are read.
    "turns": dict.fromkeys(
        ("number", "id", "slot", "prompt", "reply", "reasoning", "status", "details", "owner", "flushed_at"),
        "",
    ),
    "line": dict.fromkeys(("conversation", "place", "slot", "turn"), ""),
    "stood": dict.fromkeys(("conversation", "slot", "turn"), ""),
    "journal": dict.fromkeys(("conversation", "seq", "place", "operation", "at", "before", "after"), ""),
    "pictures": dict.fromkeys(("digest", "media_type", "content", "size", "used_at"), ""),
}
"""The columns of each table, and of what kind their values are."""


class NotOursError(Exception):
    """The file is in order, but not one that this version may write."""


def open_file(
    file: Path, *, busy_seconds: float = BUSY_SECONDS, on_network: bool = False
) -> sqlite3.Connection:
    """Return a connection to the file, made and brought to the present schema where needed.

    `on_network`: it lies on a network's file system, where a write-ahead log does not work.

    Raises:
        NotOursError: another program's file, or one of a newer version; untouched.
        OSError, sqlite3.Error: the disk.
    """
    disk.make_folder(file.parent)
    _check_files(file, os.O_RDWR | os.O_CREAT)
    db = _connect(str(file), busy_seconds=busy_seconds)
    try:
        if on_network:  # before anything is read: one that had such a log is opened without shared memory
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
        _check(db)
        db.execute(f"PRAGMA journal_mode = {'TRUNCATE' if on_network else 'WAL'}")
        if on_network:
            db.execute("PRAGMA locking_mode = NORMAL")
            (mode,) = db.execute("PRAGMA journal_mode").fetchone()
            if mode == "wal":  # a kernel of an earlier version has it open that way
                raise _locked()
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()  # lets the exclusive lock go
        db.execute(f"PRAGMA synchronous = {'FULL' if on_network else 'NORMAL'}")
        migrate(db)
        _check_rows(db)
    except BaseException:
        db.close()
        raise
    return db


def _locked() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error


def open_memory() -> sqlite3.Connection:
    """Return a connection to a store that lives as long as the connection."""
    db = _connect(":memory:")
    migrate(db)
    return db


@contextmanager
def opened_to_read(file: Path) -> Iterator[sqlite3.Connection]:
    """Open the file without writing to it, for what can still be read of it.

    Raises:
        NotOursError: another program's file, or one of a newer version.
        OSError, sqlite3.Error: it cannot be read either.
    """
    _check_files(file, os.O_RDONLY)
    db = _connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
    try:
        _check(db)
        if _version(db) == len(MIGRATIONS):
            _check_rows(db)
        yield db
    finally:
        db.close()


def has_index(db: sqlite3.Connection) -> bool:
    """Say whether the full-text index is there: some builds of SQLite come without it."""
    return db.execute("SELECT 1 FROM sqlite_master WHERE name = 'words'").fetchone() is not None


def migrate(db: sqlite3.Connection) -> None:
    """Bring the tables to the present version."""
    if _version(db) == len(MIGRATIONS):
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        for number in range(_version(db), len(MIGRATIONS)):  # asked again: another kernel may have been first
            for statement in _statements(MIGRATIONS[number]):
                db.execute(statement)
        try:
            db.execute(_WORDS)
        except sqlite3.OperationalError as exc:
            if "fts5" not in str(exc):
                raise
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def set_aside(file: Path) -> Path:
    """Rename a corrupt file, with what belongs to it, and return its new path; nothing is overwritten."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    aside, count = file.with_name(f"{file.name}.corrupt-{stamp}"), 1
    while aside.exists():
        count += 1
        aside = file.with_name(f"{file.name}.corrupt-{stamp}-{count}")
    file.rename(aside)
    for suffix in ("-wal", "-shm"):
        beside = file.with_name(file.name + suffix)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + suffix))
    return aside


def set_aside_before(file: Path) -> list[Path]:
    """Return the files that `set_aside` made."""
    return list(file.parent.glob(f"{glob.escape(file.name)}.corrupt-*"))


def set_patience(db: sqlite3.Connection, seconds: float) -> None:
    """Say how long to wait for a lock of another program."""
    db.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")


class _Connection(sqlite3.Connection):
    """One that closes with the last who knows it: a `Chat` in a script has no end of its own."""

    def __del__(self) -> None:
        with suppress(sqlite3.ProgrammingError):  # it could not be opened
            self.close()


def _connect(name: str, *, uri: bool = False, busy_seconds: float = BUSY_SECONDS) -> sqlite3.Connection:
    db = sqlite3.connect(
        name,
        timeout=busy_seconds,
        isolation_level=None,
        check_same_thread=False,
        uri=uri,
        factory=_Connection,
    )
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA secure_delete = ON")
    guard(db)
    return db


def _check_files(file: Path, flags: int) -> None:
    """Make sure that a plain file is there, and that SQLite writes beside it through no link.

    It is made here, and not by SQLite, so that it is never readable for others, not even for a moment.

    Raises:
        OSError: there is none, or something else.
    """
    real = disk.inside(file, None)
    with disk.opened(real.parent) as folder:
        os.close(folder.open(real.name, flags))
        for suffix in ("-wal", "-shm", "-journal"):
            folder.check(real.name + suffix)


def _check(db: sqlite3.Connection) -> None:
    """Refuse a file that we may not write."""
    version = _version(db)
    (application,) = db.execute("PRAGMA application_id").fetchone()
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and application != APPLICATION_ID:
        raise NotOursError("it belongs to another program")
    if version > len(MIGRATIONS):
        raise NotOursError("a newer version of g4f_magic wrote it")
    if tables and (found := foreign_object(db, ("words",))):
        raise NotOursError(f"it holds {found}, which g4f_magic does not make")


def _check_rows(db: sqlite3.Connection) -> None:
    """Refuse a file whose tables are not ours, or whose notebooks and conversations hold values of other kinds."""
    for table, kinds in _KINDS.items():
        columns = {name for (name,) in db.execute("SELECT name FROM pragma_table_info(?)", (table,))}
        if missing := set(kinds) - columns:
            raise NotOursError(f"{table} lacks {min(missing)}")
        wrong = " OR ".join(f"typeof({name}) NOT IN ({kind})" for name, kind in kinds.items() if kind)
        if wrong and db.execute(f"SELECT 1 FROM {table} WHERE {wrong} LIMIT 1").fetchone():  # noqa: S608  # ours
            raise NotOursError(f"{table} holds values of another kind")


def _version(db: sqlite3.Connection) -> int:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    return int(version)


def _statements(script: str) -> list[str]:
    # Not `executescript`: that would commit the transaction.
    return [statement for statement in script.split(";\n") if statement.strip()]
