"""`g4f-magic try`: what it opens, and what it refuses before it starts anything."""

from __future__ import annotations

from pathlib import Path

import nbformat
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


def test_a_folder_without_a_notebook_gets_one_that_is_valid_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = trying.first_notebook()
    book = nbformat.read(path, as_version=4)
    nbformat.validate(book)
    assert next(cell.source for cell in book.cells if cell.cell_type == "code") == "%load_ext g4f_magic"
    path.write_text("mine")
    assert trying.first_notebook().read_text() == "mine"


def test_the_folder_of_the_project_has_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "01_first_steps.ipynb").touch()
    assert trying.first_notebook() == Path("notebooks/01_first_steps.ipynb")


def test_a_notebook_s_address_is_told_from_the_folder_that_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert trying._within_here(Path("notes/my first.ipynb")) == "notes/my%20first.ipynb"
    with pytest.raises(InputError, match="outside of this folder"):
        trying._within_here(tmp_path.parent / "other.ipynb")
