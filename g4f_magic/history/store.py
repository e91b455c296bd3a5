"""Where the turns are: the file, or memory where the disk fails, and the way back."""

from __future__ import annotations

import math
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from g4f_magic.errors import InputError
from g4f_magic.history import schema, table
from g4f_magic.history.forget import purge
from g4f_magic.history.mirror import Mirror, copy_notebook

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

KERNEL = "kernel:"
"""Begins the key of a notebook that is none: its conversations live with the kernel, in memory alone."""

RETRY_SECONDS = 1.0

_REASONS = {
    sqlite3.SQLITE_BUSY: "another program holds it locked",
    sqlite3.SQLITE_LOCKED: "another program holds it locked",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "it cannot be written",
    sqlite3.SQLITE_PERM: "it cannot be written",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_IOERR: "the disk reports an error",
    sqlite3.SQLITE_NOLFS: "it is too large for the disk",
    sqlite3.SQLITE_PROTOCOL: "another program holds it locked",
    sqlite3.SQLITE_AUTH: "it cannot be written",
}
_DISK_ERRORS = (OSError, schema.NotOursError, sqlite3.DatabaseError)
_CORRUPT = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Store:
    """Runs work on the turns wherever they can be kept.

    A disk that fails is no error: work goes on in a refuge in memory, into which the notebooks in use are
    copied, and what changed is written to the file as soon as that can be had again.
    """

    def __init__(self, file: Path | None) -> None:
        self.file = file
        self.warnings: list[str] = []
        self.mirror = Mirror()
        self.lock = threading.RLock()
        """Held for what has to be one step: kernels answer a panel from more than one thread."""
        self._disk: sqlite3.Connection | None = None
        self._inode = 0
        self._kernel: sqlite3.Connection | None = None
        self._refuge: sqlite3.Connection | None = None
        self._brought: set[str] = set()
        self._pending: list[Work[object]] = []
        self._retry_at = 0.0
        self._is_purge_due = False
        self._version = 0
        self._seen: tuple[int, ...] = ()

    def read(self, notebook: str, work: Work[T]) -> T:
        """Return what `work` finds about a notebook; it changes nothing."""
        with self.lock:
            return self._anywhere(notebook, work, keep=False)

    def change(self, notebook: str, work: Work[T], *, keep: bool = True) -> T:
        """Run `work` in a transaction and return its result.

        With `keep` it is done again on the file when that comes back after it could not be had.
        """
        with self.lock:
            self._version += 1
            self._purge_if_due()
            return self._anywhere(notebook, work, keep=keep, transaction=True)

    def everywhere(self, work: Work[T]) -> list[T]:
        """Return what `work` finds in each place: the kernel's memory, the refuge, and the file if it can be read."""
        with self.lock:
            found = [] if self._kernel is None else [work(self._kernel)]
            if self.file is None:
                return found
            found.append(self._anywhere("", work, keep=False))
            if self._refuge is not None:
                with suppress(*_DISK_ERRORS), schema.opened_to_read(self.file) as source:
                    found.append(work(source))
            return found

    def version(self) -> int:
        """Return a number that grows when anything may have changed, in this process or in another."""
        with self.lock:
            seen = self._look()
            if seen != self._seen:
                self._seen = seen
                self._version += 1
            return self._version

    def _look(self) -> tuple[int, ...]:
        """Return what is different after another process wrote to the file or put another in its place."""
        if self._disk is None or self.file is None:
            return ()
        try:
            (written,) = self._disk.execute("PRAGMA data_version").fetchone()
        except sqlite3.Error:
            return (-1,)
        return (written, _inode(self.file))

    def close(self) -> None:
        """Write what could not be written before, if it can be now, and let the file go."""
        with self.lock:
            if self._refuge is not None and self.file is not None and self._retry_at < math.inf:
                self._retry_at = 0.0
                self._return(self.file, self._refuge)
            self._purge_if_due()
            for db in (self._disk, self._kernel, self._refuge):
                if db is not None:
                    db.close()
            self._disk = self._kernel = self._refuge = None
            self._version += 1  # what lay in memory alone is gone

    def purge(self) -> bool:
        """Leave nothing in the file of what was deleted, and say whether that could be done.

        Where another kernel is in the way it is done again, at the next change and at the end.
        """
        with self.lock:
            self._is_purge_due = True
            self._purge_if_due()
            return not self._is_purge_due

    def _purge_if_due(self) -> None:
        if self._is_purge_due and self._disk is not None and self._refuge is None:
            self._is_purge_due = not purge(self._disk)

    def _anywhere(self, notebook: str, work: Work[T], *, keep: bool, transaction: bool = False) -> T:
        run = _transaction(work) if transaction else work
        if self.file is None or notebook.startswith(KERNEL):
            self._kernel = self._kernel or schema.open_memory()
            return run(self._kernel)
        if self._refuge is not None:
            self._return(self.file, self._refuge)
        while self._refuge is None:
            try:
                return run(self._open(self.file))
            except _DISK_ERRORS as exc:
                self._mend(self.file, exc)
        self._bring(self.file, self._refuge, notebook)
        result = run(self._refuge)
        if keep:
            self._pending.append(work)
        return result

    def _open(self, file: Path, *, busy_seconds: float = schema.BUSY_SECONDS) -> sqlite3.Connection:
        """Return the connection to the file; another file in its place is opened anew."""
        if self._disk is not None and _inode(file) != self._inode:
            is_set_aside = self._inode in map(_inode, schema.set_aside_before(file))
            self._disk.close()
            self._disk = None
            if is_set_aside:  # by another kernel: bring what this one knows into the new file as well
                _transaction(self.mirror.restore)(self._open(file, busy_seconds=busy_seconds))
        if self._disk is None:
            db = schema.open_file(file, busy_seconds=busy_seconds)
            try:
                if table.has_broken(db):
                    _transaction(table.adopt_broken)(db)
            except BaseException:
                db.close()
                raise
            self._disk, self._inode = db, _inode(file)
            self._version += 1  # what it holds is not known
        return self._disk

    def _mend(self, file: Path, exc: OSError | schema.NotOursError | sqlite3.DatabaseError) -> None:
        """Find a way to go on after the file failed: a new file, or the refuge.

        Raises:
            sqlite3.DatabaseError: it is not the disk that fails.
        """
        if isinstance(exc, schema.NotOursError):
            self._take_refuge(file, str(exc))
            self._retry_at = math.inf
        elif isinstance(exc, OSError):
            self._take_refuge(file, exc.strerror or str(exc))
        else:
            code = getattr(exc, "sqlite_errorcode", 0) & 0xFF
            if code in _CORRUPT:
                self._replace_corrupt(file)
            elif code in _REASONS:
                self._take_refuge(file, _REASONS[code])
            else:
                raise exc

    def _take_refuge(self, file: Path, reason: str) -> None:
        self._refuge = schema.open_memory()
        self._version += 1
        self._brought.clear()
        self._retry_at = time.monotonic() + RETRY_SECONDS
        self._warn(f"The chats are kept in memory alone, not in {file}: {reason}.")

    def _replace_corrupt(self, file: Path) -> None:
        """Set the corrupt file aside and begin a new one with what this kernel knows."""
        inode = self._inode if self._disk is not None else _inode(file)
        if self._disk is not None:
            self._disk.close()
            self._disk = None
        try:
            if _inode(file) == inode:  # else another kernel was first
                aside = schema.set_aside(file)
                self._warn(
                    f"The history in {file} was corrupt: it now lies in {aside.name}, a new one begins."
                )
            _transaction(self.mirror.restore)(self._open(file))
        except _DISK_ERRORS as exc:
            self._take_refuge(file, str(exc))

    def _bring(self, file: Path, refuge: sqlite3.Connection, notebook: str) -> None:
        """Copy what is known of the notebook into the refuge, once."""
        if notebook in self._brought:
            return
        self._brought.add(notebook)
        try:
            with schema.opened_to_read(file) as source:
                _transaction(lambda db: copy_notebook(source, db, notebook))(refuge)
        except _DISK_ERRORS:
            _transaction(lambda db: self.mirror.restore(db, notebook))(refuge)

    def _return(self, file: Path, refuge: sqlite3.Connection) -> None:
        """Go back to the file and write what waits, if that can be done."""
        if time.monotonic() < self._retry_at:
            return
        self._retry_at = time.monotonic() + RETRY_SECONDS
        try:
            db = self._open(file, busy_seconds=0)  # nobody waits for this: there will be another try
            schema.set_patience(db, 0)
            try:
                _transaction(self._write_pending)(db)
            finally:
                schema.set_patience(db, schema.BUSY_SECONDS)
        except _DISK_ERRORS:
            return
        self._pending.clear()
        self._refuge = None
        self._version += 1
        refuge.close()

    def _write_pending(self, db: sqlite3.Connection) -> None:
        for work in self._pending:
            db.execute("SAVEPOINT one")
            try:
                work(db)
            except InputError:  # another kernel was first, with a name for example
                db.execute("ROLLBACK TO one")
            db.execute("RELEASE one")

    def _warn(self, sentence: str) -> None:
        if sentence not in self.warnings:
            self.warnings.append(sentence)


def _transaction(work: Work[T]) -> Work[T]:
    """Return the work, done in one transaction of its own."""

    def run(db: sqlite3.Connection) -> T:
        db.execute("BEGIN IMMEDIATE")  # at once, so that no other kernel can come between reading and writing
        try:
            result = work(db)
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        return result

    return run


def _inode(file: Path) -> int:
    try:
        return file.stat().st_ino
    except OSError:
        return 0
