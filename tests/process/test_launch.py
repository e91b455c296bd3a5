"""The command line in a folder that others filled: it imports nothing from there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from g4f_magic.launch import _is_program
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.heavy

SCRIPT = Path(sys.executable).with_name("g4f-magic")
PLANTED = "import os; os.write(1, b'PLANTED ' + __name__.encode() + b'\\n'); os._exit(3)\n"
COMMANDS = (["check", "a.ipynb"], ["doctor"], ["--version"], ["serve", "--help"])


def loaded_by_python(folder: Path) -> set[str]:
    """Return what Python itself imports before the module that `-m` names."""
    (folder / "probe.py").write_text("import sys; print('\\n'.join(list(sys.modules)))")
    done = subprocess.run(
        [sys.executable, "-m", "probe"], cwd=folder, capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in done.stdout.split()}


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a module of every name that could be imported, a notebook, and the metadata of a plug-in."""
    folder = tmp_path_factory.mktemp("theirs")
    names = {*sys.stdlib_module_names, *packages_distributions()} - {"g4f_magic"}
    for name in names - loaded_by_python(folder):
        if name.isidentifier():
            (folder / f"{name}.py").write_text(PLANTED)
    (folder / "a.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    plug_in = folder / "evil-1.dist-info"
    plug_in.mkdir()
    (plug_in / "METADATA").write_text("Metadata-Version: 2.1\nName: evil\nVersion: 1\n")
    (plug_in / "entry_points.txt").write_text("[g4f_magic.providers]\nevil = planted:Evil\n")
    (folder / "planted.py").write_text(PLANTED)
    return folder


def run(folder: Path, command: Sequence[str], **environment: str) -> subprocess.CompletedProcess[str]:
    keep = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONSAFEPATH")}
    return subprocess.run(
        command,
        cwd=folder,
        env={**keep, "XDG_DATA_HOME": str(folder / "data"), **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


@pytest.mark.parametrize(
    ("start", "words"),
    [
        *((["-m", "g4f_magic"], words) for words in COMMANDS),
        (["-mg4f_magic"], COMMANDS[0]),
        (["-Bm", "g4f_magic"], COMMANDS[0]),
    ],
    ids=" ".join,
)
def test_started_as_a_module_it_imports_nothing_from_the_folder(
    theirs: Path, start: list[str], words: list[str]
) -> None:
    done = run(theirs, [sys.executable, *start, *words])
    assert "PLANTED" not in done.stdout
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def everything(theirs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same folder with what Python itself imports, too."""
    folder = tmp_path_factory.mktemp("everything") / "all"
    shutil.copytree(theirs, folder)
    for name in sys.stdlib_module_names:
        (folder / f"{name}.py").write_text(PLANTED)
    return folder


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_started_as_a_script_it_imports_not_even_what_python_itself_imports(
    everything: Path, words: list[str]
) -> None:
    done = run(everything, [str(SCRIPT), *words])
    assert "PLANTED" not in done.stdout
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("words", COMMANDS[:2], ids=" ".join)
def test_started_in_pythons_safe_ways_it_imports_nothing_either(everything: Path, words: list[str]) -> None:
    done = run(everything, [sys.executable, "-P", "-m", "g4f_magic", *words])
    assert "PLANTED" not in done.stdout
    assert done.returncode == 0, done.stderr
    done = run(everything, [sys.executable, "-m", "g4f_magic", *words], PYTHONSAFEPATH="1")
    assert "PLANTED" not in done.stdout


@pytest.mark.parametrize("python_path", [os.pathsep, ".", "data" + os.pathsep + "."])
@pytest.mark.parametrize("start", [[str(SCRIPT)], [sys.executable, "-m", "g4f_magic"]], ids=["script", "-m"])
def test_a_part_of_pythonpath_that_means_the_folder_is_left_out(
    theirs: Path, tmp_path: Path, start: list[str], python_path: str
) -> None:
    """What Python and the script of an installer import before, they find there: PYTHONPATH says so."""
    for name in ("traitlets", "json", "argparse", "asyncio", "typing", "IPython", "sqlite3", "__future__"):
        (tmp_path / f"{name}.py").write_text(PLANTED)
    shutil.copy(theirs / "a.ipynb", tmp_path)
    done = run(tmp_path, [*start, "check", "a.ipynb"], PYTHONPATH=python_path)
    assert "PLANTED" not in done.stdout
    assert done.returncode == 0, done.stderr


def test_checked_from_elsewhere_it_imports_nothing_beside_the_notebook(theirs: Path, tmp_path: Path) -> None:
    done = run(tmp_path, [sys.executable, "-m", "g4f_magic", "check", str(theirs / "a.ipynb")])
    assert "PLANTED" not in done.stdout
    assert done.returncode == 0, done.stderr


def test_what_another_program_imports_is_its_own_matter(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("import sys, g4f_magic, other; print(sys.path[0])")
    (tmp_path / "other.py").write_text("")
    done = run(tmp_path, [sys.executable, "-m", "mine"])
    assert (done.stdout.strip(), done.stderr) == (str(tmp_path.resolve()), "")


@pytest.mark.parametrize(
    ("command", "name", "is_program"),
    [
        ("python -m g4f_magic check", "-m", True),
        ("python -X dev -Wd -Im g4f_magic", "-m", True),
        ("python -m pytest -m g4f_magic", "/site-packages/pytest/__main__.py", False),
        ("python -m mine g4f_magic", "-m", False),
        ("python /usr/bin/g4f-magic check", "/usr/bin/g4f-magic", True),
        ("python x", r"g4f-magic.exe", True),
        ("python -c pass", "-c", False),
        ("python", "", False),
    ],
)
def test_only_as_its_own_program_it_leaves_the_folder(command: str, name: str, *, is_program: bool) -> None:
    assert _is_program(command.split(), name) is is_program
