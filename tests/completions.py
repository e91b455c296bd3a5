"""An OpenAI-compatible server on loopback that keeps what it receives, and answers with what it is given."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.serving import served

Answer = str | web.Response


@dataclass
class Completions:
    """What was received, and what is answered: a text, which streams, or a whole response."""

    url: str = ""
    answer: Answer | Callable[[], Answer] = "Fine."
    bodies: list[dict[str, Any]] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    tells: dict[str, Any] = field(default_factory=dict)
    """What it answers elsewhere, by path: its list of models at `/v1/models`, and what servers tell of them besides."""
    asked: list[str] = field(default_factory=list)
    """The paths that were asked elsewhere."""
    hosts: list[str] = field(default_factory=list)
    """Whom the requests were for: another one where it stands as a proxy."""

    @property
    def contents(self) -> list[Any]:
        """The contents of the messages of the last request."""
        return [message["content"] for message in self.bodies[-1]["messages"]]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        text = await request.text()
        self.raw.append(text)
        self.hosts.append(request.headers["Host"])
        self.bodies.append(json.loads(text))
        answer = self.answer() if callable(self.answer) else self.answer
        if isinstance(answer, web.Response):
            return answer
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for delta, reason in (({"content": answer}, None), ({}, "stop")):
            choice = {"index": 0, "delta": delta, "finish_reason": reason}
            event = {"model": self.bodies[-1]["model"], "choices": [choice]}
            await response.write(f"data: {json.dumps(event)}\n\n".encode())
        await response.write(b"data: [DONE]\n\n")
        return response

    async def tell(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        found = self.tells.get(request.path)
        if found is None:
            return web.json_response({"error": "no such address"}, status=404)
        return web.json_response(found(await request.json()) if callable(found) else found)


@asynccontextmanager
async def completions(answer: Answer | Callable[[], Answer] = "Fine.") -> AsyncIterator[Completions]:
    """Run such a server for a while."""
    server = Completions(answer=answer)
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/v1/chat/completions", server.handle)
    app.router.add_route("*", "/{path:.*}", server.tell)
    async with served(app) as address:
        server.url = f"{address}/v1"
        yield server
