"""A service on loopback that answers each request with the next of the streams that it is given."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from aiohttp import web

from tests.completions import Completions, completions


@asynccontextmanager
async def service(streams: Sequence[str]) -> AsyncIterator[Completions]:
    """Run it; the last stream answers all requests that come after it."""
    async with completions(in_turn(streams)) as server:
        yield server


def in_turn(streams: Sequence[str]) -> Callable[[], web.Response]:
    """Return what answers each request with the next of the streams, and all that come later with the last one."""
    left = list(streams)

    def answer() -> web.Response:
        text = left.pop(0) if len(left) > 1 else left[0]
        kind = "application/json" if text.startswith("{") and "\n" not in text else "text/event-stream"
        return web.Response(text=text, content_type=kind)

    return answer
