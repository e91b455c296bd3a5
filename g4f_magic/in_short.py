"""What went along with a prompt, for the person, in short: a part of a line of ours. No I/O."""

from __future__ import annotations

import re

from g4f_magic.ask import Ask, Attachment
from g4f_magic.visible import make_visible, shortened, without_controls

_IMITATIONS = str.maketrans(dict.fromkeys('·•∙⋅⸱・･‧᛫‐—–―“”„‟"', "-"))
"""What looks like the signs that part our line."""
_LONGEST = 120
_MOST_NAMED = 12
_MOST_NOTES = 8


def in_short(ask: Ask) -> list[str]:
    """Return what went along, as parts of the line under a reply: `with df (3 columns, 5 of 10,000 rows), @error`."""
    named = dict.fromkeys(map(_short, ask.attachments))
    shown = list(named)[:_MOST_NAMED]
    more = [f"{len(named) - len(shown)} more"] if len(named) > len(shown) else []
    words = [f"with {', '.join([*shown, *more])}"] if shown else []
    return [*words, *(_line(note, 240).rstrip(".") for note in ask.notes[:_MOST_NOTES])]


def _short(one: Attachment) -> str:
    about = one.summary
    if one.omitted and one.omitted not in about:
        about = f"{about}; {one.omitted}" if about else one.omitted
    name = _line(one.name, 80)
    return f"{name} ({_line(about, _LONGEST)})" if about and one.origin != "inline" else name


def _line(text: str, longest: int) -> str:
    """Return a text as it stands in our line: on one line, bounded, and with none of the signs that part it."""
    plain = re.sub(r"\s+", " ", make_visible(without_controls(text[: longest + 1]))).strip()
    plain = plain.translate(_IMITATIONS)
    return shortened(plain, longest)
