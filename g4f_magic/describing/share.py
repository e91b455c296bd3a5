"""How much of a thing is shared: four levels, in order, and what the person may set as the most. No I/O."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

from g4f_magic.errors import InputError

Share: TypeAlias = Literal["names", "schema", "sample", "all"]
"""`names`: what it is called and its type. `schema`: its structure, and no value. `sample`: a few rows or items.
`all`: as much as the limit takes."""

LEVELS: tuple[Share, ...] = get_args(Share)
"""The lowest first."""


def lower(one: Share, other: Share) -> Share:
    """Return the one of two levels that shares less: what a ceiling leaves of what was asked for."""
    return min(one, other, key=LEVELS.index)


def reaches(share: Share, level: Share) -> bool:
    """Say whether a level shows what `level` does."""
    return LEVELS.index(share) >= LEVELS.index(level)


def share_of(text: str) -> Share:
    """Return the level of that name.

    Raises:
        InputError: there is none.
    """
    for level in LEVELS:
        if text == level:
            return level
    raise InputError(
        f"{text!r} is not a level of sharing",
        hint="names, schema, sample or all, from the least to the most.",
    )
