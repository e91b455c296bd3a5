"""What `--with` says of what there is not: a name, or a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from g4f_magic.attaching.finding import Finder
from g4f_magic.attaching.given import GivenNames
from g4f_magic.attaching.wanted import Wanted
from g4f_magic.errors import InputError

NAMES = {"frame": [1], "count": 3, "data": 4}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "sales.csv").write_text("a\n1\n")
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "Prices-2024.csv").write_text("a\n1\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(what: str) -> str:
    with pytest.raises(InputError) as caught:
        Finder(GivenNames(NAMES)).wanted(Wanted(what, what))
    return str(caught.value).removeprefix(f"--with {what}: ")


@pytest.mark.parametrize(
    ("what", "nearest"),
    [
        ("nothere.md", ""),
        ("sale.csv", "sales.csv"),
        ("SALES.CSV", "sales.csv"),
        ("tables/prices-2023.csv", "tables/Prices-2024.csv"),
        ("./sale.csv", "./sales.csv"),
        ("data/sale.csv", ""),
        ("tables/sales", ""),
        ("no folder/x y.csv", ""),
        ("~nobody/x.csv", ""),
        ("*.xlsx", ""),
    ],
)
def test_a_file_that_there_is_not_is_said_with_the_nearest(what: str, nearest: str) -> None:
    assert said(what) == "there is no such file" + (f" (did you mean {nearest}?)" if nearest else "")


def test_a_name_of_a_folder_is_looked_at_too(folder: Path) -> None:
    assert said(f"{folder}/sale.csv") == f"there is no such file (did you mean {folder}/sales.csv?)"


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("fram", "there is no fram here (did you mean frame?)"),
        ("fram.shape", "there is no fram here (did you mean frame?)"),
        ("frame.shap", "frame has no .shap"),
        ("nobody", "there is no nobody here"),
        ("len(nobody)", "there is no nobody here"),
        ("count / total", "there is no total here"),
    ],
)
def test_what_is_written_as_a_name_is_no_file(what: str, words: str) -> None:
    assert said(what) == words


def test_a_file_beside_a_variable_of_its_name_is_meant_perhaps() -> None:
    (Path() / "data-1.csv").write_text("a\n")
    assert said("data.csv") == "data has no .csv, and there is no such file (did you mean data-1.csv?)"


def test_the_ending_of_a_file_counts_more_than_a_name_that_is_near() -> None:
    assert said("fram.csv") == "there is no such file, and no name fram (did you mean frame?)"


def test_a_file_of_a_name_that_is_no_line_is_not_offered() -> None:
    (Path() / "nothere\x1b.md").write_text("")
    assert said("nothere.md") == "there is no such file"
