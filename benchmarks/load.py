"""Many chats at once and for long: no turn is lost, and nothing grows.

    python -m benchmarks.load [--minutes 10] [--streams 200] [--kernels 10]

1. Streams: so many chats at once in one kernel, each with a conversation of its own.
2. Kernels: so many kernels at once on one history, each asking in its own notebook and in one that all share.
3. Steady: in one kernel, cells and a panel one after the other for so many minutes: done, failed and broken-off ones, several
   at once, re-runs of one cell. After the first minute neither memory nor tasks, connections or file handles grow.

What was asked is counted here, what was kept is counted in the history's file.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.kernel.load import Counted, Sample, kernels_on_one_store, steady, streams_at_once


def shown(title: str, counted: Counted, seconds: float) -> bool:
    print(f"\n{title}: {seconds:.0f} s")
    print(f"  asked {counted.asked:,}, kept {counted.kept:,}, as they should be {counted.right:,}")
    for problem in counted.problems[:20]:
        print(f"  - {problem}")
    return counted.is_whole


def growth(samples: Sequence[Sample]) -> bool:
    """Print how things stood minute by minute, and say whether nothing grew."""
    print("\n| minute | turns | memory, MB | tasks | connections | file handles |")
    print("| --- | --- | --- | --- | --- | --- |")
    for sample in samples:
        print(
            f"| {sample.minute:.1f} | {sample.turns:,} | {sample.memory_bytes / 1e6:.1f} | {sample.tasks} "
            f"| {sample.connections} | {sample.handles} |"
        )
    later = [sample for sample in samples if sample.minute >= 1] or list(samples)
    first, last = later[0], later[-1]
    more = last.memory_bytes - first.memory_bytes
    turns = max(1, last.turns - first.turns)
    print(
        f"after the first minute: {more / 1e6:+.1f} MB over {turns:,} turns, {more / turns:+.0f} bytes a turn"
    )
    # A handle may be open for a moment while it is counted.
    return min(one.open_things for one in later[-3:]) <= max(one.open_things for one in later[:3])


async def run(minutes: float, streams: int, kernels: int) -> int:
    is_right = True
    with tempfile.TemporaryDirectory() as folder:
        for title, work in (
            (f"{streams} streams at once in one kernel", streams_at_once(Path(folder, "streams"), streams)),
            (f"{kernels} kernels on one history", kernels_on_one_store(Path(folder, "kernels"), kernels)),
        ):
            started = time.monotonic()
            counted = await work
            is_right &= shown(title, counted, time.monotonic() - started)
        started = time.monotonic()
        counted, samples = await steady(Path(folder, "steady"), minutes * 60)
        is_right &= shown("steady load in one kernel", counted, time.monotonic() - started)
        is_right &= growth(samples)
    print("\nAll as it has to be." if is_right else "\nNot as it has to be.")
    return 0 if is_right else 1


def main() -> int:
    parser = argparse.ArgumentParser(description="Chat much, and for long.")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--kernels", type=int, default=10)
    options = parser.parse_args()
    return asyncio.run(run(options.minutes, options.streams, options.kernels))


if __name__ == "__main__":
    sys.exit(main())
