"""What hostile texts cost, at 4, 16 and 64 KB: time and saved bytes, in a cell, the panel, a terminal and `%chat history`.

    python -m benchmarks.hostile [--only WORDS] [--place PLACE] [--quick] [--all]

Each text comes in small pieces, as from a service; two processes measure, in seconds of their CPU. Printed are those
that cost most, or with `--all` each. With `--quick`, 64 KB are left out where 16 KB take less than 30 ms: even what
grows with the cube of its length would then take less than 2 s. The verdict: nothing grows faster than 2.5 times per doubling, 64 KB take less than 2 s, and what is saved stays under 40
times the text. Growth is told only where 64 KB take more than 0.2 s: below, noise would be measured.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from tests.hostile import Text, kinds
from tests.shows import SHOWS

SIZES = (4_096, 16_384, 65_536)
MOST_GROWTH = 2.5
"""Times the cost, for twice the text."""
MOST_SECONDS = 2.0
MOST_BYTES = 40
_NOISE_SECONDS = 0.2
_QUICK_SECONDS = MOST_SECONDS / 4**3
_GIVE_UP_SECONDS = 10.0
"""A text that takes so long at one size is not tried at the next."""
_PROCESSES = 2


@dataclass(frozen=True, slots=True)
class Cost:
    """What one text costs in one place, at each of the sizes."""

    place: str
    name: str
    characters: tuple[int, ...]
    seconds: tuple[float, ...]
    saved: tuple[int, ...]

    @property
    def growth(self) -> float:
        """Return how many times longer twice the text takes, from the second size to the last."""
        *_, before, last = self.seconds
        if not math.isfinite(last):
            return math.inf
        return 0.0 if last < _NOISE_SECONDS else (last / max(before, 1e-4)) ** 0.5

    @property
    def times(self) -> float:
        """Return the saved bytes for one of the text, at the size where they are most."""
        return max(saved / max(1, size) for saved, size in zip(self.saved, self.characters, strict=True))

    @property
    def faults(self) -> list[str]:
        """Return what is more than it may be."""
        return [
            *([f"grows {self.growth:.1f} times per doubling"] if self.growth > MOST_GROWTH else []),
            *([f"takes {self.seconds[-1]:.1f} s"] if self.seconds[-1] > MOST_SECONDS else []),
            *([f"saves {self.times:.0f} times the text"] if self.times > MOST_BYTES else []),
        ]


async def measured(
    place: str,
    format: str,  # noqa: A002
    name: str,
    text: Text,
    *,
    is_quick: bool,
) -> Cost:
    """Return what a text costs in a place."""
    characters, seconds, saved = [], [], []
    for size in SIZES:
        if is_quick and size == SIZES[-1] and seconds[-1] < _QUICK_SECONDS:
            return Cost(place, f"{format}: {name}", tuple(characters), tuple(seconds), tuple(saved))
        said = text(size)
        started = time.process_time()
        shown = await SHOWS[place](said, format)
        seconds.append(time.process_time() - started)
        characters.append(len(said.encode("utf-8", "replace")))
        saved.append(shown)
        if seconds[-1] > _GIVE_UP_SECONDS:
            break
    while len(seconds) < len(SIZES):
        characters, seconds, saved = [*characters, 1], [*seconds, float("inf")], [*saved, 0]
    return Cost(place, f"{format}: {name}", tuple(characters), tuple(seconds), tuple(saved))


def row(cost: Cost) -> str:
    """Return a line of the table."""
    times = " · ".join(f"{seconds * 1000:.0f}" for seconds in cost.seconds)
    kilobytes = " · ".join(f"{saved / 1024:.0f}" for saved in cost.saved)
    return f"| {cost.place} | {cost.name} | {times} | {kilobytes} | {cost.times:.1f} | {', '.join(cost.faults)} |"


async def _share(part: int, only: str, places: Sequence[str], is_quick: bool) -> list[Cost]:
    """Measure each second of the texts, in all places: the first or the other half."""
    costs = []
    for place in places:
        await SHOWS[place]("words", "markdown")  # what is loaded at the first use
        wanted = [
            kind
            for kind in kinds()
            if only in f"{kind[0]}: {kind[1]}" and (kind[0] == "markdown" or place in ("cell", "terminal"))
        ]
        for kind in wanted[part::_PROCESSES]:
            costs.append(await measured(place, *kind, is_quick=is_quick))
    return costs


def measure(part: int, only: str, places: Sequence[str], is_quick: bool) -> list[Cost]:
    """Measure a share, in a process of its own."""
    return asyncio.run(_share(part, only, places, is_quick))


def run(only: str, places: Sequence[str], *, is_quick: bool, is_all: bool) -> int:
    """Measure and print; return the exit code."""
    with ProcessPoolExecutor(_PROCESSES, get_context("spawn")) as pool:
        shares = [pool.submit(measure, part, only, places, is_quick) for part in range(_PROCESSES)]
        costs = [cost for share in shares for cost in share.result()]
    faulty = [cost for cost in costs if cost.faults]
    _table(costs if is_all else [*faulty, *_most(costs)])
    print(f"\n{len(costs)} measured, {len(faulty)} beyond a bound.")
    return 1 if faulty else 0


def _most(costs: Iterable[Cost]) -> list[Cost]:
    """Return the costs that are highest within the bounds, by time and by bytes."""
    fine = [cost for cost in costs if not cost.faults]
    slow = sorted(fine, key=lambda cost: -cost.seconds[-1])[:12]
    return [*slow, *sorted((c for c in fine if c not in slow), key=lambda cost: -cost.times)[:12]]


def _table(costs: Iterable[Cost]) -> None:
    print("| place | text | ms at 4 · 16 · 64 KB | KB saved | × text | beyond a bound |")
    print("| --- | --- | --- | --- | --- | --- |")
    for cost in costs:
        print(row(cost), flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure what hostile texts cost.")
    parser.add_argument("--only", default="", help="measure the texts with these words in the name")
    parser.add_argument("--all", action="store_true", help="print each")
    parser.add_argument("--place", choices=SHOWS, help="measure there alone")
    parser.add_argument("--quick", action="store_true", help="leave 64 KB out where 16 KB are quick")
    options = parser.parse_args()
    places = [options.place] if options.place else list(SHOWS)
    return run(options.only, places, is_quick=options.quick, is_all=options.all)


if __name__ == "__main__":
    sys.exit(main())
