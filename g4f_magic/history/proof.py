"""Whether a file is the notebook that a record is of. No I/O.

Nothing proves it alone: front ends use names again and keep old paths, ids are copied with files, file systems give
the number of a deleted file to the next one. docs/conversations.md has the rules as a table. In doubt the answer is no.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

Marks = frozenset[str]
"""What cells are known by: their ids, and a digest of the code where there is none (see `g4f_magic.host.cell`)."""
PLACE = "@"
"""Stands among the marks for a cell that the front end names by its place alone."""
Inode = tuple[int, int]
"""Device and number of a file: kept by a rename, lost by saving through a second file, given again after a deletion."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What lies at a path."""

    path: str
    inode: Inode
    cells: tuple[str, ...] = ()
    """The ids of the saved cells, in their order."""
    outline: Marks = frozenset()
    """One mark for each saved cell; empty where it could not be read, or nothing is saved yet."""
    chats: Marks = frozenset()
    """Digests of the cells that chat, for front ends that name no cells."""
    own: str = ""
    """The notebook's own id, which stands in its metadata; empty where it holds none."""

    def holds(self, ran: Marks) -> bool:
        """Say whether one of the cells that ran is saved here: by its id, by its code where ids cannot tell."""
        ids = ids_of(ran)
        if ids and self.cells:
            return not ids.isdisjoint(self.cells)
        return not ran.isdisjoint(self.outline | self.chats)


@dataclass(frozen=True, slots=True)
class Identity:
    """The notebook that a kernel serves, as far as that is known.

    `path` is where its file lies, links followed; `is_sure` says that a cell that ran here is saved in that file, or
    that its path alone is its identity (a text notebook). `cells`, `outline` and `inode` are those of the file.
    """

    path: str
    cells: tuple[str, ...] = ()
    outline: Marks = frozenset()
    inode: Inode | None = None
    ran: Marks = frozenset()
    """The cells that ran in this kernel."""
    is_sure: bool = True
    started_at: float = 0.0
    """When the kernel started: then the file lay at the path that the front end names."""
    named: str = field(default="", compare=False)
    """The path as the front end names it."""
    is_text: bool = False
    """Whether it is a text file, which holds no ids: jupytext's, MyST's."""

    is_told: bool = False
    """Whether a page tells it, and no file can be looked at: then nobody knows whether it was renamed or copied."""
    own: str = ""
    """The id that the notebook itself holds, which is copied with it; empty where none is known."""

    @property
    def names_cells(self) -> bool:
        """Say whether the front end names the cells that run, be it by their place."""
        return any(not mark.startswith("~") for mark in self.ran)

    @property
    def marks(self) -> Marks:
        """Return the marks of the saved cells."""
        return self.outline or frozenset(self.cells)


@dataclass(frozen=True, slots=True)
class StoredNotebook:
    """What is stored of a notebook."""

    key: str
    path: str
    outline: Marks = frozenset()
    """Of the file when it was last seen; empty where it never was."""
    asked: Marks = frozenset()
    """The cells in which something was asked."""
    ran: Marks = frozenset()
    """The cells that ran in its kernels, as far as they are remembered."""
    inode: Inode | None = None
    seen_at: float = 0.0
    own: tuple[str, ...] = ()
    """The ids that the notebook itself held, the present one last; a copy holds at first that of its original."""

    @property
    def base(self) -> Marks:
        """Return what the file is compared with."""
        return self.outline or self.asked

    @property
    def bases(self) -> tuple[Marks, Marks]:
        """Return the cells that the file held when it was seen, and the same with those that were asked in since."""
        return self.base, self.base | self.asked

    def shared(self, marks: Marks) -> int:
        """Return how many of its cells are among these."""
        return len((self.outline | self.asked) & marks)

    def knows(self, ran: Marks) -> bool:
        """Say whether a cell that ran is one of its own."""
        ids = ids_of(ran)
        return not ids.isdisjoint(self.outline | self.asked | self.ran)

    def is_claimed_by(self, seen: Identity) -> bool:
        """Say whether the notebook holds this one's id."""
        return bool(seen.own) and seen.own in self.own

    def is_another_than(self, seen: Identity) -> bool:
        """Say whether both hold an id, and not the same."""
        return bool(seen.own and self.own) and seen.own not in self.own

    def survives_in(self, marks: Marks) -> bool:
        """Say whether at least half of its cells are there."""
        return any(base and 2 * len(base & marks) >= len(base) for base in self.bases)

    def is_mostly(self, marks: Marks) -> bool:
        """Say whether most of its cells are there, and most of those there are its own."""
        return any(2 * len(base & marks) > max(len(base), len(marks)) for base in self.bases)


def ids_of(marks: Marks) -> Marks:
    """Return those of the marks that are ids."""
    return frozenset(mark for mark in marks if not mark.startswith(("~", PLACE)))


def is_itself(record: StoredNotebook, seen: Identity, *, has_moved: bool) -> bool:
    """Say whether the notebook is the one that was seen at the same path before.

    `has_moved` says that the record's file lies elsewhere in the folder by now: what is here is a copy then.
    """
    if seen.is_text and not (record.base and seen.marks):
        return True
    if record.is_another_than(seen):
        return False
    if record.is_claimed_by(seen):
        return not has_moved
    is_known = record.knows(seen.ran)
    if not seen.marks:  # no file, or nothing is saved in it yet: only a cell can tell
        return is_known
    if record.outline:
        is_there = record.survives_in(seen.marks)
    else:  # stored before anything was saved, or by an earlier version, which noted less
        is_there = record.shared(seen.marks) > 0 and (is_known or not record.ran)
    # A kernel whose cells are not saved yet may serve another file by now than the one that lies there; not where
    # that one was there before the kernel started. One whose cells are not named at all may have inherited the path.
    was_there = record.seen_at < seen.started_at and seen.names_cells
    is_ours = is_known or seen.is_sure or was_there
    return is_there and is_ours and not has_moved


def is_renamed(record: StoredNotebook, seen: Identity, *, has_rivals: bool) -> bool:
    """Say whether the notebook, in the folder of the record, is the one that lay at the record's path.

    `has_rivals` says that another file there holds those cells too. Expects that it lies there no longer.
    """
    if not seen.is_sure or not seen.marks or seen.is_text or seen.is_told or record.is_another_than(seen):
        return False
    if Path(record.path).parent != Path(seen.path).parent:
        return False
    if record.inode is not None and record.inode == seen.inode:
        return record.survives_in(seen.marks)
    if record.outline:
        return record.is_mostly(seen.marks) and not has_rivals
    known = ids_of(record.asked | record.ran)
    return 2 * len(known & seen.marks) > len(known) and not has_rivals


def is_moved(record: StoredNotebook, seen: Identity) -> bool:
    """Say whether the notebook, at another path, holds the record's id, and one of its cells at least.

    An id alone can be written into any file by hand. Expects that no other file holds that id.
    """
    return record.is_claimed_by(seen) and (record.shared(seen.marks) > 0 or record.knows(seen.ran))


def is_alike(record: StoredNotebook, seen: Identity) -> bool:
    """Say whether the notebook looks like a copy of the record's: half of the cells of one are the other's.

    Not by a cell or two: notebooks made from one template share the ids of their first cells.
    """
    if not seen.marks:  # nothing is saved: a cell that ran has to tell
        return record.knows(seen.ran)
    shared = record.shared(seen.marks)
    return shared > 0 and 2 * shared >= min(len(record.base), len(seen.marks))
