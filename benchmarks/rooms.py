"""Through how many rooms a prompt walks, from the magic to the socket.

    python -m benchmarks.rooms [CHECKOUT]

In a real kernel, a `%%chat` cell that follows another is watched with `sys.setprofile`: each call of a named function
of the package, from the magic's entry on; a coroutine counts once, however often it goes on. A room is a module; a *move* is a call of a
function in another module than that of the call before; a *return* is a move into a room that was entered already.

- live or recorded, planned: until the provider is asked (`create_async_generator`), which what follows only carries out.
- live, recorded: until aiohttp is asked to connect (`ClientSession._request`).
- replayed: until the first message with words of the reply leaves for the page.

Rooms and moves count code that reads as one step after another, not time: `benchmarks.kernel` measures that. CHECKOUT is
another checkout of the package to look at, whose server side is not used; the service is a process's own, on loopback.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager

from g4f_magic.gateway import Gateway
from g4f_magic.testing.script import ScriptEngine

HERE = Path(__file__).resolve().parents[1]
WAYS = {"live": "", "recorded": "--record", "replayed": "--replay"}

WATCH = """
import dis, functools, inspect, json, sys
import g4f_magic, aiohttp
from pathlib import Path

_package = str(Path(g4f_magic.__file__).parent) + "/"
_seen = []
_has_begun = _has_ended = False

@functools.cache
def _first(code):
    return next((one.offset for one in dis.get_instructions(code) if one.opname == "RESUME"), 0)

def _begins(frame, code):
    # A coroutine that is made has not begun, and one that goes on has begun before.
    is_made = frame.f_lasti < 0 and code.co_flags & (inspect.CO_COROUTINE | inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR)
    return not is_made and frame.f_lasti <= _first(code)

def _watch(frame, event, argument):
    global _has_begun, _has_ended
    if event != "call" or _has_ended:
        return
    code = frame.f_code
    if not _begins(frame, code):
        return
    if code.co_name == "_request" and code.co_filename.endswith("/aiohttp/client.py"):
        _has_ended = _has_begun
    if code.co_name == "publish" and "zmqshell" in code.co_filename:
        data = frame.f_locals.get("data") or {}
        _has_ended = _has_begun and any("%s" in str(part) for part in data.values())
    if not code.co_filename.startswith(_package) or code.co_name.startswith("<"):
        return
    room = code.co_filename[len(_package):]
    _has_begun = _has_begun or (room == "magics.py" and code.co_name.startswith("chat"))
    if _has_begun:
        _seen.append((room, code.co_name))

def _start():
    global _has_begun, _has_ended
    _seen.clear()
    _has_begun = _has_ended = False
    sys.setprofile(_watch)
"""


@asynccontextmanager
async def kernel(checkout: Path, folder: Path) -> AsyncIterator[AsyncKernelClient]:
    """Start a kernel that imports the package of that checkout."""
    manager = AsyncKernelManager(kernel_name="python3")
    env = {
        **os.environ,
        "PYTHONPATH": str(checkout),
        "G4F_MAGIC_HISTORY": str(folder / "history.sqlite"),
        "G4F_MAGIC_CASSETTE": str(folder / "rooms.chat.jsonl"),
    }
    await manager.start_kernel(env=env, cwd=str(folder))
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=60)
        yield client
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


async def ran(client: AsyncKernelClient, code: str) -> str:
    """Run a cell that has to succeed, and return what it printed."""
    printed: list[str] = []

    def hear(message: dict[str, dict[str, str]]) -> None:
        if message["header"]["msg_type"] == "stream":
            printed.append(message["content"]["text"])

    reply = await client.execute_interactive(code, output_hook=hear, timeout=120)
    content = reply["content"]
    if content["status"] != "ok":
        raise SystemExit(f"{code}\n{content['ename']}: {content['evalue']}")
    return "".join(printed)


async def walk(client: AsyncKernelClient, url: str, options: str, prompt: str) -> list[list[str]]:
    """Return the calls of one cell, each as its room and its function."""
    line = f"%%chat -p koala --base-url {url} {options}".strip()
    await ran(client, "_start()")
    await ran(client, f"{line}\n{prompt}")
    calls: list[list[str]] = json.loads(await ran(client, "sys.setprofile(None); print(json.dumps(_seen))"))
    return calls


async def second_walk(client: AsyncKernelClient, url: str, options: str) -> list[list[str]]:
    """Return the calls of the second cell of a fresh kernel: what is imported and made once is no walk."""
    await ran(client, "%load_ext g4f_magic\n%chat reset")
    await ran(client, WATCH % "quick")
    await walk(client, url, options, "Hello before")
    return await walk(client, url, options, "Hello there")


def planned(calls: list[list[str]]) -> list[list[str]]:
    """Return the calls before the provider is asked."""
    return calls[: [function for _, function in calls].index("create_async_generator")]


def figures(calls: list[list[str]]) -> tuple[int, int, int, int]:
    """Return calls, rooms, moves and returns."""
    rooms = [room for room, _ in calls]
    moves = sum(one != before for before, one in pairwise(rooms))
    return len(calls), len(set(rooms)), moves, moves - (len(set(rooms)) - 1)


async def main(checkout: Path) -> None:
    print("| way | calls | rooms | moves | returns |\n| --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name:
        async with Gateway(ScriptEngine()) as gateway:
            for way, options in WAYS.items():
                async with kernel(checkout, Path(name)) as client:
                    calls = await second_walk(client, gateway.base_url, options)
                    where = await ran(client, "print(g4f_magic.__file__)")
                    if not where.startswith(str(checkout)):
                        raise SystemExit(f"the kernel imports {where.strip()}, not {checkout}")
                    if way in ("live", "recorded"):
                        print("|", " | ".join([f"{way}, planned", *map(str, figures(planned(calls)))]), "|")
                    print("|", " | ".join([way, *map(str, figures(calls))]), "|")
                    if "-v" in sys.argv:
                        print(*(f"  {room} {function}" for room, function in calls), sep="\n")


if __name__ == "__main__":
    others = [one for one in sys.argv[1:] if not one.startswith("-")]
    asyncio.run(main(Path(others[0]).resolve() if others else HERE))
