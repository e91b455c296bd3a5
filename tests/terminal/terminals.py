"""IPython in a real terminal, typed into as a person does."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from tests.patience import PATIENCE_SECONDS

_TYPING_SECONDS = 10.0
CTRL_C = "\x03"
ENTER = "\r"

_CONTROLS = re.compile(r"\x1b\][^\x07]*(?:\x07|\x1b\\)|\x1b[\[(][0-9;?]*[A-Za-z]|\x1b[=>78]|\r|\x00")
"""What moves the cursor or colours, as the terminal itself receives it."""


class Terminal:
    """One IPython on one pty."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._arrived = asyncio.Event()
        self.raw = ""
        """All bytes so far, control sequences included."""
        self._seen = 0
        asyncio.get_running_loop().add_reader(descriptor, self._read)

    def _read(self) -> None:
        try:
            data = os.read(self._descriptor, 65536)
        except OSError:
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self._descriptor)
        self.raw += data.decode("utf-8", "replace")
        self._arrived.set()

    @property
    def text(self) -> str:
        """What was printed since the last `expect`, without control sequences."""
        return _CONTROLS.sub("", self.raw[self._seen :])

    def type(self, text: str) -> None:
        os.write(self._descriptor, text.encode())

    async def expect(self, pattern: str) -> str:
        """Wait until `pattern` was printed, and return what was printed since the last time, it included."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not re.search(pattern, self.text):
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            raise AssertionError(f"{pattern!r} did not come, but {self.text!r}") from None
        printed = self.text
        self._seen = len(self.raw)
        return printed

    async def prompt(self, number: int) -> str:
        """Wait for the prompt of that number, and return what was printed before it."""
        return await self.expect(rf"In \[{number}\]:")

    async def type_lines(self, lines: list[str]) -> None:
        """Type lines as a person does, each with Enter: prompt_toolkit takes what comes at once for a paste."""
        self.type(lines[0] + ENTER)
        for number, line in enumerate(lines[1:], start=1):
            await self._shows_lines(number)
            self.type(line + ENTER)

    async def _shows_lines(self, number: int) -> None:
        """Wait until so many further lines of the input are shown; not for ever, as this is no promise of IPython's."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_TYPING_SECONDS):
                while self.text.count("...:") < number:
                    self._arrived.clear()
                    await self._arrived.wait()

    async def run(self, lines: list[str], following: int) -> str:
        """Type lines, and return what was printed until the prompt of that number."""
        await self.type_lines(lines)
        return await self.prompt(following)


@asynccontextmanager
async def terminal(folder: Path, **environment: str) -> AsyncIterator[Terminal]:
    """Start IPython in a terminal of its own, at its first prompt."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
    env = {
        **os.environ,
        "IPYTHONDIR": str(folder),
        "TERM": "xterm",
        "PROMPT_TOOLKIT_NO_CPR": "1",
        "G4F_MAGIC_HISTORY": "off",
        "G4F_MAGIC_ENGINE": "script",
        "PYTHONWARNINGS": "always::ResourceWarning",
        **environment,
    }
    options = ["--no-banner", "--no-confirm-exit", "--HistoryManager.enabled=False", "--colors=NoColor"]
    process = subprocess.Popen(
        [sys.executable, "-m", "IPython", *options],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=env,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        close_fds=True,
    )
    os.close(slave)
    one = Terminal(master)
    try:
        await one.prompt(1)
        yield one
    finally:
        asyncio.get_running_loop().remove_reader(master)
        process.kill()
        process.wait()
        os.close(master)
