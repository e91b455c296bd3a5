"""A generator of others on a loop of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from g4f_magic.providers.in_thread import in_thread


async def test_its_items_come_in_order_and_from_another_thread() -> None:
    async def numbers() -> AsyncGenerator[tuple[int, int]]:
        for number in range(100):
            yield number, threading.get_ident()

    found = [item async for item in in_thread(numbers)]
    assert [number for number, _ in found] == list(range(100))
    assert {thread for _, thread in found} & {threading.get_ident()} == set()


async def test_a_call_of_it_that_blocks_holds_nothing_up_here() -> None:
    may_go_on = threading.Event()

    async def blocking() -> AsyncGenerator[str]:
        may_go_on.wait()
        yield "done"

    asked = asyncio.ensure_future(anext(items := in_thread(blocking)))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not asked.done()
    may_go_on.set()
    assert await asked == "done"
    await items.aclose()


async def test_its_error_is_raised_after_its_items() -> None:
    async def failing() -> AsyncGenerator[int]:
        yield 1
        raise KeyError("x")

    items = in_thread(failing)
    assert await anext(items) == 1
    with pytest.raises(KeyError, match="x"):
        await anext(items)


async def test_leaving_early_cancels_it_and_waits_for_its_end() -> None:
    ended: list[str] = []

    async def endless() -> AsyncGenerator[int]:
        try:
            while True:
                yield 1
                await asyncio.sleep(0.001)
        finally:
            await asyncio.sleep(0)
            ended.append("cleaned up")

    async with aclosing(in_thread(endless)) as items:
        async for _ in items:
            break
    assert ended == ["cleaned up"]
    assert not [thread for thread in threading.enumerate() if thread.name == "g4f_magic-apart"]


async def test_cancelling_the_reader_cancels_it() -> None:
    started, ended = asyncio.Event(), threading.Event()

    async def silent() -> AsyncGenerator[int]:
        try:
            yield 1
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def read() -> None:
        async with aclosing(in_thread(silent)) as items:
            async for _ in items:
                started.set()

    task = asyncio.create_task(read())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()
