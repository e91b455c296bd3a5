"""A real kernel, spoken to as a front end does."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import Any

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager

from g4f_magic.markdown_source import text_of
from tests.kernel.warm import WARNINGS, WarmManager
from tests.patience import PATIENCE_SECONDS

PROVENANCE = "\n\n— "
"""What stands between a reply and the line that says what it was."""

WITHOUT_WAITS = """
import asyncio, g4f_magic.providers.base as _base
async def _wait(seconds):
    _waited.append(seconds)
    await asyncio.sleep(0)
_waited, _base._wait = [], _wait
"""
"""Passes the waits between tries at once: test_services.py and test_interrupts.py have them as they are."""

LEAKS = (
    "never retrieved",
    "was destroyed",
    "Unclosed",
    "unclosed",
    "never awaited",
    "ResourceWarning",
    "Exception ignored",
)


@dataclass
class Ran:
    """What one cell did."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    status: str = ""
    error: list[str] = field(default_factory=list)
    payload: list[dict[str, Any]] = field(default_factory=list)
    """What the front end is asked to do: to offer a next cell, to show a page."""

    def of_type(self, *types: str) -> list[dict[str, Any]]:
        return [message["content"] for message in self.messages if message["msg_type"] in types]

    @property
    def stdout(self) -> str:
        return "".join(content["text"] for content in self.of_type("stream"))

    @property
    def displays(self) -> dict[str, dict[str, Any]]:
        """The data that each display shows at the end, by its id or its number, in the order of appearance."""
        shown: dict[str, dict[str, Any]] = {}
        is_clearing = False
        for number, message in enumerate(self.messages):
            if message["msg_type"] == "clear_output":
                is_clearing = True
            if message["msg_type"] not in ("display_data", "update_display_data"):
                continue
            if is_clearing and message["msg_type"] == "display_data":
                shown, is_clearing = {}, False
            identity = message["content"].get("transient", {}).get("display_id")
            if message["msg_type"] == "update_display_data" and identity not in shown:
                continue  # another cell's output is marked: that its answer is older by now
            shown[identity or str(number)] = message["content"]
        return shown

    @property
    def plain(self) -> str:
        """The text that stands in the outputs at the end."""
        return "\n".join(filter(None, (text_of(shown["data"]) for shown in self.displays.values())))

    @property
    def reply(self) -> str:
        """The text of the reply that stands in the outputs at the end, without the line that says what it was."""
        return self.plain.rpartition(PROVENANCE)[0]

    @property
    def provenance(self) -> str:
        """The line that says what the reply was."""
        return self.plain.rpartition(PROVENANCE)[2].removeprefix("— ")

    @property
    def received(self) -> dict[str, Any]:
        """What the service received, where it was asked to `!echo`."""
        assert self.status == "ok", self.error
        # A line may follow that says how many answers are older now.
        return dict(json.JSONDecoder().raw_decode(self.plain)[0])

    @property
    def html(self) -> str:
        return "\n".join(shown["data"].get("text/html", "") for shown in self.displays.values())

    def told(self) -> str:
        """Return all that came so far, a line for each message: for whoever wonders why no more came."""
        return "\n".join(
            f"  {message['header'].get('date')} {message['msg_type']}: {str(message['content'])[:500]}"
            for message in self.messages
        )


