"""An OpenAI-compatible server on loopback that counts what it is asked, and answers each prompt as it is told to."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.serving import served

TOKENS = (7, 3)
"""Of a prompt and of a reply, as the server counts them."""


@dataclass
class Service:
    """What was asked, by the prompt, and what is answered: `answer` gives the reply, or a whole response."""

    answer: Callable[[str], str | web.Response] = lambda prompt: f"re: {prompt}"
    url: str = ""
    asked: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    """Of every reply."""
    now: int = 0
    most: int = 0
    """Requests that are under way, and were at most."""
    hold: asyncio.Event | None = None
    """While it is not set, nothing is answered."""
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        prompt = body["messages"][-1]["content"]
        self.bodies.append(body)
        self.asked[prompt] += 1
        self.now += 1
        self.most = max(self.most, self.now)
        async with self.arrived:
            self.arrived.notify_all()
        try:
            if self.hold is not None:
                await self.hold.wait()
            answer = self.answer(prompt)
        finally:
            self.now -= 1
        if isinstance(answer, web.Response):
            return answer
        self.answered[prompt] += 1
        usage = {"prompt_tokens": TOKENS[0], "completion_tokens": TOKENS[1], "total_tokens": sum(TOKENS)}
        message = {"role": "assistant", "content": answer}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        told = {"object": "chat.completion", "model": body["model"], "choices": [choice], "usage": usage}
        if not body.get("stream"):
            return web.json_response(told, headers=self.headers)
        choice = {"index": 0, "delta": message, "finish_reason": "stop"}
        events = f"data: {json.dumps({**told, 'choices': [choice]})}\n\ndata: [DONE]\n\n"
        return web.Response(text=events, content_type="text/event-stream", headers=self.headers)

    async def until_asked(self, number: int) -> None:
        """Wait until so many requests came."""
        async with self.arrived:
            await self.arrived.wait_for(lambda: sum(self.asked.values()) >= number)


@asynccontextmanager
async def serving(
    answer: Callable[[str], str | web.Response] | None = None, **more: Any
) -> AsyncIterator[Service]:
    """Run such a server for a while."""
    service = Service(**({"answer": answer} if answer else {}), **more)
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/v1/chat/completions", service.handle)
    app.router.add_get("/v1/models", _models)
    async with served(app) as address:
        service.url = f"{address}/v1"
        try:
            yield service
        finally:
            if service.hold is not None:
                service.hold.set()


async def _models(request: web.Request) -> web.Response:
    return web.json_response({"object": "list", "data": [{"id": "tiny"}]})


def failing(status: int, message: str = "no", **headers: str) -> web.Response:
    """Return an error as services send it."""
    return web.json_response({"error": {"message": message}}, status=status, headers=headers)


def holding_after(service: Service, number: int) -> Any:
    """Return what answers so many, and has the others wait."""

    def answer(prompt: str) -> str:
        if service.hold is not None and service.answered.total() + 1 == number:
            service.hold.clear()
        return f"re: {prompt}"

    return answer
