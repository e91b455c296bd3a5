"""What the history costs in a store of 100,000 turns, beside one of 100.

    python -m benchmarks.history [--turns 100000]

Turns are of 2 KB. Each figure is a median, and the large store's is shown as a ratio to the small one's,
taken in the same run. Filling the large store takes a minute or two and 600 MB of disk.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil

from g4f_magic.history import History
from g4f_magic.turn import Turn, steps_of

SMALL = 100
PER_NOTEBOOK = 50
REPEATS = 15


def words(chance: random.Random) -> list[str]:
    letters = "abcdefghijklmnopqrstuvwxyz"
    return ["".join(chance.choices(letters, k=chance.randrange(3, 9))) for _ in range(20_000)]


def fill(history: History, count: int) -> None:
    chance = random.Random(1)
    known = words(chance)
    for start in range(0, count, PER_NOTEBOOK):
        turns = [
            Turn.plain(
                id=f"t{number}",
                slot=f"s{number}",
                prompt="what of " + " ".join(chance.choices(known, k=8)),
                reply=" ".join(chance.choices(known, k=300)),
                provider="koala",
                model="",
                started_at=1.0,
                status="done",
            )
            for number in range(start, min(start + PER_NOTEBOOK, count))
        ]
        history.add(f"notebook {start // PER_NOTEBOOK}", "main", turns)


def median(work: Callable[[int], object]) -> float:
    times = []
    for number in range(REPEATS):
        started = time.perf_counter()
        work(number)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def measure(count: int, folder: Path) -> dict[str, float]:
    file = folder / f"{count}.sqlite"
    history = History(file)
    fill(history, count)
    history.close()
    before = psutil.Process().memory_info().rss

    def open_notebook(number: int) -> None:
        opened = History(file)
        assert len(opened.turns("notebook 1", "main")) == PER_NOTEBOOK
        opened.close()

    def append(number: int) -> None:
        turn = Turn.plain(
            id=f"new{number}", slot=f"new{number}", prompt="hi", provider="koala", model="", started_at=1.0
        )
        history.begin("notebook 0", "main", turn)
        history.settle(replace(turn, steps=steps_of("word " * 400), status="done"))

    opening = median(open_notebook)
    rare = history.turns("notebook 0", "main")[3].reply.split()
    figures = {
        "opening a notebook's conversation": opening,
        "appending a turn": median(append),
        "full-text search, two words": median(
            lambda number: history.search(" ".join(rare[number : number + 2]), limit=5)
        ),
        "full-text search, one word": median(lambda number: history.search(rare[number], limit=5)),
        "full-text search, a word that is in every turn": median(
            lambda number: history.search("what", limit=5)
        ),
    }
    figures["memory grown, MB"] = (psutil.Process().memory_info().rss - before) / 1e6
    history.close()
    return figures


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--turns", type=int, default=100_000)
    many = parser.parse_args().turns
    with tempfile.TemporaryDirectory() as folder:
        small, large = measure(SMALL, Path(folder)), measure(many, Path(folder))
    print(f"| what | {SMALL} turns | {many:,} turns | ratio |\n| --- | --- | --- | --- |")
    for name, floor in small.items():
        unit = "" if "MB" in name else " ms"
        scale = 1 if "MB" in name else 1e3
        print(
            f"| {name} | {floor * scale:.2f}{unit} | {large[name] * scale:.2f}{unit} | {large[name] / max(floor, 1e-9):.1f} |"
        )


if __name__ == "__main__":
    main()
