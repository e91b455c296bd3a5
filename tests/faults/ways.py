"""The ways in which a person asks, each tried against every fault: what is seen, what is kept, what is left open."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from g4f_magic import Chat
from g4f_magic.errors import ChatError
from g4f_magic.messages import Messages
from g4f_magic.providers import base
from g4f_magic.providers.aura import Aura
from g4f_magic.providers.base import AsyncResult
from g4f_magic.providers.plugins import register
from g4f_magic.session import Session
from g4f_magic.settings import Settings
from tests.faults.faults import FAULTS, TEXT, Fault
from tests.panel.heard import Heard, until

ROOT = Path(__file__).parents[2]
SETTLING_ROUNDS = 100


class AuraHere(Aura):
    """Aura without the browser, which has its own tests."""

    @classmethod
    def create_async_generator(cls, model: str, messages: Messages, **kwargs: Any) -> AsyncResult:
        return super().create_async_generator(model, messages, session_args={}, **kwargs)


@dataclass(frozen=True)
class Outcome:
    """How one question ended."""

    sees: tuple[str, ...]
    """The lines of the error; none where the reply came."""
    status: str
    reply: str
    reasoning: str = ""
    left: tuple[int, ...] = ()
    """How many more tasks, sockets and files are open than before."""
    grown_bytes: int = 0
    """How much more memory the process has had at its peak than before."""

    @property
    def kept(self) -> str:
        """What the history holds of the reply."""
        return "the whole reply" if self.reply == TEXT else f"{len(self.reply + self.reasoning):,} characters"


@dataclass(frozen=True)
class Place:
    """One provider, at the address where one fault is played."""

    provider: str
    fault: Fault
    base_url: str
    cookies: Path

    @property
    def name(self) -> str:
        return "aura-here" if self.provider == "aura" else self.provider

    @property
    def options(self) -> dict[str, Any]:
        given: dict[str, Any] = {"base_url": self.base_url, "timeout_seconds": self.fault.timeout_seconds}
        if self.provider == "openai":
            given["model"] = MODEL
        return given | ({"cookies": str(self.cookies)} if self.provider == "whiterabbitneo" else {})

    @property
    def line(self) -> str:
        """The line of a cell that asks here."""
        cookies = f"--cookies {self.cookies} " if self.provider == "whiterabbitneo" else ""
        model = f"-m {MODEL} " if self.provider == "openai" else ""
        return f"-p {self.name} {model}--base-url {self.base_url} --timeout {self.fault.timeout_seconds} {cookies}"


MODEL = "m"
"""Named where the server would be asked for its list of models, on which the fault would be played instead."""

Ask = Callable[[Place], Awaitable[Outcome]]
Way = Callable[[], AbstractAsyncContextManager[Ask]]


class Server:
    """The misbehaving server, running."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = (0, 0)

    @contextmanager
    def running(self) -> Iterator[Server]:
        key, certificate = self.folder / "key.pem", self.folder / "self-signed.pem"
        subject = ["-subj", "/CN=nobody", "-addext", "subjectAltName=IP:127.0.0.1"]
        making = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
        subprocess.run([*making, "-keyout", key, "-out", certificate], check=True, capture_output=True)
        (self.folder / "cookies.json").write_text(
            json.dumps([{"domain": "www.whiterabbitneo.com", "name": "session", "value": "of-a-test"}])
        )
        command = [sys.executable, "-m", "tests.faults.server", str(certificate), str(key)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
            assert process.stdout is not None
            self.ports = tuple(json.loads(process.stdout.readline()))
            try:
                yield self
            finally:
                process.kill()

    def place(self, provider: str, fault: str) -> Place:
        """Return where that provider meets that fault; `cut-NUMBER` for a reset after so many bytes."""
        found = FAULTS.get(fault, FAULTS["good"])
        host = found.host or f"127.0.0.1:{self.ports[found.scheme == 'https']}"
        base_url = f"{found.scheme}://{host}/{fault}/{provider}" + ("/v1" if provider == "openai" else "")
        return Place(provider, found, base_url, self.folder / "cookies.json")


def prepare() -> None:
    """Make this process ready to ask: without the waits between tries."""
    register("aura-here", AuraHere)

    async def wait(seconds: float) -> None:
        await asyncio.sleep(0)

    base._wait = wait


async def open_things() -> tuple[int, int, int]:
    """Return how many tasks, sockets and other files this process has open."""
    files = (
        open_files()
    )  # the system's list of connections has those of all processes: it would be read for long
    sockets = [name for name in files if name.startswith("socket:")]
    return len(asyncio.all_tasks()), len(sockets), len(files) - len(sockets)


def open_files() -> list[str]:
    """Return what this process has open, IPython's own history left out: a thread of its writes at its own times."""
    folder, names = Path("/proc/self/fd"), []
    for handle in folder.iterdir():
        with suppress(OSError):  # the one of this very look
            names.append(os.readlink(handle))
    return [name for name in names if "/profile_default" not in name]


def peak_bytes() -> int:
    """Return the most memory that this process has had at once."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


async def settled(before: tuple[int, ...]) -> tuple[int, ...]:
    """Return how much more is open than before, once what was closed is gone from the system too."""
    more: tuple[int, ...] = ()
    for number in range(SETTLING_ROUNDS):
        more = tuple(now - then for now, then in zip(await open_things(), before, strict=True))
        if max(more) <= 0:
            break
        if number == 1:  # it takes a quarter of a second, and hardly anything is left for it
            gc.collect()
        await asyncio.sleep(0.01)
    return tuple(max(0, number) for number in more)  # fewer are left where the kernel tidied up meanwhile


def shown(lines: list[str]) -> tuple[str, ...]:
    """Return the lines of an error, ports taken out."""
    text = "\n".join(lines)
    return tuple(re.sub(r"127\.0\.0\.1:\d+", "HOST", text).splitlines())


@asynccontextmanager
async def python() -> AsyncIterator[Ask]:
    """The Python API, in this process."""
    prepare()

    async def ask(place: Place) -> Outcome:
        async with Chat(place.name, settings=Settings(history="off"), **place.options) as chat:
            before, peak = await open_things(), peak_bytes()
            lines: list[str] = []
            try:
                await chat.ask("Hello")
            except ChatError as exc:
                lines = exc._render_traceback_()
            left = await settled(before)
            turn = chat.turns[-1]
            grown = peak_bytes() - peak
            return Outcome(shown(lines), turn.status, turn.reply, turn.reasoning, left, grown)

    yield ask


_AFTER = """
import json
before, peak = {counted}
grown = ways.peak_bytes() - peak
left = await ways.settled(before)
turn = get_ipython().magics_manager.registry['ChatMagics'].session.conversation().turns[-1]
print(json.dumps([turn.status, turn.reply, turn.reasoning, left, grown]))
"""


@asynccontextmanager
async def cell() -> AsyncIterator[Ask]:
    """A `%%chat` cell in a real kernel."""
    from tests.kernel.kernels import kernel

    async with kernel(PYTHONPATH=f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}") as one:
        await one.ok("%load_ext g4f_magic\nimport tests.faults.ways as ways; ways.prepare()")
        await one.ok("%%chat\nHello")  # what is loaded once is there
        # ZeroMQ takes some handles for the first large output of a kernel, and keeps them: a chat's or not.
        await one.ok(
            "from IPython.display import HTML, display\nfor _ in range(5): display(HTML('-' * 300_000))"
        )

        async def ask(place: Place) -> Outcome:
            counted = await one.ok("print([await ways.open_things(), ways.peak_bytes()])")
            ran = await one.run(f"%%chat {place.line}\nHello")
            after = await one.ok(_AFTER.format(counted=counted.stdout.strip()))
            status, reply, reasoning, left, grown = json.loads(after.stdout)
            await one.ok("%chat reset")
            return Outcome(shown(ran.error), status, reply, reasoning, tuple(left), grown)

        yield ask


@asynccontextmanager
async def panel() -> AsyncIterator[Ask]:
    """The panel, in this process, with a page that keeps its protocol."""
    prepare()

    async def ask(place: Place) -> Outcome:
        session = Session(Settings(history="off"))
        shown_panel = Heard(session=session, provider=place.name, **place.options)
        await until(lambda: not shown_panel.background.tasks)
        before, peak = await open_things(), peak_bytes()
        shown_panel.request("send", text="Hello")
        await until(lambda: shown_panel.is_settled, 120)
        task = shown_panel.asking._task
        error = task.exception() if task is not None else None
        told = shown_panel.page.entry()
        lines = [f"{type(error).__name__}: {told['error']}", told["hint"]] if error else []
        left = await settled(before)
        (turn,) = shown_panel.turns
        assert [status for _, status, _ in shown_panel.page.texts()] == [turn.status]
        shown_panel.close()
        await session.aclose()
        grown = peak_bytes() - peak
        return Outcome(shown(lines), turn.status, turn.reply, turn.reasoning, left, grown)

    yield ask


WAYS: dict[str, Way] = {"Python": python, "cell": cell, "panel": panel}
"""Each way that a person can ask."""
