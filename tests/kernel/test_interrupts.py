"""The person stops a chat with a real interrupt, at any moment: it ends at once, and nothing of it goes on."""

from __future__ import annotations

import asyncio
import random

import pytest

from g4f_magic.testing.script import SCRIPT_TEXT
from tests.examples import share
from tests.kernel.kernels import Kernel, Ran

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHOWN = SCRIPT_TEXT.rstrip("\n")
ENDLESS = (SCRIPT_TEXT + "\n") * 2000
STOPPED = ["Stopped. What had arrived is kept."]
TIMES = share(50)

WAYS = {
    "awaited": "%%chat {options}\n{prompt}",
    "plain": "get_ipython().run_cell_magic('chat', '{options}', {prompt!r})",
}

OPEN_THINGS = (
    "(__import__('gc').collect(), None)[1],"
    " len(__import__('asyncio').all_tasks()),"
    " sorted(type(task.get_coro()).__name__ for task in __import__('asyncio').all_tasks()),"
    " len([one for one in __import__('psutil').Process().net_connections('tcp')"
    "      if one.status in ('ESTABLISHED', 'CLOSE_WAIT')])"
)


@pytest.fixture(params=WAYS)
def way(request) -> str:
    return WAYS[request.param]


async def open_things(chat: Kernel) -> str:
    """Return how many tasks and connections are open once the other side has seen what was closed."""
    before = ""
    while (now := await chat.value(OPEN_THINGS)) != before:
        before = now
        await chat.ok("import asyncio; await asyncio.sleep(0.05)")
    return now


async def stopped_at(chat: Kernel, code: str, seconds: float, after: str = "display_data") -> Ran:
    """Run a cell, and interrupt it so many seconds after its first message of that type.

    A chat's first display says that the request is under way; before it, an interrupt is IPython's own matter.
    """
    began = asyncio.Event()

    def notice(message):
        if message["msg_type"] == after:
            began.set()

    running = asyncio.create_task(chat.run(code, on_message=notice))
    await began.wait()
    await asyncio.sleep(seconds)
    await chat.interrupt()
    return await running


def assert_stopped(ran: Ran) -> None:
    assert ran.status == "error"
    assert ran.error == STOPPED, "\n".join(ran.error)
    assert ENDLESS.startswith(ran.reply)
    assert ran.provenance.startswith("stopped · ")
    assert ran.stdout == ""


async def test_interrupts_at_random_moments_stop_it_cleanly(chat, way):
    chance = random.Random(11)
    hello = way.format(options="", prompt="Hello")
    await chat.ok(hello)
    before = await open_things(chat)
    for number in range(TIMES):
        ran = await stopped_at(chat, way.format(options="", prompt="!never-closing"), chance.random() / 4)
        assert_stopped(ran)
        following = await chat.ok(hello)
        assert following.reply == SHOWN, number
        assert following.stdout == ""
    assert await open_things(chat) == before
    turns = "magics_manager.registry['ChatMagics'].session.conversation().turns"
    statuses = await chat.value(f"[turn.status for turn in get_ipython().{turns}]")
    assert statuses == repr(["done", *["stopped", "done"] * TIMES])
    assert await chat.leaks() == []


async def test_what_a_cell_awaits_by_itself_is_stopped_with_one_line(chat):
    await chat.ok("from g4f_magic import Chat\none = Chat.current()\nawait one.ask('Hello')")
    running = 'print("begun", flush=True)\nawait one.ask("!never-closing")'
    ran = await stopped_at(chat, running, 0.3, after="stream")
    assert ran.error == STOPPED, "\n".join(ran.error)
    assert await chat.value("one.last.status") == "'stopped'"
    assert (await chat.ok("%%chat\nHello")).reply == SHOWN
    streamed = 'print("begun", flush=True)\nasync for _ in one.stream("!never-closing"): pass'
    ran = await stopped_at(chat, streamed, 0.3, after="stream")
    assert ran.error == STOPPED, "\n".join(ran.error)
    ran = await stopped_at(
        chat, 'print("begun", flush=True)\nawait one.map(["!silent"], "{{item}}")', 0.3, after="stream"
    )
    assert ran.error == STOPPED, "\n".join(ran.error)
    assert await chat.leaks() == []


@pytest.mark.parametrize("behaviour", ["silent", "silent-before", "silent-after"])
async def test_a_silent_service_is_stopped_as_fast(chat, way, behaviour):
    await chat.ok(way.format(options="", prompt="Hello"))
    before = await open_things(chat)
    ran = await stopped_at(chat, way.format(options="", prompt=f"!{behaviour}"), 0.3)
    assert ran.error == STOPPED
    assert ran.provenance.startswith("stopped · ")
    assert (await chat.ok("%%chat\nHello")).reply == SHOWN
    assert await open_things(chat) == before


async def test_what_had_arrived_stays_and_is_sent_along(chat, way):
    ran = await stopped_at(chat, way.format(options="", prompt="!never-closing"), 0.3)
    assert_stopped(ran)
    assert ran.reply
    received = (await chat.run("%%chat\n!echo")).received["messages"]
    assert [message["role"] for message in received] == ["user", "assistant", "user"]
    assert received[1]["content"].startswith(ran.reply)


async def test_a_wait_before_another_try_is_stopped_too(chat, way):
    ran = await stopped_at(chat, way.format(options="-p freenetfly", prompt="!503"), 0.3)
    assert ran.error == STOPPED
    assert (await chat.ok("%%chat\nHello")).reply == SHOWN


async def test_two_interrupts_in_a_row_stop_it_once(chat, way):
    began = asyncio.Event()

    def notice(message):
        if message["msg_type"] in ("display_data", "update_display_data"):
            began.set()

    running = asyncio.create_task(
        chat.run(way.format(options="", prompt="!never-closing"), on_message=notice)
    )
    await began.wait()
    await chat.interrupt()
    await asyncio.sleep(0.1)  # a second one within 30 ms can make ipykernel itself lose the reply to a cell
    await chat.interrupt()
    assert (await running).error == STOPPED
    assert (await chat.ok("%%chat\nHello")).reply == SHOWN


async def test_an_interrupt_of_another_cell_works_as_ever(chat, way):
    await chat.ok(way.format(options="", prompt="Hello"))
    ran = await stopped_at(chat, "import time; time.sleep(20)", 0.2, "execute_input")
    assert ran.status == "error"
    assert "KeyboardInterrupt" in ran.error[-1] + "".join(ran.error)
    assert (await chat.ok(way.format(options="", prompt="Hello"))).reply == SHOWN


async def test_a_stopped_chat_inside_try_can_be_cleaned_up_after(chat):
    code = (
        "try:\n    get_ipython().run_cell_magic('chat', '', '!never-closing')\n"
        "except KeyboardInterrupt as exc:\n    print(type(exc).__name__)"
    )
    ran = await stopped_at(chat, code, 0.3)
    assert (ran.status, ran.stdout) == ("ok", "ChatStopped\n")
