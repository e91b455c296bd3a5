"""The kernel's loop as a panel uses it: work that belongs to no cell, and calls from whatever thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any, TypeVar

T = TypeVar("T")


class Background:
    """What a panel has under way there. `loop` is None until there is one."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None) -> None:
        self.loop = loop
        self.tasks: set[asyncio.Task[None]] = set()
        """What pages asked for, a reply aside."""

    def running(self) -> asyncio.AbstractEventLoop:
        """Return the loop; where none was known, the one that runs now.

        Raises:
            RuntimeError: there is none.
        """
        self.loop = self.loop or asyncio.get_running_loop()
        return self.loop

    def call(self, call: Callable[..., object], *arguments: object) -> None:
        """Have the loop call it; some kernels hear pages in another thread."""
        self.running().call_soon_threadsafe(call, *arguments)

    def task(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run a coroutine in a context of its own: what it does belongs to no cell."""
        return self.running().create_task(work, context=Context())

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run a coroutine, which ends with the panel."""
        task = self.task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    def close(self) -> None:
        """End what was started."""
        for task in self.tasks:
            task.cancel()
