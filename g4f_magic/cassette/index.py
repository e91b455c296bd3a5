"""The turns of a cassette, found by their key without a search. No I/O."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from g4f_magic.cassette.entry import Entry
from g4f_magic.cassette.entry_line import from_line, outline
from g4f_magic.cassette.key import said
from g4f_magic.context import Exchange
from g4f_magic.errors import InputError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LineRef:
    """One recorded turn in the list of lines: `number` counts from 1."""

    number: int
    key: str
    parent: str


class Index:
    """Knows where each turn stands. `name` is the file's, for errors."""

    def __init__(self, name: str, lines: Sequence[bytes]) -> None:
        self.name = name
        self.lines: list[bytes] = []
        self._by_key: dict[str, list[LineRef]] = defaultdict(list)
        self._by_exchange: dict[int, list[LineRef]] = defaultdict(list)
        for line in lines:
            self.add(line)

    def add(self, line: bytes) -> None:
        """Take in the next line.

        Raises:
            InputError: it is no recorded turn; the message names the line.
        """
        self.lines.append(line)
        if line.strip():
            number = len(self.lines)
            asked, reply = self._read(number, outline)
            ref = LineRef(number, asked.key, asked.parent)
            self._by_key[ref.key].append(ref)
            self._by_exchange[hash((asked.said, reply))].append(ref)

    def refs(self, key: str) -> Sequence[LineRef]:
        """Return where the answers to that request stand, in the order in which they came."""
        return self._by_key.get(key, ())

    def entry(self, ref: LineRef, *, are_joined: bool = False) -> Entry:
        """Return the turn that stands there; with `are_joined` its reply in few pieces."""
        return self._read(ref.number, partial(from_line, are_joined=are_joined))

    def all(self) -> list[tuple[LineRef, Entry]]:
        """Return every turn and its line, in the order in which they were asked."""
        refs = sorted((ref for found in self._by_key.values() for ref in found), key=lambda one: one.number)
        return [(ref, self.entry(ref)) for ref in refs]

    def loose(self, refs: Iterable[LineRef]) -> list[LineRef]:
        """Return those of `refs` that can go: without the turns that others, which stay, were asked after."""
        going = list(refs)
        every = [ref for found in self._by_key.values() for ref in found]
        while True:
            left = set(going)
            keys = {ref.key for ref in every if ref not in left}
            parents = {ref.parent for ref in every if ref not in left} - keys
            needed = [ref for ref in going if ref.key in parents]
            if not needed:
                return going
            going = [ref for ref in going if ref not in needed]

    def parent(self, exchanges: Sequence[Exchange]) -> str:
        """Return what stands for a conversation so far, as `reached` does."""
        return self.reached(exchanges)[0]

    def reached(self, exchanges: Sequence[Exchange]) -> tuple[str, bool]:
        """Return what stands for a conversation so far, the key of its last turn, and whether all of it is recorded.

        That is: each exchange is a recorded turn, asked after the one before it. One that is not counts by its text.
        A conversation may begin in the middle of a recorded one, where only its newest turns are sent along.
        """
        state, is_known = self._walked(exchanges, is_from_start=True)
        if is_known:
            return state, True
        middle, is_known = self._walked(exchanges, is_from_start=False)
        return (middle, True) if is_known else (state, False)

    def _walked(self, exchanges: Sequence[Exchange], *, is_from_start: bool) -> tuple[str, bool]:
        """Return the key of the last exchange, and whether each is a recorded turn after the one before it."""
        reached, is_known = [""], True
        for number, (prompt, reply, formerly) in enumerate(exchanges):
            is_any = number == 0 and not is_from_start
            found = self._by_exchange.get(hash((prompt, reply)), ())
            if not found and formerly:
                found = self._by_exchange.get(hash((formerly, reply)), ())
            keys = [ref.key for ref in found if is_any or ref.parent in reached]
            is_known = is_known and bool(keys)
            # The first in the file comes first here, so that lines added later change nothing.
            reached = keys or [said(reached[0], prompt, reply)]
        return reached[0], is_known

    def _read(self, number: int, reading: Callable[[bytes], T]) -> T:
        try:
            return reading(self.lines[number - 1])
        except InputError as exc:
            raise InputError(f"{self.name}, line {number}: it {exc}", hint=exc.hint) from exc
