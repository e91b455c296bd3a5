"""An async generator of others in a thread, on a loop of its own: its blocking calls hold nothing up here."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any

LEAVE_SECONDS = 5.0
"""How long its clean-up is waited for when the reader leaves early."""


@dataclass(frozen=True, slots=True)
class _End:
    """The last thing that comes over, with the error where there was one."""

    error: Exception | None = None


async def in_thread(make: Callable[[], AsyncGenerator[Any]]) -> AsyncGenerator[Any]:
    """Yield what the generator yields that `make` gives; it runs on a loop in a thread of its own.

    Leaving early cancels it there and waits for its end, though no longer than `LEAVE_SECONDS`: a call that
    blocks cannot be cancelled.
    """
    worker = _Worker(make, asyncio.get_running_loop())
    worker.start()
    try:
        while not isinstance(item := await worker.items.get(), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        await worker.leave()


class _Worker(threading.Thread):
    """The thread, and what it hands over."""

    def __init__(self, make: Callable[[], AsyncGenerator[Any]], reader: asyncio.AbstractEventLoop) -> None:
        super().__init__(daemon=True, name="g4f_magic-apart")
        self.items: asyncio.Queue[Any] = asyncio.Queue()
        self._make = make
        self._reader = reader
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None
        self._is_left = False

    def run(self) -> None:
        runner = asyncio.Runner(loop_factory=lambda: self._loop)
        with runner, suppress(asyncio.CancelledError):
            runner.run(self._pump())

    async def _pump(self) -> None:
        self._task = asyncio.current_task()
        end = _End()
        try:
            if self._is_left:
                return
            async with aclosing(self._make()) as items:
                async for item in items:
                    self._hand_over(item)
        except Exception as exc:  # it is raised again on the reader's side
            end = _End(exc)
        finally:
            self._hand_over(end)

    def _hand_over(self, item: Any) -> None:
        with suppress(RuntimeError):  # the reader's loop is closed: nobody reads any more
            self._reader.call_soon_threadsafe(self.items.put_nowait, item)

    async def leave(self) -> None:
        self._is_left = True
        task = self._task
        if task is not None:
            with suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(task.cancel)
        await asyncio.to_thread(self.join, LEAVE_SECONDS)
