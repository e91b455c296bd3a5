"""`g4f-magic try`: what it opens, and what it refuses before it starts anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from g4f_magic import trying
from g4f_magic.cli import main
from g4f_magic.errors import InputError


def test_a_notebook_that_there_is_not_is_refused_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["try", "nowhere.ipynb"]) == 1
    assert "there is no nowhere.ipynb" in capsys.readouterr().err


def test_a_notebook_s_address_is_told_from_the_folder_that_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert trying._within_here(Path("notes/my first.ipynb")) == "notes/my%20first.ipynb"
    with pytest.raises(InputError, match="outside of this folder"):
        trying._within_here(tmp_path.parent / "other.ipynb")
