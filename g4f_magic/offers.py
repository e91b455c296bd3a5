"""What was offered as the next cell, so that a cell that is run again does not offer it twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from g4f_magic.notebook import holds_code


class Offers:
    """The offers of one kernel. `offer` shows one to the person."""

    def __init__(self, offer: Callable[[str], None]) -> None:
        self._offer = offer
        self._made: set[tuple[str, str]] = set()

    def make(self, code: str, slot: str, file: Path | None) -> None:
        """Offer `code` for the turn of that slot, unless that was done or the saved notebook holds it as a cell.

        An empty slot names no cell: only the file tells then.
        """
        if (slot, code) in self._made or (file is not None and holds_code(file, code)):
            return
        if slot:
            self._made.add((slot, code))
        self._offer(code)
