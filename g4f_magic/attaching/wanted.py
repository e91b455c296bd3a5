"""What `--with` names: things of the notebook, files, or an expression of the person's own. No I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass

from g4f_magic.attaching.level import split
from g4f_magic.errors import InputError

WORDS = ("@error", "@out", "@cells", "@input")
"""What of the notebook can be named that has no name of its own."""

_OPENING, _CLOSING = "([{", ")]}"
_CELLS = re.compile(r"@cells(?::above(?::(\d{1,6}))?|:([\d,\-]+))?")
_RANGE = re.compile(r"(\d{1,7})(?:-(\d{1,7}))?")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing that is to go along."""

    text: str
    """As it was written, with its level."""
    what: str
    level: str = ""
    """How much of it is asked for; empty: as usual."""

    @property
    def is_word(self) -> bool:
        """Say whether it is one of the notebook's own."""
        return self.what.startswith("@")


@dataclass(frozen=True, slots=True)
class CellRange:
    """Which cells `@cells` means: the last `above` of those before this one, or those of some numbers."""

    above: int | None = None
    numbers: tuple[tuple[int, int], ...] = ()
    """First and last number, both included; as `In [5]` shows them."""


def wanted_in(given: str) -> list[Wanted]:
    """Return what one `--with` names: parted by commas, those in brackets and quotes left out.

    Raises:
        InputError: it names nothing, or an `@` word that there is not.
    """
    found = [Wanted(text, *split(text)) for text in _parted(given)]
    if not found or not all(one.what for one in found):
        raise InputError(
            "--with names nothing", hint=f"Write --with df, a file, or one of {', '.join(WORDS)}."
        )
    for one in found:
        if one.is_word:
            _check_word(one.what)
    return found


def cells_of(word: str) -> CellRange:
    """Return which cells an `@cells` word means.

    Raises:
        InputError: it cannot be read.
    """
    found = _CELLS.fullmatch(word)
    if found is None:
        raise InputError(
            f"{word!r} names no cells", hint="Write @cells, @cells:above:5, or @cells:3,5-7 by their numbers."
        )
    if found[2] is None:
        return CellRange(above=int(found[1]) if found[1] else None)
    ranges = [_RANGE.fullmatch(part) for part in found[2].split(",") if part]
    pairs = tuple((int(one[1]), int(one[2] or one[1])) for one in ranges if one is not None)
    if len(pairs) != len(ranges) or not pairs or any(first > last for first, last in pairs):
        raise InputError(f"{word!r} names no cells", hint="Write their numbers: @cells:3,5-7.")
    return CellRange(numbers=pairs)


def _check_word(word: str) -> None:
    name = word.partition(":")[0]
    if name == "@cells":
        cells_of(word)
    elif word not in WORDS:
        import difflib

        nearest = difflib.get_close_matches(name, WORDS, n=1)
        hint = f"Did you mean {nearest[0]}? " if nearest else ""
        raise InputError(f"--with knows no {word!r}", hint=f"{hint}There are {', '.join(WORDS)}.")


def _parted(text: str) -> list[str]:
    """Return the parts between commas that stand in no brackets and no quotes; the numbers of `@cells:` keep theirs."""
    parts, begun, depth, quote = [], "", 0, ""
    for number, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign in _OPENING:
            depth += 1
        elif sign in _CLOSING:
            depth -= 1
        if sign == "," and not quote and depth <= 0 and not _is_in_numbers(begun, text[number + 1 :]):
            parts.append(begun.strip())
            begun = ""
        else:
            begun += sign
    parts.append(begun.strip())
    return parts if any(parts) else []


def _is_in_numbers(begun: str, after: str) -> bool:
    return begun.strip().startswith("@cells:") and begun.strip()[-1:].isdigit() and after[:1].isdigit()
