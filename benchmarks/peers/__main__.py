"""This package beside its peers, on the same loopback server, each in a real kernel of its own environment.

    python -m benchmarks.peers

makes the virtual environments with pip (once; `--folder` says where, about 1 GB), runs every peer in turn as
often as `--rounds` says, and prints Markdown tables of the medians. Ten to twenty minutes the first time.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs

from benchmarks.peers.environments import Installed, Peer, UnavailableError, prepare, read_peers
from benchmarks.peers.measures import Figures, Visit
from benchmarks.peers.table import CLAIMS, behaviour, costs

_FOREIGN = ("OPENAI_", "G4F_MAGIC_", "JUPYTER", "IPYTHON", "JPY_", "PYTHON", "LANGCHAIN", "CHATLAS")


@contextmanager
def server() -> Iterator[str]:
    """Run the gateway in a process of its own and give the base URL for OpenAI's clients."""
    command = [sys.executable, "-m", "g4f_magic", "serve", "--engine", "script"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        if not first.startswith("Gateway: "):
            raise RuntimeError(f"the gateway said {first!r}")
        yield first.removeprefix("Gateway: ").strip() + "/v1"
    finally:
        process.terminate()
        process.wait(timeout=20)


def variables(folder: Path, base: str) -> dict[str, str]:
    """Return a kernel's environment: nothing of the person's own settings, and a home that is empty at first."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    home = folder / "home"
    home.mkdir(exist_ok=True)
    ours = {"HOME": str(home), "OPENAI_API_KEY": "key", "OPENAI_BASE_URL": base, "OPENAI_API_BASE": base}
    return {**kept, **ours}


def install(peers: list[Peer], folder: Path) -> tuple[dict[str, Installed], dict[str, str]]:
    """Return what is installed, and why the rest is not, by the peer's name."""
    there: dict[str, Installed] = {}
    missing: dict[str, str] = {}
    for peer in peers:
        say(f"environment of {peer.name}")
        try:
            there[peer.name] = prepare(peer, folder)
        except UnavailableError as error:
            missing[peer.name] = str(error)
    return there, missing


def measure(peers: list[Peer], folder: Path, base: str, rounds: int) -> dict[str, list[Figures]]:
    """Return the figures of each round by the peer's name; in each round all take their turn."""
    seen: dict[str, list[Figures]] = {peer.name: [] for peer in peers}
    for number in range(rounds):
        for peer in peers:
            started = time.perf_counter()
            visit = Visit(peer, folder / "kernels", variables(folder, base), base)
            seen[peer.name].append(visit.round())
            say(f"round {number + 1}: {peer.name}, {time.perf_counter() - started:.0f} s")
    return seen


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path(platformdirs.user_cache_dir("g4f-magic-peers")))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", metavar="WORD", nargs="*", help="peers whose name holds one of these words")
    options = parser.parse_args()
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    floor, *others = read_peers()
    peers = [
        floor,
        *(peer for peer in others if not options.only or any(w in peer.name for w in options.only)),
    ]
    there, missing = install(peers, folder)
    if floor.name in missing:
        raise SystemExit(f"Without the floor there is nothing to compare with: {missing[floor.name]}")
    with server() as base:
        seen = measure([peer for peer in peers if peer.name in there], folder, base, options.rounds)
    rows = [
        (peer.name, f"{there[peer.name].version}, {there[peer.name].distributions}", seen[peer.name])
        for peer in peers
        if peer.name in there
    ]
    print(costs(rows, seen[floor.name]), behaviour(rows), sep="\n\n", end="\n\n")
    for name, reason in missing.items():
        print(f"Not measured: {name}: {reason}")
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{datetime.date.today():%d %B %Y}, {machine}; medians of {options.rounds}.\n\n{CLAIMS}")


if __name__ == "__main__":
    main()
