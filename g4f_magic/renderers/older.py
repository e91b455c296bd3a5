"""Answers that are older than what they build on: marked where they stand, as long as they are. No I/O of its own.

Each cell's last output is known for as long as the kernel runs; what was shown before it started is only counted.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Protocol, runtime_checkable

from g4f_magic.turn import Turn

_MOST = 200
_MARK = "An answer above has changed since this one was given: %chat rerun asks it again."


@runtime_checkable
class StandingReply(Protocol):
    """A reply that stands in a cell."""

    def mark(self, *, above: str | None = None, below: str | None = None) -> None:
        """Say this above it, and this below; an empty text takes away what was said there."""
        ...


@runtime_checkable
class SideBySide(Protocol):
    """Several replies that stand in a cell, of which one is kept."""

    def keep(self, kept: int) -> None:
        """Say from which of them later cells go on."""
        ...


def older(turns: Sequence[Turn], revisions: Callable[[str], Sequence[Turn]]) -> list[Turn]:
    """Return the turns whose context has changed since they were asked, in order.

    `revisions` gives all turns that ever stood at a slot. A turn that says the same as the one before it has changed nothing.
    """
    if all(before.started_at <= after.started_at for before, after in pairwise(turns)):  # nearly always
        return []
    found: list[Turn] = []
    newest: list[Turn] = []
    latest = 0.0
    stood: dict[str, Sequence[Turn]] = {}

    def at(slot: str) -> Sequence[Turn]:
        if slot not in stood:
            stood[slot] = revisions(slot)
        return stood[slot]

    for turn in turns:
        is_asked = turn.is_said and turn.source != "imported" and bool(turn.carried_turns)
        if is_asked and latest > turn.started_at:
            later = [one for one in newest if one.started_at > turn.started_at]
            if any(_differs(one, turn.started_at, at(one.slot)) for one in later):
                found.append(turn)
        if turn.is_said and turn.source != "imported":
            newest.append(turn)
            latest = max(latest, turn.started_at)
    return found


def _differs(turn: Turn, before: float, revisions: Sequence[Turn]) -> bool:
    """Say whether another text stood at the turn's place at that time."""
    earlier = [one for one in revisions if one.started_at <= before and one.id != turn.id]
    if not earlier:
        return True
    last = max(earlier, key=lambda one: one.started_at)
    # Of several that were asked at once, which one was kept then is not known.
    same = [one for one in earlier if one.compared == last.compared] if last.compared else [last]
    return all((one.prompt, one.reply) != (turn.prompt, turn.reply) for one in same)


class OlderMarks:
    """The marks of the notebook's cells, and under each reply that made others older how many there are."""

    def __init__(self) -> None:
        self._shown: OrderedDict[str, StandingReply] = OrderedDict()
        self._slots: dict[str, str] = {}
        self._marked: dict[str, set[str]] = {}
        self._notes: dict[str, dict[str, str]] = {}

    def keep(self, turn: Turn, shown: StandingReply) -> None:
        """Know where the reply of `turn` stands."""
        self._shown[turn.id] = shown
        self._slots[turn.id] = turn.slot
        while len(self._shown) > _MOST:
            self._slots.pop(self._shown.popitem(last=False)[0], None)

    def shown(self, turn: Turn) -> StandingReply | None:
        """Return where the reply of `turn` stands, if this kernel showed it."""
        return self._shown.get(turn.id)

    def renew(self, name: str, turn: Turn, turns: Sequence[Turn], stale: Sequence[Turn]) -> None:
        """Mark what is older now in the conversation `name`, take the other marks in it away, and say under `turn` how many it concerns."""
        marked, notes = self._marked.get(name, set()), self._notes.setdefault(name, {})
        ids = {one.id for one in stale}
        places = {one.id: number for number, one in enumerate(turns)}
        for gone in self._shown.keys() - places.keys() - {turn.id}:
            if turn.slot == self._slots.get(gone):
                del self._shown[gone]  # another answer stands where it stood
        for identity in ids ^ marked:
            if (shown := self._shown.get(identity)) is not None:
                shown.mark(above=_MARK if identity in ids else "")
        self._marked[name] = ids
        for identity in {turn.id, *notes}:
            here = places.get(identity, len(places))
            text = _count(sum(places[one] > here for one in ids))
            shown = self._shown.get(identity)
            if shown is not None and text != notes.get(identity, ""):
                shown.mark(below=text)
            notes[identity] = text
            if not text:
                del notes[identity]


def _count(count: int) -> str:
    if not count:
        return ""
    one = count == 1
    return (
        f"{count} later answer{'' if one else 's'} {'was' if one else 'were'} given before this one changed: "
        f"%chat rerun asks {'it' if one else 'them'} again{'' if one else ', in order'}."
    )
