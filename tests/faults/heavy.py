"""One heavy fault in a process of its own, so that its memory can be told: `python -m tests.faults.heavy WAY PROVIDER FAULT`."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from dataclasses import asdict, replace
from pathlib import Path

from tests.faults.ways import ROOT, WAYS, Outcome, Server
from tests.patience import PATIENCE_SECONDS


def in_a_process(way: str, provider: str, fault: str) -> tuple[Outcome, int]:
    """Return how it ended, its texts left out, and how many characters were kept."""
    command = [sys.executable, "-m", "tests.faults.heavy", way, provider, fault]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    found, characters = json.loads(done.stdout.splitlines()[-1])
    return Outcome(**{**found, "sees": tuple(found["sees"]), "left": tuple(found["left"])}), characters


async def main(way: str, provider: str, fault: str) -> None:
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)).running() as server:
        async with WAYS[way]() as ask:
            await ask(server.place(provider, "good"))  # what is loaded once is there
            outcome = await ask(server.place(provider, fault))
    characters = len(outcome.reply) + len(outcome.reasoning)
    print(json.dumps([asdict(replace(outcome, reply="", reasoning="")), characters]))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
