"""The person stops rounds of calls with a real interrupt, at any moment: it ends at once, and each call is closed."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.completions import Completions, completions
from tests.contract.tools.serving import in_turn
from tests.contract.tools.streams import anthropic, words
from tests.examples import share
from tests.kernel.kernels import Kernel
from tests.kernel.test_interrupts import STOPPED, open_things, stopped_at

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.heavy]
TIMES = share(200)

FUNCTIONS = """
import asyncio, jsonschema, time, g4f_magic
@g4f_magic.tool(asks=False)
def spins(n: int) -> int:
    until = time.monotonic() + 0.004
    while time.monotonic() < until:
        try:
            [one for one in range(100)]
        except Exception:
            pass
    return n
@g4f_magic.tool(asks=False)
async def waits(n: int) -> int:
    await asyncio.sleep(0.004)
    return n
"""
CLOSED = """all(
    [s.id for s in t.steps if type(s).__name__ == "ToolCall"] == [s.id for s in t.steps if type(s).__name__ == "ToolResult"]
    for t in g4f_magic.Chat.current().turns
)"""


@pytest_asyncio.fixture(loop_scope="module")
async def server() -> AsyncIterator[Completions]:
    async with completions(in_turn([anthropic([("spins", {"n": 1}), ("waits", {"n": 2})])])) as server:
        yield server


async def test_interrupts_at_random_moments_leave_every_call_closed(
    chat: Kernel, server: Completions
) -> None:
    chance = random.Random(7)
    await chat.ok(FUNCTIONS)
    await chat.ok("%config ChatMagics.tool_rounds = 100000\n%config ChatMagics.tool_repeats = 100000")
    ask = f"%%chat -p {server.url} -m m --tools spins,waits\nGo on."
    await chat.ok("import signal; before = signal.getsignal(signal.SIGINT)")
    tasks = ""  # as they are after the first, which imports what is needed
    for number in range(TIMES):
        ran = await stopped_at(chat, ask, chance.random() * 0.15)
        assert ran.error == STOPPED, (number, "\n".join(ran.error))
        tasks = tasks or await open_things(chat)
    assert await chat.value(CLOSED) == "True"
    assert await open_things(chat) == tasks
    assert await chat.value("signal.getsignal(signal.SIGINT) is before") == "True"
    assert await chat.value("type(__import__('sys').stdout).__name__") == "'OutStream'"
    server.answer = in_turn([words("Ended.")])
    await chat.ok(f"%%chat -p {server.url} -m m --tools spins,waits\nWell?")
    calls = [call["id"] for one in server.bodies[-1]["messages"] for call in one.get("tool_calls", ())]
    results = [one["tool_call_id"] for one in server.bodies[-1]["messages"] if one["role"] == "tool"]
    assert sorted(calls) == sorted(results)
    assert calls
    assert await chat.leaks() == []
