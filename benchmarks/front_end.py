"""What the front-end part costs in a notebook of 2,000 cells: opening it, typing in a prompt, and doing nothing.

Run `python -m benchmarks.front_end`; it takes some minutes. Two servers serve the same notebook to one Chromium, one with
the part and one with it disabled (`jupyter labextension disable g4f-magic`). They take turns, so that what else the machine
does falls on both. "Task time" is what the page's main thread worked, "own time" what a sampling profiler finds with
the part's code on the stack, with all that it calls: the second tells a difference that is smaller than the noise of the first.
A long task holds the page up for more than 50 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.browser.lab import Book, Desk, Server, chromium, jupyter

if TYPE_CHECKING:
    from playwright.async_api import CDPSession

_OURS = "/extensions/g4f-magic/static/"
_LONG = """() => {
    window.longTasks = [];
    new PerformanceObserver(list => window.longTasks.push(...list.getEntries().map(one => one.duration)))
        .observe({entryTypes: ["longtask"]});
}"""
TYPED = "and what does that mean for the second half of the year?"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one thing took, in milliseconds."""

    tasks: float
    own: float
    longest: float
    """Of the tasks in which the part's code ran."""


class Meter:
    """Measures what a page works between two moments."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session

    async def begin(self) -> None:
        await self._session.send("Performance.enable")
        await self._session.send("Profiler.enable")
        await self._session.send("Profiler.setSamplingInterval", {"interval": 250})
        self._before = await self._task_seconds()
        await self._session.send("Profiler.start")

    async def end(self) -> Cost:
        profile = (await self._session.send("Profiler.stop"))["profile"]
        tasks = (await self._task_seconds() - self._before) * 1000
        own, longest = _own(profile)
        return Cost(tasks, own, longest)

    async def _task_seconds(self) -> float:
        metrics = (await self._session.send("Performance.getMetrics"))["metrics"]
        return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))


def _own(profile: dict[str, Any]) -> tuple[float, float]:
    """Return for how many milliseconds the part's code was on the stack, and the longest time of it at a stretch."""
    nodes = {node["id"]: node for node in profile["nodes"]}
    parents = {child: node["id"] for node in profile["nodes"] for child in node.get("children", ())}

    def is_ours(identity: int | None) -> bool:
        while identity is not None:
            if _OURS in nodes[identity]["callFrame"]["url"]:
                return True
            identity = parents.get(identity)
        return False

    known = {identity: is_ours(identity) for identity in nodes}
    total = stretch = longest = 0.0
    for sample, delta in zip(profile["samples"], profile["timeDeltas"], strict=True):
        took = max(delta, 0) / 1000
        stretch = stretch + took if known[sample] else 0.0
        total += took * known[sample]
        longest = max(longest, stretch)
    return total, longest


def cells(count: int) -> list[str]:
    """Return the code of so many cells: each tenth is a chat."""
    return [
        f"%%chat -p koala\nWhat is {n}?" if n % 10 == 1 else f"x{n} = {n}\nx{n} + 1" for n in range(count)
    ]


async def measured(desk: Desk, name: str) -> dict[str, Cost]:
    """Open the notebook in a page of its own, type in its first prompt, and wait; return what each took."""
    page = await desk.context.new_page()
    session = await desk.context.new_cdp_session(page)
    meter, costs = Meter(session), {}
    book = Book(page, desk.server.address("empty.ipynb", "lab"))
    try:
        await book.open()
        await page.evaluate(_LONG)
        await meter.begin()
        await book.open_here(name)
        await book.settled()
        costs["opening"] = await meter.end()
        await book.cell(1).locator(".cm-content").click()
        await page.keyboard.press("Control+End")
        await page.keyboard.type("warm")
        await book.settled()
        await meter.begin()
        for sign in TYPED:
            await page.keyboard.press(sign if sign != " " else "Space")
        await book.settled()
        costs["typing"] = await meter.end()
        await page.wait_for_timeout(1500)  # what is due after the typing is over
        await meter.begin()
        await page.wait_for_timeout(3000)
        costs["idle"] = await meter.end()
    finally:
        await page.close(run_before_unload=False)
    return costs


def _row(label: str, values: Iterable[float]) -> str:
    found = sorted(values)
    return f"  {label:<34}{statistics.median(found):9.1f} ms   ({found[0]:.1f} to {found[-1]:.1f})"


async def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--cells", type=int, default=2000)
    arguments.add_argument("--rounds", type=int, default=5)
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        async with (
            jupyter(place / "with") as with_it,
            jupyter(place / "without") as without,
            chromium() as context,
        ):
            _disable(without)
            found: dict[str, list[dict[str, Cost]]] = {"with": [], "without": []}
            for server in (with_it, without):
                server.write("large.ipynb", *cells(asked.cells))
                server.write("empty.ipynb", "1")
            for number in range(asked.rounds):
                turns = [("with", with_it), ("without", without)]
                for label, server in turns if number % 2 else reversed(turns):
                    found[label].append(await measured(Desk(server, context), "large.ipynb"))
                    print(f"  round {number + 1} {label}: {found[label][-1]['opening']}", flush=True)
                    await server.shut_kernels_down()
    print(f"A notebook of {asked.cells} cells, {asked.rounds} rounds; median (least to most)")
    for what in ("opening", "typing", "idle"):
        print(what if what != "typing" else f"typing {len(TYPED)} signs in a prompt")
        for label, costs in found.items():
            print(_row(f"task time {label} the part", [one[what].tasks for one in costs]))
        print(_row("own time of the part", [one[what].own for one in found["with"]]))
        print(_row("its longest stretch", [one[what].longest for one in found["with"]]))


def _disable(server: Server) -> None:
    """Do what `jupyter labextension disable g4f-magic` does."""
    config = server.folder.parent / "config" / "labconfig" / "page_config.json"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(json.dumps({"disabledExtensions": {"g4f-magic": True}}))


if __name__ == "__main__":
    asyncio.run(main())
