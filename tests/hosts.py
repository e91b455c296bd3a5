"""A host for tests: it keeps what is shown as a notebook does, and plays the person who answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from g4f_magic.host import RunningCell
from g4f_magic.host.base import Bundle, Host, Output, Release
from g4f_magic.host.cell import CellRun
from g4f_magic.host.program import Program


class Notebook(Program):
    """A notebook without a kernel: outputs, cells, and a person who has these answers ready."""

    prints = has_commands = False
    can_display = can_update = can_clear = can_offer = typesets_tex = True

    def __init__(self, cell: RunningCell | None = None, *, notebook: str = "", answers: tuple[str, ...] = ()):
        self._names: dict[str, Any] = {}
        self._cell = cell or RunningCell()
        self._notebook = notebook
        self._answers = list(answers)
        self.shown: list[dict[str, Any]] = []
        """The outputs of the cell, as they stand."""
        self.sent = 0
        """Bytes of all that was shown, one after the other."""
        self.offered: list[str] = []
        self.asked: list[str] = []

    @property
    def names(self) -> MutableMapping[str, Any]:
        return self._names

    @property
    def names_cells(self) -> bool:
        return bool(self._cell.id)

    @property
    def has_stdin(self) -> bool:
        return bool(self._answers)

    @property
    def is_terminal(self) -> bool:
        return False

    @property
    def cell(self) -> RunningCell:
        return self._cell

    @property
    def notebook(self) -> str:
        return self._notebook

    def output(self, metadata: Mapping[str, object] | None = None) -> Output:
        return _Kept(self, dict(metadata or {}))

    def show(self, data: Bundle) -> None:
        self.output().show(data)

    def clear(self) -> None:
        self.shown.clear()

    def offer(self, code: str) -> None:
        self.offered.append(code)

    def ask(self, question: str, *, is_secret: bool = False) -> str | None:
        self.asked.append(question)
        return self._answers.pop(0) if self._answers else None

    def after_cells(self, call: Callable[[CellRun], object]) -> Release:
        return lambda: None

    @property
    def saved(self) -> int:
        """The bytes of what is shown now."""
        return sum(_size(one["data"]) for one in self.shown)

    @property
    def html(self) -> str:
        return "\n".join(one["data"].get("text/html", "") for one in self.shown)


class _Kept:
    def __init__(self, notebook: Notebook, metadata: dict[str, object]) -> None:
        self._notebook = notebook
        self._saved: dict[str, Any] = {"output_type": "display_data", "metadata": metadata, "data": {}}

    def show(self, data: Bundle) -> None:
        if not any(one is self._saved for one in self._notebook.shown):
            self._notebook.shown.append(self._saved)
        self._saved["data"] = dict(data)
        self._notebook.sent += _size(data)


def _size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


_A_HOST: Host = Notebook()
