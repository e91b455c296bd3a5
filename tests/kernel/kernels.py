"""A real kernel, spoken to as a front end does."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager

PROVENANCE = "\n\n— "
"""What stands between a reply and the line that says what it was."""

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
            shown[identity or str(number)] = message["content"]
        return shown

    @property
    def plain(self) -> str:
        """The text that stands in the outputs at the end."""
        return "\n".join(
            shown["data"]["text/plain"] for shown in self.displays.values() if shown["data"].get("text/plain")
        )

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
        return dict(json.loads(self.reply))

    @property
    def html(self) -> str:
        return "\n".join(shown["data"].get("text/html", "") for shown in self.displays.values())


class Kernel:
    """One kernel and its client."""

    def __init__(self, manager: AsyncKernelManager, client: AsyncKernelClient) -> None:
        self.manager = manager
        self.client = client
        self.written: list[str] = []
        """All that the kernel's streams showed so far, whichever cell it was in."""

    async def run(
        self,
        code: str,
        *,
        cell: str | None = None,
        on_message: Callable[[dict[str, Any]], None] | None = None,
    ) -> Ran:
        """Run a cell and return what it did, once the kernel is idle again."""
        identity = self.send(code, cell=cell)
        return await asyncio.wait_for(self.finish(identity, on_message), 60)

    async def asked(self, code: str) -> tuple[str, dict[str, Any]]:
        """Send a cell that asks the person something; return its message's id, and the question once it is there."""
        identity = self.send(code, can_be_asked=True)
        return identity, (await self.client.get_stdin_msg(timeout=30))["content"]

    def send(self, code: str, *, cell: str | None = None, can_be_asked: bool = False) -> str:
        """Send a cell and return its message's id."""
        content = {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": can_be_asked,
            "stop_on_error": False,
        }
        metadata = {"cellId": cell} if cell else {}
        message = self.client.session.msg("execute_request", content, metadata=metadata)
        self.client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    async def finish(self, identity: str, on_message: Callable[[dict[str, Any]], None] | None = None) -> Ran:
        """Return what the cell of that message did, once the kernel is idle again."""
        ran = Ran()
        while True:
            message = await self.client.get_iopub_msg()
            if message["msg_type"] == "stream":
                self.written.append(message["content"]["text"])
            if message["parent_header"].get("msg_id") != identity:
                continue
            ran.messages.append(message)
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

    async def value(self, expression: str) -> str:
        """Return the repr of an expression in the kernel."""
        ran = await self.run(f"print(repr(({expression})))")
        assert ran.status == "ok", ran.error
        return ran.stdout.strip()

    async def ok(self, code: str, *, cell: str | None = None) -> Ran:
        """Run a cell that has to succeed."""
        ran = await self.run(code, cell=cell)
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
        await self.client.wait_for_ready(timeout=60)


_WARNING = {"PYTHONWARNINGS": "always::ResourceWarning"}


@asynccontextmanager
async def kernel(**environment: str) -> AsyncIterator[Kernel]:
    """Start a kernel with these variables, ready for its first cell."""
    manager = AsyncKernelManager(kernel_name="python3")
    env = {**os.environ, "G4F_MAGIC_HISTORY": "off", "G4F_MAGIC_ENGINE": "script", **_WARNING, **environment}
    await manager.start_kernel(env=env)
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=60)
        yield Kernel(manager, client)
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)
