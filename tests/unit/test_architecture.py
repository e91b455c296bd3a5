"""The map of the code names every room that there is, and none that there is not."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import g4f_magic

PACKAGE = Path(g4f_magic.__file__).parent
ROOT = PACKAGE.parent
PAGE = ROOT / "ARCHITECTURE.md"


def test_it_names_the_rooms_that_there_are() -> None:
    text = PAGE.read_text("utf-8")
    rooms = text.partition("## The rooms")[2].partition("## Words")[0]
    named = {name.rstrip("/") for name in re.findall(r"^\| (`[^|]*`) \|", rooms, re.MULTILINE)}
    named = {name for row in named for name in re.findall(r"`([a-z_]+)/?`", row)} | {
        "session",
        "lasting",
        "preload",
        "older_answers",
    }
    there = {
        path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert named == there - {"__init__", "__main__"}


@pytest.mark.parametrize("page", ["ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "docs/recipes.md"])
def test_the_files_that_a_page_names_are_there(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    for name in re.findall(r"`((?:docs|tests|benchmarks|g4f_magic)/[\w./]+)`", text):
        if not re.search(r"NAME|MODULE", name):
            assert (ROOT / name).exists(), name
    for name in re.findall(r"python -m ((?:benchmarks|tests)\.[\w.]+)", text):
        if not re.search(r"NAME|MODULE", name):
            assert (ROOT / name.replace(".", "/")).with_suffix(".py").exists(), name


def test_each_front_door_is_kept_from_the_store() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    by_name = {contract["name"]: contract for contract in contracts}
    doors = by_name["Imports follow the line and never run back"]["layers"][0].replace(":", " ").split()
    kept = by_name["Front doors do not import the store"]["source_modules"]
    assert kept == sorted(f"g4f_magic.{door}" for door in doors)


def test_the_first_page_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 200


def test_no_module_is_long() -> None:
    folders = [ROOT / name for name in ("g4f_magic", "tests", "benchmarks")]
    found = (path for folder in folders for path in folder.rglob("*.py"))
    # What `tests.environments` installs beside the tests is not ours.
    modules = [path for path in found if not {".venv", "node_modules"} & {*path.parts}]
    long = {str(path.relative_to(ROOT)) for path in modules if path.read_text("utf-8").count("\n") > 400}
    assert long == set()
