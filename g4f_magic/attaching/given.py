"""Names that code gives, in place of a notebook's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from g4f_magic.attaching.source import Failure
from g4f_magic.attaching.wanted import CellRange
from g4f_magic.describing.outputs import Cell
from g4f_magic.errors import InputError


class GivenNames:
    """A mapping of names: nothing of a notebook is looked at."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self.names = names

    def evaluated(self, code: str) -> Any:
        """Return the value of an expression of the person's own; it raises what that raises."""
        return eval(compile(code.strip(), "<attached>", "eval"), dict(self.names))  # noqa: S307  # the person's own code

    def failure(self) -> Failure | None:
        """Return None: no cell is looked at."""
        return None

    def outputs(self) -> Sequence[Mapping[str, Any]]:
        """Return nothing."""
        return ()

    def cells(self, wanted: CellRange) -> Sequence[Cell]:
        """Refuse: there are none.

        Raises:
            InputError: always.
        """
        raise InputError("there are no cells here", hint="Give what you mean by its name.")

    def last_input(self) -> str:
        """Return nothing."""
        return ""
