"""What a long reply and a long conversation cost in the panel, in Chromium.

Run `python -m benchmarks.panel`; it takes about two minutes. A real JupyterLab shows the panel: 200 KB of
Markdown arrive over 20 s, then a conversation of 500 messages (4 KB of rich Markdown each) is opened. Bytes are
those of the frames on the page's websocket that carry messages for the widget. "Last paint" is the time from the
last piece of the service to the last frame in which the panel changed, "longest task" the longest time for which
the page could not react. Opening is from the run of the panel's cell to its last message in view, beside the same
with an empty conversation.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from benchmarks.last_paint import PIECE, WATCH, Paced, quiet
from benchmarks.sample import markdown
from g4f_magic.asker import loaded_magics
from g4f_magic.gateway import Gateway
from g4f_magic.host import here
from g4f_magic.turn import Turn
from tests.browser.lab import Desk, chromium, jupyter

if TYPE_CHECKING:
    from playwright.async_api import Page

LOAD = "%load_ext g4f_magic"
PANEL = "%chat panel"
_KIND = re.compile(rb'"msg_type": "(\w+)"')


@dataclass(slots=True)
class Frames:
    """The bytes that came for the widget."""

    size_bytes: int = 0
    messages: int = 0

    def take(self, payload: str | bytes) -> None:
        data = payload.encode() if isinstance(payload, str) else payload
        kind = _KIND.search(data)  # the first is the message's own, the second that of its parent
        if kind is not None and kind[1] == b"comm_msg":
            self.size_bytes += len(data)
            self.messages += 1


@dataclass(frozen=True, slots=True)
class Streamed:
    """What a long reply cost."""

    late_seconds: float
    longest_seconds: float
    tasks_seconds: float
    frames: int
    ratio: float
    messages: int


async def stream(desk: Desk, engine: Paced, size: int) -> Streamed:
    """Ask in the panel and return what came and what the page did."""
    frames = Frames()

    def listen(page: Page) -> None:
        page.on(
            "websocket",
            lambda socket: socket.on("framereceived", lambda payload: frames.take(payload)),
        )

    desk.context.once("page", listen)
    async with desk.open("lab", "stream.ipynb", LOAD, PANEL, fresh=True) as book:
        book.page.set_default_timeout(180_000)
        await book.run(0)
        await book.run(1)
        box = book.page.locator(".g4f-composer textarea")
        await box.wait_for()
        await book.settled()
        before = frames.size_bytes, frames.messages
        # The static outputs below the panel are hidden, and follow half a second later.
        await book.page.evaluate(
            WATCH.replace(".outputArea.node", ".outputArea.node.querySelector('.g4f-panel')")
        )
        await box.fill("paced")
        await box.press("Enter")
        await book.page.locator(".g4f-line", has_text="live ·").wait_for()
        seen = await quiet(book)
    return Streamed(
        seen["painted"] / 1000 - engine.ended,
        seen["longest"] / 1000,
        seen["total"] / 1000,
        int(seen["frames"]),
        (frames.size_bytes - before[0]) / size,
        frames.messages - before[1],
    )


def fill(count: int) -> None:
    """Put so many turns into the conversation of the notebook that this kernel serves."""
    session = loaded_magics().session
    session.notebook.enter(here().notebook)
    text = markdown(4096)
    turns = []
    for number in range(count):
        identity = uuid4().hex
        turns.append(
            Turn.plain(
                id=identity,
                slot=identity,
                prompt=f"question {number}",
                provider="koala",
                model="gpt-4o-mini",
                started_at=time.time(),
                reply=f"{text}\n\nanswer {number}",
                status="done",
                seconds=1.0,
            )
        )
    session.history.add(session.notebook.key, "main", turns)


async def opening(desk: Desk, name: str, count: int) -> float:
    """Return how many seconds the panel takes from the run of its cell to what it shows at its end."""
    last = f"answer {count - 1}" if count else "Ask about this notebook"
    # What is imported first is not part of the figure.
    filling = (
        f"import g4f_magic.panel, markdown_it, pygments\nfrom benchmarks.panel import fill\nfill({count})"
    )
    async with desk.open("lab", name, LOAD, PANEL, filling, fresh=True) as book:
        await book.run(0)
        await book.run(2)
        started = time.perf_counter()
        await book.start(1)
        await book.page.locator(".g4f-transcript", has_text=last).wait_for()
        await book.settled()
        return time.perf_counter() - started


async def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--size", type=int, default=200 * 1024, help="characters")
    arguments.add_argument("--seconds", type=float, default=20.0)
    arguments.add_argument("--messages", type=int, default=500)
    arguments.add_argument("--rounds", type=int, default=3, help="of the opening")
    options = arguments.parse_args()
    engine = Paced(options.size, options.seconds)
    with tempfile.TemporaryDirectory(prefix="panel-", ignore_cleanup_errors=True) as folder:
        async with Gateway(engine) as gateway:
            environment = {
                "G4F_MAGIC_HISTORY": str(Path(folder) / "history.sqlite"),
                "G4F_MAGIC_PROVIDER": "koala",
                "G4F_MAGIC_BASE_URL": gateway.base_url,
            }
            environment["PYTHONPATH"] = str(Path(__file__).parents[1])
            async with jupyter(Path(folder), **environment) as server, chromium() as context:
                desk = Desk(server, context)
                streamed = await stream(desk, engine, options.size)
                empty, full = [], []
                for number in range(options.rounds):
                    empty.append(await opening(desk, f"empty{number}.ipynb", 0))
                    full.append(await opening(desk, f"full{number}.ipynb", options.messages))
    show(streamed, options.size, options.seconds)
    print(f"| opening a conversation of {options.messages} messages | "
          f"{statistics.median(full):.2f} s, empty {statistics.median(empty):.2f} s | "
          f"{statistics.median(full) - statistics.median(empty):.2f} s more | under 1 s |")  # fmt: skip


def show(streamed: Streamed, size: int, seconds: float) -> None:
    """Print the table."""
    print(f"{size // 1024} KB of Markdown over {seconds:g} s in pieces of {PIECE} characters, JupyterLab\n")
    print("| what | measured | | limit |\n| --- | --- | --- | --- |")
    print(
        f"| bytes for the widget | {streamed.ratio:.1f} times the reply | {streamed.messages} messages | 6 |"
    )
    print(f"| last paint after the last piece | {streamed.late_seconds:.2f} s | | under 0.5 s |")
    print(f"| longest task in the page | {streamed.longest_seconds:.2f} s | | 0.2 s |")
    print(f"| tasks above 50 ms, sum | {streamed.tasks_seconds:.2f} s | {streamed.frames} frames | |")


if __name__ == "__main__":
    asyncio.run(main())
