"""A service of OpenAI's protocol on loopback that answers what a test wrote, and keeps what it was sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.serving import served

DONE = b"data: [DONE]\n\n"


def event(value: Any) -> bytes:
    return f"data: {json.dumps(value)}\n\n".encode()


def choice(delta: Mapping[str, Any], reason: str | None = None, index: int = 0, **more: Any) -> bytes:
    """Return an event of one choice."""
    one = {"index": index, "delta": delta, "finish_reason": reason, **more}
    return event({"id": "x-1", "object": "chat.completion.chunk", "model": "theirs", "choices": [one]})


class Service:
    """What it answers, and what it was sent."""

    def __init__(self, *parts: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        self.parts = parts
        self.status = status
        self.headers = {"Content-Type": "text/event-stream", **(headers or {})}
        self.names: list[str] | None = ["theirs"]
        """What it lists; None: it has no list."""
        self.sent: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.own_keys: list[str] = []
        """Those in `X-Api-Key`."""
        self.left = asyncio.Event()
        """Set when the one who asked has gone before the end."""
        self.goes_on = False
        self.base_url = ""

    async def chat(self, request: web.Request) -> web.StreamResponse:
        self.sent.append(await request.json())
        self.keys.append(request.headers.get("Authorization", ""))
        self.own_keys.append(request.headers.get("X-Api-Key", ""))
        response = web.StreamResponse(status=self.status, headers=self.headers)
        try:
            await response.prepare(request)
            for part in self.parts:
                await response.write(part)
            while self.goes_on:
                await response.write(choice({"content": "more "}))
                await asyncio.sleep(0.001)
        except (ConnectionError, asyncio.CancelledError):
            self.left.set()
            raise
        await response.write_eof()
        return response

    async def models(self, request: web.Request) -> web.Response:
        if self.names is None:
            raise web.HTTPNotFound
        return web.json_response({"data": [{"id": name} for name in self.names]})


@asynccontextmanager
async def running(service: Service) -> AsyncIterator[Service]:
    """Serve on a free port of loopback."""
    app = web.Application(client_max_size=2**26)
    app.router.add_post("/v1/chat/completions", service.chat)
    app.router.add_get("/v1/models", service.models)
    async with served(app, handler_cancellation=True, shutdown_timeout=0.5) as address:
        service.base_url = f"{address}/v1"
        yield service
