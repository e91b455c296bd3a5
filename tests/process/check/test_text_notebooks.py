"""Text notebooks of somebody else: jupytext reads them, and runs nothing of their folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE_SECONDS

pytest.importorskip(
    "jupytext", reason="it is installed in a step of its own, as it changes the Jupyter server"
)
CELL = "```python\n%%chat\nHello\n```\n"
PLANTED = "open('ran', 'w').close(); open(__file__ + '.ran', 'w').close()\n"


def check(folder: Path, name: str, **environment: str) -> str:
    done = subprocess.run(
        [Path(sys.executable).with_name("g4f-magic"), "check", name],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    return done.stdout + done.stderr


def test_a_text_notebook_is_read_with_the_settings_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("# (\n# %%chat\n# Hello\n# )\n")
    (tmp_path / "jupytext.toml").write_text('cell_markers = "(,)"\n')
    (tmp_path / "a.md").write_text(CELL)
    assert "a.md: 0 chat cells recorded; 1 missing" in check(tmp_path, "a.md")


@pytest.mark.parametrize("name", [".jupytext.py", "jupytext.py", "../.jupytext.py"])
def test_settings_that_are_code_do_not_run(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "a.md").write_text(CELL)
    (folder / name).write_text(PLANTED)
    said = check(folder, "a.md")
    assert not [*tmp_path.rglob("*ran")]
    assert ("are code, which is not run" in said) == name.startswith((".j", "../")), said


@pytest.mark.parametrize("form", ["pandoc", "marimo"])
def test_a_form_that_another_program_reads_starts_none(tmp_path: Path, form: str) -> None:
    program = tmp_path / "programs" / form
    program.parent.mkdir()
    program.write_text("#!/bin/sh\ntouch ran\necho 3.1\n")
    program.chmod(0o755)
    (tmp_path / form).symlink_to(program)
    if form == "marimo":
        name, text = "a.py", "import marimo\napp = marimo.App()\n@app.cell\ndef _():\n    return\n"
    else:
        name, text = "a.md", "::: {.cell .code}\n" + CELL + ":::\n"
    (tmp_path / name).write_text(text)
    said = check(tmp_path, name, PATH=f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    assert "cannot be read by jupytext" in said
    assert not [*tmp_path.rglob("ran")]


def test_yaml_that_names_a_thing_a_billion_times_is_refused(tmp_path: Path) -> None:
    names = ["  x0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    names += [f"  x{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    (tmp_path / "a.md").write_text("\n".join(["---", "jupyter:", *names, "---", "", CELL]))
    assert "a.md cannot be read by jupytext: it takes more" in check(tmp_path, "a.md")
