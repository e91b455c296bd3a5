"""A notebook as its page tells it, where no file of it is at hand; and what its name says. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from typing import Any, NamedTuple

LIVE = "RTC:"
"""What earlier versions of jupyter-collaboration put before the name of a notebook that several people may have open."""


def is_shared(named: str) -> bool:
    """Say whether a notebook is one that several may have open at once, as the front end names it.

    Newer versions do not tell the kernel: it is taken for one where its page said so, or they are installed beside it.
    """
    if pages.say_shared:
        return True
    if not named.endswith(".ipynb"):
        return False
    return named.replace("\\", "/").rpartition("/")[2].startswith(LIVE) or _is_collaboration_there()


class Pages:
    """What the pages of this kernel's notebook said last."""

    say_shared = False


pages = Pages()


def note_shared(is_shared: bool) -> None:
    """Know that a page said whether several have the notebook open."""
    pages.say_shared = is_shared


@cache
def _is_collaboration_there() -> bool:
    return find_spec("jupyter_server_ydoc") is not None


class ToldCell(NamedTuple):
    """A cell as the page holds it."""

    id: str
    kind: str
    source: str


class ToldNotebook(NamedTuple):
    """A notebook as the page holds it, saved or not."""

    name: str
    """Its file's name, which others may have too."""
    cells: tuple[ToldCell, ...]

    def holds(self, cell: str) -> bool:
        """Say whether a cell of that id is in it."""
        return any(one.id == cell for one in self.cells)


def of_colab(notebook: Mapping[str, Any]) -> ToldNotebook | None:
    """Return what Colab's page answered; None where it has no name or no cells."""
    metadata = notebook.get("metadata")
    colab = metadata.get("colab") if isinstance(metadata, Mapping) else None
    name = colab.get("name") if isinstance(colab, Mapping) else None
    cells = notebook.get("cells")
    if not isinstance(name, str) or not name.strip() or not isinstance(cells, list):
        return None
    told = tuple(_cell(cell) for cell in cells if isinstance(cell, Mapping))
    return ToldNotebook(name.strip(), told) if any(cell.id for cell in told) else None


def _cell(cell: Mapping[str, Any]) -> ToldCell:
    metadata = cell.get("metadata")
    identity = (metadata.get("id") if isinstance(metadata, Mapping) else None) or cell.get("id")
    source = cell.get("source")
    lines = source if isinstance(source, list) else [source]
    return ToldCell(
        identity if isinstance(identity, str) else "",
        str(cell.get("cell_type") or ""),
        "".join(line for line in lines if isinstance(line, str)),
    )
