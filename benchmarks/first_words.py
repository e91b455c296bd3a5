"""How long it takes from README's command to a model's first words, as a newcomer waits.

    python -m benchmarks.first_words [--keep]

A fresh clone of this repository is made in a temporary folder and README's command is run there, with pip's cache left
out, so that all that has to be fetched is fetched; only the browser is left out. Then the first notebook's first cells
are run in a kernel of that JupyterLab, and after it in the kernel of a second notebook. Nothing of the person's own
settings, history or models is used.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp

ROOT = Path(__file__).parents[1]
TOKEN = "for-the-benchmark"
LOAD = "%load_ext g4f_magic"
HELLO = "%%chat -t 0\nHello! In one sentence: what is Python?"
_ADDRESS = re.compile(r"(http://(?:127\.0\.0\.1|localhost):\d+)/lab")
_BEGUN = re.compile(r"Fetching a small model|http://(?:127\.0\.0\.1|localhost):\d+/lab")


def command() -> str:
    """Return the command that README tells a newcomer to run."""
    found = re.search(r"\*\*Try it\*\*.*?```sh\n(.*?)\n```", (ROOT / "README.md").read_text(), re.DOTALL)
    if found is None:
        raise SystemExit("README.md has no command to try it")
    return found[1]


def surroundings(folder: Path) -> dict[str, str]:
    """Return the environment of somebody who has nothing yet."""
    own = ("G4F_MAGIC_", "JUPYTER", "VIRTUAL_ENV", "PYTHON", "OPENAI_", "OLLAMA_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    data = (
        "XDG_DATA_HOME",
        "XDG_STATE_HOME",
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_DATA_DIR",
        "JUPYTER_RUNTIME_DIR",
        "IPYTHONDIR",
    )
    places = {name: str(folder / name.lower()) for name in data}
    return {**kept, **places, "JUPYTER_TOKEN": TOKEN, "PIP_NO_CACHE_DIR": "1", "PYTHONUNBUFFERED": "1"}


class Kernel:
    """A kernel of the running JupyterLab, as its pages speak to it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def run(self, code: str) -> float:
        """Run a cell, and return when its first words came, else when it had ended."""
        request = uuid4().hex
        header = {
            "msg_id": request,
            "msg_type": "execute_request",
            "session": uuid4().hex,
            "username": "",
            "version": "5.3",
        }
        content = {
            "code": code,
            "silent": False,
            "store_history": True,
            "allow_stdin": False,
            "stop_on_error": True,
        }
        message = {
            "header": header,
            "parent_header": {},
            "metadata": {},
            "content": content,
            "channel": "shell",
            "buffers": [],
        }
        await self._socket.send_str(json.dumps(message))
        first = 0.0
        async for event in self._socket:
            said: dict[str, Any] = json.loads(event.data)
            if said.get("parent_header", {}).get("msg_id") != request:
                continue
            kind, content = said["msg_type"], said["content"]
            if kind == "error":
                raise SystemExit("\n".join(content["traceback"]))
            if kind in ("display_data", "update_display_data") and not first and _words_in(content):
                first = time.perf_counter()
            if kind == "status" and content["execution_state"] == "idle":
                return first or time.perf_counter()
        raise SystemExit("the kernel has gone")


def _words_in(content: dict[str, Any]) -> bool:
    return bool(re.search(r"[A-Za-z]{2}", str(content["data"].get("text/plain", "")).partition("\n\n—")[0]))


async def first_words(address: str) -> float:
    """Return when a new kernel there brought the first words of a reply."""
    headers = {"Authorization": f"token {TOKEN}"}
    async with aiohttp.ClientSession(headers=headers) as http:
        async with http.post(f"{address}/api/kernels", json={"name": "python3"}) as response:
            response.raise_for_status()
            name = (await response.json())["id"]
        async with http.ws_connect(f"{address}/api/kernels/{name}/channels", max_msg_size=0) as socket:
            kernel = Kernel(socket)
            await kernel.run(LOAD)
            return await kernel.run(HELLO)


async def measure(folder: Path) -> list[tuple[str, float]]:
    """Return what came when, in seconds since the command was given."""
    clone = folder / "clone"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    line = f"{command()} --no-browser"
    begun = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        "/bin/sh", "-c", line, cwd=clone, env=surroundings(folder), stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    rows: list[tuple[str, float]] = []
    log: list[str] = []
    try:
        address = ""
        async for raw in process.stdout:
            log.append(raw.decode(errors="replace"))
            if not rows and _BEGUN.search(log[-1]):
                rows.append(("installed", time.perf_counter() - begun))
            if found := _ADDRESS.search(log[-1]):
                address = found[1]
                break
        if not address:
            raise SystemExit("".join(log[-30:]))
        await _answers(address)
        rows.append(("JupyterLab answers", time.perf_counter() - begun))
        reading = asyncio.create_task(process.stdout.read())  # or it would stand still once the pipe is full
        rows.append(("first words of the model", await first_words(address) - begun))
        again = time.perf_counter()
        rows.append(("a second notebook, from its kernel's start", await first_words(address) - again))
        reading.cancel()
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        await process.wait()
    return rows


async def _answers(address: str) -> None:
    async with aiohttp.ClientSession(headers={"Authorization": f"token {TOKEN}"}) as http:
        while True:
            try:
                async with http.get(f"{address}/api/status") as response:
                    if response.ok:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="first-words-"))
    try:
        rows = asyncio.run(measure(folder))
    finally:
        if "--keep" not in sys.argv[1:]:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{command()}\n\n| what | seconds |\n| --- | --- |")
    for what, seconds in rows:
        print(f"| {what} | {seconds:.1f} |")


if __name__ == "__main__":
    main()
