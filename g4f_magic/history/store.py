"""Where the turns are: the file, or a fallback in memory where the disk fails, and the way back."""

from __future__ import annotations

import math
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from g4f_magic import disk, file_system
from g4f_magic.errors import InputError
from g4f_magic.history import schema, table
from g4f_magic.history.cache import ConversationCache
from g4f_magic.history.copying import copy_notebook
from g4f_magic.history.forget import purge
from g4f_magic.sqlite_errors import is_damaged, reason_of

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

KERNEL = "kernel:"
"""Begins the key of a notebook that is none: its conversations live with the kernel, in memory alone."""

RETRY_SECONDS = 1.0

_DISK_ERRORS = (OSError, schema.NotOursError, sqlite3.DatabaseError)


class NoLocksError(OSError):
    """The file system of the history gives no locks, or none in time."""


class Store:
    """Runs work on the turns wherever they can be kept.

    A disk that fails is no error: work goes on in a fallback in memory, into which the notebooks in use are
    copied, and what changed is written to the file as soon as that can be had again.
    """

    def __init__(
        self, file: Path | None, network_kind: Callable[[Path], str] = file_system.network_kind
    ) -> None:
        self.file = file
        self._network_kind = network_kind
        self.warnings: list[str] = []
        self.cache = ConversationCache()
        self.lock = threading.RLock()
        """Held for what has to be one step: kernels answer a panel from more than one thread."""
        self._disk: sqlite3.Connection | None = None
        self._inode = 0
        self._kernel: sqlite3.Connection | None = None
        self._fallback: sqlite3.Connection | None = None
        self._copied: set[str] = set()
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
        """Return what `work` finds in each place: the kernel's memory, the fallback, and the file if it can be read."""
        with self.lock:
            found = [] if self._kernel is None else [work(self._kernel)]
            if self.file is None:
                return found
            found.append(self._anywhere("", work, keep=False))
            if self._fallback is not None:
                with suppress(*_DISK_ERRORS), schema.opened_to_read(self.file) as source:
                    found.append(work(source))
            return found

    @property
    def is_without_file(self) -> bool:
        """Say whether turns are kept in memory alone, for now or always."""
        return self.file is None or self._fallback is not None

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

    def rest(self) -> None:
        """Write what could not be written before, if it can be now, and let the file go; what lies in memory alone stays."""
        with self.lock:
            if self._fallback is not None and self.file is not None and self._retry_at < math.inf:
                self._retry_at = 0.0
                self._write_back(self.file, self._fallback)
            self._purge_if_due()
            if self._disk is not None:
                self._disk.close()
                self._disk = None
            self._version += 1

    def close(self) -> None:
        """Do what `rest` does, and let the memory go as well."""
        with self.lock:
            self.rest()
            for db in (self._kernel, self._fallback):
                if db is not None:
                    db.close()
            self._kernel = self._fallback = None

    def purge(self) -> bool:
        """Leave nothing in the file of what was deleted, and say whether that could be done.

        Where another kernel is in the way it is done again, at the next change and at the end.
        """
        with self.lock:
            self._is_purge_due = True
            self._purge_if_due()
            return not self._is_purge_due

    def _purge_if_due(self) -> None:
        if self._is_purge_due and self._disk is not None and self._fallback is None:
            self._is_purge_due = not purge(self._disk)

    def _anywhere(self, notebook: str, work: Work[T], *, keep: bool, transaction: bool = False) -> T:
        run = _transaction(work) if transaction else work
        if self.file is None or notebook.startswith(KERNEL):
            self._kernel = self._kernel or schema.open_memory()
            return run(self._kernel)
        if self._fallback is not None:
            self._write_back(self.file, self._fallback)
        while self._fallback is None:
            try:
                return run(self._open(self.file))
            except _DISK_ERRORS as exc:
                self._recover(self.file, exc)
        self._copy_in(self.file, self._fallback, notebook)
        result = run(self._fallback)
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
                _transaction(self.cache.restore)(self._open(file, busy_seconds=busy_seconds))
        if self._disk is None:
            db = self._opened(file, busy_seconds)
            try:
                if table.has_broken(db):
                    _transaction(table.adopt_broken)(db)
            except BaseException:
                db.close()
                raise
            self._disk, self._inode = db, _inode(file)
            self._version += 1  # what it holds is not known
        return self._disk

    def _opened(self, file: Path, busy_seconds: float) -> sqlite3.Connection:
        """Return a new connection to the file, in the way that its file system allows.

        Raises:
            NoLocksError: it is a network's, and gives no locks.
        """
        disk.make_folder(file.parent)
        kind = self._network_kind(file.parent)
        if not kind:
            return schema.open_file(file, busy_seconds=busy_seconds)
        if not file_system.has_locks(file.with_name(f".{file.name}-lock")):
            raise NoLocksError(f"its file system ({kind}) gives no locks, and several kernels need them")
        is_new = not file.exists()
        db = schema.open_file(
            file, busy_seconds=max(busy_seconds, schema.NETWORK_BUSY_SECONDS), on_network=True
        )
        if is_new:
            self._warn(
                f"The history in {file} lies on a network's file system ({kind}): it is written there with each step,"
                " and somewhat slower. G4F_MAGIC_HISTORY=FILE names another place, `off` none."
            )
        return db

    def _recover(self, file: Path, exc: OSError | schema.NotOursError | sqlite3.DatabaseError) -> None:
        """Find a way to go on after the file failed: a new file, or the fallback.

        Raises:
            sqlite3.DatabaseError: it is not the disk that fails.
        """
        if isinstance(exc, schema.NotOursError | NoLocksError):
            self._fall_back(file, str(exc))
            self._retry_at = math.inf
        elif isinstance(exc, OSError):
            self._fall_back(file, exc.strerror or str(exc))
        elif is_damaged(exc):
            self._replace_corrupt(file)
        elif reason := reason_of(exc):
            self._fall_back(file, reason)
        else:
            raise exc

    def _fall_back(self, file: Path, reason: str) -> None:
        self._fallback = schema.open_memory()
        self._version += 1
        self._copied.clear()
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
            _transaction(self.cache.restore)(self._open(file))
        except _DISK_ERRORS as exc:
            self._fall_back(file, str(exc))

    def _copy_in(self, file: Path, fallback: sqlite3.Connection, notebook: str) -> None:
        """Copy what is known of the notebook into the fallback, once."""
        if notebook in self._copied:
            return
        self._copied.add(notebook)
        try:
            with schema.opened_to_read(file) as source:
                _transaction(lambda db: copy_notebook(source, db, notebook))(fallback)
        except _DISK_ERRORS:
            _transaction(lambda db: self.cache.restore(db, notebook))(fallback)

    def _write_back(self, file: Path, fallback: sqlite3.Connection) -> None:
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
        self._fallback = None
        self._version += 1
        fallback.close()

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
