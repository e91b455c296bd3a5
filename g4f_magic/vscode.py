"""Which cell of the saved file VS Code runs. No I/O.

VS Code names a cell by a document's address, whose fragment holds a handle. Handles count the cells in the order of
the file each time that it is opened, and go on from there for cells that are inserted: a place, never an identity.
So the cell is known by its code, and only among cells of the same code by its place.

Source: the notebook documents of VS Code 1.139 (`vscode-notebook-cell:PATH#W3sZmlsZQ==`: a letter that says how many
digits follow, the handle in radix 7, `s` and the scheme).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

_LENGTHS = "WXYZabcdef"
_FRAGMENT = re.compile(rf"#([{_LENGTHS}])([0-6]+)s")


class Cell(Protocol):
    """A cell as the file holds it."""

    @property
    def id(self) -> str: ...

    @property
    def kind(self) -> str: ...

    @property
    def source(self) -> str: ...


def handle(address: str) -> int | None:
    """Return the number in a cell's address; None where there is none."""
    found = _FRAGMENT.search(address)
    if found is None:
        return None
    letter, digits = found.groups()
    return int(digits, 7) if len(digits) == 1 + _LENGTHS.index(letter) else None


def own_id(address: str, code: str, cells: Sequence[Cell]) -> str:
    """Return the notebook's own id of the cell at `address` that holds `code`; empty where the file does not tell.

    Of several with the same code it is the one at the handle's place.
    """
    fitting = [
        number
        for number, cell in enumerate(cells)
        if cell.kind == "code" and cell.id and cell.source.strip() == code.strip()
    ]
    if len(fitting) == 1:
        return cells[fitting[0]].id
    place = handle(address)
    return cells[place].id if place is not None and place in fitting else ""
