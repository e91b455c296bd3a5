"""What rows took is known afterwards: each request once, whatever came of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from g4f_magic import Chat
from g4f_magic.costing import Cost
from g4f_magic.errors import RowsFailedError
from g4f_magic.many.job import store_of
from tests.contract.many.conftest import at
from tests.contract.many.serving import Service, failing, holding_after


async def costs_of(chat: Chat) -> list[Cost]:
    return await store_of(chat._session.settings).costs()


async def test_each_request_is_counted_once(chat: Chat, service: Service) -> None:
    for _ in range(2):
        await chat.map(["a", "b", "a"], "{{item}}")
    async for _ in chat.stream_map(["a", "c"], "{{item}}"):
        pass
    (cost,) = await costs_of(chat)
    assert (cost.replies, cost.prompt_tokens, cost.completion_tokens) == (3, 21, 9)
    assert (cost.provider, cost.model, cost.dollars, cost.is_of_rows) == (
        "openai",
        "tiny",
        0.0,
        True,
    )  # on this machine
    assert cost.notebook == chat._session.notebook.key


async def test_what_failed_and_was_paid_is_counted(chat: Chat, service: Service) -> None:
    service.answer = lambda prompt: failing(400) if prompt.startswith("b") else "no JSON"
    with pytest.raises(RowsFailedError):
        await chat.map(["a", "b"], "{{item}}", schema="label: good|bad")
    (cost,) = await costs_of(chat)
    assert cost.replies == 2  # asked for once more; what was refused costs nothing


async def test_a_job_that_is_stopped_has_paid_what_came(service: Service, tmp_path: Path) -> None:
    service.hold = asyncio.Event()
    service.answer = holding_after(service, 8)
    async with at(service, tmp_path) as chat:
        job = asyncio.create_task(chat.map([str(number) for number in range(20)], "{{item}}", parallel=4))
        await service.until_asked(4)
        service.hold.set()
        await service.until_asked(12)
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)
        (cost,) = await costs_of(chat)
        assert cost.replies >= 4
        assert cost.replies <= service.answered.total()
