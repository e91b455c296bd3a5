"""Run the tests with the lowest versions that the package declares: `python tests/lowest/run.py [FOLDER] [pytest arguments]`.

Needs Python and pip alone. FOLDER keeps the virtual environment; without one, it is made anew and thrown away. Run by
Python 3.13, for which the oldest releases were never built, it takes those that Google Colab brings along.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
IS_COLAB = sys.version_info >= (3, 13)
CONSTRAINTS = HERE / ("colab.txt" if IS_COLAB else "constraints.txt")
# What the old ipywidgets, ipykernel and IPython themselves do.
IGNORED = [
    *("-W", "ignore:Deprecated in traitlets:DeprecationWarning"),
    *(("-W", "ignore:Parsing dates involving:DeprecationWarning") if IS_COLAB else ()),
    *(("-W", "ignore:The default datetime:DeprecationWarning") if IS_COLAB else ()),
]
TESTS = ["tests/unit", "tests/contract", "tests/process", "tests/kernel", "tests/panel", "tests/terminal"]
TOOLS = [
    "backports.zstd; python_version < '3.14'",
    "brotli>=1.2",
    "httpx",
    "httpx-sse",
    "hypothesis",
    "ipykernel",
    "jupyter-client",
    "keyrings.alt",
    "nbclient",
    "nbformat",
    "proxy.py",
    "psutil",
    "pytest",
    "pytest-asyncio",
    "pytest-randomly",
    "pytest-timeout",
    "pytest-xdist",
    "sse-starlette",
    "uvicorn",
]


def environment(folder: Path) -> Path:
    """Make the virtual environment where it is not there yet, and return its Python."""
    bin_folder = folder / ("Scripts" if os.name == "nt" else "bin")
    python = bin_folder / ("python.exe" if os.name == "nt" else "python")
    if not python.exists():
        venv.create(folder, with_pip=True)
    constraints = ["--constraint", str(CONSTRAINTS)]
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *constraints]
    subprocess.run([*install, "--editable", f"{ROOT}[keyring,socks,terminal]", *TOOLS], check=True)
    return python


def main(arguments: list[str]) -> int:
    """Return pytest's exit status."""
    folder, *rest = arguments or [""]
    with tempfile.TemporaryDirectory() as anew:
        python = environment(Path(folder or anew))
        tests = [argument for argument in rest if argument.startswith("tests/")]
        command = [
            str(python),
            "-m",
            "pytest",
            "-m",
            "not browser",
            *IGNORED,
            *rest,
            *([] if tests else TESTS),
        ]
        return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
