"""The table of docs/reliability.md: every fault, every provider, every way.

    python -m tests.faults [--way WAY] [--part quick|heavy]

Writes the tables between their marks and prints them. The heavy part moves many megabytes.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import tempfile
from collections import defaultdict
from pathlib import Path

from g4f_magic.wire import trust
from tests.faults.faults import FAULTS, Fault
from tests.faults.heavy import in_a_process
from tests.faults.server import PROVIDERS
from tests.faults.ways import ROOT, WAYS, Outcome, Server

PAGE = ROOT / "docs" / "reliability.md"
MARKS = "<!-- {}: made by python -m tests.faults -->", "<!-- end of {} -->"
HEAVY_PROVIDERS = ("koala", "openai", "whiterabbitneo")
"""One of each kind: events without an end mark, events with one, raw text."""

Seen = tuple[str, str, str]
"""What the person sees, what is kept, what is left open."""


def seen(outcome: Outcome, characters: int | None = None) -> Seen:
    sees = "<br>".join(line.replace("|", "\\|") for line in outcome.sees) or "the reply"
    # Which address it was says nothing here.
    sees = re.sub(r"/redirect-loop/\S+;", "PATH;", sees).replace("aura-here", "aura")
    kept = outcome.kept if characters is None else f"{characters:,} characters"
    left = ", ".join(
        f"{number} {what}"
        for number, what in zip(outcome.left, ("tasks", "sockets", "files"), strict=True)
        if number
    )
    return sees, f"{outcome.status}, {kept}", left or "nothing"


def rows(fault: Fault, found: dict[tuple[str, str], Seen]) -> list[str]:
    """Return a row for each thing that happens, with those to whom it happens."""
    who: dict[Seen, list[tuple[str, str]]] = defaultdict(list)
    for place, one in found.items():
        who[one].append(place)
    return [
        f"| {fault.says} | {_names(fault, places, found)} | {' | '.join(one)} |"
        for one, places in who.items()
    ]


def _names(fault: Fault, places: list[tuple[str, str]], found: dict[tuple[str, str], Seen]) -> str:
    if len(places) == len(found):
        return (
            "all"
            if set(fault.providers) == set(PROVIDERS) and not fault.is_heavy
            else ", ".join(_providers(places))
        )
    ways = {way for way, _ in places}
    only = "" if ways == {way for way, _ in found} else f" ({', '.join(sorted(ways))})"
    return ", ".join(_providers(places)) + only


def _providers(places: list[tuple[str, str]]) -> list[str]:
    return list(dict.fromkeys(provider for _, provider in places))


async def quick(ways: list[str]) -> dict[str, dict[tuple[str, str], Seen]]:
    found: dict[str, dict[tuple[str, str], Seen]] = defaultdict(dict)
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)).running() as server:
        for way in ways:
            async with WAYS[way]() as ask:
                for fault in FAULTS.values():
                    for provider in () if fault.is_heavy else fault.providers:
                        found[fault.name][way, provider] = seen(await ask(server.place(provider, fault.name)))
    return found


def heavy(ways: list[str]) -> list[str]:
    lines = []
    for fault in FAULTS.values():
        for provider in fault.providers:
            if not fault.is_heavy or provider not in HEAVY_PROVIDERS:
                continue
            for way in ways:
                outcome, characters = in_a_process(way, provider, fault.name)
                megabytes = outcome.grown_bytes / 1e6
                cells = (fault.says, f"{provider}, {way}", *seen(outcome, characters), f"{megabytes:.0f} MB")
                lines.append(f"| {' | '.join(cells)} |")
                print(lines[-1], flush=True)
    return lines


def put(name: str, lines: list[str]) -> None:
    """Write lines between the marks of that name."""
    begin, end = (mark.format(name) for mark in MARKS)
    before, _, rest = PAGE.read_text("utf-8").partition(begin)
    _, _, after = rest.partition(end)
    PAGE.write_text("\n".join([before + begin, "", *lines, "", end + after]), "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--way", choices=WAYS, action="append", help="only this way")
    parser.add_argument("--part", choices=("quick", "heavy"), help="only this table")
    given = parser.parse_args()
    for variable in trust.VARIABLES:  # a reply about certificates names those of the machine
        os.environ.pop(variable, None)
    ways = given.way or list(WAYS)
    title = f"Ways: {', '.join(ways)}."
    if given.part != "heavy":
        found = asyncio.run(quick(ways))
        lines = [line for name, places in found.items() for line in rows(FAULTS[name], places)]
        print("\n".join(lines))
        head = [
            "| what happens | to whom | what the person sees | what is kept | left open |",
            "| --- | --- | --- | --- | --- |",
        ]
        put("faults", [title, "", *head, *lines])
    if given.part != "quick":
        head = [
            "| what comes | to whom | what the person sees | what is kept | left open | memory grows by |",
            "| --- " * 6 + "|",
        ]
        put("memory", [title, "", *head, *heavy(ways)])


if __name__ == "__main__":
    main()
