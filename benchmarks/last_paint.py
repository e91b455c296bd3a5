"""When the last word of a long reply is painted, in Chromium: a chat cell beside a cell that prints.

Run `python -m benchmarks.last_paint`; it takes about two minutes. A real JupyterLab shows 200 KB of Markdown
that arrive over 20 s, once by `%%chat` and once by `print` of each piece. "Last paint" is the time from the
end of the text in the kernel to the last frame in which the page's output changed, the buttons of a reply
among it, but not the empty marks that JupyterLab itself leaves at headings for its table of contents; "longest task" is the
longest time for which the page could not react, "tasks" the sum of those above 50 ms. These grow on a machine that does
something else meanwhile; "processor time" is what the page's main thread itself worked, all of it and in styles alone.

What it does not show: other front ends. `print` shows the
bare text, a chat cell the typeset reply.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.sample import markdown
from g4f_magic.chunks import Finish, Text
from g4f_magic.gateway import Gateway
from g4f_magic.gateway.actions import Action
from g4f_magic.gateway.chat_request import ChatRequest
from tests.browser.lab import Book, Desk, chromium, jupyter

if TYPE_CHECKING:
    from playwright.async_api import CDPSession

PIECE = 40
WATCH = """() => {
    const seen = window.__seen = {painted: 0, frames: 0, longest: 0, total: 0};
    const area = window.jupyterapp.shell.currentWidget.content.widgets[1].outputArea.node;
    let waits = false;
    // JupyterLab's table of contents leaves an empty mark at each heading, a fifth of a second after the last change.
    const isMark = node => node.className === 'numbering-entry' && !node.textContent;
    const isSeen = ({type, addedNodes, removedNodes}) =>
        type !== 'childList' || ![...addedNodes, ...removedNodes].every(isMark);
    new MutationObserver(changes => {
        if (waits || !changes.some(isSeen)) return;
        waits = true;
        requestAnimationFrame(() => {
            // A task after the frame's own work: what was changed has been painted.
            const channel = new MessageChannel();
            channel.port1.onmessage = () => {
                waits = false;
                seen.painted = Date.now();
                seen.frames += 1;
            };
            channel.port2.postMessage(0);
        });
    }).observe(area, {childList: true, subtree: true, characterData: true});
    new PerformanceObserver(list => {
        for (const task of list.getEntries()) {
            seen.longest = Math.max(seen.longest, task.duration);
            seen.total += task.duration;
        }
    }).observe({type: 'longtask', buffered: false});
}"""
CELLS = {
    "print": """import asyncio, time
from benchmarks.sample import markdown
text = markdown({size})
pieces = [text[i:i + {piece}] for i in range(0, len(text), {piece})]
started = time.perf_counter()
for number, piece in enumerate(pieces):
    print(piece, end='', flush=True)
    await asyncio.sleep(max(0, started + {seconds} * number / len(pieces) - time.perf_counter()))
