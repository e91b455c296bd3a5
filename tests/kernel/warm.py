"""Kernels that start warm: forked from a process that has imported what each of them imports, in a fraction of the time.

All else is a kernel's own: its process and session, its variables, its folder, its end; and it imports g4f_magic itself.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
from functools import cache
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

WARNINGS = {"PYTHONWARNINGS": "always::ResourceWarning"}


class WarmProcess:
    """A forked kernel, with what `LocalProvisioner` asks of a `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, arguments: list[str], environment: dict[str, str], folder: str) -> None:
        self.pid: int = _ask(start=arguments, environment=environment, folder=folder)
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = _ask(poll=self.pid)
        return self.returncode

    def wait(self) -> int:
        if self.returncode is None:
            self.returncode = _ask(wait=self.pid)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


@cache
def _channel() -> TextIOWrapper:
    """Start the process that is forked, and return the way to it, a line of JSON each way; with this process it ends."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("forked.py")), str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, **WARNINGS},
        )
    with ours:
        channel = ours.makefile("rw")
    atexit.register(process.wait)
    atexit.register(channel.close)  # first
    return channel


def _ask(**request: Any) -> Any:
    channel = _channel()
    print(json.dumps(request), file=channel, flush=True)
    return json.loads(channel.readline())


class _WarmProvisioner(LocalProvisioner):
    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> dict[str, Any]:
        arguments = cmd[cmd.index("ipykernel_launcher") + 1 :]
        self.process = WarmProcess(arguments, kwargs["env"], str(kwargs.get("cwd") or Path.cwd()))
        self.pid = self.pgid = self.process.pid
        return self.connection_info


class WarmManager(AsyncKernelManager):
    """Starts kernels of this Python by a fork, where a process that has the libraries loaded can be forked."""

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        if sys.platform == "linux":
            self.provisioner = _WarmProvisioner(kernel_spec=self.kernel_spec, parent=self)
