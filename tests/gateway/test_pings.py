"""A stream that is silent for long shows that it is there: clients give up after some minutes."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web

from g4f_magic.gateway import Gateway, UpstreamEngine
from tests.gateway.raw import USER, Reply, talk
from tests.gateway.service import DONE, Service, choice, event, running
from tests.gateway.test_relay import events
from tests.gateway.test_responses import events as typed_events
from tests.gateway.test_responses import kinds

CHAT = ("/v1/chat/completions", {"model": "theirs", "messages": USER, "stream": True})
RESPONSES = ("/v1/responses", {"model": "theirs", "input": "Hi", "stream": True})
PING = {CHAT[0]: b": ping\n\n", RESPONSES[0]: b"event: response.in_progress\n"}
WITHIN = {**PING, RESPONSES[0]: b'"delta":""'}
"""In the middle of an item."""


class Slow(Service):
    """Says nothing, and nothing more after its first part, until it may."""

    def __init__(self, *parts: bytes, status: int = 200) -> None:
        super().__init__(*parts, status=status)
        self.may_go_on = [asyncio.Event(), asyncio.Event()]

    async def chat(self, request: web.Request) -> web.StreamResponse:
        first, then = self.may_go_on
        await first.wait()
        response = web.StreamResponse(status=self.status, headers=self.headers)
        await response.prepare(request)
        await response.write(self.parts[0])
        await then.wait()
        for part in self.parts[1:]:
            await response.write(part)
        return response


async def asked(service: Slow, path: str, body: dict[str, Any]) -> Reply:
    """Return what came, where the service goes on with each ping."""

    def until(reply: Reply) -> bool:
        before, said, after = reply.body.partition(b"Hel")
        if before.count(PING[path]) > 1:
            service.may_go_on[0].set()
        if said and WITHIN[path] in after:
            service.may_go_on[1].set()
        return False

    async with running(service), Gateway(UpstreamEngine(service.base_url), ping_seconds=0.01) as gateway:
        return await talk(gateway, path, body, until=until)


async def test_a_chat_completion_is_kept_alive_by_comments() -> None:
    reply = await asked(Slow(choice({"content": "Hel"}), choice({"content": "lo"}, "stop"), DONE), *CHAT)
    body = reply.body.replace(PING[CHAT[0]], b"")
    assert body.endswith(DONE)
    told = events(Reply(pieces=[body]))
    assert "".join(one["choices"][0]["delta"].get("content") or "" for one in told) == "Hello"
    assert {one["id"] for one in told} == {"x-1"}


async def test_a_response_is_kept_alive_by_events() -> None:
    reply = await asked(Slow(choice({"content": "Hel"}), choice({"content": "lo"}, "stop"), DONE), *RESPONSES)
    told = typed_events(reply)
    assert kinds(told)[:3] == ["created", "in_progress", "in_progress"]
    assert kinds(told)[-1] == "completed"
    spoken = kinds(told).index("output_text.delta")
    assert {*kinds(told)[spoken:-4]} == {"output_text.delta"}  # no response that lacks the item
    assert told[-1]["response"]["output"][0]["content"][0]["text"] == "Hello"


@pytest.mark.parametrize("asks", [CHAT, RESPONSES], ids=["chat", "responses"])
async def test_an_error_after_pings_is_told_within_the_stream(asks: tuple[str, dict[str, Any]]) -> None:
    service = Slow(event({"error": {"message": "full"}}).removeprefix(b"data: "), status=503)
    service.may_go_on[1].set()
    reply = await asked(service, *asks)
    assert (reply.status, DONE in reply.body) == (200, False)
    assert json.loads(reply.body.rstrip().rpartition(b"data: ")[2])
    assert b'"message":"full"' in reply.body
