"""In which order the turns of a conversation stand: that of the notebook's cells, as its saved file tells it. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import takewhile

from g4f_magic.turn import Turn

_Key = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Order:
    """The cells of a saved notebook, and those that it held once and holds no longer."""

    places: Mapping[str, int] = field(default_factory=dict)
    """Where each cell stands, counted from 0; empty where no saved notebook tells."""
    gone: frozenset[str] = frozenset()

    def has_lost(self, slot: str) -> bool:
        """Say whether the slot's cell was deleted."""
        return bool(self.gone) and cell_of(slot) in self.gone

    def arranged(self, line: Iterable[Turn]) -> tuple[Turn, ...]:
        """Return the turns as they follow each other, without those of cells that were deleted.

        A turn that no saved cell has (of the panel, of a cell that is not saved yet) comes after all that were
        there when it was asked.
        """
        return tuple(turn for _, turn in self._placed(line)) if self.places else tuple(line)

    def before(self, line: Iterable[Turn], slot: str) -> tuple[Turn, ...]:
        """Return the turns that come before the one in `slot`, which need not be there yet."""
        if not self.places:
            return tuple(takewhile(lambda turn: turn.slot != slot, line))
        placed = self._placed(line)
        for number, (_, turn) in enumerate(placed):
            if turn.slot == slot:
                return tuple(earlier for _, earlier in placed[:number])
        key = self._key(slot)
        return tuple(turn for at, turn in placed if key is None or at < key)

    def left_out(self, line: Iterable[Turn]) -> tuple[Turn, ...]:
        """Return the turns of cells that were deleted."""
        return tuple(turn for turn in line if self.has_lost(turn.slot))

    def _placed(self, line: Iterable[Turn]) -> list[tuple[_Key, Turn]]:
        placed: list[tuple[_Key, Turn]] = []
        reached = -1
        for number, turn in enumerate(line):
            if self.has_lost(turn.slot):
                continue
            key = self._key(turn.slot) or (reached, 1, number)
            reached = max(reached, key[0])
            placed.append((key, turn))
        return sorted(placed, key=lambda one: one[0])

    def _key(self, slot: str) -> _Key | None:
        """Return where a slot stands among all; a cell that asks more than once has a slot for each."""
        cell, _, number = slot.partition("#")
        at = self.places.get(cell)
        return None if at is None else (at, 0, int(number) if number.isdecimal() else 1)


def cell_of(slot: str) -> str:
    """Return the id of the slot's cell: a cell that asks more than once has a slot for each."""
    return slot.partition("#")[0]