class Kernel:
    """One kernel and its client."""

    def __init__(self, manager: AsyncKernelManager, client: AsyncKernelClient) -> None:
        self.manager = manager
        self.client = client
        self.written: list[str] = []
        """All that the kernel's streams showed so far, whichever cell it was in."""
        self.outputs: dict[str, dict[str, Any]] = {}
        """What each output that can be updated shows by now, by its display id, whichever cell it stands in."""
        self.patience_seconds = PATIENCE_SECONDS
        """How long a cell may take before it is given up."""
        self.is_lost = False
        """It gave no answer, nor when it was interrupted: what is sent to it now would only be waited for."""
        self._metadata: dict[str, dict[str, Any]] = {}
        self._sent: dict[str, str] = {}
        """The code of each cell, by its message's id."""

    async def run(
        self,
        code: str,
        *,
        cell: str | None = None,
        metadata: dict[str, Any] | None = None,
        on_message: Callable[[dict[str, Any]], None] | None = None,
    ) -> Ran:
        """Run a cell and return what it did, once the kernel is idle again."""
        return await self.finish(self.send(code, cell=cell, metadata=metadata), on_message)

    async def asked(self, code: str) -> tuple[str, dict[str, Any]]:
        """Send a cell that asks the person something; return its message's id, and the question once it is there."""
        identity = self.send(code, can_be_asked=True)
        return identity, (await self.client.get_stdin_msg(timeout=PATIENCE_SECONDS))["content"]

    def send(
        self,
        code: str,
        *,
        cell: str | None = None,
        metadata: dict[str, Any] | None = None,
        can_be_asked: bool = False,
    ) -> str:
        """Send a cell and return its message's id; `metadata` is that of a front end with other signs than JupyterLab's."""
        assert not self.is_lost, "this kernel gave no answer to an earlier cell, nor when it was interrupted"
        content = {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": can_be_asked,
            "stop_on_error": False,
        }
        metadata = metadata or ({"cellId": cell} if cell else {})
        message = self.client.session.msg("execute_request", content, metadata=metadata)
        self.client.shell_channel.send(message)
        identity = str(message["header"]["msg_id"])
        self._sent[identity] = code
        return identity

    async def finish(self, identity: str, on_message: Callable[[dict[str, Any]], None] | None = None) -> Ran:
        """Return what the cell of that message did, once the kernel is idle again."""
        ran = Ran()
        try:
            async with asyncio.timeout(self.patience_seconds):
                return await self._finish(identity, ran, on_message)
        except TimeoutError:
            state = "alive" if await self.manager.is_alive() else "dead"
            await self._free()
            raise AssertionError(
                f"no end of a cell within {self.patience_seconds:.0f} s; its kernel is {state}\n{self._sent[identity]}\n"
                f"what it had said:\n{ran.told()}"
            ) from None

    async def _finish(
        self, identity: str, ran: Ran, on_message: Callable[[dict[str, Any]], None] | None
    ) -> Ran:
        while True:
            message = await self.client.get_iopub_msg()
            if message["msg_type"] == "stream":
                self.written.append(message["content"]["text"])
            if display := message["content"].get("transient", {}).get("display_id"):
                self.outputs[display] = message["content"]["data"]
            if message["parent_header"].get("msg_id") != identity:
                continue
            ran.messages.append(message)
            self._see(message)
            if on_message is not None:
                on_message(message)
            if message["msg_type"] == "error":
                ran.error = message["content"]["traceback"]
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                break
        while True:
            reply = await self.client.get_shell_msg()
            if reply["parent_header"].get("msg_id") == identity:
                ran.status = reply["content"]["status"]
                ran.payload = reply["content"].get("payload", [])
                return ran

    async def _free(self) -> None:
        """Interrupt a cell that does not end, so that the module's other tests can go on in this kernel."""
        await self.interrupt()
        try:
            async with asyncio.timeout(self.patience_seconds):
                await self._finish(self.send("pass"), Ran(), None)
        except TimeoutError:
            self.is_lost = True

    def _see(self, message: dict[str, Any]) -> None:
        """Hold an output to its metadata: VS Code loses outputs of a cell in which an update brings other metadata."""
        content = message["content"]
        identity = content.get("transient", {}).get("display_id")
        if identity and message["msg_type"] in ("display_data", "update_display_data"):
            shown_with = self._metadata.setdefault(identity, content["metadata"])
            assert content["metadata"] == shown_with, message

    async def value(self, expression: str) -> str:
        """Return the repr of an expression in the kernel."""
        ran = await self.run(f"print(repr(({expression})))")
        assert ran.status == "ok", ran.error
        return ran.stdout.strip()

    async def ok(self, code: str, *, cell: str | None = None, metadata: dict[str, Any] | None = None) -> Ran:
        """Run a cell that has to succeed."""
        ran = await self.run(code, cell=cell, metadata=metadata)
        assert ran.status == "ok", (code, ran.error)
        return ran

    async def leaks(self) -> list[str]:
        """Return what the kernel said so far of tasks, sessions and sockets that nobody closed."""
        await self.ok("import gc; _ = gc.collect(); import asyncio; await asyncio.sleep(0); _ = gc.collect()")
        return [text for text in self.written if any(sign in text for sign in LEAKS)]

    async def interrupt(self) -> None:
        await self.manager.interrupt_kernel()

    async def restart(self) -> None:
        await self.manager.restart_kernel(now=True)
        await self.client.wait_for_ready(timeout=PATIENCE_SECONDS)


@asynccontextmanager
async def kernel(name: str = "python3", *, is_warm: bool = True, **environment: str) -> AsyncIterator[Kernel]:
    """Start a kernel of that kind with these variables, ready for its first cell.

    One that is not warm has imported what ipykernel needs and no more; so has one of another kind, or with variables that
    Python reads when it starts.
    """
    settings = {"HISTORY": "off", "ENGINE": "script", "PRELOAD": "False"}
    ours = {f"G4F_MAGIC_{setting}": value for setting, value in settings.items()}
    env = {**os.environ, **ours, **WARNINGS, **environment}
    is_plain = name == "python3" and not any(variable.startswith("PYTHON") for variable in environment)
    with TemporaryDirectory(prefix="k") as folder:
        # Free TCP ports are chosen before the kernel takes them: beside others that start, now and then one is gone.
        kind = WarmManager if is_warm and is_plain else AsyncKernelManager
        manager = kind(kernel_name=name, transport="ipc", ip=f"{folder}/k")
        await manager.start_kernel(env=env)
        client = manager.client()
        client.start_channels()
        try:
            await client.wait_for_ready(timeout=PATIENCE_SECONDS)
            yield Kernel(manager, client)
        finally:
            client.stop_channels()
            await manager.shutdown_kernel(now=True)
