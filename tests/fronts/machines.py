"""A folder of notebooks with their recordings, and the programs that run it."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.environments import FRONTS
from tests.kernel.kernels import PROVENANCE, kernel
from tests.notebook_file import write_notebook
from tests.shows import in_cell

REPLAY = {
    "G4F_MAGIC_MODE": "replay",
    "G4F_MAGIC_HISTORY": "off",
    "G4F_MAGIC_PRELOAD": "False",
    "PYTHONWARNINGS": "ignore",
}


async def record(folder: Path, name: str, *prompts: str, before: Sequence[str] = ()) -> None:
    """Record a notebook of that name: its file, without outputs, and its recording beside it."""
    cells = [f"%%chat -p koala\n{prompt}" for prompt in prompts]
    async with kernel(JPY_SESSION_NAME=str(folder / f"{name}.ipynb"), G4F_MAGIC_MODE="record") as one:
        await one.ok("%load_ext g4f_magic")
        for number, cell in enumerate(cells):
            await one.ok(cell, cell=str(number))
    write_notebook(folder / f"{name}.ipynb", "%load_ext g4f_magic", *before, *cells)


async def shown(file: Path, *replies: str, **slide: str) -> None:
    """Write a notebook whose cells show these replies."""
    write_notebook(file, *["%%chat\nSay it"] * len(replies))
    notebook = json.loads(file.read_text("utf-8"))
    for cell, reply in zip(notebook["cells"], replies, strict=True):
        outputs = (await in_cell(reply, "markdown")).shown
        cell["outputs"] = [
            {"output_type": "display_data", "data": one["data"], "metadata": {}} for one in outputs
        ]
        cell["metadata"] = {"slideshow": slide} if slide else {}
    file.write_text(json.dumps(notebook), encoding="utf-8")


async def run(folder: Path, *command: str, **environment: str) -> tuple[int, str]:
    """Run a program of the environment in a folder; return its exit status and all that it said."""
    env = {**os.environ, **REPLAY, **environment}
    (pandoc,) = FRONTS.python.parents[1].glob("lib/python*/site-packages/pypandoc/files")
    env["PATH"] = os.pathsep.join((str(FRONTS.bin), str(pandoc), env["PATH"]))
    env["HOME"] = str(folder)
    for name in [name for name in env if name.startswith(("JPY_", "PYTEST_", "COV_"))]:
        del env[name]
    program = str(FRONTS.bin / command[0]) if (FRONTS.bin / command[0]).exists() else command[0]
    process = await asyncio.create_subprocess_exec(
        program,
        *command[1:],
        cwd=folder,
        env=env,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode("utf-8", "replace")


async def python(folder: Path, code: str, **environment: str) -> tuple[int, str]:
    """Run code by the environment's Python."""
    return await run(folder, str(FRONTS.python), "-c", code, **environment)


def provenances(file: Path) -> list[str]:
    """Return the lines under the replies that a notebook which was run holds."""
    texts = [text for cell in json.loads(file.read_text("utf-8"))["cells"] for text in _texts(cell)]
    return [text.rpartition(PROVENANCE.strip("\n"))[2] for text in texts if PROVENANCE.strip("\n") in text]


def _texts(cell: dict[str, Any]) -> list[str]:
    return ["".join(one.get("data", {}).get("text/plain", "")) for one in cell.get("outputs", ())]
