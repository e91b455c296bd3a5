"""Install the front ends that the package is tried in: `python tests/fronts/environment.py`.

They go into a folder of their own beside this file, made anew when the list of versions changes, with the package itself
as it lies here: the package's own environment gets none of them. They come by `uv`, which is installed there first, and
Pyodide by npm.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FOLDER = HERE / ".venv"
BIN = FOLDER / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
NODE_FOLDER = HERE / "node" / "node_modules"
_WANTED = {FOLDER: HERE / "requirements.txt", NODE_FOLDER: HERE / "node" / "package.json"}


def missing(folder: Path = FOLDER) -> str:
    """Return why the front ends are not there; empty where they are."""
    stamp = folder / "installed"
    if stamp.exists() and stamp.read_text() == _versions(folder):
        return ""
    return "the front ends are not installed: python tests/fronts/environment.py"


def _versions(folder: Path) -> str:
    return hashlib.sha256(_WANTED[folder].read_bytes()).hexdigest()


def _install_python() -> None:
    venv.create(FOLDER, with_pip=True)
    quiet = ["--quiet", "--disable-pip-version-check"]
    subprocess.run([str(PYTHON), "-m", "pip", "install", *quiet, "uv"], check=True)
    uv = [str(BIN / "uv"), "pip", "install", "--quiet", "--python", str(PYTHON)]
    subprocess.run([*uv, "--requirement", str(_WANTED[FOLDER]), "--editable", str(ROOT)], check=True)


def _install_node() -> None:
    npm = shutil.which("npm")
    if npm is None:
        print("no npm: Pyodide is left out", file=sys.stderr)
        return
    options = ["--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]
    subprocess.run([npm, "install", *options], cwd=NODE_FOLDER.parent, check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    """Install what is missing."""
    for folder, install in ((FOLDER, _install_python), (NODE_FOLDER, _install_node)):
        if _WANTED[folder].exists() and missing(folder):
            shutil.rmtree(folder, ignore_errors=True)
            install()
            if folder.exists():
                (folder / "installed").write_text(_versions(folder))


if __name__ == "__main__":
    main()