print('THE END', end='')
ended = time.time()""",
    "%%chat": "%%chat --once\npaced",
}


class Paced:
    """An engine that says a text, spread evenly over some seconds."""

    name = label = "paced"

    def __init__(self, size: int, seconds: float) -> None:
        self._text = markdown(size) + "\n\nTHE END"
        self._seconds = seconds
        self.ended = 0.0

    async def models(self) -> list[str]:
        return [self.name]

    async def reply(self, ask: ChatRequest) -> AsyncGenerator[Action]:
        starts = range(0, len(self._text), PIECE)
        began = time.perf_counter()
        for start in starts:
            due = began + self._seconds * start / len(self._text)
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            yield Text(self._text[start : start + PIECE])
        self.ended = time.time()
        yield Finish("stop")


@dataclass(frozen=True, slots=True)
class Paint:
    """What the page did while a reply came."""

    late_seconds: float
    longest_seconds: float
    tasks_seconds: float
    frames: int
    worked_seconds: float
    styled_seconds: float


async def measure(desk: Desk, engine: Paced, way: str, code: str) -> Paint:
    """Run one cell in a page of its own and return what the page did."""
    name = "print.ipynb" if way == "print" else "chat.ipynb"
    async with desk.open("lab", name, "%load_ext g4f_magic", code, "ended", fresh=True) as book:
        book.page.set_default_timeout(180_000)
        await book.run(0)
        await book.settled()
        await book.page.evaluate(WATCH)
        session = await book.page.context.new_cdp_session(book.page)
        await session.send("Performance.enable", {"timeDomain": "threadTicks"})
        before = await worked(session)
        await book.start(1)
        await book.idle()
        if way == "%%chat":
            await book.says(1, "live ·")
        seen = await quiet(book)
        after = await worked(session)
        ended = engine.ended
        if way == "print":
            await book.run(2)
            ended = float(await book.text(2))
    return Paint(
        seen["painted"] / 1000 - ended,
        seen["longest"] / 1000,
        seen["total"] / 1000,
        int(seen["frames"]),
        *(then - earlier for earlier, then in zip(before, after, strict=True)),
    )


async def worked(session: CDPSession) -> tuple[float, float]:
    """Return how long the page's main thread has worked so far, and how long of that it looked for styles."""
    told = await session.send("Performance.getMetrics")
    metrics = {one["name"]: float(one["value"]) for one in told["metrics"]}
    return metrics["TaskDuration"], metrics["RecalcStyleDuration"]


async def quiet(book: Book) -> dict[str, float]:
    """Return what was seen, once nothing has changed for two seconds and the end stands in the page."""
    before: dict[str, float] = {}
    for _ in range(60):
        await asyncio.sleep(2)
        seen: dict[str, float] = await book.page.evaluate("() => ({...window.__seen})")
        if seen == before and "THE END" in "".join(await book.output(1).all_text_contents()):
            return seen
        before = seen
    raise RuntimeError(f"the page does not come to rest: {before}")


async def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--size", type=int, default=200 * 1024, help="characters")
    arguments.add_argument("--seconds", type=float, default=20.0)
    options = arguments.parse_args()
    engine = Paced(options.size, options.seconds)
    paints = {}
    with tempfile.TemporaryDirectory(prefix="last-paint-", ignore_cleanup_errors=True) as folder:
        async with Gateway(engine) as gateway:
            environment = {
                "G4F_MAGIC_HISTORY": "off",
                "G4F_MAGIC_PROVIDER": "koala",
                "G4F_MAGIC_BASE_URL": gateway.base_url,
            }
            environment["PYTHONPATH"] = str(Path(__file__).parents[1])
            async with jupyter(Path(folder), **environment) as server, chromium() as context:
                for way, code in CELLS.items():
                    code = code.format(size=options.size, seconds=options.seconds, piece=PIECE)
                    paints[way] = await measure(Desk(server, context), engine, way, code)
    show(paints, options.size, options.seconds)


def show(paints: dict[str, Paint], size: int, seconds: float) -> None:
    """Print the table."""
    floor, ours = paints["print"], paints["%%chat"]
    print(f"{size // 1024} KB of Markdown over {seconds:g} s in pieces of {PIECE} characters, JupyterLab\n")
    print("| what | print | %%chat | ratio |")
    print("| --- | --- | --- | --- |")
    rows = (
        ("last paint after the last piece", floor.late_seconds, ours.late_seconds),
        ("longest task in the page", floor.longest_seconds, ours.longest_seconds),
        ("tasks above 50 ms, sum", floor.tasks_seconds, ours.tasks_seconds),
        ("processor time of the page", floor.worked_seconds, ours.worked_seconds),
        ("of that in styles", floor.styled_seconds, ours.styled_seconds),
    )
    for what, theirs, mine in rows:
        print(f"| {what} | {theirs:.2f} s | {mine:.2f} s | {mine / theirs if theirs else float('nan'):.2f} |")
    print(f"| frames in which the output changed | {floor.frames} | {ours.frames} | – |")


if __name__ == "__main__":
    asyncio.run(main())
