"""A server that says what it is told to, and what the provider `openai` makes of it."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from g4f_magic.chunks import Chunk
from g4f_magic.errors import (
    ChatError,
)
from g4f_magic.providers.openai import OpenAI
from tests.serving import served

HELLO = [{"role": "user", "content": "Hello"}]


class Server:
    """Answers every POST with the same body, and keeps what it was asked."""

    def __init__(self, body: bytes, *, status: int = 200, type: str = "text/event-stream") -> None:  # noqa: A002
        self._body, self._status, self._type = body, status, type
        self.paths: list[str] = []
        self.bodies: list[Any] = []
        self.headers: list[dict[str, str]] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.paths.append(request.path)
        self.headers.append(dict(request.headers))
        if request.method == "POST":
            self.bodies.append(await request.json())
        return web.Response(body=self._body, status=self._status, headers={"Content-Type": self._type})

    @asynccontextmanager
    async def running(self, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
        async with served(self.answer, tls=tls) as address:
            yield address


def events(*values: Any, end: str = "data: [DONE]\n\n") -> bytes:
    return ("".join(f"data: {json.dumps(value)}\n\n" for value in values) + end).encode()


def delta(content: Any = None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"content": content, **more}, "finish_reason": finish}]}


async def chunks_of(body: bytes, *, status: int = 200, type: str = "text/event-stream") -> list[Chunk]:  # noqa: A002
    server = Server(body, status=status, type=type)
    async with server.running() as address:
        result = OpenAI.at(f"{address}/v1").create_async_generator("m", HELLO)
        return [chunk async for chunk in result.chunks()]


async def error_of(
    body: bytes,
    status: int,
    *,
    path: str = "/v1",
    type: str = "application/json",  # noqa: A002
) -> ChatError:
    async with Server(body, status=status, type=type).running() as address:
        with pytest.raises(ChatError) as caught:
            await text_at(OpenAI.at(address + path))
    return caught.value


async def collect(stream: AsyncGenerator[Chunk], chunks: list[Chunk]) -> None:
    async for chunk in stream:
        chunks.append(chunk)


async def text_at(provider: Any, prompt: str = "Hello", **options: Any) -> str:
    asked = [{"role": "user", "content": prompt}]
    return "".join([text async for text in provider.create_async_generator("m", asked, **options)])


USAGE = {"prompt_tokens": 3, "completion_tokens": 2}
