"""`%%chat --compare` in a real kernel: one of it answers all of these."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from g4f_magic.gateway import Gateway
from g4f_magic.testing.script import ScriptEngine
from tests.kernel.kernels import Kernel

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOYS = """
import asyncio, g4f_magic

@g4f_magic.provider
async def tick(messages):
    yield "Tick."

@g4f_magic.provider
async def tock(messages):
    yield f"Tock {len(messages)}."

@g4f_magic.provider
async def forever(messages):
    while True:
        yield "on "
        await asyncio.sleep(0.01)
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def streets() -> AsyncIterator[str]:
    async with Gateway(ScriptEngine("Slow but sure.", delay_seconds=0.02)) as one:
        yield one.openai_base_url


async def test_columns_stand_in_one_output_which_grows(chat: Kernel, streets: str) -> None:
    await chat.ok(TOYS)
    shown: list[str] = []
    ran = await chat.run(
        f"%%chat -p {streets},tick --compare -o said\nHello",
        cell="one",
        on_message=lambda message: shown.append(message["content"].get("data", {}).get("text/html", "")),
    )
    assert ran.status == "ok"
    (display,) = ran.displays.values()
    assert display["data"].keys() == {"text/html", "text/plain"}
    assert any("Tick." in html and "sure." not in html for html in shown)
    assert await chat.value("list(said.values())") == "['Slow but sure.', 'Tick.']"


async def test_stop_keeps_what_came_in_all_columns_and_the_next_cell_works(chat: Kernel) -> None:
    await chat.ok(TOYS)
    identity = chat.send("%%chat -p forever,tick,tock --compare -o said\nHello", cell="stopped")
    stopping: list[asyncio.Task[None]] = []

    def hear(message: dict[str, Any]) -> None:
        html = message["content"].get("data", {}).get("text/html", "")
        if "on on" in html and "Tock" in html and not stopping:
            stopping.append(asyncio.create_task(chat.interrupt()))

    ran = await chat.finish(identity, hear)
    assert ran.status == "error"
    assert "stopped" in ran.plain
    assert await chat.value("dict(said)") == "{'tick': 'Tick.', 'tock': 'Tock 1.'}"
    again = await chat.ok("%%chat -p tick,tock --compare\nAnd now?")
    assert "Tock 3." in again.plain
    assert await chat.leaks() == []


async def test_keeping_another_moves_the_mark_and_what_later_cells_send(chat: Kernel) -> None:
    await chat.ok(TOYS)
    await chat.ok("%%chat -p tick,tock --compare\nHello", cell="kept")
    moved: list[str] = []
    ran = await chat.run(
        "%chat keep tock",
        on_message=lambda message: moved.append(message["content"].get("data", {}).get("text/plain", "")),
    )
    assert any("2 · tock · kept" in text for text in moved)
    assert "Kept: column 2, tock." in ran.plain
    assert "Tock 1." in (await chat.ok("%chat context")).plain


async def test_it_works_as_a_plain_magic_and_shows_what_would_be_sent(chat: Kernel) -> None:
    await chat.ok(TOYS)
    plain = await chat.ok("get_ipython().run_cell_magic('chat', '-p tick,tock --compare --diff', 'Hello')")
    assert "[-Tick.-]" in plain.plain
    before = await chat.ok("%%chat -p tick,tock --compare --dry-run\nSecret plan")
    assert before.plain.count("Nothing was sent.") == 2
    await chat.ok("rows = ['a', 'b']")
    rows = await chat.ok("%%chat -p tick,tock --compare --each rows -o table\nOf {{item}}")
    assert "All agree in" in rows.plain
    assert await chat.value("[row['tick'] for row in table]") == "['Tick.', 'Tick.']"
