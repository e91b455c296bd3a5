"""Starting and stopping: nothing is left behind."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator

import pytest

from g4f_magic.chunks import Text
from g4f_magic.gateway import ChatRequest, Gateway, GuideEngine
from g4f_magic.gateway.actions import Action
from g4f_magic.testing.script import ScriptEngine
from tests.gateway.raw import ask, text_in

ALL = ["koala", "darkai", "freenetfly", "aura", "whiterabbitneo", "openai"]


class Endless:
    """Says something for ever, and tells when it was closed."""

    name = "endless"
    label = "endless"

    def __init__(self, text: str = "more ") -> None:
        self.text = text
        self.closed = asyncio.Event()

    async def models(self) -> list[str]:
        return ["endless"]

    async def reply(self, ask: ChatRequest) -> AsyncGenerator[Action]:
        try:
            while True:
                yield Text(self.text)
                await asyncio.sleep(0.001)
        finally:
            self.closed.set()


@pytest.mark.parametrize("behaviour", ["never-closing", "silent", "silent-before", "hang-after-end"])
async def test_stopping_ends_open_replies_and_leaves_no_task(behaviour: str) -> None:
    gateway = Gateway(ScriptEngine(behaviour=behaviour))
    await gateway.start()
    replies = [asyncio.create_task(ask(gateway, dialect)) for dialect in ALL]
    while len(gateway.requests) < len(ALL):
        await asyncio.sleep(0)
    await gateway.stop()
    endings = {(await reply).ending for reply in replies}
    assert endings <= {"cut", "reset"}
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_stopping_does_not_wait_for_connections_that_are_kept_alive() -> None:
    gateway = Gateway(ScriptEngine())
    await gateway.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(
        f"GET /{gateway.token}/v1/models HTTP/1.1\r\nHost: 127.0.0.1:{gateway.port}\r\n\r\n".encode()
    )
    await reader.readuntil(b"]}")
    await gateway.stop()
    assert await reader.read() == b""
    writer.close()


async def test_leaving_early_closes_the_engines_reply() -> None:
    engine = Endless()
    async with Gateway(engine) as gateway:
        await ask(gateway, "koala", until=lambda reply: len(reply.pieces) >= 3)
        await engine.closed.wait()


async def test_stopping_closes_the_engines_reply() -> None:
    engine = Endless()
    gateway = Gateway(engine)
    await gateway.start()
    reply = asyncio.create_task(ask(gateway, "darkai"))
    while not gateway.requests:
        await asyncio.sleep(0)
    await gateway.stop()
    assert engine.closed.is_set()
    assert (await reply).ending == "cut"


async def test_it_starts_again_at_the_same_address() -> None:
    gateway = Gateway(ScriptEngine("Hi"))
    async with gateway:
        address = gateway.base_url
    async with gateway:
        assert gateway.base_url == address
        assert (await ask(gateway, "aura")).body == b"Hi"


async def test_starting_and_stopping_twice_does_no_harm() -> None:
    gateway = Gateway(GuideEngine(0))
    await gateway.start()
    await gateway.start()
    await gateway.stop()
    await gateway.stop()
    assert not gateway.is_running


async def test_fifty_replies_at_once_do_not_mix() -> None:
    async with Gateway(ScriptEngine(delay_seconds=0.001)) as gateway:
        replies = await asyncio.gather(*(ask(gateway, "openai", f"!echo {number}") for number in range(50)))
    received = [json.loads(text_in("openai", reply.body)) for reply in replies]
    assert [echo["messages"][0]["content"] for echo in received] == [f"!echo {n}" for n in range(50)]
