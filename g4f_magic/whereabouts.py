"""Where the file of the notebook lies that this kernel serves, and what lies around it."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from g4f_magic.history import FoundNotebook, Identity, Inode, Marks, Sighting, started_at
from g4f_magic.host.told import LIVE, ToldNotebook
from g4f_magic.notebook import MOST_NEIGHBOURS, is_text, neighbours, sighting
from g4f_magic.visible import make_visible, numbered

_TOLD = "Colab/"
"""Begins what stands for the path of a notebook that Colab's page tells of."""
_SLACK_SECONDS = 60.0
"""How far the clock of a file server may be behind ours."""


def named_path(named: str) -> Path | None:
    """Return the path of the notebook of which `Host.notebook` gives the name; None where that is none."""
    path = Path(named)
    if path.name.startswith(LIVE):
        path = path.with_name(path.name.removeprefix(LIVE))
    path = path.expanduser().absolute()
    # A console's session has a name too.
    return path if path.suffix.lower() == ".ipynb" or is_text(path) else None


def identify(
    named: str, ran: Marks = frozenset(), last: Identity | None = None, own: str = ""
) -> Identity | None:
    """Return the notebook that this kernel serves, as far as it can be told; None where the front end names none.

    `ran` are the cells that ran in this kernel, `last` is what this returned before, `own` is the notebook's own id, as
    a page tells it.
    """
    given = named_path(named)
    if given is None:
        return None
    path = Path(os.path.realpath(given))
    if is_text(path):
        found, is_sure = sighting(path), True
    elif own and (here := sighting(path)) is not None and here.own == own:
        found, is_sure = here, True
    else:
        found, is_sure = _found(path, ran, last)
    return Identity(
        found.path if found is not None else _printable(path),
        found.cells if found is not None else (),
        found.outline if found is not None else frozenset(),
        found.inode if found is not None else None,
        ran,
        is_sure,
        started_at(),
        _printable(given),
        is_text(path),
        own=own or (found.own if found is not None and is_sure else ""),
    )


def placed(named: str, told: str, own: str) -> str:
    """Return the path of the notebook that a page places at `told` in its server's folder; `named` where that is unclear.

    `named` is the path that the kernel was given: the server's folder is one above it. `own` is the notebook's own id.
    """
    there = [folder / told for folder in Path(named).parents] if own else []
    found = [path for path in there if (one := sighting(path)) is not None and one.own == own]
    return str(found[0]) if len(found) == 1 else named


def identify_told(told: ToldNotebook, ran: Marks) -> Identity:
    """Return the notebook that a page tells of: known by its name and its cells."""
    ids = tuple(dict.fromkeys(cell.id for cell in told.cells if cell.id))
    return Identity(
        f"{_TOLD}{make_visible(told.name)}",
        ids,
        frozenset(ids),
        None,
        ran,
        is_sure=not ran.isdisjoint(ids),
        started_at=started_at(),
        is_told=True,
    )


def _found(path: Path, ran: Marks, last: Identity | None) -> tuple[Sighting | None, bool]:
    """Return the file of the notebook, and whether a cell that ran is saved in it."""
    before = Path(last.path) if last is not None and last.is_sure else path
    here = sighting(before)
    if here is not None and here.holds(ran):
        return here, True
    if here is not None and _is_as_before(here, last):
        return here, True
    moved = _elsewhere(before, ran, last.inode if last is not None and last.is_sure else None)
    if moved is not None:
        return moved, True
    return sighting(path), False


def _is_as_before(here: Sighting, last: Identity | None) -> bool:
    """Say whether the file is the one that was sure before: unless it was deleted, and its number given again."""
    if last is None or not last.is_sure or here.inode != last.inode:
        return False
    return not (here.outline and last.outline and here.outline.isdisjoint(last.outline))


def _elsewhere(path: Path, ran: Marks, inode: Inode | None) -> Sighting | None:
    """Return the one notebook in the folder that was renamed to and holds a cell that ran; None where none is clear."""
    since = started_at() - _SLACK_SECONDS
    if inode is not None:
        for beside in neighbours(path, inode=inode):
            if (one := sighting(beside)) is not None and (one.holds(ran) or not one.outline):
                return one
    found = [one for beside in neighbours(path, since=since) if (one := sighting(beside)) is not None]
    holding = [one for one in found if one.holds(ran)]
    return holding[0] if len(holding) == 1 else None


class Surroundings:
    """What lies around a notebook, as far as its proof needs it."""

    def is_there(self, path: str, marks: Marks, inode: Inode | None) -> bool:
        """Say whether the file at a path is the one with those cells."""
        found = sighting(Path(path)) if path else None
        if found is None:
            return False
        shared = len(found.outline & marks)
        return 2 * shared >= len(marks) if marks else found.inode == inode

    def has_moved(self, path: str, marks: Marks, inode: Inode) -> bool:
        """Say whether the file `inode`, with those cells, lies beside a path, not at it."""
        beside = [sighting(one) for one in neighbours(Path(path), inode=inode)]
        return any(one is not None and one.inode == inode and bool(one.outline & marks) for one in beside)

    def holds_id(self, path: str, own: str) -> bool | None:
        """Say whether the file at a path holds that id of a notebook; None where it holds none, or is not there."""
        found = sighting(Path(path)) if path else None
        return found.own == own if found is not None and found.own else None

    def has_twin(self, path: str, own: str) -> bool:
        """Say whether a notebook beside that at a path holds that id, or there are too many to tell."""
        beside = list(neighbours(Path(path)))
        if len(beside) > MOST_NEIGHBOURS:
            return True
        return any((found := sighting(one)) is not None and found.own == own for one in beside)

    def has_rivals(self, path: str, marks: Marks) -> bool:
        """Say whether a notebook beside that at a path holds most of those cells, or there are too many to tell."""
        beside = list(neighbours(Path(path)))
        if len(beside) > MOST_NEIGHBOURS:
            return True
        found = [sighting(one) for one in beside]
        return any(one is not None and 2 * len(one.outline & marks) > len(marks) for one in found)


def _printable(path: Path) -> str:
    return str(path).encode("utf-8", "replace").decode()


def told(found: FoundNotebook, seen: Identity) -> str:
    """Return what the person is to know of how the notebook was found; empty where it is as before."""
    if found.is_known:
        if not found.renamed_from:
            return ""
        return f"This notebook was {quoted(found.renamed_from, seen.path)}: its conversations go on here."
    if found.like is None:
        return ""
    turns = numbered(found.like.turns, "turn")
    if not found.like.path or found.like.path == seen.path:
        what = f"another notebook was kept under this name before ({turns})"
        name = found.like.notebook[:8]
    else:
        what = f"it looks like a copy of {quoted(found.like.path, seen.path)} ({turns})"
        name = shlex.quote(near(found.like.path, seen.path))
    return (
        f"This notebook begins with an empty conversation: {what}. To go on from there: `%chat adopt {name}`"
    )


def quoted(path: str, beside: str) -> str:
    """Return a path as Markdown shows it: its name alone where it lies in the same folder."""
    return f"`{near(path, beside).replace('`', '')}`"


def near(path: str, beside: str) -> str:
    """Return a path as one names it who stands in that folder: the name alone where it lies there too."""
    name = Path(path).name if Path(path).parent == Path(beside).parent else path
    return " ".join(make_visible(name).split())
