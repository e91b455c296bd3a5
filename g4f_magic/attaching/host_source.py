"""The notebook as its host knows it: its names, what its cells were and showed, and how the last one failed."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from g4f_magic.attaching.source import Failure
from g4f_magic.attaching.wanted import CellRange
from g4f_magic.describing.outputs import Cell
from g4f_magic.errors import ChatError, InputError
from g4f_magic.host.base import Host
from g4f_magic.notebook import cells_with_outputs
from g4f_magic.shown import CellsShown, is_chat

USUAL_ABOVE = 10
"""Cells that `@cells` means."""


class HostSource:
    """What there is in one host. `cell` is the id of the running cell, `file` the notebook's, as far as they are known."""

    def __init__(
        self, host: Host, shown: CellsShown | None, *, cell: str = "", file: Path | None = None
    ) -> None:
        self._host = host
        self._shown = shown
        self._cell = cell
        self._file = file

    @property
    def names(self) -> Mapping[str, Any]:
        """Return the names of the notebook and what they hold."""
        names: Mapping[str, Any] = self._host.names
        return names

    def evaluated(self, code: str) -> Any:
        """Return the value of an expression of the person's own; it raises what that raises."""
        names = self._host.names
        names = names if isinstance(names, dict) else dict(names)
        return eval(compile(code.strip(), "<--with>", "eval"), names)  # noqa: S307  # the person's own code

    def failure(self) -> Failure | None:
        """Return the last cell that failed, None where none did."""
        if self._shown is not None and self._shown.error is not None:
            return Failure(self._shown.error, self._shown.code)
        error = getattr(sys, "last_value", None)  # it failed before anybody watched
        if not isinstance(error, BaseException) or isinstance(error, ChatError):
            return None
        return Failure(error)

    def outputs(self) -> Sequence[Mapping[str, Any]]:
        """Return what the last cell that showed anything showed, as nbformat has it; chats leave nothing that counts."""
        for number in range(self._last, 0, -1):
            if (outputs := self._outputs(number)) and not is_chat(self._code(number)):
                return outputs
        return ()

    def last_input(self) -> str:
        """Return the code of the cell that ran before; empty where none did."""
        codes = (self._code(number) for number in range(self._last, 0, -1))
        return next((code for code in codes if code.strip() and not is_chat(code)), "")

    def cells(self, wanted: CellRange) -> Sequence[Cell]:
        """Return cells with what they show, in their order.

        Raises:
            InputError: one is not there, or there are none.
        """
        if wanted.numbers:
            return [
                self._numbered(number) for first, last in wanted.numbers for number in range(first, last + 1)
            ]
        count = USUAL_ABOVE if wanted.above is None else wanted.above
        above = self._above()
        cells = self._ran() if above is None else above
        if not cells:
            raise InputError("--with @cells: there are no cells above", hint="Run or save them first.")
        return cells[-count:] if count else []

    def _numbered(self, number: int) -> Cell:
        code = self._code(number)
        if not code:
            raise InputError(
                f"--with @cells: no cell ran as number {number}",
                hint=f"Cells have run up to {self._last}; a cell shows its number beside it.",
            )
        return Cell(label=f"[{number}]", source=code, outputs=self._outputs(number))

    def _above(self) -> list[Cell] | None:
        """Return the cells above the one that runs, as the notebook's file holds them; None where that holds it not.

        Those that ran here are as they ran: the file may be older.
        """
        saved = cells_with_outputs(self._file) if self._file is not None and self._cell else ()
        ids = [one.id for one, _ in saved]
        if self._cell not in ids:
            return None
        numbers = {} if self._shown is None else self._shown.numbers
        cells = []
        for place, (one, outputs) in enumerate(saved[: ids.index(self._cell)], start=1):
            number = numbers.get(one.id, 0)
            if number and self._code(number):
                cells.append(self._numbered(number))
            elif one.source.strip():
                is_code = one.kind == "code"
                cells.append(Cell(label=str(place), source=one.source, outputs=outputs, is_code=is_code))
        return cells

    def _ran(self) -> list[Cell]:
        """Return the cells that ran here, in the order of their running."""
        return [self._numbered(number) for number in range(1, self._last + 1) if self._code(number).strip()]

    @property
    def _last(self) -> int:
        """Return the number of the cell before the one that runs."""
        return len(self._inputs) - 2 if self._shown is None else self._shown.last

    @property
    def _inputs(self) -> Sequence[str]:
        inputs: Sequence[str] = self._host.inputs
        return inputs

    def _code(self, number: int) -> str:
        return str(self._inputs[number]) if 0 < number < len(self._inputs) else ""

    def _outputs(self, number: int) -> list[Mapping[str, Any]]:
        """Return what a cell showed: what the host keeps of it, and what it displayed."""
        displays = [] if self._shown is None else self._shown.displays(number)
        kept = self._host.kept_outputs(number)
        return [*displays, *(one for one in kept if one["output_type"] != "display_data" or not displays)]
