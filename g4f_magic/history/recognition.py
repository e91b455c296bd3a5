"""Which stored notebook a file is: itself, renamed, a copy, or a new one. Changes nothing."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from g4f_magic.history.notebooks import NotebookOutline, notebook_outlines, stored
from g4f_magic.history.proof import (
    Identity,
    Inode,
    Marks,
    StoredNotebook,
    is_alike,
    is_itself,
    is_moved,
    is_renamed,
)


class Around(Protocol):
    """What can be seen of the files around a notebook (see `g4f_magic.whereabouts`)."""

    def is_there(self, path: str, marks: Marks, inode: Inode | None) -> bool:
        """Say whether the file at a path is the one with those cells."""

    def has_moved(self, path: str, marks: Marks, inode: Inode) -> bool:
        """Say whether the file `inode`, with those cells, lies beside a path, not at it."""

    def has_rivals(self, path: str, marks: Marks) -> bool:
        """Say whether a notebook beside that at a path holds most of those cells, or there are too many to tell."""

    def holds_id(self, path: str, own: str) -> bool | None:
        """Say whether the file at a path holds that id of a notebook; None where it holds none, or is not there."""

    def has_twin(self, path: str, own: str) -> bool:
        """Say whether a notebook beside that at a path holds that id, or there are too many to tell."""


@dataclass(frozen=True, slots=True)
class FoundNotebook:
    """Which stored notebook a kernel serves."""

    key: str
    is_known: bool
    """Whether it is stored; else it is a new one, of which nothing is stored before its first turn."""
    renamed_from: str = ""
    like: NotebookOutline | None = None
    """The notebook that a new one looks like a copy of."""
    own: str = ""
    """The id that it holds, as far as that is stored."""
    is_twin: bool = False
    """Whether the id that the file holds is another notebook's: it was copied with it."""


def resolve(db: sqlite3.Connection, seen: Identity, around: Around) -> FoundNotebook:
    """Return which stored notebook it is that was seen, or that it is a new one. Changes nothing.

    It is the one at its path, where the proof holds (see `g4f_magic.history.proof`); else one of its folder whose
    file is there no longer, renamed; else a new one, which may look like a copy. An id in the notebook's metadata tells
    more than its cells: with it a notebook is known in another folder too, unless two files hold that id.
    """
    here = list(stored(db, "path IN (?, ?)", seen.path, seen.named or seen.path))
    itself = [one for one in here if is_itself(one, seen, has_moved=_has_moved(one, seen, around))]
    if itself:
        found = _best(itself, seen)
        return FoundNotebook(found.key, True, own="".join(found.own[-1:]))
    claimed = _claimed(db, seen)
    if same := [one for one in claimed if is_moved(one, seen) and _is_same_file(one, seen, around)]:
        found = _best(same, seen)
        return FoundNotebook(found.key, True, renamed_from=found.path, own=seen.own)
    if _is_twin(claimed, seen, around):
        return FoundNotebook(_new_key(db, seen), False, like=_held(db, _best(claimed, seen)), is_twin=True)
    if moved := [one for one in claimed if is_moved(one, seen) and not _is_still_there(one, around)]:
        found = _best(moved, seen)
        return FoundNotebook(found.key, True, renamed_from=found.path, own=seen.own)
    folder = str(Path(seen.path).parent)
    beside = [
        one
        for one in stored(db, "path LIKE ? ESCAPE '!'", f"{_escaped(folder)}%")
        if one.path != seen.path and _is_renamed(one, seen, around)
    ]
    if beside:
        found = _best(beside, seen)
        return FoundNotebook(found.key, True, renamed_from=found.path, own="".join(found.own[-1:]))
    return FoundNotebook(_new_key(db, seen), False, like=_like(db, seen))


def _claimed(db: sqlite3.Connection, seen: Identity) -> list[StoredNotebook]:
    """Return the notebooks at other paths that hold the id which was seen."""
    if not seen.own:
        return []
    found = stored(db, "seen LIKE ?", f'%"{seen.own}"%')
    return [one for one in found if one.is_claimed_by(seen) and one.path != seen.path]


def _is_twin(claimed: Sequence[StoredNotebook], seen: Identity, around: Around) -> bool:
    """Say whether another file holds the id, too: one of the two is a copy, and nobody knows which."""
    for one in claimed:
        holds = around.holds_id(one.path, seen.own)
        if holds or (holds is None and around.is_there(one.path, one.base, one.inode)):
            return True
        if _is_still_there(one, around) or one.inode in (None, seen.inode):
            continue
        if around.has_moved(one.path, one.base, one.inode) or _has_moved(one, seen, around):
            return True
    return bool(claimed) and around.has_twin(seen.path, seen.own)


def _is_same_file(record: StoredNotebook, seen: Identity, around: Around) -> bool:
    """Say whether it is the record's own file, under another name: a copy is another one."""
    is_same = record.inode is not None and record.inode == seen.inode
    return is_same and not around.holds_id(record.path, seen.own)


def _is_still_there(record: StoredNotebook, around: Around) -> bool:
    """Say whether the record's file lies where it lay, under an id that it was given later."""
    return any(around.holds_id(record.path, own) for own in record.own)


def _has_moved(record: StoredNotebook, seen: Identity, around: Around) -> bool:
    inode = record.inode
    return inode is not None and inode != seen.inode and around.has_moved(seen.path, record.base, inode)


def _is_renamed(record: StoredNotebook, seen: Identity, around: Around) -> bool:
    is_same_file = record.inode is not None and record.inode == seen.inode
    if not is_renamed(record, seen, has_rivals=False):
        return False
    marks = record.base | (frozenset() if record.outline else record.ran)
    if around.is_there(record.path, record.base, record.inode):
        return False
    return is_same_file or not around.has_rivals(seen.path, marks & seen.marks)


def _best(records: Sequence[StoredNotebook], seen: Identity) -> StoredNotebook:
    """Return the one that shares most cells; of equals the one seen last."""
    return max(
        records,
        key=lambda one: (
            bool(seen.own) and one.own[-1:] == (seen.own,),
            one.knows(seen.ran),
            one.shared(seen.marks),
            one.seen_at,
        ),
    )


def _like(db: sqlite3.Connection, seen: Identity) -> NotebookOutline | None:
    """Return the notebook that a new one looks like, or that lay at its path: the one with most in common."""
    held = _holding(db)
    alike = [
        one
        for one in stored(db, "1")
        if one.key in held and (is_alike(one, seen) or (one.path == seen.path and bool(seen.marks)))
    ]
    return held[_best(alike, seen).key] if alike else None


def _held(db: sqlite3.Connection, record: StoredNotebook) -> NotebookOutline | None:
    """Return what a notebook holds; None where that is nothing."""
    return _holding(db).get(record.key)


def _holding(db: sqlite3.Connection) -> dict[str, NotebookOutline]:
    return {outline.notebook: outline for outline in notebook_outlines(db) if outline.turns}


def _escaped(folder: str) -> str:
    return re.sub("([!%_])", r"!\1", f"{folder.rstrip(os.sep)}{os.sep}")


def _new_key(db: sqlite3.Connection, seen: Identity) -> str:
    """Return a new key: the same for kernels of one notebook that meet it at once, by the cells that ran first."""
    told = json.dumps([seen.path, min(seen.ran, default=uuid4().hex)])
    key = sha256(told.encode("utf-8", "replace")).hexdigest()[:32]
    is_taken = db.execute(
        "SELECT 1 FROM notebooks WHERE key = ? UNION SELECT 1 FROM conversations WHERE notebook = ?",
        (key, key),
    )
    return uuid4().hex if is_taken.fetchone() else key
