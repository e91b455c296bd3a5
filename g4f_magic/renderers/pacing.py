"""When to paint: often enough to look alive, seldom enough that the bytes stay linear in the reply. Pure."""

from __future__ import annotations

from math import exp

MESSAGE = 620
"""Bytes of a display message beside what it shows: header, parent's header, signature."""

_BYTES_PER_CHARACTER = 7.1
_BYTES_PER_SECOND = 2_300
"""What a slow reply may cost whatever its length; a few KB a second trouble no one."""
_EARLY_BYTES = 15_000
_EARLY_SECONDS = 5.0
"""And some more while it is young: most replies are short, and a person looks at the first words."""
_START = 3_000
_LONGEST_WAIT = 1.2
_SILENCE = 0.25
_CHEAP = 4_000


class Pacing:
    """Keeps account of the bytes that a reply's display costs.

    A paint is allowed while the bytes so far, with those that its final form will still need, stay under
    about eight times the reply; and in any case when the reply falls silent, or nothing was painted for
    `_LONGEST_WAIT` seconds and what is to be painted is short.
    """

    def __init__(self, started_at: float) -> None:
        self._started_at = started_at
        self._painted_at = started_at
        self._spent = 0

    def spend(self, size: int, now: float) -> None:
        """Note a message that shows `size` bytes."""
        self._spent += MESSAGE + size
        self._painted_at = now

    def allows(self, *, now: float, heard_at: float, received: int, paint: float, to_come: float) -> bool:
        """Say whether to paint now.

        `heard_at` is when the last chunk came, `received` the characters so far; `paint` is about the bytes of
        the next paint, and `to_come` those that what was received will still cost until it is static.
        """
        cost = MESSAGE + paint
        waited = now - self._painted_at >= _LONGEST_WAIT or now - heard_at >= _SILENCE
        if waited and cost <= _CHEAP:
            return True
        age = now - self._started_at
        slowly = _BYTES_PER_SECOND * age + _EARLY_BYTES * (1.0 - exp(-age / _EARLY_SECONDS))
        earned = max(_BYTES_PER_CHARACTER * received, slowly)
        return self._spent + cost + to_come <= _START + earned
