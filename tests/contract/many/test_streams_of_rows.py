"""Rows without an end, and stopping: how many are under way, and what is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from g4f_magic import Chat
from g4f_magic.many.job import Wish, prepared, store_of
from g4f_magic.many.pacing import Limits
from tests.contract.many.conftest import at
from tests.contract.many.serving import Service, failing, holding_after


async def test_first_takes_a_few_of_what_does_not_end(chat: Chat, service: Service) -> None:
    def endless() -> Iterator[dict[str, int]]:
        for number in count():
            yield {"n": number}

    out = await chat.map(endless(), "{{n}}", first=3)
    assert [row["n"] for row in out] == [0, 1, 2]
    assert service.asked.total() == 3


async def test_a_stream_of_rows_takes_no_more_than_it_has_room_for(chat: Chat, service: Service) -> None:
    taken = 0

    def endless() -> Iterator[str]:
        nonlocal taken
        for number in count():
            taken += 1
            yield str(number)

    seen = {}
    async with aclosing(chat.stream_map(endless(), "{{item}}", parallel=4)) as replies:
        async for one in replies:
            seen[one.number] = one.reply
            if len(seen) == 100:
                break
    assert all(reply == f"re: {number}" for number, reply in seen.items())
    assert taken < 400


async def test_a_stream_tells_kept_repeated_and_failed_rows_too(chat: Chat, service: Service) -> None:
    service.answer = lambda prompt: failing(400) if prompt == "bad" else "fine"
    await chat.map(["kept"], "{{item}}")
    rows = ["kept", "new", "new", "bad", None]
    seen = {
        one.number: (one.row, one.reply, one.error is None) async for one in chat.stream_map(rows, "{{item}}")
    }
    assert seen == {
        0: ("kept", "fine", True),
        1: ("new", "fine", True),
        2: ("new", "fine", True),
        3: ("bad", None, False),
        4: (None, None, False),
    }
    assert service.asked == {"kept": 1, "new": 1, "bad": 1}


async def test_rows_that_are_awaited_are_rows(chat: Chat) -> None:
    async def coming() -> Any:
        for text in ("a", "b"):
            await asyncio.sleep(0)
            yield {"text": text}

    out = await chat.map(coming(), "{{text}}")
    assert [row["reply"] for row in out] == ["re: a", "re: b"]
    seen = [one.reply async for one in chat.stream_map(coming(), "{{text}}")]
    assert sorted(seen) == ["re: a", "re: b"]


async def test_what_is_on_disk_when_it_is_stopped_is_in_the_table(chat: Chat, service: Service) -> None:
    service.hold = asyncio.Event()
    service.answer = holding_after(service, 40)
    service.hold.set()
    rows = [str(number) for number in range(200)]
    job = await prepared(chat._session, "{{item}}", rows, chat._options, Wish(limits=Limits(parallel=40)))

    async def run() -> None:
        async with aclosing(job.run()) as came:
            async for _ in came:
                await asyncio.sleep(0.01)

    running = asyncio.create_task(run())
    store = store_of(chat._session.settings)
    while len(await store.kept(list(job.first_rows))) < 40:
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    replies = {row["item"]: row["reply"] for row in job.table() if row["reply"] is not None}
    assert len(replies) == len(await store.kept(list(job.first_rows)))


async def test_leaving_a_stream_early_waits_for_nobody(chat: Chat, service: Service) -> None:
    """Also where more came than was taken."""
    rows = [str(number) for number in range(200)]
    await chat.map(rows, "{{item}}")
    for _ in range(3):
        async with aclosing(chat.stream_map(iter(rows), "{{item}}", parallel=2)) as replies:
            async for _ in replies:
                await asyncio.sleep(0)
                break
    assert len(service.bodies) == len(rows)


async def test_stopping_keeps_what_came(service: Service, tmp_path: Path) -> None:
    service.hold = asyncio.Event()
    rows = [str(number) for number in range(20)]
    async with at(service, tmp_path) as chat:
        service.answer = holding_after(service, 8)
        job = asyncio.create_task(chat.map(rows, "{{item}}", parallel=4))
        await service.until_asked(4)
        service.hold.set()
        await service.until_asked(12)
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        answered = service.answered.total()
        service.hold.set()
        out = await chat.map(rows, "{{item}}")
    assert [row["reply"] for row in out] == [f"re: {row}" for row in rows]
    again = sum(number - 1 for number in service.asked.values())
    assert answered >= 8
    assert again <= 8


async def test_no_more_are_under_way_than_allowed(chat: Chat, service: Service) -> None:
    await chat.map([str(number) for number in range(100)], "{{item}}", parallel=3)
    assert service.most <= 3


@pytest.mark.parametrize("is_awaited", [False, True])
async def test_what_rows_raise_comes_after_those_before_it(
    chat: Chat, service: Service, *, is_awaited: bool
) -> None:
    service.answer = lambda prompt: failing(503) if service.asked[prompt] < 2 else "fine"

    def own() -> Iterator[str]:
        yield from map(str, range(70))
        raise ZeroDivisionError("my own")

    async def coming() -> Any:
        for text in own():
            yield text

    seen = []

    async def read() -> None:
        async for one in chat.stream_map(coming() if is_awaited else own(), "{{item}}"):
            seen.append(one.reply)

    with pytest.raises(ZeroDivisionError, match="my own"):
        await read()
    assert seen == ["fine"] * 70
