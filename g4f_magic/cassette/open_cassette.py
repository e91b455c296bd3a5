"""A cassette in use by one kernel: which recorded turn is next, and where a new one goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from g4f_magic.cassette.entry import Entry
from g4f_magic.cassette.entry_line import to_line
from g4f_magic.cassette.file import CassetteFile, Stamp
from g4f_magic.cassette.index import Index, LineRef
from g4f_magic.cassette.key import Asked
from g4f_magic.cassette.miss import RECORD, miss_error
from g4f_magic.context import Exchange
from g4f_magic.errors import MissError


class Reservation(NamedTuple):
    """The place of a request that is asked now."""

    asked: Asked
    """The request with what goes along."""
    key: str
    number: int
    """Which of the identical requests of a run it is, counted from 0."""
    is_new: bool


class OpenCassette:
    """The recorded turns of one notebook, played and recorded in one run.

    Identical requests are answered in the order in which they were recorded. A slot (a cell) that asks the
    same thing again is answered by the same turn, and recording it again replaces that turn's line.
    `warnings` gets one sentence for each thing that a person should know.
    """

    def __init__(self, path: Path, *, within: Path | None = None) -> None:
        self.file = CassetteFile(path, within)
        self.warnings: list[str] = []
        self.how_to_record = RECORD
        """What a person is told of a request that is not held."""
        self._index = Index(path.name, ())
        self._stamp: Stamp | None = None
        self._writable: tuple[CassetteFile, Stamp | None, Stamp | None] | None = None
        """The file and its place as they were when it was seen last that a turn can be written there."""
        self._used: dict[str, list[str]] = {}
        self._recorded: dict[str, bytes] = {}
        self._written: dict[str, dict[int, bytes]] = {}
        self._told_of: bytes = b""
        self._mode = ""
        self._has_warned = False
        self._cell_run = ""
        self._counted: Counter[str] = Counter()

    @property
    def path(self) -> Path:
        """Return where its file lies."""
        return self.file.path

    @property
    def index(self) -> Index:
        """Return the turns as the file holds them now.

        Raises:
            InputError: the file cannot be read, or a line is no recorded turn.
        """
        if self._stamp is None or self.file.stamp != self._stamp:
            lines = self.file.read()
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

    def after(self, asked: Asked, earlier: Sequence[Exchange]) -> tuple[Asked, bool]:
        """Return the request with the questions and answers that go along with it, and whether all of those are recorded."""
        parent, are_recorded = self.index.reached(earlier)
        return replace(asked, parent=parent, context=2 * len(earlier)), are_recorded

    def find(self, asked: Asked, slot: str, *, are_joined: bool = False) -> Entry | None:
        """Return the next recorded answer to the request, with `are_joined` in few pieces, and count it as used; or None."""
        key, index = asked.key, self.index
        refs, number = index.refs(key), self._number(key, slot)
        if number >= len(refs):
            return None
        slots = self._used.setdefault(key, [])
        if number == len(slots):
            slots.append(slot)
        self._recorded[slot] = index.lines[refs[number].number - 1]
        return index.entry(refs[number], are_joined=are_joined)

    def held(self, asked: Asked, slot: str) -> Entry | None:
        """Return what `find` would, and count nothing as used."""
        key, index = asked.key, self.index
        refs, number = index.refs(key), self._number(key, slot)
        return index.entry(refs[number]) if number < len(refs) else None

    def missed(self, asked: Asked) -> MissError:
        """Return the error for a request that is not held."""
        is_there = self.file.stamp is not None
        return miss_error(self.path.name, self.index, asked, is_there=is_there, record=self.how_to_record)

    def reserve(self, asked: Asked, slot: str, earlier: Sequence[Exchange] = ()) -> Reservation:
        """Return the place of a request that is asked now, after the questions and answers that go along with it.

        Several that are identical may be under way at once. Where not all that goes along is recorded, `warnings` says so.
        """
        if earlier:
            asked, are_recorded = self.after(asked, earlier)
            if not are_recorded:
                self._warn_of_unrecorded()
        key = asked.key
        slots = self._used.setdefault(key, [])
        is_new = not slot or slot not in slots
        if is_new:
            slots.append(slot)
        return Reservation(asked, key, len(slots) - 1 if is_new else slots.index(slot), is_new)

    def release(self, reservation: Reservation) -> None:
        """Take back what was reserved for a request that is not recorded after all."""
        slots = self._used.get(reservation.key, [])
        if reservation.is_new and reservation.number == len(slots) - 1:
            slots.pop()

    def keep(self, entry: Entry, slot: str, reservation: Reservation | None = None) -> None:
        """Write a turn: in place of the one that it records anew, else at the end.

        Of identical requests that were under way at once the one that was asked first stands first.

        Raises:
            InputError: it could not be written; the file is as it was.
        """
        key = entry.asked.key
        number = (reservation or self.reserve(entry.asked, slot)).number
        index = self.index
        refs = index.refs(key)
        line = to_line(entry)
        before = self._recorded.get(slot) if slot else None
        if number < len(refs):
            there = index.lines[refs[number].number - 1]
            before = before if self._is_of_another(there, key, number) else there
        if before is not None and before in index.lines:
            self._change(lambda lines: _replaced(lines, before, line.removesuffix(b"\n")))
            self._leave(key, slot)
        elif (later := self._later(key, number)) is not None:
            self._change(lambda lines: _inserted(lines, later, line.removesuffix(b"\n")))
        else:
            self._append(line)
        self._written.setdefault(key, {})[number] = line.removesuffix(b"\n")
        if slot:
            self._recorded[slot] = line.removesuffix(b"\n")

    def keep_many(self, turns: Sequence[tuple[Entry | Asked, str]]) -> None:
        """Write many turns at once, each with its slot: each in place of the one that it records anew.

        One that is new stands behind the one before it in `turns`, wherever that is, so that they keep their order; what is
        only asked, and no entry, is there to say where. Where none of them was recorded yet, they come at the end.

        Raises:
            InputError: they could not be written; the file is as it was.
        """
        instead: dict[bytes, bytes] = {}
        behind: dict[bytes | None, list[bytes]] = {}
        first = last = None
        for one, slot in turns:
            asked = one if isinstance(one, Asked) else one.asked
            refs = self.index.refs(asked.key)
            if isinstance(one, Asked):
                number, line = self._number(asked.key, slot), None
            else:
                number = self.reserve(asked, slot).number
                line = to_line(one).removesuffix(b"\n")
                self._written.setdefault(asked.key, {})[number] = line
                if slot:
                    self._recorded[slot] = line
            if number < len(refs):
                last = self.index.lines[refs[number].number - 1]
                first = first or last
                if line is not None:
                    instead[last] = line
            elif line is not None:
                behind.setdefault(last, []).append(line)
        self._change(lambda lines: _placed(lines, instead, behind, first))

    @property
    def has_played(self) -> bool:
        """Say whether anything was asked for in this run."""
        return any(self._used.values())

    def unused(self) -> list[LineRef]:
        """Return the recorded turns that nothing asked for in this run."""
        return [
            ref
            for ref, entry in self.index.all()
            if self.index.refs(ref.key).index(ref) >= len(self._used.get(ref.key, ()))
        ]

    def remove(self, refs: Sequence[LineRef]) -> None:
        """Take turns out of the file.

        Raises:
            InputError: it could not be written; the file is as it was.
        """
        gone = [self.index.lines[ref.number - 1] for ref in refs]
        self._change(lambda lines: _without(lines, gone))

    def is_as_left(self, *, to_write: bool = False) -> bool:
        """Say whether the file is as it was read here and, with `to_write`, all is as when it was written or seen to be writable."""
        stamp = self.file.stamp
        if stamp is None or stamp != self._stamp:
            return False
        if not to_write:
            return True
        place = self.file.place
        return place is not None and self._writable == (self.file, stamp, place)

    def look(self, *, to_write: bool = False) -> None:
        """Make sure that what is there can be read and, with `to_write`, that a turn can be recorded.

        A file that is as it was left, in a folder that is, is not looked at again: what happens meanwhile to the disk, such
        as that it is full, the next write tells.

        Raises:
            InputError: it cannot.
        """
        if self.is_as_left(to_write=to_write):
            return
        if to_write:
            self.check_writable()
        else:
            _ = self.index

    def check_writable(self) -> None:
        """Make sure that a turn can be recorded, and that what is there can be read.

        Raises:
            InputError: it cannot.
        """
        _ = self.index
        self.file.check_writable()
        self._writable = self.file, self._stamp, self.file.place

    def _number(self, key: str, slot: str) -> int:
        slots = self._used.get(key, [])
        return slots.index(slot) if slot and slot in slots else len(slots)

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

    def _change(self, changed: Callable[[Sequence[bytes]], Sequence[bytes]]) -> None:
        self._writable = None
        self.file.change(changed)

    def _append(self, line: bytes) -> None:
        before = self.index
        self._writable = None  # where this fails, it is checked anew before the next question is asked
        is_seen = self._stamp == self.file.stamp
        self._warn_of_torn(self.file.append(line))
        size = self.file.stamp
        had = 0 if self._stamp is None else self._stamp[1]
        if is_seen and size is not None and size[1] == had + len(line):
            before.add(line.removesuffix(b"\n"))  # nobody else wrote: no need to read it all again
            self._stamp = size
            self._writable = self.file, size, self.file.place

    def _warn_of_unrecorded(self) -> None:
        """Say once that a turn was recorded after one that is not: nobody else can ask it after that."""
        if not self._has_warned:
            self._has_warned = True
            self.warnings.append(
                f"Some earlier turns that go along with this one are not in {self.path.name}, so it replays for nobody"
                " else yet. To record them too: %chat reset, then run all cells in %chat mode record."
            )

    def _warn_of_torn(self, torn: bytes) -> None:
        if torn and torn != self._told_of:
            self._told_of = torn
            self.warnings.append(
                f"The last line of {self.path.name} is not whole and was set aside: whatever wrote it was ended "
                "in the middle. Record that cell again."
            )


def _placed(
    lines: Sequence[bytes],
    instead: Mapping[bytes, bytes],
    behind: Mapping[bytes | None, Sequence[bytes]],
    first: bytes | None,
) -> list[bytes]:
    """Return lines with some replaced, and others behind what they follow; those of None stand before `first`."""
    placed: list[bytes] = []
    left = dict(behind)
    for line in lines:
        if line == first:
            placed += left.pop(None, ())
        placed.append(instead.get(line, line))
        placed += left.pop(line, ())
    return [*placed, *(line for some in left.values() for line in some)]


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
