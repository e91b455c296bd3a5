"""Where the history lies on a machine that is given away after use."""

from __future__ import annotations

from pathlib import Path

import pytest

from g4f_magic import file_system
from g4f_magic.host import colab
from g4f_magic.host.base import Machine
from g4f_magic.host.told import ToldNotebook
from g4f_magic.lasting import history_file
from g4f_magic.settings import Settings
from tests.hosts import Notebook


class Hosted(Notebook):
    """A notebook on a machine of a service's."""

    def __init__(self, machine: Machine, page: ToldNotebook | None = None) -> None:
        super().__init__()
        self._machine, self._page = machine, page

    @property
    def machine(self) -> Machine:
        return self._machine

    def told_notebook(self) -> ToldNotebook | None:
        return self._page


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.delenv("G4F_MAGIC_HISTORY", raising=False)
    return Settings()


def _page(name: str) -> ToldNotebook:
    return ToldNotebook(name, ())


def test_a_machine_that_stays_keeps_it_where_it_was(settings: Settings) -> None:
    assert history_file(settings, Notebook()) == (settings.history_file, "")


def test_without_a_lasting_folder_one_line_says_so(settings: Settings) -> None:
    file, note = history_file(settings, Hosted(Machine("Colab", keeping="drive.mount('/content/drive')")))
    assert file == settings.history_file
    assert "given away after use" in note
    assert "drive.mount('/content/drive')" in note


def test_a_lasting_folder_has_a_file_for_each_notebook(settings: Settings, tmp_path: Path) -> None:
    machine = Machine("Colab", tmp_path)
    files = {
        name: history_file(settings, Hosted(machine, _page(name)))
        for name in ("a.ipynb", "../a.ipynb", "größer & ä.ipynb", "." * 300, "A.ipynb")
    }
    assert [note for _, note in files.values()] == [""] * 5
    paths = [file for file, _ in files.values() if file is not None]
    assert len({str(file).lower() for file in paths}) == 5
    assert {file.parent for file in paths} == {tmp_path / "g4f_magic"}


def test_a_notebook_that_no_page_tells_stays_on_the_machine(settings: Settings, tmp_path: Path) -> None:
    file, note = history_file(settings, Hosted(Machine("Colab", tmp_path)))
    assert file == settings.history_file
    assert "does not tell which notebook" in note


def test_what_the_person_names_counts(tmp_path: Path) -> None:
    named = Settings(history=str(tmp_path / "mine.sqlite"))
    assert history_file(named, Hosted(Machine("Colab", tmp_path), _page("a"))) == (
        tmp_path / "mine.sqlite",
        "",
    )


def test_a_mounted_drive_is_found_by_its_kind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(f"25 22 0:24 / {tmp_path} rw - fuse.drive drive rw\n")
    monkeypatch.setattr(file_system, "_TABLE", table)
    assert colab.lasting_folder() is None
    (tmp_path / "MyDrive").mkdir()
    assert colab.lasting_folder() == tmp_path / "MyDrive"
    assert file_system.network_kind(tmp_path / "MyDrive" / "g4f_magic") == "fuse.drive"
