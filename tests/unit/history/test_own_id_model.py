"""The same as in `test_whose_model`, with pages: they tell where the notebook lies and its own id, which is copied with its file."""

from __future__ import annotations

from pathlib import Path

import nbformat
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from g4f_magic.label import own_id
from tests.examples import examples
from tests.turns import changed, make_turn
from tests.unit.history.test_whose_model import FOLDERS, NAMES, Book, Notebooks


class NotebooksWithPages(Notebooks):
    """Notebooks whose pages have the front-end part."""

    def __init__(self) -> None:
        super().__init__()
        self.own: dict[int, str] = {}
        """The id that the page of a notebook holds, saved or not."""
        self.lay: dict[int, set[Path]] = {}
        """Where a notebook lay before it was moved or renamed."""

    def write(self, book: Book, *, how: str) -> None:
        super().write(book, how=how)
        saved = nbformat.read(book.path, as_version=4)
        if own := self.own.get(id(book)):
            saved.metadata["g4f_magic"] = {"notebook": own}
        book.path.write_text(nbformat.writes(saved))

    @precondition(Notebooks.has_books)
    @rule(data=st.data(), folder=FOLDERS, name=NAMES)
    def move(self, data: st.DataObject, folder: str, name: str) -> None:
        """Move it to a folder; its page goes with it. A copy that stays is taken for it, as nobody looks for it elsewhere."""
        book = data.draw(self.alive())
        if folder != book.path.parent.name:
            self.leave(book)
        self.put(book, self.free(folder, name))

    @precondition(Notebooks.has_books)
    @rule(data=st.data(), name=NAMES)
    def rename(self, data: st.DataObject, name: str) -> None:
        book = data.draw(self.alive())
        self.put(book, self.free(book.path.parent.name, name))

    @precondition(Notebooks.has_books)
    @rule(data=st.data(), folder=FOLDERS, name=NAMES)
    def copy(self, data: st.DataObject, folder: str, name: str) -> None:
        super().copy(data, folder, name)
        self.arrive(self.books[-1])

    def put(self, book: Book, path: Path) -> None:
        self.lay.setdefault(id(book), set()).add(book.path)
        book.path = book.path.rename(path)
        self.arrive(book)

    def arrive(self, heir: Book) -> None:
        """Let a copy that comes to where a notebook lay, which is in another folder by now, be that notebook saved anew."""
        for gone in self.books:
            is_near = gone.is_there and gone.path.parent == heir.path.parent
            if heir.path in self.lay.get(id(gone), ()) and not is_near:
                self.inherit(gone, heir)

    def leave(self, gone: Book) -> None:
        """Let a copy be what a notebook became that is no longer where it was, as far as anybody can tell."""
        for heir in self.books:
            if heir.is_there:
                self.inherit(gone, heir)

    def inherit(self, gone: Book, heir: Book) -> None:
        if heir is not gone and set(gone.cells) & set(heir.cells):
            heir.allowed |= {str(id(gone)), *gone.allowed}

    @precondition(Notebooks.has_books)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        """Delete one. A copy that is left alone is what the notebook was moved to."""
        before = [book for book in self.books if book.is_there]
        super().delete(data)
        for gone in before:
            if not gone.is_there:
                self.leave(gone)

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
        if not kernel.ran - {cell}:  # the page was loaded with the kernel
            self.own[id(book)] = own_id(nbformat.read(book.path, as_version=4).metadata)

        def enter() -> None:
            own = self.own.get(id(book), "")
            session.notebook.enter(str(book.path), frozenset(kernel.ran), None, tuple(book.cells), own)

        enter()
        turn = changed(make_turn(cell), prompt=f"{id(book)} {cell}")
        told = session.conversation().before(cell)
        strangers = [
            one.prompt for one in told if one.prompt.split()[0] not in {str(id(book)), *book.allowed}
        ]
        assert strangers == [], f"{book} is told of another's turns"
        session.history.begin(session.notebook.key, "main", turn)
        session.history.settle(changed(turn, status="done", reply="An answer."))
        wanted, instead = session.notebook.id_to_write()
        if wanted and self.own.get(id(book), "") == instead:
            self.own[id(book)] = wanted
            enter()


TestNotebooksWithPages = NotebooksWithPages.TestCase
TestNotebooksWithPages.settings = examples(60, stateful_step_count=30)
