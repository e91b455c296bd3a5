"""Which notebook this kernel serves, as the front end says and the file shows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from g4f_magic.errors import InputError
from g4f_magic.history import KERNEL, Identity
from g4f_magic.settings import environment

MOST_BYTES = 64 * 1024 * 1024
"""A larger file is not read for its cells: it would hold up the first chat."""

_LIVE = "RTC:"
"""What jupyter-collaboration puts before the name of a notebook."""


def identify(user_namespace: Mapping[str, object]) -> Identity | None:
    """Return the notebook that this kernel serves; None where the front end does not say, or it is none.

    Jupyter tells by `JPY_SESSION_NAME` (after a rename the old path until the kernel restarts), VS Code by a
    name in the person's namespace.
    """
    given = user_namespace.get("__vsc_ipynb_file__")
    path = Path(given if isinstance(given, str) and given else environment("JPY_SESSION_NAME"))
    if path.name.startswith(_LIVE):
        path = path.with_name(path.name.removeprefix(_LIVE))
    if path.suffix.lower() != ".ipynb":  # a console's session has a name too
        return None
    return _identity(path.expanduser().absolute())


@cache
def _identity(path: Path) -> Identity:
    """Return what the file at `path` is. Read once: a kernel stays with its notebook, whatever takes its name."""
    # A name that is not UTF-8 is only ever compared with itself.
    return Identity(str(path).encode("utf-8", "replace").decode(), cell_ids(path))


class SavedCell(NamedTuple):
    """A cell as the file holds it; `id` is empty where the file's format is too old for it."""

    id: str
    kind: str
    source: str


def saved_cells(path: Path) -> tuple[SavedCell, ...]:
    """Return the cells of the saved file, in their order; none where it cannot be read or is no notebook."""
    try:
        stat = path.stat()
    except OSError:
        return ()
    return () if stat.st_size > MOST_BYTES else _read(path, (stat.st_ino, stat.st_size, stat.st_mtime_ns))


@lru_cache(maxsize=4)
def _read(path: Path, stamp: tuple[int, int, int]) -> tuple[SavedCell, ...]:
    """Return the cells of the file. Read once, while `stamp` says that it is the same."""
    try:
        cells = json.loads(path.read_bytes())["cells"]
        return tuple(SavedCell(_text(cell, "id"), _text(cell, "cell_type"), _source(cell)) for cell in cells)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return ()


def _text(cell: Mapping[str, object], name: str) -> str:
    value = cell.get(name)
    return value if isinstance(value, str) else ""


def _source(cell: Mapping[str, object]) -> str:
    source = cell.get("source")
    lines = source if isinstance(source, list) else [source]
    return "".join(line for line in lines if isinstance(line, str))


def cell_ids(path: Path) -> tuple[str, ...]:
    """Return the ids of the saved cells, in their order."""
    return tuple(dict.fromkeys(cell.id for cell in saved_cells(path) if cell.id))


def chat_cells(path: Path) -> tuple[str, ...]:
    """Return the ids of the saved cells that may chat, in their order: none that is text, or speaks of no chat."""
    return tuple(
        dict.fromkeys(
            cell.id
            for cell in saved_cells(path)
            if cell.id and cell.kind == "code" and "chat" in cell.source.lower()
        )
    )


def holds_code(path: Path, source: str) -> bool:
    """Say whether the saved file has a code cell with that source."""
    return any(cell.kind == "code" and cell.source.strip() == source.strip() for cell in saved_cells(path))


def kernel_key() -> str:
    """Return a new key for conversations that live as long as the kernel."""
    return f"{KERNEL}{uuid4().hex}"


def named_key(name: str) -> str:
    """Return the key of a notebook that the person named.

    Raises:
        InputError: the name is blank.
    """
    if not name.strip():
        raise InputError("a notebook's name cannot be blank", hint="%chat notebook NAME")
    return f"name:{name.strip()}"
