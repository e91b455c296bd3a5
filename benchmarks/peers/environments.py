"""The peers, and a virtual environment with a kernelspec for each of them."""

from __future__ import annotations

import json
import subprocess
import tomllib
import venv
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PEERS = Path(__file__).with_name("peers.toml")
INSTALL_SECONDS = 900


class UnavailableError(Exception):
    """A peer cannot be installed; the text says why in one line."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One row: what is installed, the cell that loads it and the cell that asks."""

    name: str
    environment: str
    install: tuple[str, ...]
    version_of: str
    load: str
    ask: str

    def cell(self, template: str, base: str, prompt: str = "", number: int = 0) -> str:
        """Return `load` or `ask` with its blanks filled in."""
        filled = {"BASE": base, "PROMPT": prompt, "NUMBER": str(number)}
        for blank, value in filled.items():
            template = template.replace(blank, value)
        return template.strip()


@dataclass(frozen=True, slots=True)
class Installed:
    """What stands in a peer's environment."""

    python: Path
    version: str
    distributions: int


def read_peers() -> list[Peer]:
    """Return the peers in the order of the file, the floor first."""
    given = tomllib.loads(PEERS.read_text())["peer"]
    return [Peer(**{**entry, "install": tuple(entry["install"])}) for entry in given]


def prepare(peer: Peer, folder: Path) -> Installed:
    """Make the peer's environment where it is not there yet, and a kernelspec that starts it.

    Raises:
        UnavailableError: pip fails, or takes too long.
    """
    home = folder / "environments" / peer.environment
    python = home / "bin" / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
    wanted = ["ipykernel", *(part.replace("CHECKOUT", str(CHECKOUT)) for part in peer.install)]
    stamp = home / "installed.json"
    if not stamp.exists() or json.loads(stamp.read_text()) != wanted:
        _pip(python, wanted)
        stamp.write_text(json.dumps(wanted))
    specification = folder / "kernels" / peer.environment
    specification.mkdir(parents=True, exist_ok=True)
    argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel = {"argv": argv, "display_name": peer.environment, "language": "python"}
    (specification / "kernel.json").write_text(json.dumps(kernel))
    return _look_into(python, peer.version_of)


def _pip(python: Path, wanted: list[str]) -> None:
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise UnavailableError(f"pip took more than {INSTALL_SECONDS} s") from None
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise UnavailableError(errors[-1] if errors else f"pip ended with {done.returncode}")


def _look_into(python: Path, distribution: str) -> Installed:
    code = (
        "import importlib.metadata as m, sys;"
        "print(m.version(sys.argv[1]), len({d.name.lower() for d in m.distributions()}))"
    )
    command = [str(python), "-c", code, distribution]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        raise UnavailableError(f"{distribution} is not there after its installation")
    version, count = done.stdout.split()
    return Installed(python, version, int(count))
