"""Where an installation lays the front-end part: in the folder from which JupyterLab and Notebook 7 load it."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path
from zipfile import ZipFile

import pytest

import g4f_magic

ROOT = Path(g4f_magic.__file__).parents[1]
PART = ROOT / "g4f_magic" / "labextension"
FOLDER = "share/jupyter/labextensions/g4f-magic/"


def test_a_wheel_lays_all_files_where_a_server_looks(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    code = f"from hatchling import build; build.build_wheel({str(tmp_path)!r})"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    with ZipFile(wheel) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    laid = {name.partition(FOLDER)[2]: text for name, text in files.items() if ".data/data/" + FOLDER in name}
    there = {
        path.relative_to(PART).as_posix(): path.read_bytes() for path in PART.rglob("*") if path.is_file()
    }
    assert laid == there
    assert "static/remoteEntry.js" in laid
    assert not [name for name in files if name.startswith("g4f_magic/labextension")]


def test_an_installation_that_can_be_edited_lays_them_too() -> None:
    """This one: the tests are run of a checkout that is installed so."""
    installed = [file for file in distribution("g4f-magic").files or [] if FOLDER in file.as_posix()]
    laid = {file.as_posix().partition(FOLDER)[2]: Path(str(file.locate())) for file in installed}
    assert {"package.json", "static/remoteEntry.js", "static/extension.js", "static/style.css"} <= laid.keys()
    assert json.loads(laid["package.json"].read_text())["name"] == "g4f-magic"
    assert Path(sys.prefix, FOLDER, "package.json").samefile(laid["package.json"])
