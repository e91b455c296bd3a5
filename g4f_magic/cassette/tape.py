"""A cassette in use by one kernel: which recorded turn is next, and where a new one goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from g4f_magic.cassette import file
from g4f_magic.cassette.entry import Entry, to_line
from g4f_magic.cassette.index import Index, Place
from g4f_magic.cassette.key import Asked, exchanges
from g4f_magic.cassette.miss import miss
from g4f_magic.errors import MissError


class Seat(NamedTuple):
    """One of the identical requests of a run: which in their order, counted from 0."""

    key: str
    slot: str
    number: int
    is_new: bool


class Tape:
    """The recorded turns of one notebook, played and recorded in one run.

    Identical requests are answered in the order in which they were recorded. A slot (a cell) that asks the
    same thing again is answered by the same turn, and recording it again replaces that turn's line.
    `warnings` gets one sentence for each thing that a person should know.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.warnings: list[str] = []
        self._index = Index(path.name, ())
        self._stamp: file.Stamp | None = None
        self._used: dict[str, list[str]] = {}
        self._recorded: dict[str, bytes] = {}
        self._written: dict[str, dict[int, bytes]] = {}
        self._told_of: bytes = b""
        self._mode = ""
        self._has_warned = False
        self._cell_run = ""
        self._counted: Counter[str] = Counter()

    @property
    def index(self) -> Index:
        """Return the turns as the file holds them now.

        Raises:
            InputError: the file cannot be read, or a line is no recorded turn.
        """
        if self._stamp is None or file.stamp(self.path) != self._stamp:
            lines = file.read(self.path)
            self._index, self._stamp = Index(self.path.name, lines.whole), lines.stamp
            self._warn_of_torn(lines.torn)
        return self._index

    def enter(self, mode: str) -> None:
        """Begin a run where the mode is another than it was."""
        if mode != self._mode:
            self._mode = mode
            self.begin_run()

    def begin_run(self) -> None:
        """Begin anew with the first of each identical request."""
        self._used.clear()
        self._recorded.clear()
        self._written.clear()

    def count(self, cell_run: str, key: str) -> int:
        """Return how often that was asked in that run of a cell, this time included."""
        if cell_run != self._cell_run:
            self._cell_run = cell_run
            self._counted.clear()
        self._counted[key] += 1
        return self._counted[key]

    def is_built_on_recordings(self, messages: Sequence[Mapping[str, Any]]) -> bool:
        """Say whether all that `messages` carry of the conversation is recorded."""
        return self.index.is_recorded(exchanges(messages))

    def placed(self, asked: Asked, messages: Sequence[Mapping[str, Any]]) -> Asked:
        """Return the request with what was said before it, as `messages` carry it."""
        earlier = exchanges(messages)
        return replace(asked, parent=self.index.parent(earlier), context=2 * len(earlier))

    def find(self, asked: Asked, slot: str) -> Entry | None:
        """Return the next recorded answer to the request and count it as used, or None."""
        number = self._number(asked.key, slot)
        places = self.index.places(asked.key)
        if number >= len(places):
            return None
        self._use(asked.key, number, slot)
        self._recorded[slot] = self.index.lines[places[number].number - 1]
        return self.index.entry(places[number])

    def missed(self, asked: Asked) -> MissError:
        """Return the error for a request that is not held."""
        return miss(self.path.name, self.index, asked)

    def reserve(self, key: str, slot: str) -> Seat:
        """Return which of the identical requests one is that is asked now: several may be under way at once."""
        number = self._number(key, slot)
        is_new = number == len(self._used.get(key, ()))
        self._use(key, number, slot)
        return Seat(key, slot, number, is_new)

    def release(self, seat: Seat) -> None:
        """Take back what was reserved for a request that is not recorded after all."""
        slots = self._used.get(seat.key, [])
        if seat.is_new and seat.number == len(slots) - 1:
            slots.pop()

    def keep(self, entry: Entry, slot: str, seat: Seat | None = None) -> None:
        """Write a turn: in place of the one that it records anew, else at the end.

        Of identical requests that were under way at once the one that was asked first stands first.

        Raises:
            InputError: it could not be written; the file is as it was.
        """
        key = entry.asked.key
        number = (seat or self.reserve(key, slot)).number
        places = self.index.places(key)
        line = to_line(entry)
        before = self._recorded.get(slot) if slot else None
        if number < len(places):
            there = self.index.lines[places[number].number - 1]
            before = before if self._is_of_another(there, key, number) else there
        if before is not None and before in self.index.lines:
            file.change(self.path, lambda lines: _replaced(lines, before, line.removesuffix(b"\n")))
            self._leave(key, slot)
        elif (later := self._later(key, number)) is not None:
            file.change(self.path, lambda lines: _inserted(lines, later, line.removesuffix(b"\n")))
        else:
            self._append(line)
        self._written.setdefault(key, {})[number] = line.removesuffix(b"\n")
        if slot:
            self._recorded[slot] = line.removesuffix(b"\n")

    @property
    def has_played(self) -> bool:
        """Say whether anything was asked for in this run."""
        return any(self._used.values())

    def unused(self) -> list[Place]:
        """Return the recorded turns that nothing asked for in this run."""
        return [
            place
            for place, entry in self.index.all()
            if self.index.places(place.key).index(place) >= len(self._used.get(place.key, ()))
        ]

    def remove(self, places: Sequence[Place]) -> None:
        """Take turns out of the file.

        Raises:
            InputError: it could not be written; the file is as it was.
        """
        gone = [self.index.lines[place.number - 1] for place in places]
        file.change(self.path, lambda lines: _without(lines, gone))

    def check_writable(self) -> None:
        """Make sure that a turn can be recorded, and that what is there can be read.

        Raises:
            InputError: it cannot.
        """
        file.check_writable(self.path)
        _ = self.index

    def _number(self, key: str, slot: str) -> int:
        slots = self._used.get(key, [])
        return slots.index(slot) if slot and slot in slots else len(slots)

    def _use(self, key: str, number: int, slot: str) -> None:
        slots = self._used.setdefault(key, [])
        if number == len(slots):
            slots.append(slot)

    def _is_of_another(self, line: bytes, key: str, number: int) -> bool:
        """Say whether a line was written in this run, for one that was asked later and came first."""
        written = self._written.get(key, {})
        return line != written.get(number) and line in written.values()

    def _later(self, key: str, number: int) -> bytes | None:
        """Return the first line of this run that answers the same request, asked later; None where there is none."""
        written = self._written.get(key, {})
        later = [written[one] for one in sorted(written) if one > number]
        return next((line for line in later if line in self.index.lines), None)

    def _leave(self, key: str, slot: str) -> None:
        """Note that a slot has no line any more of what it asked before under another key."""
        for other, slots in self._used.items():
            if slot and other != key and slot in slots:
                slots.remove(slot)

    def _append(self, line: bytes) -> None:
        before = self.index
        is_seen = self._stamp == file.stamp(self.path)
        self._warn_of_torn(file.append(self.path, line))
        size = file.stamp(self.path)
        had = 0 if self._stamp is None else self._stamp[1]
        if is_seen and size is not None and size[1] == had + len(line):
            before.add(line.removesuffix(b"\n"))  # nobody else wrote: no need to read it all again
            self._stamp = size

    def warn_of_unrecorded(self) -> None:
        """Say once that a turn was recorded after one that is not: nobody else can ask it after that."""
        if not self._has_warned:
            self._has_warned = True
            self.warnings.append(
                f"What goes along from before is not all in {self.path.name}: this replays only after the same"
                " turns. For others, %chat reset, and then run all cells in the mode record."
            )

    def _warn_of_torn(self, torn: bytes) -> None:
        if torn and torn != self._told_of:
            self._told_of = torn
            self.warnings.append(
                f"The last line of {self.path.name} is not whole and was set aside: whatever wrote it was ended "
                "in the middle. Record that cell again."
            )


def _replaced(lines: Sequence[bytes], before: bytes, after: bytes) -> list[bytes]:
    changed = list(lines)
    if before in changed:
        changed[changed.index(before)] = after
    else:
        changed.append(after)  # another kernel took it out meanwhile
    return changed


def _inserted(lines: Sequence[bytes], later: bytes, line: bytes) -> list[bytes]:
    changed = list(lines)
    changed.insert(changed.index(later) if later in changed else len(changed), line)
    return changed


def _without(lines: Sequence[bytes], gone: Sequence[bytes]) -> list[bytes]:
    kept = list(lines)[::-1]
    for line in gone:
        if line in kept:
            kept.remove(line)  # of equal lines the last
    return kept[::-1]
