"""Install what some tests run apart from the package: `python -m tests.environments clients fronts`.

Each room of tests with programs of others has a list for Python, `tests/ROOM/python/requirements.txt`, and one for
JavaScript, `tests/ROOM/node/package.json`. They go into folders beside these files, made anew when a list changes: the
package's own environment gets none of them. Python's come by `uv`, which is installed there where it is nowhere else.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Environment:
    """What the tests of one room need."""

    room: str
    has_package: bool = False
    """The package itself is installed beside them, as it lies here."""

    @property
    def folder(self) -> Path:
        return TESTS / self.room

    @property
    def bin(self) -> Path:
        return self.folder / "python" / ".venv" / ("Scripts" if os.name == "nt" else "bin")

    @property
    def python(self) -> Path:
        return self.bin / ("python.exe" if os.name == "nt" else "python")

    @property
    def node_modules(self) -> Path:
        return self.folder / "node" / "node_modules"

    def missing(self) -> str:
        """Return why Python's part is not there; empty where it is."""
        return self._missing(self.python.parents[1], self._requirements)

    def missing_node(self) -> str:
        """Return why JavaScript's part is not there; empty where it is."""
        return (
            self._missing(self.node_modules, self._node_package)
            if shutil.which("node")
            else "node is missing"
        )

    def install(self) -> None:
        """Install what is missing."""
        if self.missing():
            self._install_python(self.python.parents[1])
        if self.missing_node():
            self._install_node()

    @property
    def _requirements(self) -> Path:
        return self.folder / "python" / "requirements.txt"

    @property
    def _node_package(self) -> Path:
        return self.folder / "node" / "package.json"

    def _missing(self, made: Path, wanted: Path) -> str:
        stamp = made / "installed"
        if stamp.exists() and stamp.read_text() == _digest(wanted):
            return ""
        return f"not installed: python -m tests.environments {self.room}"

    def _install_python(self, made: Path) -> None:
        shutil.rmtree(made, ignore_errors=True)
        venv.create(made, with_pip=True)
        uv = shutil.which("uv")
        if uv is None:
            quiet = ["--quiet", "--disable-pip-version-check"]
            subprocess.run([str(self.python), "-m", "pip", "install", *quiet, "uv"], check=True)
            uv = str(self.bin / "uv")
        package = ["--editable", str(TESTS.parent)] if self.has_package else []
        command = [uv, "pip", "install", "--quiet", "--python", str(self.python)]
        subprocess.run([*command, "--requirement", str(self._requirements), *package], check=True)
        (made / "installed").write_text(_digest(self._requirements))

    def _install_node(self) -> None:
        npm = shutil.which("npm")
        if npm is None:
            print("no npm: what is JavaScript is left out", file=sys.stderr)
            return
        shutil.rmtree(self.node_modules, ignore_errors=True)
        options = ["--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]
        command = [npm, "install", *options]
        subprocess.run(command, cwd=self._node_package.parent, check=True, stdout=subprocess.DEVNULL)
        (self.node_modules / "installed").write_text(_digest(self._node_package))


def _digest(wanted: Path) -> str:
    return hashlib.sha256(wanted.read_bytes()).hexdigest()


CLIENTS = Environment("clients")
"""Clients that the gateway is tried with."""
FRONTS = Environment("fronts", has_package=True)
"""Front ends, and machines that run notebooks, in which the package is tried."""


if __name__ == "__main__":
    for environment in (CLIENTS, FRONTS):
        if environment.room in sys.argv[1:]:
            environment.install()
