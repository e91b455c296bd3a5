"""Interrupts in each phase of a chat, with a check after each: what the tests do shortly and the benchmark at length."""

from __future__ import annotations

import asyncio
import json
import random
import socket
import sqlite3
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from g4f_magic.chunks import Finish, Text
from g4f_magic.gateway import ChatRequest, Gateway
from g4f_magic.gateway.actions import Action
from g4f_magic.testing.script import SCRIPT_TEXT, ScriptEngine, long_text
from tests.kernel.kernels import Kernel, Ran, kernel
from tests.patience import PATIENCE_SECONDS

STOPPED = ["Stopped. What had arrived is kept."]
WAYS = {
    "awaited": "%%chat {options}\n{prompt}",
    "plain": "get_ipython().run_cell_magic('chat', {options!r}, {prompt!r})",
}
LOST = "ended, reply lost"
"""The cell ended and the kernel is idle, and no reply to it came: an interrupt struck in the kernel's own code."""
_REPLY_SECONDS = 20.0
"""How long a reply may take after the kernel said that it is idle again."""
_LOCKED_SECONDS = 0.06
_TURNS_OF_A_CONVERSATION = 20

After = Literal["sent", "shown", "ended"]


@dataclass(frozen=True, slots=True)
class Phase:
    """Where in a chat an interrupt strikes: at most `seconds` after something that is seen from outside."""

    name: str
    prompt: str
    after: After
    seconds: float
    options: str = ""
    is_chat: bool = True
    is_locked: bool = False
    """Another program holds the history locked while the turn is to be settled."""


_SLEEP = "import asyncio; await asyncio.sleep(0.02)"
PHASES = (
    Phase("before the request", "!never-closing", "sent", 0.03),
    Phase("connecting", "Hello", "shown", 0.1, "--base-url {nowhere}"),
    Phase("waiting for headers", "!silent-before", "shown", 0.1),
    Phase("waiting for the first chunk", "!silent", "shown", 0.1),
    Phase("in the middle", "!never-closing", "shown", 0.25),
    Phase("final render", "!ending", "ended", 0.04),
    Phase("history write", "!ending", "ended", _LOCKED_SECONDS, is_locked=True),
    Phase("columns, before the requests", "!never-closing", "sent", 0.05, "-p koala,darkai --compare"),
    Phase("columns, in the middle", "!never-closing", "shown", 0.25, "-p koala,darkai,aura --compare"),
    Phase("columns, one at its end", "!ending", "ended", 0.04, "-p koala,darkai --compare"),
)
CONTROL = Phase("no chat: a cell that sleeps for 20 ms", _SLEEP, "sent", 0.04, is_chat=False)
"""What interrupts do to a cell that has nothing of ours in it."""

_OPEN = """
import asyncio, gc, json, psutil
def _open_things():
    here = psutil.Process()
    linked = [one for one in here.net_connections("tcp") if one.status in ("ESTABLISHED", "CLOSE_WAIT")]
    return [len(asyncio.all_tasks()), len(linked), here.num_fds()]
for _ in range(150):
    gc.collect()
    _now = _open_things()
    if all(now <= before for now, before in zip(_now, {before})):
        break
    await asyncio.sleep(0.02)
print(json.dumps(_now))
"""


_AT_ONCE = """
get_ipython().history_manager.enabled = False  # its file has a journal now and then
print(" " * 200_000)  # with the first message of that size, ZeroMQ has a thread more
"""
"""What is open once and for all is so from the beginning."""


class Ending(ScriptEngine):
    """The script, and `!ending`: a reply of some length, which says when its last piece has been sent."""

    def __init__(self) -> None:
        super().__init__()
        self.ended = asyncio.Event()
        self.history: Path | None = None
        """The file to hold locked from the last piece on."""
        self._lock: sqlite3.Connection | None = None

    async def reply(self, ask: ChatRequest) -> AsyncGenerator[Action]:
        if not ask.prompt.startswith("!ending"):
            async for move in super().reply(ask):
                yield move
            return
        yield Text(long_text("24"))
        await asyncio.sleep(0.01)
        if self.history is not None:
            self._lock = sqlite3.connect(self.history, isolation_level=None)
            self._lock.execute("BEGIN IMMEDIATE")
        self.ended.set()
        yield Text(SCRIPT_TEXT)
        yield Finish("stop")

    def unlock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None


