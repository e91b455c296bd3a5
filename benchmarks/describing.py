"""What describing a large frame costs on top of `df.head()`, in time and memory; and what it costs to begin with.

    python -m benchmarks.describing

The frame has 10 million rows and 50 columns. The floor beside it is the least that a description can do: the first
rows as text, by the library itself, and the types of the columns. All take turns in one process, so that the ratios
hold where the machine is busy. Memory is what a process has more than before at its highest, as the system counts it.
Fails where a description at the level `sample` costs more than 0.3 s or 20 MB on top of `df.head()`.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from g4f_magic.describing import LEVELS, describe

ROWS, COLUMNS, ROUNDS = 10_000_000, 50, 7
MOST_SECONDS, MOST_MB = 0.3, 20.0
KINDS = ("int16", "float32", "bool", "datetime64[s]", "category")
IMPORTS = (
    "import time, sys; t = time.perf_counter(); import g4f_magic.describing; print(time.perf_counter() - t)"
)


def large_frame() -> pd.DataFrame:
    """Return a frame of several types, with missing values, at about 2 GB."""
    columns: dict[str, Any] = {}
    for number in range(COLUMNS):
        kind = KINDS[number % len(KINDS)]
        if kind == "category":
            columns[f"c{number}"] = pd.Categorical.from_codes(np.zeros(ROWS, "int8"), ["one", "two"])
        else:
            columns[f"c{number}"] = np.zeros(ROWS, "int16" if kind.startswith("date") else kind)
    return pd.DataFrame(columns)


def floor(frame: Any) -> str:
    return f"{frame.head()}\n{frame.dtypes}"


def measured(calls: dict[str, Callable[[], object]]) -> dict[str, tuple[float, float]]:
    """Return the median seconds of each call, and how many MB the process grew by at the first."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    grown: dict[str, float] = {}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            start = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - start)
            grown.setdefault(name, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
    return {name: (statistics.median(each), grown[name]) for name, each in seconds.items()}


def of(frame: Any) -> dict[str, Callable[[], object]]:
    levels = {
        f"describe, {level}": (lambda level=level: describe(frame, name="df", share=level))
        for level in LEVELS
    }
    return {"df.head()": frame.head, "floor": lambda: floor(frame), **levels}


def import_seconds() -> float:
    runs = (
        subprocess.run([sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=True)
        for _ in range(5)
    )
    return min(float(run.stdout) for run in runs)


def main() -> int:
    print(f"importing what describes: {import_seconds() * 1000:.0f} ms")
    is_good = True
    for library, make in (
        ("pandas", large_frame),
        (
            "polars",
            lambda: pl.DataFrame(
                {f"c{n}": pl.zeros(ROWS, dtype=pl.Int16, eager=True) for n in range(COLUMNS)}
            ),
        ),
    ):
        frame = make()
        found = measured(of(frame))
        (head, _), (least, _) = found["df.head()"], found["floor"]
        for name, (seconds, grown) in found.items():
            print(
                f"{library}, {name}: {seconds * 1000:.2f} ms, {seconds / least:.1f} times the floor, {grown:.1f} MB"
            )
        grown = sum(mb for _, mb in found.values())
        is_good &= found["describe, sample"][0] - head < MOST_SECONDS and grown < MOST_MB
        del frame
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
