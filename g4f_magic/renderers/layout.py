"""Which part of a growing reply stands in which of the cell's outputs. Pure: what is to be sent is returned.

Outputs stand in the order in which they were made, so the reply is laid over them like this:

    [merged] [merged] [run] [run] [run] [tail]

The tail is repainted with every frame and holds little. When enough of it is finished it stays where it is,
as a run, and the next output becomes the tail. When there are many runs they are merged into the first of
them, and the others are emptied and used again. So each character is sent a bounded number of times, and
few outputs are open at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from g4f_magic.renderers.pacing import MESSAGE

_RUN = 1_000
"""Characters of finished HTML at which the tail becomes a run."""

_LEVELS = ((30_000, 14), (300_000, 12))
"""At which size in characters, and at which number, runs are merged: runs of level 0, and of level 1."""


@dataclass(frozen=True, slots=True)
class Run:
    """Finished HTML that stands in one output."""

    html: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class Paint:
    """One message: what the output at `slot` is to show; `is_new` where that output is to be made."""

    slot: int
    html: str
    is_new: bool


class Layout:
    """Lays finished HTML and an open tail over outputs."""

    def __init__(self, shown: Iterable[str] = ()) -> None:
        self._runs: list[Run] = []
        self._pending: list[str] = []
        self._shown = list(shown)

    @property
    def slots(self) -> int:
        """Return how many outputs were made."""
        return len(self._shown)

    @property
    def shown(self) -> list[str]:
        """Return the HTML in each of the outputs."""
        return list(self._shown)

    @property
    def to_merge(self) -> float:
        """Return about how many bytes to lay aside for merging the runs that stand alone."""
        alone = [len(run.html) + MESSAGE for run in self._runs if run.level == 0]
        size, number = _LEVELS[0]
        return sum(alone) * min(1.0, max(len(alone) / number, sum(alone) / size))

    def after(self, first: int) -> Layout:
        """Return a layout that begins anew in the outputs from number `first` on."""
        return Layout(self._shown[first:])

    def paint(self, finished: list[str], tail: str) -> list[Paint]:
        """Return what to send so that the outputs show all finished HTML so far, and `tail` after it."""
        self._pending += finished
        pending = "".join(self._pending)
        if len(pending) >= _RUN:
            self._runs.append(Run(pending))
            self._pending, pending = [], ""
            self._merge()
        wanted = [*(run.html for run in self._runs), pending + tail]
        if not wanted[-1] and len(wanted) > max(1, self.slots):
            wanted.pop()
        wanted += [""] * (self.slots - len(wanted))
        paints = [
            Paint(slot, html, is_new=slot >= self.slots)
            for slot, html in enumerate(wanted)
            if slot >= self.slots or self._shown[slot] != html
        ]
        self._shown = wanted
        return paints

    def _merge(self) -> None:
        for level, (size, number) in enumerate(_LEVELS):
            runs = [run for run in self._runs if run.level == level]
            if len(runs) > 1 and (len(runs) >= number or sum(len(run.html) for run in runs) >= size):
                merged = Run("".join(run.html for run in runs), level + 1)
                self._runs[-len(runs) :] = [merged]
            elif runs and len(runs[0].html) >= size:
                self._runs[-1] = Run(runs[0].html, level + 1)
