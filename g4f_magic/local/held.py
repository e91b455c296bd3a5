"""The models that this kernel runs now: one at a time stays, and one that answers is not let go of."""

from __future__ import annotations

import asyncio
import atexit
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from weakref import WeakKeyDictionary

from g4f_magic.errors import BrokenOffError, UnreachableError, WireError
from g4f_magic.local import process
from g4f_magic.local.gguf import Model
from g4f_magic.local.process import Running
from g4f_magic.local.refusals import died
from g4f_magic.settings import data_folder


class Held:
    """The leases of this kernel."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[Path, Running] = {}
        self._askers: dict[Path, int] = {}
        # A lock belongs to one loop, and a terminal may have a new loop for each cell.
        self._locks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()

    def running(self, path: Path) -> Running | None:
        """Return the process of a model if it runs for this kernel now."""
        found = self._running.get(path)
        return found if found is not None and found.is_there else None

    @asynccontextmanager
    async def asked(self, model: Model) -> AsyncGenerator[Running]:
        """Give the process of a model, started if need be; it stays at least as long as the context lasts.

        Raises:
            InputError: it cannot be run here.
            ServiceError: its process ended before a word of the reply.
            BrokenOffError: its process ended in the middle of the reply.
        """
        path = model.path
        self._askers[path] = self._askers.get(path, 0) + 1
        try:
            async with self._locks.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
                found = self.running(path)
                if found is None:
                    await self._release_others(path)  # before: both might not fit into the memory
                    found = self._running[path] = await process.run(model, self._folder)
            has_begun = False
            try:
                yield found
            except (UnreachableError, BrokenOffError, WireError) as exc:
                if (why := await found.why_it_ended()) is None:
                    raise
                has_begun = isinstance(exc, BrokenOffError)
            else:
                return
            raise died(model, why, has_begun=has_begun)
        finally:
            self._askers[path] -= 1

    def close(self) -> None:
        """Let all go of."""
        for path in tuple(self._running):
            self._running.pop(path).lease.close()

    async def _release_others(self, path: Path) -> None:
        for other in tuple(self._running):
            if other == path:
                self._running.pop(other).lease.close()
            elif not self._askers.get(other):
                await asyncio.to_thread(self._running.pop(other).lease.leave)


_held: list[Held] = []


def held() -> Held:
    """Return the leases of this kernel. Processes are the kernel's, not a session's: all that ask here share them."""
    if not _held:
        _held.append(Held(data_folder() / "local"))
        atexit.register(_held[0].close)
    return _held[0]
