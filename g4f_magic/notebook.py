"""The saved file of a notebook: its cells, and what it is known by."""

from __future__ import annotations

import json
import os
import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from g4f_magic import disk
from g4f_magic.errors import InputError
from g4f_magic.history import NAMED, Inode, Sighting
from g4f_magic.host import code_mark
from g4f_magic.label import own_id
from g4f_magic.vscode import Cell

MOST_BYTES = 64 * 1024 * 1024
"""A larger file is not read for its cells: it would hold up the first chat."""

TEXTS = frozenset({".md", ".markdown", ".py", ".r", ".jl", ".rmd", ".qmd", ".myst"})
"""How text files end that can be notebooks (jupytext, MyST, Quarto)."""
_SIGN_OF_A_NOTEBOOK = re.compile(rb"^# ?%%|jupytext|kernelspec|^import marimo\b", re.MULTILINE)
"""What a program that is a notebook has near its top; Markdown is always taken for one."""
MOST_NEIGHBOURS = 256
"""In a folder with more notebooks nobody looks into all of them."""


class SavedCell(NamedTuple):
    """A cell as the file holds it; `id` is empty where the file's format is too old for it."""

    id: str
    kind: str
    source: str


class _Saved(NamedTuple):
    """What is read of a notebook's file: its cells in their order, and its own id, empty where it holds none."""

    cells: tuple[SavedCell, ...] = ()
    own: str = ""


def saved_cells(path: Path) -> tuple[SavedCell, ...]:
    """Return the cells of the saved file, in their order; none where it cannot be read or is no notebook."""
    return _saved(path).cells


def _saved(path: Path) -> _Saved:
    try:
        stat = path.stat()
    except OSError:
        return _Saved()
    if stat.st_size > MOST_BYTES:
        return _Saved()
    return _read(path, (stat.st_ino, stat.st_size, stat.st_mtime_ns))


@lru_cache(maxsize=4)
def _read(path: Path, stamp: tuple[int, int, int]) -> _Saved:
    """Return what is read of the file. Read once, while `stamp` says that it is the same."""
    try:
        book = json.loads(disk.read(path, most_bytes=MOST_BYTES))
        cells = tuple(
            SavedCell(_text(cell, "id"), _text(cell, "cell_type"), _source(cell)) for cell in book["cells"]
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return _Saved()
    return _Saved(cells, own_id(book.get("metadata")))


def cells_with_outputs(path: Path) -> tuple[tuple[SavedCell, Sequence[Mapping[str, Any]]], ...]:
    """Return the cells of the saved file with their outputs; none where it cannot be read or is no notebook."""
    cells = saved_cells(path)
    if not cells:
        return ()
    try:
        raw = json.loads(disk.read(path, most_bytes=MOST_BYTES))["cells"]
        shown = [[one for one in cell.get("outputs") or () if isinstance(one, dict)] for cell in raw]
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return ()
    return tuple(zip(cells, shown, strict=True)) if len(cells) == len(shown) else ()


def _text(cell: Mapping[str, object], name: str) -> str:
    value = cell.get(name)
    return value if isinstance(value, str) else ""


def _source(cell: Mapping[str, object]) -> str:
    source = cell.get("source")
    lines = source if isinstance(source, list) else [source]
    return "".join(line for line in lines if isinstance(line, str))


def chat_cells(cells: Iterable[Cell]) -> tuple[str, ...]:
    """Return the ids of the cells that may chat, in their order: none that is text, or speaks of no chat."""
    return tuple(
        dict.fromkeys(
            cell.id for cell in cells if cell.id and cell.kind == "code" and "chat" in cell.source.lower()
        )
    )


def holds_code(path: Path, source: str) -> bool:
    """Say whether the saved file has a code cell with that source."""
    return any(cell.kind == "code" and cell.source.strip() == source.strip() for cell in saved_cells(path))


def is_text(path: Path) -> bool:
    """Say whether a text file may be a notebook: its path alone is its identity then."""
    suffix = path.suffix.lower()
    if suffix not in TEXTS:
        return False
    return suffix not in (".py", ".r", ".jl") or _SIGN_OF_A_NOTEBOOK.search(_bytes(path)[:8192]) is not None


_sightings: OrderedDict[Path, tuple[tuple[int, ...], Sighting]] = OrderedDict()


def sighting(path: Path) -> Sighting | None:
    """Return what lies at a path without links; None where no file does. Read once, while it stays the same."""
    try:
        stat = path.stat()
    except OSError:
        return None
    stamp = (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns)
    known = _sightings.get(path)
    if known is None or known[0] != stamp:
        known = (stamp, _sighted(path, (stat.st_dev, stat.st_ino)))
        _sightings[path] = known
        while len(_sightings) > MOST_NEIGHBOURS:
            _sightings.popitem(last=False)
    return known[1]


def _sighted(path: Path, inode: Inode) -> Sighting:
    name = (
        str(path).encode("utf-8", "replace").decode()
    )  # one that is not UTF-8 is only ever compared with itself
    if path.suffix.lower() != ".ipynb":
        paragraphs = re.split(r"\n\s*\n", _bytes(path).decode("utf-8", "replace"))
        return Sighting(name, inode, outline=frozenset(code_mark(one) for one in paragraphs if one.strip()))
    cells, own = _saved(path)
    outline = frozenset(cell.id or code_mark(cell.source) for cell in cells if cell.id or cell.source.strip())
    chats = frozenset(code_mark(cell.source) for cell in cells if "%%chat" in cell.source)
    ids = tuple(dict.fromkeys(cell.id for cell in cells if cell.id))
    return Sighting(name, inode, ids, outline, chats, own)


def neighbours(path: Path, *, inode: Inode | None = None, since: float = 0.0) -> Iterator[Path]:
    """Yield the notebooks beside `path`, without itself: those that are the file `inode`, or changed after `since`."""
    try:
        with os.scandir(path.parent) as entries:
            beside = [entry for entry in entries if entry.name.endswith(".ipynb") and entry.name != path.name]
    except OSError:
        return
    for entry in beside:
        if inode is not None and entry.inode() != inode[1]:
            continue
        try:
            stat = entry.stat(follow_symlinks=False)
        except OSError:
            continue
        # A rename changes `st_ctime`; on Windows that is when a file was made, and tells nothing.
        if os.name == "nt" or stat.st_ctime >= since:
            yield path.parent / entry.name


def _bytes(path: Path) -> bytes:
    try:
        return disk.read(path, most_bytes=MOST_BYTES)
    except OSError:
        return b""


def named_key(name: str) -> str:
    """Return the key of a notebook that the person named.

    Raises:
        InputError: the name is blank.
    """
    if not name.strip():
        raise InputError("a notebook's name cannot be blank", hint="%chat notebook NAME")
    return f"{NAMED}{name.strip()}"
