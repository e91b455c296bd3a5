"""Try the front-end part in the lowest JupyterLab and Notebook: `python tests/lowest/front_ends.py [FOLDER] [pytest arguments]`.

Needs what the browser tests need, and pip. FOLDER keeps the virtual environment with the old versions; without one, it is
made anew and thrown away. The tests are some of those of the versions of today, in a server of these; name others to run those.
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
TESTS = {
    "part": (
        "prompts_are_edited_as_text_and_code_as_code",
        "older_answers_are_paged_through_and_it_is_asked_again",
        "an_error_is_explained_in_a_cell_below",
        "a_cell_that_was_never_saved_stands_in_its_place",
        "the_side_bar_chats_with_the_notebook_in_front",
        "what_is_marked_an_output_an_error_or_a_cell_is_asked_about",
        "a_notebook_keeps_its_own_id_from_the_first_question_on",
    ),
    "life": ("a_kernel_that_restarts_is_followed", "cells_that_are_made_when_they_come_into_view"),
    "kernels": ("kernels_are_changed_and_changed_back[lab]", "a_chat_that_is_interrupted_keeps_its_buttons"),
    "ways": ("each_way_leads_to_the_side_bar", "a_block_of_code_goes_into_a_cell_below"),
}
"""What tells most, by the file that has it."""


def environment(folder: Path) -> Path:
    """Make the virtual environment where it is not there yet, and return its Python."""
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "--editable", str(ROOT), *OLD], check=True)
    return python


def named() -> list[str]:
    """Return the tests as pytest has them."""
    return [
        f"tests/browser/test_front_end_{file}.py::test_{name}"
        for file, names in TESTS.items()
        for name in names
    ]


def main(arguments: list[str]) -> int:
    """Return pytest's exit status."""
    folder, *rest = arguments or [""]
    with tempfile.TemporaryDirectory() as anew:
        tested = {"TESTED_JUPYTER": str(environment(Path(folder or anew)))}
        command = [sys.executable, "-m", "pytest", "-n", "0", "-m", "browser", *(rest or named())]
        return subprocess.run(command, cwd=ROOT, env={**os.environ, **tested}, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
