"""A connection pool for many requests to the same few places: made once, kept open between them, closed at the end.

A single chat opens its own connection and closes it. Whoever asks thousands of times opens a pool around that, with
`pooled`; what is sent inside, in tasks that are begun there too, goes over it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Hashable, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Protocol, TypeAlias, TypeVar

Hear: TypeAlias = Callable[[int, Mapping[str, str]], None]
"""Is told of each reply: its status and its headers."""


class Closable(Protocol):
    """What requests are sent with."""

    async def aclose(self) -> None:
        """Close its connections."""


T = TypeVar("T", bound=Closable)


class Pool:
    """Open clients, one for each way that requests take."""

    def __init__(self, hear: Hear | None = None) -> None:
        self.hear = hear
        self._open: dict[Hashable, Closable] = {}

    def connection(self, way: Hashable, make: Callable[[], T]) -> T:
        """Return what a request is sent with: the same for each that takes the same way; `make` opens the first."""
        found: T = self._open.get(way) or self._open.setdefault(way, make())  # type: ignore[assignment]  # all are of one kind
        return found

    async def aclose(self) -> None:
        """Close every connection."""
        for one in self._open.values():
            await one.aclose()
        self._open.clear()


POOL: ContextVar[Pool | None] = ContextVar("pool", default=None)
"""What requests go over here, if there is one."""


@asynccontextmanager
async def pooled(hear: Hear | None = None) -> AsyncIterator[Pool]:
    """Have what is sent inside go over one pool."""
    pool = Pool(hear)
    token = POOL.set(pool)
    try:
        yield pool
    finally:
        POOL.reset(token)
        await pool.aclose()
