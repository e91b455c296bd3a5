"""What differs between two texts, word by word. Bounded: long texts are compared by their lines. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

MOST_WORDS = 2_000
"""Of one text; what is longer is compared line by line, and what has more lines than that not at all."""

_WORD = re.compile(r"\S+\s*|\s+")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")

Kind = Literal["same", "gone", "new"]


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that stand in both texts, in the first alone (`gone`), or in the second alone (`new`)."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Differences:
    """What the second of two texts has in place of the first."""

    pieces: tuple[Piece, ...]
    percent: int
    """Of the words of both, how many are the same."""


def differences(first: str, second: str) -> Differences | None:
    """Return what differs; None where the texts are too long to be compared."""
    for pattern in (_WORD, _LINE):
        ours, theirs = pattern.findall(first), pattern.findall(second)
        if max(len(ours), len(theirs)) <= MOST_WORDS:
            return _compared(ours, theirs)
    return None


def _compared(ours: list[str], theirs: list[str]) -> Differences:
    matcher = SequenceMatcher(None, [one.rstrip() for one in ours], [one.rstrip() for one in theirs])
    opcodes = matcher.get_opcodes()
    same = sum(end - start for tag, start, end, _, _ in opcodes if tag == "equal")
    total = len(ours) + len(theirs)
    # Not rounded up: a hundred says that nothing differs.
    return Differences(tuple(_pieces(opcodes, ours, theirs)), 100 * 2 * same // total if total else 100)


def _pieces(
    opcodes: list[tuple[Literal["replace", "delete", "insert", "equal"], int, int, int, int]],
    ours: list[str],
    theirs: list[str],
) -> Iterator[Piece]:
    before = " "
    for tag, start, end, other_start, other_end in opcodes:
        if tag == "equal":
            same = "".join(theirs[other_start:other_end])
            before = same[-1:] or before
            yield Piece("same", same)
            continue
        if start < end:
            apart = "" if before.isspace() else " "  # the last word of the second text has no space after it
            yield Piece("gone", apart + "".join(ours[start:end]))
        if other_start < other_end:
            yield Piece("new", "".join(theirs[other_start:other_end]))
