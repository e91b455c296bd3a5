"""Which choices of a stream's frames are the reply, where a service sends several answers or counts oddly. No I/O.

Of answers side by side one is the reply: that of the index that came first, or of 0 where they come in one frame. But some
servers number the frames of a single answer (0, 1, 2, ... or 1, 2, 3, ...: text-generation-inference and Foundry Local did).
A frame of the next number is held until a number that comes again, or a second reason to end, says which it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from g4f_magic.endings import reason_in

_MOST_HELD = 8
"""Frames, each of the next number: hardly anybody asks for as many answers, so these are pieces of one."""

Choice = dict[str, Any]


class OneChoice:
    """Tells for each frame which of its choices say more of the reply."""

    def __init__(self) -> None:
        self._meaning: Literal["unknown", "answer", "frame"] = "unknown"
        """What an index is the number of."""
        self._index: int | None = None
        self._last = 0
        self._held: list[Choice] = []
        self._has_reason = False
        self.is_first = False
        """Whether the choice of index 0 is the reply, and nothing is held: it may be read without asking here."""

    @property
    def is_of_several(self) -> bool:
        """Say whether there are answers side by side."""
        return self._meaning == "answer"

    def of(self, choices: Sequence[Choice | None]) -> list[Choice]:
        """Return the choices to read now, in their order; null says nothing."""
        found = [(_index(one, place), one) for place, one in enumerate(choices) if one is not None]
        numbers = {number for number, _ in found}
        if len(numbers) > 1:
            self._meaning = "answer"
            self._held = []
            if self._index is None:
                self._index = min(numbers)
        elif numbers:
            self._take(numbers.pop(), [one for _, one in found])
        self.is_first = self._index == 0 and not self._held
        if self._meaning == "frame":
            held, self._held = self._held, []
            return held or [one for _, one in found]
        return [one for number, one in found if number == self._index]

    def close(self) -> list[Choice]:
        """Return what was held at the end: no number came again, so they are pieces of one reply."""
        held, self._held = self._held, []
        return held

    def _take(self, number: int, choices: list[Choice]) -> None:
        """Learn from a frame with one number."""
        if self._index is None:
            self._index = self._last = number
        elif self._meaning == "unknown" and (number != self._index or self._held):
            if number != self._last + 1 or self._has_reason:
                self._meaning = "answer"
                self._held = []
                return
            self._last = number
            self._held += choices
            if len(self._held) >= _MOST_HELD:
                self._meaning = "frame"
        self._has_reason = self._has_reason or any(reason_in(one) for one in choices)


def _index(choice: Choice, place: int) -> int:
    index = choice.get("index")
    return index if type(index) is int else place
