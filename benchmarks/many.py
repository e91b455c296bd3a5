"""What many questions cost: processor time, wall time, memory, the loop's lag, beside a hand-written loop on the same server.

Run `python -m benchmarks.many`; it takes about two minutes, `--rate` three more. The floor is an aiohttp loop with a
semaphore that streams, keeps nothing and shows nothing. All run in turn, three times; the median is shown. The lag is the
longest that the loop was held up, and behind it by its own work alone, as far as the processor's clock tells: others on the
machine hold it up, too. `--peers FOLDER` also runs chatlas and langchain on the same server, from environments that it makes
in that folder, each in a process of its own; `--workers` one worker of a cluster, and two.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any
from urllib.request import urlopen

import aiohttp

from benchmarks import many_peers

AT_ONCE = 100
_LOOK_SECONDS = 0.005
CHARACTERS = 200


def rows(number: int) -> list[dict[str, str]]:
    return [{"text": f"review {one}: ".ljust(CHARACTERS, "x")} for one in range(number)]


@contextmanager
def server(seconds: float = 0.0, allowed: int = 0) -> Iterator[str]:
    code = [
        sys.executable,
        "-m",
        "benchmarks.many_server",
        "--seconds",
        str(seconds),
        "--allowed",
        str(allowed),
    ]
    with subprocess.Popen(code, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}/v1"
        finally:
            process.stdin.close()


async def floor(url: str, texts: list[dict[str, str]]) -> None:
    """Ask as one would by hand."""
    semaphore = asyncio.Semaphore(AT_ONCE)

    async def one(http: aiohttp.ClientSession, text: str) -> str:
        body = {"model": "tiny", "messages": [{"role": "user", "content": text}], "stream": True}
        async with semaphore, http.post(f"{url}/chat/completions", json=body) as reply:
            said = ""
            async for line in reply.content:
                if line.startswith(b"data: {"):
                    said += json.loads(line[6:])["choices"][0]["delta"].get("content") or ""
            return said

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        await asyncio.gather(*(one(http, row["text"]) for row in texts))


async def ours(url: str, texts: list[dict[str, str]], folder: Path, **more: Any) -> Any:
    from g4f_magic import Chat
    from g4f_magic.settings import Settings

    chat = Chat(url, model="tiny", settings=Settings(history=str(folder / "history.sqlite")))
    return await chat.map(texts, "{{text}}", progress=False, **{"parallel": AT_ONCE, **more})


class Took:
    """Processor and wall time of one run, and the longest that its loop was held up."""

    def __init__(self, work: Callable[[], Awaitable[Any]]) -> None:
        self.lag = self.own_lag = 0.0
        gc.collect()
        cpu, wall = time.process_time(), time.perf_counter()
        asyncio.run(self._watched(work))
        self.cpu, self.wall = time.process_time() - cpu, time.perf_counter() - wall

    async def _watched(self, work: Callable[[], Awaitable[Any]]) -> None:
        watch = asyncio.create_task(self._watch())
        try:
            await work()
        finally:
            watch.cancel()

    async def _watch(self) -> None:
        while True:
            before, worked = time.perf_counter(), time.thread_time()
            await asyncio.sleep(_LOOK_SECONDS)
            lag = time.perf_counter() - before - _LOOK_SECONDS
            self.lag = max(self.lag, lag)
            self.own_lag = max(self.own_lag, min(lag, time.thread_time() - worked))


def compare(number: int, seconds: float, times: int) -> None:
    told = f"{number:,} rows of {CHARACTERS} characters, {AT_ONCE} at once, a server that takes {seconds * 1000:.0f} ms"
    texts = rows(number)
    found: dict[str, list[Took]] = {"floor": [], "g4f_magic": []}
    with server(seconds) as url:
        for _ in range(times):
            found["floor"].append(Took(lambda: floor(url, texts)))
            with tempfile.TemporaryDirectory() as folder:
                found["g4f_magic"].append(Took(lambda: ours(url, texts, Path(folder))))
    print(f"\n{told}")
    base = found["floor"]
    for name, all_took in found.items():
        cpu, wall = (median(getattr(one, what) for one in all_took) for what in ("cpu", "wall"))
        ratios = (
            median(a.cpu / b.cpu for a, b in zip(all_took, base, strict=True)),
            median(a.wall / b.wall for a, b in zip(all_took, base, strict=True)),
        )
        lag, own = (1000 * median(getattr(one, what) for one in all_took) for what in ("lag", "own_lag"))
        print(
            f"  {name:10} processor {1000 * cpu / number:.3f} ms a row ({ratios[0]:.2f}x)  "
            f"wall {wall:.2f} s ({ratios[1]:.2f}x)  lag {lag:.0f} ms, its own {own:.0f}"
        )


def memory(number: int) -> None:
    texts = rows(number)
    with server() as url, tempfile.TemporaryDirectory() as folder:
        asyncio.run(ours(url, texts[:10], Path(folder)))
        tracemalloc.start()
        table = asyncio.run(ours(url, texts, Path(folder)))
        now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    print(
        f"\nMemory of {number:,} rows: {(most - now) / number / 1024:.2f} KB a row at most beyond the table,"
        f" which has {now / number / 1024:.2f} KB a row ({len(table):,} rows)"
    )


def resume(number: int) -> None:
    texts = rows(number)
    with server() as url, tempfile.TemporaryDirectory() as folder:
        asyncio.run(ours(url, texts[:-1], Path(folder)))
        before = _stats(url)["answered"]
        took = Took(lambda: ours(url, texts, Path(folder)))
        asked = _stats(url)["answered"] - before
    print(f"\nResumed with {number - 1:,} of {number:,} done: asked {asked}, {took.wall:.2f} s")


def page_bytes() -> None:
    from g4f_magic import Chat
    from g4f_magic.many.code import prepared
    from g4f_magic.many.job import Wish
    from g4f_magic.many.pacing import Limits
    from g4f_magic.many.progress import shown
    from g4f_magic.settings import Settings
    from tests.hosts import Notebook

    print("\nBytes to the page")
    for number, seconds in ((1_000, 0.5), (10_000, 0.05), (1_000, 0.05)):
        with server(seconds) as url, tempfile.TemporaryDirectory() as folder:
            notebook = Notebook()
            chat = Chat(url, model="tiny", settings=Settings(history=str(Path(folder) / "history.sqlite")))

            async def run(chat: Chat = chat, number: int = number, notebook: Any = notebook) -> None:
                wish = Wish(limits=Limits(parallel=AT_ONCE))
                job = await prepared(chat._session, "{{text}}", rows(number), chat._options, wish)
                await shown(job, notebook)

            took = Took(run)
            print(
                f"  {number:6,} rows, a server that takes {1000 * seconds:.0f} ms: {notebook.sent:,} bytes in {took.wall:.1f} s"
            )


def rate(minutes: float = 3.0, allowed: int = 600) -> None:
    number = int(allowed * minutes)
    with server(0.02, allowed) as url, tempfile.TemporaryDirectory() as folder:
        took = Took(lambda: ours(url, rows(number), Path(folder), parallel=None))
        stats = _stats(url)
    steady = [one for one in stats["times"] if one - stats["times"][0] >= 60]
    spent = (steady[-1] - steady[0]) / 60 if len(steady) > 1 else 1
    share = stats["refused"] / (stats["answered"] + stats["refused"])
    print(
        f"\nA server that allows {allowed} a minute and says so by 429 alone: {number:,} rows in {took.wall:.0f} s, "
        f"{len(steady) / spent:.0f} a minute after the first, {share:.1%} refused"
    )


def workers(number: int = 3_000, seconds: float = 0.2) -> None:
    """What a second worker of a cluster adds where a server takes its time."""
    from distributed import Client, LocalCluster

    print(f"\nWorkers of a cluster, {number:,} rows, a server that takes {1000 * seconds:.0f} ms")
    for count in (1, 2):
        with (
            server(seconds) as url,
            tempfile.TemporaryDirectory() as folder,
            LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address=None) as cluster,
            Client(cluster) as client,
        ):
            asyncio.run(ours(url, rows(1_500 * count), Path(folder), on=client, parallel=None))
            texts = [{"text": f"another {row['text']}"} for row in rows(number)]
            wall = time.perf_counter()
            asyncio.run(ours(url, texts, Path(folder), on=client, parallel=None))
            wall = time.perf_counter() - wall
        print(f"  {count}: {number / wall:,.0f} rows a second")


def _stats(url: str) -> dict[str, Any]:
    with urlopen(url.removesuffix("/v1") + "/stats") as reply:
        told: dict[str, Any] = json.load(reply)
        return told


def peers(folder: Path, number: int = 2_000, times: int = 3) -> None:
    """Others on the same server, each in its own process; the median of several runs in turn."""
    print(f"\nPeers, {number:,} rows, {AT_ONCE} at once")
    found: dict[str, list[tuple[float, float]]] = {"floor": [], "g4f_magic": []}
    with server() as url:
        texts = rows(number)
        for _ in range(times):
            run = Took(lambda: floor(url, texts))
            found["floor"].append((run.cpu, run.wall))
            with tempfile.TemporaryDirectory() as answers:
                run = Took(lambda: ours(url, texts, Path(answers)))
            found["g4f_magic"].append((run.cpu, run.wall))
            for name in many_peers.INSTALLS:
                version, cpu, wall = many_peers.took(name, folder, url, number)
                found.setdefault(f"{name} {version}", []).append((cpu, wall))
    base = median(one[0] for one in found["floor"])
    for name, each in found.items():
        cpu, wall = (median(one[place] for one in each) for place in (0, 1))
        print(
            f"  {name:16} processor {1000 * cpu / number:.3f} ms a row ({cpu / base:.2f}x)  wall {wall:.2f} s"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--rate", action="store_true", help="also the server that allows 600 a minute")
    parser.add_argument("--workers", action="store_true", help="also one worker of a cluster, and two")
    parser.add_argument(
        "--peers", type=Path, help="also chatlas and langchain, in environments made in this folder"
    )
    parser.add_argument("--only", action="store_true", help="nothing but what these options name")
    given = parser.parse_args()
    compare(100, 0.0, 1)  # what is imported is imported
    if not given.only:
        compare(given.rows, 0.0, given.times)
        compare(given.rows, 0.05, given.times)
        memory(given.rows)
        resume(given.rows)
        page_bytes()
    if given.rate:
        rate()
    if given.workers:
        workers()
    if given.peers:
        peers(given.peers)


if __name__ == "__main__":
    main()
