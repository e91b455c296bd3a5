"""The tests of a package are found by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

import g4f_magic

PACKAGE = Path(g4f_magic.__file__).parent
TESTS = Path(__file__).parents[1]


def folders(path: Path) -> set[str]:
    return {one.name for one in path.iterdir() if one.is_dir() and any(one.glob("*.py"))}


@pytest.mark.parametrize("kind", ["unit", "contract", "kernel", "process"])
def test_each_folder_of_tests_is_named_after_a_package(kind: str) -> None:
    assert folders(TESTS / kind) <= folders(PACKAGE)


def test_each_package_has_tests_of_its_name() -> None:
    rooms = [TESTS, *(TESTS / kind for kind in ("unit", "contract", "kernel", "process"))]
    found = {
        *(name for room in rooms for name in folders(room)),
        *(one.stem[5:] for one in TESTS.rglob("test_*.py")),
    }
    assert folders(PACKAGE) - found == set()
