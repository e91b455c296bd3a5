"""Whatever is done to notebooks, no turn of one is in another's context, unless that was adopted.

Notebooks are made, saved, renamed, copied, moved, deleted and run, in any order, in real files with one real
history. Each has an identity that only the test knows; a copy and a notebook moved elsewhere are notebooks of their
own until they adopt.
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from g4f_magic.history import History
from g4f_magic.session import Session
from g4f_magic.settings import Settings
from tests.examples import examples
from tests.turns import changed, make_turn

NAMES = st.sampled_from(["Untitled", "a", "b"])
FOLDERS = st.sampled_from(["one", "two"])


@dataclass
class Book:
    """A notebook as the person knows it: where its file lies, its cells, and whose turns it may carry."""

    path: Path
    cells: list[str]
    allowed: set[str]
    """The cells whose turns may be in its context."""
    is_there: bool = True


@dataclass
class Kernel:
    """A kernel: the notebook that it serves, and the path that the front end named as it started."""

    book: Book
    named: Path
    session: Session
    ran: set[str] = field(default_factory=set)


class Notebooks(RuleBasedStateMachine):
    """Notebooks in two folders, and the kernels that serve them."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(os.path.realpath(tempfile.mkdtemp()))
        for name in ("one", "two"):
            (self.root / name).mkdir()
        self.settings = Settings(history=str(self.root / "history.sqlite"))
        self.books: list[Book] = []
        self.kernels: list[Kernel] = []
        self.number = itertools.count()

    @initialize()
    def begin(self) -> None:
        self.new("one", "Untitled")

    def free(self, folder: str, name: str) -> Path:
        """Return a path where nothing lies, as front ends do."""
        paths = (self.root / folder / f"{name}{number or ''}.ipynb" for number in itertools.count())
        return next(path for path in paths if not path.exists())

    def alive(self) -> st.SearchStrategy[Book]:
        return st.sampled_from([book for book in self.books if book.is_there])

    def has_books(self) -> bool:
        return any(book.is_there for book in self.books)

    def write(self, book: Book, *, how: str) -> None:
        cells = [nbformat.v4.new_code_cell(f"%%chat\n{cell}", id=cell) for cell in book.cells]
        text = nbformat.writes(nbformat.v4.new_notebook(cells=cells))
        if how == "in place":
            book.path.write_text(text)
        else:
            part = book.path.with_name("part")
            part.write_text(text)
            part.replace(book.path)

    @rule(folder=FOLDERS, name=NAMES)
    def new(self, folder: str, name: str) -> None:
        """Make a notebook, which is saved without its cells, and start its kernel."""
        book = Book(self.free(folder, name), [], set())
        book.path.write_text(nbformat.writes(nbformat.v4.new_notebook()))
        self.books.append(book)
        self.start(book)

    def start(self, book: Book) -> Kernel:
        kernel = Kernel(book, book.path, Session(self.settings))
        self.kernels.append(kernel)
        return kernel

    @precondition(has_books)
    @rule(data=st.data())
    def open(self, data: st.DataObject) -> None:
        """Start another kernel for a notebook: its page was reloaded, what was not saved is gone."""
        book = data.draw(self.alive())
        saved = nbformat.read(book.path, as_version=4)
        book.cells = [cell.id for cell in saved.cells]
        for kernel in [one for one in self.kernels if one.book is book]:
            self.end(kernel)
        self.start(book)

    def end(self, kernel: Kernel) -> None:
        kernel.session.history.close()
        self.kernels.remove(kernel)

    @precondition(has_books)
    @rule(data=st.data(), how=st.sampled_from(["in place", "atomically"]))
    def save(self, data: st.DataObject, how: str) -> None:
        self.write(data.draw(self.alive()), how=how)

    @precondition(has_books)
    @rule(data=st.data(), name=NAMES)
    def rename(self, data: st.DataObject, name: str) -> None:
        book = data.draw(self.alive())
        book.path = book.path.rename(self.free(book.path.parent.name, name))

    @precondition(has_books)
    @rule(data=st.data(), folder=FOLDERS, name=NAMES)
    def copy(self, data: st.DataObject, folder: str, name: str) -> None:
        """Copy the file: a notebook of its own, with the same ids."""
        book = data.draw(self.alive())
        saved = nbformat.read(book.path, as_version=4)
        target = Path(shutil.copy2(book.path, self.free(folder, name)))
        copied = Book(target, [cell.id for cell in saved.cells], set())
        self.books.append(copied)
        self.start(copied)

    @precondition(has_books)
    @rule(data=st.data())
    def craft(self, data: st.DataObject) -> None:
        """Make a notebook with one of another's ids, and cells of its own."""
        saved = nbformat.read(data.draw(self.alive()).path, as_version=4)
        ids = [cell.id for cell in saved.cells]
        crafted = Book(
            self.free("two", "a"), [*ids[:1], f"n{next(self.number)}", f"n{next(self.number)}"], set()
        )
        self.books.append(crafted)
        self.write(crafted, how="in place")
        self.start(crafted)

    @precondition(has_books)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        book = data.draw(self.alive())
        book.path.unlink()
        book.is_there = False
        for kernel in [one for one in self.kernels if one.book is book]:
            self.end(kernel)

    @precondition(lambda self: self.kernels)
    @rule(data=st.data(), is_new=st.booleans())
    def run(self, data: st.DataObject, is_new: bool) -> None:
        """Run a cell, and look what would be sent along."""
        kernel = data.draw(st.sampled_from(self.kernels))
        book = kernel.book
        if is_new or not book.cells:
            book.cells.append(f"n{next(self.number)}")
        cell = book.cells[-1] if is_new else data.draw(st.sampled_from(book.cells))
        kernel.ran.add(cell)
        session = kernel.session
        session.notebook.enter(str(kernel.named), frozenset(kernel.ran))
        turn = changed(make_turn(cell), prompt=f"{id(book)} {cell}")
        told = session.conversation().before(cell)
        strangers = [
            one.prompt for one in told if one.prompt.split()[0] not in {str(id(book)), *book.allowed}
        ]
        assert strangers == [], f"{book} is told of another's turns"
        session.history.begin(session.notebook.key, "main", turn)
        session.history.settle(changed(turn, status="done", reply="An answer."))

    @precondition(lambda self: len(self.kernels) > 1)
    @rule(data=st.data())
    def adopt(self, data: st.DataObject) -> None:
        kernel, other = data.draw(st.permutations(self.kernels))[:2]
        if None in (kernel.session.notebook.found, other.session.notebook.found):
            return
        kernel.session.history.adopt(kernel.session.notebook.key, other.session.notebook.key)
        for book in self.books:
            if book is kernel.book:
                book.allowed |= {str(id(other.book)), *other.book.allowed}

    def teardown(self) -> None:
        for kernel in self.kernels:
            assert kernel.session.warnings == tuple(
                text for text in kernel.session.warnings if "notebook" in text
            )
            kernel.session.history.close()
        shutil.rmtree(self.root)


TestNotebooks = Notebooks.TestCase
TestNotebooks.settings = examples(100, stateful_step_count=30)


def test_a_history_is_one_for_all(tmp_path: Path) -> None:
    """What the machine above relies on: sessions with the same settings share the file."""
    one, two = (History(tmp_path / "history.sqlite") for _ in range(2))
    turn = make_turn("a")
    one.begin("nb", "main", turn)
    assert two.turns("nb", "main") == (turn,)
    one.close()
    two.close()
