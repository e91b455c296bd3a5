"""Answers on disk, in a file beside the history, keyed by what was sent: a cache that a killed process leaves whole.

What was paid for them stands beside, added up by notebook, day, service and model. The prompts are not in it, only a hash of them. All work runs in one thread of its own, so that a slow disk holds up
neither the loop nor a page; what is written is in the file, for every process, before anybody is told of it.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from g4f_magic import disk
from g4f_magic.costing import Cost
from g4f_magic.errors import InputError
from g4f_magic.file_system import network_kind
from g4f_magic.folder import RefusedError
from g4f_magic.many import spent_table
from g4f_magic.many.answer import Answer
from g4f_magic.many.claims import Claims
from g4f_magic.sqlite_errors import is_damaged, reason_of
from g4f_magic.sqlite_objects import foreign_object, guard

T = TypeVar("T")

APPLICATION_ID = 0x67346D61  # "g4ma"
_TABLE = """
CREATE TABLE IF NOT EXISTS answers (
    key BLOB PRIMARY KEY,
    reply TEXT NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    prompt_tokens INTEGER,
    completion_tokens INTEGER,
    finish TEXT,
    seconds REAL NOT NULL,
    at INTEGER NOT NULL
)
"""
_COLUMNS = "reply, provider, model, prompt_tokens, completion_tokens, finish, seconds"
_AT_ONCE = 400
"""Keys of one query."""
_AT_ONCE_WRITTEN = 100
"""Answers of one statement."""
_BUSY_SECONDS = 20.0


class AnswerStore:
    """The kept answers of one person. `file` None: they live as long as this object."""

    def __init__(self, file: Path | None) -> None:
        self.file = file
        self._held: list[sqlite3.Connection] = []
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="g4f_magic answers")
        weakref.finalize(self, _let_go, self._held, self._thread)
        self._unwritten: dict[bytes, Answer] = {}
        """What a disk that failed did not take: kept here, and written with the next that it takes."""
        self._unbilled: list[Cost] = []
        """And what was paid."""
        self.claims = Claims()

    async def kept(self, keys: Sequence[bytes]) -> dict[bytes, Answer]:
        """Return the answers that are kept of those requests.

        Raises:
            InputError: the file cannot be read.
        """
        return await self._run(lambda: self._kept(keys))

    async def keep(self, answers: Sequence[tuple[bytes, Answer]], costs: Sequence[Cost] = ()) -> None:
        """Write answers, and what was paid; when this returns they are in the file.

        Raises:
            InputError: they could not be written. They are kept in memory, and written later if they can be.
        """
        await self._run(lambda: self._keep(answers, costs))

    async def costs(self) -> list[Cost]:
        """Return what was paid for rows, by notebook, day, service and model; also where nobody has asked yet.

        Raises:
            InputError: the file cannot be read.
        """
        is_new = self.file is not None and not self._held and not self.file.exists()
        return [] if is_new else await self._run(lambda: spent_table.read(self._opened()))

    async def forget(self) -> int:
        """Delete all answers, and return how many there were. What was paid for them stays known."""
        return await self._run(self._forget)

    async def count(self) -> int:
        """Return how many answers are kept."""
        return await self._run(
            lambda: int(self._opened().execute("SELECT count(*) FROM answers").fetchone()[0])
        )

    async def aclose(self) -> None:
        """Let the file go."""
        await self._run(self._close)
        self._thread.shutdown(wait=False)

    async def _run(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except sqlite3.Error as exc:
            raise self._failed(_reason(exc)) from exc
        except OSError as exc:
            raise self._failed(exc.strerror or str(exc)) from exc

    def _failed(self, reason: str) -> InputError:
        where = "the answers in memory" if self.file is None else f"{self.file}"
        return InputError(
            f"{where}: answers cannot be kept there: {reason}",
            hint="Make room, or name another place (ChatMagics.history), and run the cell again: it asks only what is missing.",
        )

    def _kept(self, keys: Sequence[bytes]) -> dict[bytes, Answer]:
        found = {key: self._unwritten[key] for key in keys if key in self._unwritten}
        db = self._opened()
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            marks = ",".join("?" * len(some))
            rows = db.execute(f"SELECT key, {_COLUMNS} FROM answers WHERE key IN ({marks})", some)  # noqa: S608  # marks alone
            found.update((key, Answer(*told)) for key, *told in rows)
        return found

    def _keep(self, answers: Sequence[tuple[bytes, Answer]], costs: Sequence[Cost]) -> None:
        self._unwritten.update(answers)
        self._unbilled += costs
        db, now = self._opened(), int(time.time())
        kept = list(self._unwritten.items())
        with db:  # one transaction
            for start in range(0, len(kept), _AT_ONCE_WRITTEN):
                some = kept[start : start + _AT_ONCE_WRITTEN]
                # One statement for many rows: with each statement the thread would wait for its turn with the loop's.
                marks = ",".join(["(?,?,?,?,?,?,?,?,?)"] * len(some))
                told = [value for key, one in some for value in (key, *_told(one), now)]
                db.execute(f"INSERT OR REPLACE INTO answers (key, {_COLUMNS}, at) VALUES {marks}", told)  # noqa: S608  # names and marks
            spent_table.add(db, self._unbilled)
        self._unwritten.clear()
        self._unbilled.clear()

    def _forget(self) -> int:
        self._unwritten.clear()
        db = self._opened()
        with db:
            gone = db.execute("DELETE FROM answers").rowcount
        db.execute("VACUUM")
        with suppress(sqlite3.Error):
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return gone

    def _opened(self) -> sqlite3.Connection:
        if not self._held:
            self._held.append(_open(self.file))
        return self._held[0]

    def _close(self) -> None:
        while self._held:
            self._held.pop().close()


def _let_go(held: list[sqlite3.Connection], thread: ThreadPoolExecutor) -> None:
    """Close what a store that is no more had open. Its thread has no work then, for work knows the store.

    Without waiting for the thread: the garbage collector may call this in any place, also where a thread that is just
    starting holds the lock that joining another needs.
    """
    thread.shutdown(wait=False)
    while held:
        held.pop().close()


def _told(one: Answer) -> tuple[object, ...]:
    tokens = (one.prompt_tokens, one.completion_tokens)
    return (one.reply, one.provider, one.model, *tokens, one.finish, one.seconds)


def _open(file: Path | None) -> sqlite3.Connection:
    if file is not None:
        disk.make_folder(file.parent)
        with disk.opened(file.parent) as folder:  # for its owner alone, and no link is followed
            for name in (file.name, f"{file.name}-wal", f"{file.name}-shm"):
                folder.check(name)
            if folder.stat(file.name) is None:
                folder.write(file.name, b"", mode=0o600)
    db = sqlite3.connect(
        ":memory:" if file is None else str(file), timeout=_BUSY_SECONDS, check_same_thread=False
    )
    try:
        guard(db)
        (application,) = db.execute("PRAGMA application_id").fetchone()
        (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if application != APPLICATION_ID and tables:
            raise RefusedError("it is another program's file")
        if found := foreign_object(db):
            raise RefusedError(f"it holds {found}, which g4f_magic does not make")
        # The write-ahead log wants memory that all who open the file share, which no network's file system has.
        is_shared = file is not None and bool(network_kind(file.parent))
        db.execute(f"PRAGMA journal_mode = {'TRUNCATE' if is_shared else 'WAL'}")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        with db:
            db.execute(_TABLE)
            db.execute(spent_table.TABLE)
    except BaseException:
        db.close()
        raise
    return db


def _reason(error: sqlite3.Error) -> str:
    return "it is damaged, or another program's" if is_damaged(error) else reason_of(error) or str(error)
