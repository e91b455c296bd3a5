"""What replaying costs: a notebook of 200 turns of 4 KB beside one whose cells print the same texts, and a lookup.

Run `python -m benchmarks.replay`; it takes about a minute. Both notebooks are run by nbclient in a real kernel,
in turn, three times; the least is shown. A lookup is that of one turn in the middle of an open cassette.

What it does not show: what JupyterLab makes of the outputs.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from benchmarks.sample import TEXT, markdown
from g4f_magic.cassette import Asked, Entry, OpenCassette
from g4f_magic.cassette.entry_line import to_line
from g4f_magic.check.rerun import replay_environment
from g4f_magic.chunks import Finish, Text

CHARACTERS = 12
"""Of a recorded piece: a few tokens."""


def prose(size: int) -> str:
    """Return paragraphs without any code, list or table."""
    paragraph = " ".join((TEXT + ". ").capitalize() for _ in range(2)) + "\n\n"
    return (paragraph * (size // len(paragraph) + 1))[:size]


def cassette(path: Path, turns: int, size: int, text_of: Callable[[int], str] = markdown) -> list[str]:
    """Write a cassette of one conversation and return its replies."""
    parent, replies = "", []
    with path.open("wb") as file:
        for number in range(turns):
            text = f"Turn {number}\n\n" + text_of(size)
            pieces = [text[start : start + CHARACTERS] for start in range(0, len(text), CHARACTERS)]
            asked = Asked(provider="koala", prompt=f"Question {number}", parent=parent, context=2 * number)
            chunks = (*((7, Text(piece)) for piece in pieces), (0, Finish("stop")))
            file.write(
                to_line(Entry(asked=asked, chunks=chunks, answering="koala", answering_model="gpt-4o-mini"))
            )
            parent = asked.key
            replies.append(text)
    return replies


def notebook(*sources: str) -> Any:
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])


def seconds(sources: list[str], environment: dict[str, str]) -> float:
    """Return how long the cells take in a new kernel, its start left out."""
    made = notebook("%load_ext g4f_magic", *sources)
    client = NotebookClient(made, timeout=300, kernel_name="python3")
    with client.setup_kernel(env=environment):
        client.execute_cell(made.cells[0], 0)
        started = time.perf_counter()
        for index, cell in enumerate(made.cells[1:], start=1):
            client.execute_cell(cell, index)
        return time.perf_counter() - started


def lookup_microseconds(path: Path, turns: int) -> float:
    """Return how long it takes to find one turn, once the cassette is read."""
    cassette(path, turns, 1_000)
    opened = OpenCassette(path)
    asked = [entry.asked for _, entry in opened.index.all()][turns // 2]
    rounds = 300
    started = time.perf_counter()
    for _ in range(rounds):
        assert opened.find(asked, "cell") is not None
    return (time.perf_counter() - started) / rounds * 1e6


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--turns", type=int, default=200)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.chat.jsonl"
        print(f"| {options.turns} turns of 4 KB | printed | replayed | times |\n| --- | --- | --- | --- |")
        for name, text_of in (("prose", prose), ("with lists, tables and code", markdown)):
            replies = cassette(path, options.turns, 4_096, text_of)
            chats = [f"%%chat\nQuestion {number}" for number in range(options.turns)]
            prints = [f"print({text!r})" for text in replies]
            # Compiled by the first round, as what pip installed is.
            environment = replay_environment(path) | {"PYTHONDONTWRITEBYTECODE": ""}
            times = [
                (seconds(prints, environment), seconds(chats, environment)) for _ in range(options.rounds)
            ]
            printed, replayed = (min(column) for column in zip(*times, strict=True))
            print(f"| {name} | {printed:.2f} s | {replayed:.2f} s | {replayed / printed:.2f} |", flush=True)
        print()
        print("| turns in the cassette | a lookup |\n| --- | --- |")
        for turns in (100, 1_000, 10_000):
            print(f"| {turns} | {lookup_microseconds(path, turns):.0f} µs |")


if __name__ == "__main__":
    main()
