"""Real interrupts at random moments over all phases of a chat, and what is left after each.

    python -m benchmarks.interrupts [--times 1000] [--seed 1]

Both ways of running the magic, in kernels of the ipykernel that is installed beside this Python; a run in another
environment shows another one. Each interrupt is a SIGINT as the Stop button sends it. After each: does the kernel
live, does the next cell get its whole reply, are there more tasks, connections or file handles than before?
"""

from __future__ import annotations

import argparse
import asyncio
import platform
import random
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from tests.kernel.phases import CONTROL, LOST, PHASES, WAYS, Stopped, drawn, target

OUTCOMES = ("stopped", "ended by itself", "IPython's own", LOST, "other", "no answer")


async def run(times: int, seed: int) -> int:
    print(
        f"Python {platform.python_version()}, ipykernel {version('ipykernel')}, IPython {version('ipython')}, "
        f"{times} interrupts, seed {seed}\n"
    )
    started = time.monotonic()
    print(f"| way | phase | interrupts | {' | '.join(OUTCOMES)} |")
    print(f"| --- | --- | --- |{' --- |' * len(OUTCOMES)}")
    problems: list[str] = []
    chance = random.Random(seed)
    for number, way in enumerate(WAYS):
        result = Stopped()
        share = times // len(WAYS) + (number < times % len(WAYS))
        with tempfile.TemporaryDirectory() as folder:
            async with target(Path(folder)) as one:
                await one.strike(way, drawn(share, chance), chance, result)
                await one.strike(way, [CONTROL] * (share // len(PHASES)), chance, result)
                problems += result.problems
                problems += [f"{way}: {text}" for text in await one.kernel.leaks()]
                if left := one.open_turns():
                    problems.append(f"{way}: {left} turns are still open in the history")
        for phase in (*PHASES, CONTROL):
            outcome = result.outcomes.get(phase.name, {})
            counts = [str(outcome.get(name, 0)) for name in OUTCOMES]
            print(f"| {way} | {phase.name} | {sum(outcome.values())} | {' | '.join(counts)} |", flush=True)
    print(f"\nNot as it has to be: {len(problems)}. Took {time.monotonic() - started:.0f} s.")
    for problem in problems:
        print(f"- {problem}")
    return 1 if problems else 0


def main() -> int:
    parser = argparse.ArgumentParser(description="Interrupt chats at random moments.")
    parser.add_argument("--times", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    return asyncio.run(run(options.times, options.seed))


if __name__ == "__main__":
    sys.exit(main())
