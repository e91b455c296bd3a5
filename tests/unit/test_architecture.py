"""The map of the code names every room that there is, and none that there is not."""

from __future__ import annotations

import re
from pathlib import Path

import g4f_magic

PACKAGE = Path(g4f_magic.__file__).parent
PAGE = PACKAGE.parent / "ARCHITECTURE.md"


def test_it_names_the_rooms_that_there_are() -> None:
    text = PAGE.read_text("utf-8")
    rooms = text.partition("## The rooms")[2].partition("## Words")[0]
    named = {name.rstrip("/") for name in re.findall(r"^\| (`[^|]*`) \|", rooms, re.MULTILINE)}
    named = {name for row in named for name in re.findall(r"`([a-z_]+)/?`", row)} | {
        "session",
        "lasting",
        "preload",
    }
    there = {
        path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert named == there - {"__init__", "__main__"}


def test_the_files_that_it_names_are_there() -> None:
    text = PAGE.read_text("utf-8")
    for name in re.findall(r"`((?:docs|tests|benchmarks)/[\w./]+)`", text):
        assert (PAGE.parent / name).exists(), name
    for name in re.findall(r"python -m (benchmarks\.\w+)", text):
        assert (PAGE.parent / name.replace(".", "/")).with_suffix(".py").exists(), name
