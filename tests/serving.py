"""An HTTP server on this machine, for the time of a test; and a port for a program that brings one."""

from __future__ import annotations

import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web


@asynccontextmanager
async def served(
    what: web.Application | Callable[[web.Request], Awaitable[web.StreamResponse]],
    *,
    host: str = "127.0.0.1",
    tls: ssl.SSLContext | None = None,
    **options: Any,
) -> AsyncIterator[str]:
    """Serve an application, or a function that answers whatever is asked, and give the address: `http://HOST:PORT`."""
    if not isinstance(what, web.Application):
        answer, what = what, web.Application()
        what.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(what, **options)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, 0, ssl_context=tls).start()
        yield f"http{'s' if tls else ''}://{host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
