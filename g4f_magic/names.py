"""Names from outside (of models, conversations, providers): which can be one, and how many are listed. No I/O."""

from __future__ import annotations

from collections.abc import Iterable

from g4f_magic.visible import shortened

LONGEST = 256
"""Characters. The paths that local servers give as names are the longest ones that are met."""
_JOINER = "\u200d"
"""Between the parts of one emoji."""
MOST_LISTED = 5_000
"""In one list; the largest services have some hundreds of models."""


def is_name(text: str) -> bool:
    """Say whether a text can be a name: on one line, printable, which no half of a surrogate pair is, and not long.

    It may hold blanks and quotes, though none at its ends, and does not begin as an option does.
    """
    is_short = 0 < len(text) <= LONGEST
    return is_short and text.replace(_JOINER, "").isprintable() and text == text.strip() and text[0] != "-"


def shown(text: str) -> str:
    """Return a name from outside as metadata may hold it: on one line, bounded, and in letters that can be written."""
    text = shortened(text, LONGEST)
    return (
        text
        if text.isprintable()
        else "".join(sign if sign.isprintable() or sign == _JOINER else "\ufffd" for sign in text)
    )


def listed(names: Iterable[str]) -> list[str]:
    """Return those of the names that can be one, each once, in their order and not too many.

    What cannot is left out: made fit to be shown, it would be the name of something else.
    """
    found: dict[str, None] = {}
    for name in names:
        if is_name(name):
            found[name] = None
            if len(found) == MOST_LISTED:
                break
    return list(found)
