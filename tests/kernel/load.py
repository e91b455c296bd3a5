"""Many chats at once and for long, counted: what the tests do shortly and the benchmark at length."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

from g4f_magic.gateway import Gateway
from g4f_magic.testing.script import ScriptEngine
from tests.kernel.kernels import Kernel, kernel

_LOAD = "%load_ext g4f_magic"
_STREAMS = """
import asyncio
from g4f_magic import Chat
_chats = [Chat.current(conversation=f"stream{{number}}") for number in range({count})]
_replies = await asyncio.gather(*(chat.ask(f"Number {{number}}") for number, chat in enumerate(_chats)))
print(len(_replies), len(set(_replies)))
"""
_SHARED = """
import asyncio
from g4f_magic import Chat
from g4f_magic.session import Session
_session = Session()
_session.notebook.enter_named("name:shared")
_chat = Chat(session=_session)
_asked = [await _chat.ask(f"{name} {{number}}") for number in range({count})]
await _session.aclose()
print(len(_asked))
"""
_STAND = """
import asyncio, gc, json, psutil
gc.collect()
_here = psutil.Process()
print(json.dumps([_here.memory_info().rss, len(asyncio.all_tasks()),
    len([one for one in _here.net_connections("tcp") if one.status in ("ESTABLISHED", "CLOSE_WAIT")]),
    _here.num_fds()]))
"""
_ROUND = (
    "%%chat\nHello {number}",
    "get_ipython().run_cell_magic('chat', '', 'Hello again {number}')",
    "%%chat\n!cut-off {number}",
    "%%chat\n!error-event {number}",
    "%%chat\n!long 20 {number}",
    """import asyncio
from g4f_magic import Chat
_chats = [Chat.current(conversation=f'part{{one}}') for one in range(5)]
for _one in _chats:
    _one._conversation.reset()
_ = await asyncio.gather(*(_one.ask('Hello {number}') for _one in _chats))""",
    "%chat panel -c panel",
    """_session = get_ipython().magics_manager.registry['ChatMagics'].session
_session.conversation('panel').reset()
(_panel,) = _session.panels.values()
_ = await _panel.ask('From the panel {number}')""",
)
"""Cells that are run again and again, as a person does: each run replaces its turn, so conversations stay as they are."""
_TURNS_OF_A_ROUND = 11


@dataclass
class Counted:
    """What was asked, what the history holds of it, and how much of that ended as it should."""

    asked: int = 0
    kept: int = 0
    right: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return self.asked == self.kept == self.right and not self.problems


@dataclass(frozen=True, slots=True)
class Sample:
    """How a kernel stood at some minute."""

    minute: float
    turns: int
    memory_bytes: int
    tasks: int
    connections: int
    handles: int

    @property
    def open_things(self) -> int:
        return self.tasks + self.connections + self.handles


def statuses(history: Path) -> list[str]:
    """Return how each turn in the file stands."""
    with closing(sqlite3.connect(history)) as db:
        return [status for (status,) in db.execute("SELECT status FROM turns")]


async def _target(stack: AsyncExitStack, folder: Path, name: str, delay_seconds: float = 0.0) -> Kernel:
    """Start a service and a kernel whose chats go there, with its notebook in the folder's history."""
    folder.mkdir(parents=True, exist_ok=True)
    gateway = await stack.enter_async_context(Gateway(ScriptEngine(delay_seconds=delay_seconds)))
    one = await stack.enter_async_context(
        kernel(
            G4F_MAGIC_PROVIDER="koala",
            G4F_MAGIC_BASE_URL=gateway.base_url,
            G4F_MAGIC_HISTORY=str(folder / "history.sqlite"),
            JPY_SESSION_NAME=str(folder / f"{name}.ipynb"),
        )
    )
    await one.ok(_LOAD)
    return one


async def streams_at_once(folder: Path, count: int) -> Counted:
    """Ask so many things at once in one kernel."""
    counted = Counted(asked=count)
    async with AsyncExitStack() as stack:
        one = await _target(stack, folder, "streams", 0.05)
        ran = await one.ok(_STREAMS.format(count=count))
        if ran.stdout.split() != [str(count), "1"]:
            counted.problems.append(f"the replies were {ran.stdout!r}")
        counted.problems += await one.leaks()
    _count(counted, statuses(folder / "history.sqlite"), {"done"})
    return counted


async def kernels_on_one_store(folder: Path, kernels: int, *, cells: int = 20) -> Counted:
    """Ask in so many kernels at once, each in its own notebook and in one that all of them share."""
    counted = Counted(asked=2 * kernels * cells)
    async with AsyncExitStack() as stack:
        names = [f"kernel{number}" for number in range(kernels)]
        several = [await _target(stack, folder, name) for name in names]
        problems = await asyncio.gather(
            *(_in_one(one, name, cells) for one, name in zip(several, names, strict=True))
        )
        counted.problems += [problem for found in problems for problem in found]
    _count(counted, statuses(folder / "history.sqlite"), {"done"})
    return counted


async def _in_one(one: Kernel, name: str, cells: int) -> list[str]:
    for number in range(cells // 2):
        await one.ok(f"%%chat\nHello {number}")
    await one.ok(_SHARED.format(name=name, count=cells))
    for number in range(cells // 2, cells):
        await one.ok(f"%%chat\nHello {number}")
    held = json.loads(
        await one.value(
            "len(get_ipython().magics_manager.registry['ChatMagics'].session.conversation().turns)"
        )
    )
    return [*([f"{name} sees {held} turns of {cells}"] if held != cells else []), *await one.leaks()]


async def steady(
    folder: Path, seconds: float, *, sample_seconds: float = 30.0
) -> tuple[Counted, list[Sample]]:
    """Ask in one kernel for so long; return what became of it, and how the kernel stood on the way."""
    counted, samples = Counted(), list[Sample]()
    async with AsyncExitStack() as stack:
        one = await _target(stack, folder, "steady")
        started = time.monotonic()
        rounds, next_sample = 0, 0.0
        while (passed := time.monotonic() - started) < seconds:
            for cell, code in enumerate(_ROUND):
                ran = await one.run(code.format(number=rounds), cell=f"cell-{cell}")
                is_to_fail = "!cut-off" in code or "!error-event" in code
                if (ran.status == "error") is not is_to_fail:
                    counted.problems.append(f"round {rounds}: {code[:30]!r} ended {ran.status} {ran.error}")
            counted.asked += _TURNS_OF_A_ROUND
            rounds += 1
            if passed >= next_sample:
                next_sample = passed + sample_seconds
                samples.append(await _sample(one, passed / 60, counted.asked))
        samples.append(await _sample(one, (time.monotonic() - started) / 60, counted.asked))
        counted.problems += await one.leaks()
    _count(counted, statuses(folder / "history.sqlite"), {"done", "broken"})
    return counted, samples


async def _sample(one: Kernel, minute: float, turns: int) -> Sample:
    ran = await one.ok(_STAND)
    return Sample(minute, turns, *json.loads(ran.stdout))


def _count(counted: Counted, found: list[str], right: set[str]) -> None:
    counted.kept = len(found)
    counted.right = len([status for status in found if status in right])