@dataclass
class Stopped:
    """What so many interrupts did, by phase."""

    outcomes: dict[str, Counter[str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    """One sentence for each thing that was not as it has to be."""

    @property
    def count(self) -> int:
        return sum(outcome.total() for outcome in self.outcomes.values())


class Target:
    """A kernel with a service of its own outside of it, in which chats are interrupted."""

    def __init__(self, one: Kernel, engine: Ending, history: Path, nowhere: str) -> None:
        self.kernel = one
        self._engine = engine
        self._history = history
        self._nowhere = nowhere
        self._asked = 0

    async def strike(self, way: str, phases: Sequence[Phase], chance: random.Random, result: Stopped) -> None:
        """Interrupt one chat for each of the phases, and look after each whether all is as before."""
        await self._hello(way)
        before = await self._open_things([0, 0, 0])
        for phase in phases:
            where = f"{way}, {phase.name}"
            try:
                ran = await asyncio.wait_for(self._interrupted(way, phase, chance), PATIENCE_SECONDS)
                outcome = outcome_of(ran)
                result.outcomes.setdefault(phase.name, Counter())[outcome] += 1
                if outcome == "other" and phase.is_chat:
                    result.problems.append(f"{where}: {ran.status} {ran.error}")
                after = await asyncio.wait_for(self._hello(way), PATIENCE_SECONDS)
                if after != SCRIPT_TEXT.rstrip("\n"):
                    result.problems.append(f"{where}: the next cell said {after!r}")
                now = await self._open_things(before)
                if any(left > had for left, had in zip(now, before, strict=True)):
                    result.problems.append(f"{where}: tasks, sockets, handles {now}, before {before}")
                    before = now
            except TimeoutError:
                result.outcomes.setdefault(phase.name, Counter())["no answer"] += 1
                result.problems.append(f"{where}: the kernel gave no answer")
                await self.kernel.restart()
                await self.kernel.ok("%load_ext g4f_magic")
                await self._hello(way)
                before = await self._open_things([0, 0, 0])

    async def _interrupted(self, way: str, phase: Phase, chance: random.Random) -> Ran:
        self._engine.ended.clear()
        self._engine.history = self._history if phase.is_locked else None
        seen = {"sent": asyncio.Event(), "shown": asyncio.Event(), "ended": self._engine.ended}
        idle = asyncio.Event()

        def notice(message: dict[str, Any]) -> None:
            if message["msg_type"] in ("execute_input", "display_data"):
                seen["sent" if message["msg_type"] == "execute_input" else "shown"].set()
            if message["content"].get("execution_state") == "idle":
                idle.set()

        options = phase.options.format(nowhere=self._nowhere)
        code = self._cell(way, phase.prompt, options) if phase.is_chat else phase.prompt
        running = asyncio.create_task(self.kernel.finish(self.kernel.send(code), notice))
        try:
            begun = asyncio.create_task(seen[phase.after].wait())
            await asyncio.wait({running, begun}, return_when=asyncio.FIRST_COMPLETED)
            begun.cancel()
            moment = chance.random() * phase.seconds
            await asyncio.sleep(moment)
            await self.kernel.interrupt()
            if phase.is_locked:
                await asyncio.sleep(_LOCKED_SECONDS - moment)
                self._engine.unlock()
            await idle.wait()
            done, _ = await asyncio.wait({running}, timeout=_REPLY_SECONDS)
            return running.result() if done else Ran(status=LOST)
        finally:
            self._engine.unlock()
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

    async def _hello(self, way: str) -> str:
        ran = await self.kernel.run(self._cell(way, "Hello", ""))
        return ran.reply if ran.status == "ok" else f"{ran.status}: {ran.error}"

    async def _open_things(self, before: list[int]) -> list[int]:
        ran = await self.kernel.ok(_OPEN.format(before=before) if any(before) else _SETTLED)
        return [int(count) for count in json.loads(ran.stdout)]

    def _cell(self, way: str, prompt: str, options: str) -> str:
        # Conversations stay short: what is measured is the stopping, not the sending of what was said before.
        self._asked += 1
        named = f"-c part{self._asked // _TURNS_OF_A_CONVERSATION} {options}".strip()
        return WAYS[way].format(options=named, prompt=prompt)

    def open_turns(self) -> int:
        """Return how many turns in the file are neither done nor known to have ended otherwise."""
        with sqlite3.connect(self._history) as db:
            (count,) = db.execute("SELECT count(*) FROM turns WHERE status = 'open'").fetchone()
        db.close()
        return int(count)


_SETTLED = """
import asyncio, gc, json, psutil
{open_things}
_before = None
while (_now := _open_things()) != _before:
    _before = _now
    await asyncio.sleep(0.1)
    gc.collect()
print(json.dumps(_now))
""".replace("{open_things}", _OPEN.partition("for _ in")[0].partition("psutil\n")[2])


def outcome_of(ran: Ran) -> str:
    """Say in a word how a chat ended that was interrupted.

    Before our code runs and after it has ended an interrupt is IPython's own matter; then the chat ended by itself.
    """
    if ran.status == LOST:
        return LOST
    if ran.status == "ok":
        return "ended by itself"
    if ran.error == STOPPED:
        return "stopped"
    is_its_own = any(name in line for line in ran.error for name in ("KeyboardInterrupt", "CancelledError"))
    return "IPython's own" if is_its_own else "other"


@asynccontextmanager
async def full_house() -> AsyncIterator[str]:
    """Give the address of a server that takes no more connections: who connects waits."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        address = server.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        try:
            for one in waiting:
                one.setblocking(False)
                one.connect_ex(address)
            yield f"http://127.0.0.1:{address[1]}"
        finally:
            for one in waiting:
                one.close()


@asynccontextmanager
async def target(folder: Path) -> AsyncIterator[Target]:
    """Start a kernel whose chats go to a service of this process, with a history in a file."""
    engine = Ending()
    history = folder / "history.sqlite"
    async with Gateway(engine) as gateway, full_house() as nowhere:
        environment = {
            "G4F_MAGIC_PROVIDER": "koala",
            "G4F_MAGIC_BASE_URL": gateway.base_url,
            "G4F_MAGIC_HISTORY": str(history),
            "JPY_SESSION_NAME": str(folder / "interrupted.ipynb"),
        }
        async with kernel(is_warm=False, **environment) as one:
            await one.ok("%load_ext g4f_magic")
            await one.ok(_AT_ONCE)
            await one.ok("%%chat -p darkai --once\nHello")  # its site is gone: the gateway listens then
            yield Target(one, engine, history, nowhere)


def drawn(count: int, chance: random.Random) -> list[Phase]:
    """Return so many phases, each as often as the others, in random order."""
    phases = [PHASES[number % len(PHASES)] for number in range(count)]
    chance.shuffle(phases)
    return phases
