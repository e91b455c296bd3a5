"""Install the clients that the gateway is tried with: `python tests/clients/environment.py`.

Each set goes into a folder of its own beside this file, made anew when its list of versions changes: the package's own
environment gets none of them. Python's come by `uv` where that is there, else by pip; JavaScript's by npm.
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
PYTHON_FOLDER = HERE / "python" / ".venv"
PYTHON = PYTHON_FOLDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
NODE_FOLDER = HERE / "node" / "node_modules"
_WANTED = {PYTHON_FOLDER: HERE / "python" / "requirements.txt", NODE_FOLDER: HERE / "node" / "package.json"}


def missing(folder: Path) -> str:
    """Return why a set of clients is not there; empty where it is."""
    if folder == NODE_FOLDER and shutil.which("node") is None:
        return "no node"
    if _stamp(folder).exists() and _stamp(folder).read_text() == _versions(folder):
        return ""
    return "the clients are not installed: python tests/clients/environment.py"


def _stamp(folder: Path) -> Path:
    return folder / "installed"


def _versions(folder: Path) -> str:
    return hashlib.sha256(_WANTED[folder].read_bytes()).hexdigest()


def _install_python() -> None:
    requirements = str(_WANTED[PYTHON_FOLDER])
    if uv := shutil.which("uv"):
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(PYTHON_FOLDER)], check=True)
        subprocess.run(
            [uv, "pip", "install", "--quiet", "--python", str(PYTHON), "-r", requirements], check=True
        )
        return
    venv.create(PYTHON_FOLDER, with_pip=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-r", requirements], check=True)


def _install_node() -> None:
    npm = shutil.which("npm")
    if npm is None:
        print("no npm: JavaScript's clients are left out", file=sys.stderr)
        return
    options = ["--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]
    subprocess.run([npm, "install", *options], cwd=NODE_FOLDER.parent, check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    """Install what is missing."""
    for folder, install in ((PYTHON_FOLDER, _install_python), (NODE_FOLDER, _install_node)):
        if missing(folder):
            shutil.rmtree(folder, ignore_errors=True)
            install()
            if folder.exists():
                _stamp(folder).write_text(_versions(folder))


if __name__ == "__main__":
    main()
