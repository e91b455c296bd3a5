"""The cell that runs, and those that ran, as values. `Host.cell` says which one it is. No I/O."""

from __future__ import annotations

from hashlib import sha256

_MOST = 512
"""Cells that are remembered of those that ran: enough for a notebook, and no matter for an endless session."""


class RunningCell:
    """The cell that runs; all is empty where none does, or the front end names none.

    `id` is what the front end calls it: the notebook's own id of it (JupyterLab, Notebook 7, Colab), or, in VS
    Code, the address of a document (see `g4f_magic.vscode`). `run` is the id of the request, another one for each run.
    (Written out, as is the class below: a NamedTuple takes a while to make, which loading would wait for.)
    """

    __slots__ = ("code", "id", "run")

    def __init__(self, id: str = "", run: str = "", code: str = "") -> None:  # noqa: A002 - its name everywhere
        self.id = id
        self.run = run
        self.code = code

    @property
    def is_address(self) -> bool:
        """Say whether the id is a document's address: a place, which names no cell of the saved file."""
        return "://" in self.id or self.id.startswith("vscode-")


class CellRun:
    """One run of a cell: as it begins, and as it has ended."""

    __slots__ = ("code", "error", "id", "is_own")

    def __init__(
        self, code: str = "", identity: str = "", is_own: bool = True, error: BaseException | None = None
    ) -> None:
        """`identity` is what the front end calls the cell, empty where it names none; `error` is what it ended with.

        `is_own`: the person ran it; it is inside no other, and the history of inputs holds it.
        """
        self.code = code
        self.id = identity
        self.is_own = is_own
        self.error = error


class CellsRun:
    """The cells that ran in this kernel since the extension was loaded: they tell which notebook it serves."""

    def __init__(self) -> None:
        self._marks: dict[str, None] = {}

    def note(self, cell: RunningCell) -> None:
        """Remember a cell."""
        if cell.id:
            self._marks["@" if cell.is_address else cell.id] = None
        if "%%chat" in cell.code:
            self._marks[code_mark(cell.code)] = None
        while len(self._marks) > _MOST:
            del self._marks[next(iter(self._marks))]

    @property
    def marks(self) -> frozenset[str]:
        """Return the notebook's own ids of those cells, and the marks of those that chat."""
        return frozenset(self._marks)


def code_mark(code: str) -> str:
    """Return what a cell is known by that has no id: a digest of its code."""
    return f"~{sha256(code.strip().encode('utf-8', 'replace')).hexdigest()[:20]}"
