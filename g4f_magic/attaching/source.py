"""What there is of a notebook that can go along, as a front end knows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from g4f_magic.attaching.wanted import CellRange
from g4f_magic.describing.outputs import Cell


@dataclass(frozen=True, slots=True)
class Failure:
    """A cell that failed: the error, and the cell's code."""

    error: BaseException
    code: str = ""


class NotebookSource(Protocol):
    """The notebook that a prompt is written in."""

    @property
    def names(self) -> Mapping[str, Any]:
        """Return the names of the notebook and what they hold."""

    def evaluated(self, code: str) -> Any:
        """Return the value of an expression of the person's own; it raises what that raises."""

    def failure(self) -> Failure | None:
        """Return the last cell that failed, None where none did."""

    def outputs(self) -> Sequence[Mapping[str, Any]]:
        """Return what the last cell that showed anything showed, as nbformat has it."""

    def cells(self, wanted: CellRange) -> Sequence[Cell]:
        """Return cells of the notebook with what they show, in their order.

        Raises:
            InputError: one is not there.
        """

    def last_input(self) -> str:
        """Return the code of the cell that ran before; empty where none did."""
