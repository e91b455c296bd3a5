"""Painting a growing reply: which part of it stands in which of the cell's outputs, and the throttle. Pure: what is to be sent is returned.

Outputs stand in the order in which they were made, so the reply is laid over them like this:

    [merged] [merged] [run] [run] [run] [tail]

The tail is repainted with every frame and holds little. When enough of it is finished it stays where it is,
as a run, and the next output becomes the tail. When there are many runs they are merged into the first of
them, and the others are emptied and used again. So each character is sent a bounded number of times, and
few outputs are open at once.

The throttle lets it be painted often enough to look alive, seldom enough that the bytes stay linear in the reply.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp

_RUN, _SHOWN = 1_000, 700
"""Characters of finished HTML at which the tail becomes a run, and those where it is shown so already: to paint it once
more costs more than to empty its output in the end."""
_LEVELS = ((90_000, 30), (300_000, 12))
"""At which size in characters, and at which number, runs are merged: runs of level 0, and of level 1. Markdown has its
static form before it is so many: what is merged is sent once more."""

MESSAGE = 620
"""Bytes of a display message beside what it shows: header, parent's header, signature."""

_TIMES, _TEXTS = 2.65, 1.1
"""Bytes for each character of a reply's HTML and of its text, that it stands at its end included. HTML counts as it is:
a table is many times its text, and a reply that begins with one would stand still if it did not."""
_GROWTH = 2.3
"""HTML for each character, where nobody says more."""
_BYTES_PER_SECOND = 2_300
"""What a slow reply may cost whatever its length; a few KB a second trouble no one."""
_EARLY_BYTES = 15_000
_EARLY_SECONDS = 5.0
"""And some more while it is young: most replies are short, and a person looks at the first words."""
_START = 3_000
_LONGEST_WAIT, _LONGEST_TO_END = 1.2, 1.0
"""Seconds after which what is short is painted anyhow, and those where a block just ended: what holds nothing open is
not painted again."""
_SILENCE = 0.25
_CHEAP = 10_000


@dataclass(frozen=True, slots=True)
class Run:
    """Finished HTML that stands in one output."""

    html: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class Paint:
    """One message: what the output of that number is to show, counted from 0. The next number after all others is an output to be made."""

    output: int
    html: str


class Layout:
    """Lays finished HTML and an open tail over outputs."""

    def __init__(self, shown: Iterable[str] = (), *, is_single: bool = False) -> None:
        """Make it; with `is_single` all stands in one output, which is repainted whole."""
        self._is_single = is_single
        self._runs: list[Run] = []
        self._pending: list[str] = []
        self._shown = list(shown)

    @property
    def size(self) -> int:
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
        return sum(alone) * min(1.0, len(alone) / _LEVELS[0][1])

    def after(self, first: int) -> Layout:
        """Return a layout that begins anew in the outputs from number `first` on."""
        return Layout(self._shown[first:], is_single=self._is_single)

    @property
    def repainted(self) -> int:
        """Return how many characters of finished HTML are sent again with each paint."""
        return sum(map(len, self._pending)) if self._is_single else 0

    def paint(self, finished: list[str], tail: str) -> list[Paint]:
        """Return what to send so that the outputs show all finished HTML so far, and `tail` after it."""
        pending = "".join(self._pending)
        if len(pending) >= _SHOWN and not self._is_single and self._shown[len(self._runs) :][:1] == [pending]:
            self._runs.append(Run(pending))  # it stands there already, with nothing open
            self._pending = []
            self._merge()
        self._pending += finished
        pending = "".join(self._pending)
        if len(pending) >= _RUN and not self._is_single:
            self._runs.append(Run(pending))
            self._pending, pending = [], ""
            self._merge()
        wanted = [*(run.html for run in self._runs), pending + tail]
        if not wanted[-1] and len(wanted) > max(1, self.size):
            wanted.pop()
        wanted += [""] * (self.size - len(wanted))
        paints = [
            Paint(number, html)
            for number, html in enumerate(wanted)
            if number >= self.size or self._shown[number] != html
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


class BlockEnds:
    """Tells when blocks of a reply have just ended: what is painted then holds nothing open, and need not be painted again."""

    def __init__(self, finished: int = 0) -> None:
        self._finished = finished
        """How many characters of what was painted last were in blocks that had ended."""
        self._before = (0, 0)
        """How many had come by the last two frames."""

    def come(self, received: int, *, is_open: int) -> bool:
        """Take a frame; say whether blocks have ended since the last paint, and all that is open came in the last two frames."""
        recent = received - self._before[0]
        self._before = (self._before[1], received)
        return is_open <= recent and received - is_open > self._finished

    def paint(self, received: int, *, is_open: int) -> None:
        """Note that so much is painted."""
        self._finished = received - is_open


class Throttle:
    """Keeps account of the bytes that a reply's display costs.

    A paint is allowed while the bytes so far, with those that its final form will still need, stay under
    about three times the reply's HTML; and in any case when the reply falls silent, or nothing was painted for
    `_LONGEST_WAIT` seconds and what is to be painted is short.
    """

    def __init__(self, started_at: float, replies: int = 1) -> None:
        """Begin; so many replies are shown at once."""
        self._replies = replies
        self._started_at = started_at
        self._painted_at = started_at
        self._spent = 0

    def spend(self, size: int, now: float) -> None:
        """Note a message that shows `size` bytes."""
        self._spent += MESSAGE + size
        self._painted_at = now

    def allows(
        self,
        *,
        now: float,
        heard_at: float,
        received: int,
        paint: float,
        to_come: float,
        growth: float = _GROWTH,
        is_end: bool = False,
    ) -> bool:
        """Say whether to paint now.

        `heard_at` is when the last chunk came, `received` the characters so far, and `growth` how many characters of
        HTML one of them makes; `paint` is about the bytes of the next paint, and `to_come` those that what was
        received will still cost until it is static. With `is_end` it paints finished blocks alone.
        """
        cost = MESSAGE + paint
        waited = (
            now - self._painted_at >= (_LONGEST_TO_END if is_end else _LONGEST_WAIT)
            or now - heard_at >= _SILENCE
        )
        if waited and cost <= _CHEAP:
            return True
        age = now - self._started_at
        slowly = _BYTES_PER_SECOND * age + _EARLY_BYTES * (1.0 - exp(-age / _EARLY_SECONDS))
        earned = max((_TIMES * growth + _TEXTS) * received, slowly * self._replies)
        return self._spent + cost + to_come <= _START + earned
