"""Try the front-end part in the lowest JupyterLab and Notebook: `python tests/lowest/front_ends.py [FOLDER] [pytest arguments]`.

Needs what the browser tests need, and pip. FOLDER keeps the virtual environment with the old versions; without one, it is
made anew and thrown away. The tests are those of the versions of today, in a server of these.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OLD = ["jupyterlab==4.2.*", "notebook==7.2.*", "ipykernel"]
TESTS = ["tests/browser/test_front_end_part.py", "tests/browser/test_front_end_life.py"]


def environment(folder: Path) -> Path:
    """Make the virtual environment where it is not there yet, and return its Python."""
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "--editable", str(ROOT), *OLD], check=True)
    return python


def main(arguments: list[str]) -> int:
    """Return pytest's exit status."""
    folder, *rest = arguments or [""]
    with tempfile.TemporaryDirectory() as anew:
        tested = {"TESTED_JUPYTER": str(environment(Path(folder or anew)))}
        command = [sys.executable, "-m", "pytest", "-n", "0", "-m", "browser", *(rest or TESTS)]
        return subprocess.run(command, cwd=ROOT, env={**os.environ, **tested}, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
