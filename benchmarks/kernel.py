"""What a chat cell costs in a real kernel, beside a floor taken in the same run.

    python -m benchmarks.kernel

- load: `%load_ext g4f_magic` beside `import ipywidgets`, each in a fresh kernel, by that kernel's clock; both are
  compiled beforehand, as what pip installed is.
- first text: from sending the cell to the first text on iopub, beside an aiohttp loop that prints.
- the first chat of a kernel: from the server's first words to their arrival on iopub, in a kernel that was idle for a
  while after loading and in one that was not, beside that loop in a fresh kernel.
- CPU: of the kernel for 25,000 chunks at full speed, beside that loop.
- lag: of the loop while 50 streams of 200 chunks a second run at once, beside the idle loop.

The server is a process of its own. Nothing here shows what a page does with the messages.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from benchmarks.first_text import first
from g4f_magic.gateway import Gateway
from g4f_magic.testing.script import ScriptEngine
from tests.kernel.kernels import Kernel, kernel

ROUNDS = 5
CHUNKS = 25_000

PRINT_LOOP = """
import aiohttp, json
async with aiohttp.ClientSession() as http:
    body = {{"model": "script", "stream": True, "messages": [{{"role": "user", "content": {prompt!r}}}]}}
    async with http.post("{base}/chat/completions", json=body) as reply:
        async for line in reply.content:
            if line.startswith(b"data: {{"):
                for choice in json.loads(line[6:])["choices"]:
                    print(choice["delta"].get("content") or "", end="", flush=True)
"""

LAG = """
import asyncio, json, time
from contextlib import aclosing
from g4f_magic import Chat
async def lag(until):
    seen = []
    while not until.is_set():
        due = time.perf_counter() + 0.005
        await asyncio.sleep(0.005)
        seen.append(time.perf_counter() - due)
    return sorted(seen)
async def idle():
    until = asyncio.Event()
    watch = asyncio.create_task(lag(until))
    await asyncio.sleep(3)
    until.set()
    return await watch
async def one(chat):
    async with aclosing(chat.stream("!steady")) as chunks:
        return sum([1 async for _ in chunks])
async def busy():
    until = asyncio.Event()
    watch = asyncio.create_task(lag(until))
    chats = [Chat("openai", base_url="{base}") for _ in range(50)]
    counts = await asyncio.gather(*map(one, chats))
    until.set()
    return await watch, counts
quiet = await idle()
loaded, counts = await busy()
print(json.dumps([quiet[int(len(quiet) * 0.99)], loaded[int(len(loaded) * 0.99)], sum(counts)]))
"""


async def load() -> tuple[float, float]:
    times: dict[str, list[float]] = {"%load_ext g4f_magic": [], "import ipywidgets": []}
    for _ in range(ROUNDS + 1):
        for code, seen in times.items():
            async with kernel(PYTHONDONTWRITEBYTECODE="") as fresh:
                await fresh.ok(
                    f"import time\nstarted = time.perf_counter()\n{code}\ntook = time.perf_counter() - started"
                )
                seen.append(float(await fresh.value("took")))
    ours, floor = (statistics.median(seen[1:]) for seen in times.values())  # the first compiled
    return ours, floor


async def first_text(kernel: Kernel, code: str) -> float:
    heard: list[float] = []

    def listen(message: dict[str, object]) -> None:
        content = json.dumps(message["content"])
        if (
            not heard
            and message["msg_type"] in ("stream", "display_data", "update_display_data")
            and "quick" in content
        ):
            heard.append(time.perf_counter())

    started = time.perf_counter()
    ran = await kernel.run(code, on_message=listen)
    assert ran.status == "ok", ran.error
    return heard[0] - started


async def cpu(kernel: Kernel, code: str) -> float:
    before = float(await kernel.value("__import__('time').process_time()"))
    ran = await kernel.run(code)
    assert ran.status == "ok", ran.error
    return float(await kernel.value("__import__('time').process_time()")) - before


@asynccontextmanager
async def server() -> AsyncIterator[str]:
    """Run this file as a server in a process of its own and give its base URL."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.kernel", "serve", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.terminate()
        await process.wait()


async def serve() -> None:
    """Answer at once, with a long reply, or steadily, by what is asked."""
    quick = "The quick brown fox. "

    class Engine(ScriptEngine):
        async def reply(self, ask):  # type: ignore[no-untyped-def]
            from g4f_magic.chunks import Finish, Text

            if ask.prompt.startswith("!steady"):
                started = time.perf_counter()
                for number in range(2000):
                    await asyncio.sleep(max(0.0, started + number / 200 - time.perf_counter()))
                    yield Text("word ")
            else:
                if ask.prompt.startswith("!stamp"):
                    yield Text(f"stamp={time.monotonic():.6f} ")
                for _ in range(CHUNKS if ask.prompt.startswith("!much") else 1):
                    yield Text("word" if ask.prompt.startswith("!much") else quick)
            yield Finish("stop")

    async with Gateway(Engine()) as gateway:
        print(gateway.openai_base_url, flush=True)
        await asyncio.Event().wait()


async def main() -> None:
    rows = []
    ours, floor = await load()
    rows.append(
        ("`%load_ext g4f_magic`", "`import ipywidgets`", f"{ours / floor:.2f}", f"{ours * 1e3:.0f} ms")
    )
    async with server() as base, kernel(is_warm=False) as running:
        await running.run("%load_ext g4f_magic")
        # A model is named, as in the loop: else the server is asked for its list first.
        chat = f"%%chat -p openai -m tiny --once --base-url {base}\n"
        loop_code = PRINT_LOOP.format(base=base, prompt="hello")
        firsts: list[tuple[float, float]] = []
        for _ in range(ROUNDS * 3 + 1):
            firsts.append((await first_text(running, chat + "hello"), await first_text(running, loop_code)))
        ratio = statistics.median(ours / floor for ours, floor in firsts[1:])
        rows.append(
            (
                "first text on iopub",
                "aiohttp loop that prints",
                f"{ratio:.2f}",
                f"{firsts[-1][0] * 1e3:.0f} ms",
            )
        )
        for is_idle, words in ((True, "idle before"), (False, "asked at once")):
            stamped = PRINT_LOOP.format(base=base, prompt="!stamp")
            ours, floor = await first(base, stamped, is_idle=is_idle)
            rows.append(
                (
                    f"a kernel's first chat, {words}: first text after the server's answer",
                    f"the same loop: {floor * 1e3:.1f} ms",
                    f"{ours / floor:.1f}",
                    f"{ours * 1e3:.1f} ms",
                )
            )
        much = PRINT_LOOP.format(base=base, prompt="!much")
        pairs = [(await cpu(running, chat + "!much"), await cpu(running, much)) for _ in range(3)]
        ratio = statistics.median(ours / floor for ours, floor in pairs)
        rows.append(
            (f"kernel CPU, {CHUNKS:,} chunks", "the same loop", f"{ratio:.2f}", f"{pairs[-1][0]:.2f} s")
        )
        ran = await running.run(LAG.format(base=base))
        assert ran.status == "ok", ran.error
        quiet, loaded, count = json.loads(ran.stdout)
        rows.append(
            (
                "loop's lag, 50 streams, 99 %",
                f"idle loop: {quiet * 1e3:.1f} ms",
                "",
                f"{loaded * 1e3:.1f} ms, {count:,} chunks",
            )
        )
    print("| what | floor | ratio | ours |\n| --- | --- | --- | --- |")
    for row in rows:
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    asyncio.run(serve() if sys.argv[1:] == ["serve"] else main())
