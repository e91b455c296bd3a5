"""Whose conversation it is where the notebook's own id is told: in its file, and by a page of JupyterLab."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest

from g4f_magic.label import own_id
from g4f_magic.session import Session
from g4f_magic.settings import Settings
from g4f_magic.whereabouts import placed
from tests.turns import changed, make_turn


class Page:
    """A notebook as a page holds it, and its kernel."""

    def __init__(self, path: Path, *cells: str, own: str = "") -> None:
        self.path = path
        self.cells = list(cells)
        self.own = own
        self.named = path
        self._ran: set[str] = set()
        history = next(one for one in path.parents if one.name == "root").parent / "history.sqlite"
        self.session = Session(Settings(history=str(history)))

    @classmethod
    def opened(cls, path: Path) -> Page:
        """Read it from its file, with a new kernel."""
        saved = nbformat.read(path, as_version=4)
        return cls(path, *(cell.id for cell in saved.cells), own=own_id(saved.metadata))

    def save(self, path: Path | None = None) -> Page:
        """Write it as JupyterLab does: into the file that is there."""
        made = [nbformat.v4.new_code_cell(f"%%chat\n{cell}", id=cell) for cell in self.cells]
        book = nbformat.v4.new_notebook(cells=made)
        if self.own:
            book.metadata["g4f_magic"] = {"notebook": self.own}
        self.path = path or self.path
        self.path.write_text(nbformat.writes(book))
        return self

    def ask(self, cell: str, *, is_told: bool = True) -> str:
        """Ask in a cell, and return the questions that are sent: those before it, and its own.

        With `is_told` a page is there, which tells and writes the id; else the front end names the file alone.
        """
        if cell not in self.cells:
            self.cells.append(cell)
        self._ran.add(cell)
        self._enter(is_told)
        conversation = self.session.conversation()
        before = " ".join(turn.prompt for turn in conversation.before(cell))
        turn = changed(make_turn(cell), prompt=cell)
        self.session.history.begin(self.session.notebook.key, "main", turn)
        self.session.history.settle(changed(turn, status="done", reply="An answer."))
        wanted, instead = self.session.notebook.id_to_write()
        if is_told and wanted and self.own == instead:
            self.own = wanted
            self._enter(is_told)
        return f"{before} {cell}".strip()

    def _enter(self, is_told: bool) -> None:
        notebook = self.session.notebook
        if is_told:
            notebook.enter(str(self.path), frozenset(self._ran), None, tuple(self.cells), self.own)
        else:
            notebook.enter(str(self.named), frozenset(self._ran))

    @property
    def notes(self) -> str:
        return " ".join(self.session.notebook.notes)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    (folder / "deep").mkdir(parents=True)
    return folder


@pytest.fixture
def mine(root: Path) -> Page:
    """A notebook that was chatted in, saved with its id."""
    page = Page(root / "mine.ipynb", "c1").save()
    assert page.ask("c1") == "c1"
    assert page.own
    return page.save()


def test_an_id_is_kept_from_the_first_question_on(root: Path) -> None:
    page = Page(root / "mine.ipynb", "c1").save()
    page._enter(is_told=True)
    assert page.session.notebook.id_to_write() == ("", "")
    page.ask("c1")
    own = page.own
    page.ask("c2")
    assert page.own == own
    assert Page.opened(page.save().path).ask("c3") == "c1 c2 c3"


def test_notebooks_of_one_template_are_no_copies(root: Path) -> None:
    one = Page(root / "one.ipynb", "load", "a1", "a2", "a3").save()
    two = Page(root / "two.ipynb", "load", "b1", "b2", "b3").save()
    one.ask("load")
    assert two.ask("load") == "load"
    assert two.notes == ""


@pytest.mark.parametrize("how", ["the file itself", "another file"])
@pytest.mark.parametrize("place", ["renamed.ipynb", "deep/moved.ipynb"])
def test_it_is_renamed_and_moved(mine: Page, root: Path, place: str, how: str) -> None:
    new = mine.path.rename(root / place)
    if how == "another file":
        shutil.copy2(new, new.with_name("part")).replace(new)
    moved = Page.opened(new)
    assert moved.ask("c2") == "c1 c2"
    assert "its conversations go on here" in moved.notes
    assert moved.own == mine.own
    moved.save()
    assert Page.opened(new).ask("c3") == "c1 c2 c3"


@pytest.mark.parametrize("place", ["copy.ipynb", "deep/mine.ipynb"])
def test_two_files_that_claim_it_are_asked_about(mine: Page, root: Path, place: str) -> None:
    copy = Page.opened(Path(shutil.copy2(mine.path, root / place)))
    assert copy.ask("d1") == "d1"
    assert "looks like a copy" in copy.notes
    assert "%chat adopt" in copy.notes
    assert copy.own not in ("", mine.own)
    copy.save()
    assert Page.opened(copy.path).ask("d2") == "d1 d2"
    assert Page.opened(mine.path).ask("c2") == "c1 c2"


def test_a_copy_that_was_not_saved_with_its_new_id_goes_on_all_the_same(mine: Page, root: Path) -> None:
    copy = Page.opened(Path(shutil.copy2(mine.path, root / "copy.ipynb")))
    copy.ask("d1")
    again = Page.opened(copy.path)
    assert again.own == mine.own
    again.cells.append("d1")
    assert again.ask("d2") == "d1 d2"
    assert again.own == copy.own
    assert Page.opened(mine.path).ask("c2") == "c1 c2"


def test_the_original_is_renamed_while_a_copy_is_there(mine: Page, root: Path) -> None:
    copy = Page.opened(Path(shutil.copy2(mine.path, root / "copy.ipynb")))
    copy.ask("d1")
    copy.save()
    renamed = Page.opened(mine.path.rename(root / "renamed.ipynb"))
    assert renamed.ask("c2") == "c1 c2"
    assert Page.opened(copy.path).ask("d2") == "d1 d2"


def test_a_copy_beside_a_renamed_original_is_asked_about(mine: Page, root: Path) -> None:
    copy = Path(shutil.copy2(mine.path, root / "copy.ipynb"))
    mine.path.rename(root / "renamed.ipynb")
    assert Page.opened(copy).ask("d1") == "d1"
    assert Page.opened(root / "renamed.ipynb").ask("c2") == "c1 c2"


def test_a_copy_that_took_the_name_of_a_notebook_first_saved_after_its_question_is_asked_about(
    root: Path,
) -> None:
    new = Page(root / "Untitled.ipynb").save()
    assert new.ask("c1") == "c1"
    new.save()
    original = new.path.rename(root / "renamed.ipynb")
    copy = Path(shutil.copy2(original, new.path))
    assert Page.opened(copy).ask("d1") == "d1"
    renamed = Page.opened(original)  # under whose name the copy lies, with its id: in doubt nothing is sent
    assert renamed.ask("c2") == "c2"
    assert "%chat adopt" in renamed.notes


def test_a_copy_beside_a_notebook_first_saved_after_its_question_takes_nothing_from_it(root: Path) -> None:
    new = Page(root / "Untitled.ipynb").save()
    assert new.ask("c1") == "c1"
    copy = Path(shutil.copy2(new.save().path, root / "copy.ipynb"))
    assert Page.opened(new.path).ask("c2") == "c1 c2"
    assert Page.opened(copy).ask("d1") == "d1"


def test_a_notebook_written_anew_is_still_itself(mine: Page) -> None:
    mine.cells = ["n1", "n2", "n3"]
    mine.save()
    anew = Page.opened(mine.path)
    anew.ask("n3")
    assert anew.session.notebook.key == mine.session.notebook.key
    assert "empty" not in anew.notes


def test_another_notebook_that_took_its_name_with_its_cells_is_not(mine: Page, root: Path) -> None:
    other = Page(root / "other.ipynb", "o1").save()
    other.ask("o1")
    taken = Page(mine.path, "c1", "x", own=other.own)
    other.path.unlink()
    taken.save()
    assert taken.ask("x") == "x"
    assert taken.own == other.own or taken.session.notebook.key != mine.session.notebook.key


def test_save_as_leaves_the_conversation_with_the_file_that_stays(mine: Page, root: Path) -> None:
    own = mine.own
    mine.save(root / "version2.ipynb")
    assert mine.ask("c2") == "c2"
    assert "%chat adopt mine.ipynb" in mine.notes
    assert mine.own != own
    assert mine.ask("c3") == "c2 c3"
    assert Page.opened(root / "mine.ipynb").ask("c9") == "c1 c9"


@pytest.mark.parametrize("own", ["of the other", "../x' OR 1 --", "%%%%%%%%%", "x" * 500, 7, {"a": 1}, None])
def test_metadata_written_by_hand_gives_nobody_anothers_turns(mine: Page, root: Path, own: object) -> None:
    forged = Page(root / "forged.ipynb", "z1", own=mine.own if own == "of the other" else "").save()
    book = nbformat.read(forged.path, as_version=4)
    if own != "of the other":
        book.metadata["g4f_magic"] = {"notebook": own}
        nbformat.write(book, forged.path)
    assert Page.opened(forged.path).ask("z1") == "z1"
    mine.path.unlink()
    assert Page.opened(forged.path).ask("z2") in ("z2", "z1 z2")


def test_an_id_that_was_changed_by_hand_is_no_other_notebooks(mine: Page) -> None:
    own = mine.own
    mine.own = "written-by-hand-1"
    assert mine.ask("c2") == "c1 c2"  # in the kernel that knows it
    assert mine.own == own
    mine.own = ""
    mine.save()
    stripped = Page.opened(mine.path)
    assert stripped.ask("c2") == "c1 c2"
    assert stripped.own == own


def test_a_page_that_shares_the_kernel_has_no_say(mine: Page, root: Path) -> None:
    guest = Page(root / "guest.ipynb", "g1", own="0123456789-of-a-guest").save()
    mine.session.notebook.enter(str(guest.path), frozenset(["c1", "g1"]), None, ("g1",), guest.own)
    assert mine.session.notebook.id_to_write() == ("", "")
    assert mine.ask("c2") == "c1 c2"
    assert Page.opened(mine.path).ask("c1") == "c1"
    assert Page.opened(guest.path).ask("g1") == "g1"


def test_where_no_page_is_the_files_id_tells(mine: Page, root: Path) -> None:
    moved = Page.opened(mine.path.rename(root / "deep" / "moved.ipynb"))
    assert moved.ask("c1", is_told=False) == "c1"
    assert moved.session.notebook.key == mine.session.notebook.key
    copy = Page.opened(Path(shutil.copy2(moved.path, root / "copy.ipynb")))
    copy.ask("c1", is_told=False)
    assert copy.session.notebook.key != mine.session.notebook.key


def test_a_place_in_the_servers_folder_is_found_by_the_id(mine: Page, root: Path) -> None:
    new = mine.path.rename(root / "deep" / "new.ipynb")
    assert placed(str(root / "mine.ipynb"), "deep/new.ipynb", mine.own) == str(new)
    assert placed(str(root / "mine.ipynb"), "deep/new.ipynb", "") == str(root / "mine.ipynb")
    assert placed(str(root / "mine.ipynb"), "deep/none.ipynb", mine.own) == str(root / "mine.ipynb")
