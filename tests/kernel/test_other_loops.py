"""Loops that are not asyncio's, or that take no call inside another one."""

from __future__ import annotations

import asyncio

import pytest

from g4f_magic import Chat
from g4f_magic.errors import InputError
from g4f_magic.loop import run_sync
from g4f_magic.settings import Settings
from tests.kernel.kernels import kernel


async def test_a_shell_that_awaits_by_trio_has_the_plain_magic() -> None:
    async with kernel() as one:
        await one.ok("%load_ext g4f_magic")
        await one.ok("%autoawait trio")
        assert (await one.ok("%%chat -p koala\nHello")).provenance
        assert "1 turn" in (await one.ok("%chat")).plain
        await one.ok("%autoawait asyncio")
        assert (await one.ok("%%chat -p koala\nHello")).provenance


def test_a_loop_that_takes_no_call_inside_another_one_gets_two_lines() -> None:
    uvloop = pytest.importorskip("uvloop")
    chat = Chat("koala", settings=Settings(history="off"))

    before = asyncio.run, asyncio.Task, asyncio.get_event_loop

    async def inside() -> None:
        with pytest.raises(InputError) as caught:
            chat.ask_sync("Hello")
        assert str(caught.value) == "the loop that runs here (uvloop.Loop) takes no call inside another one"
        assert "await" in caught.value.hint
        with pytest.raises(InputError):
            run_sync(asyncio.sleep(0))
        await chat.aclose()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(inside())
    assert (asyncio.run, asyncio.Task, asyncio.get_event_loop) == before


async def test_a_set_up_cell_patches_nothing() -> None:
    async with kernel() as one:
        await one.ok("import asyncio; before = asyncio.run, asyncio.Task")
        await one.ok("%load_ext g4f_magic\n%chat mode live\n%chat\n%chat notebook mine")
        assert await one.value("(asyncio.run, asyncio.Task) == before") == "True"
