"""What `%chat explain` and `%chat fix` ask. No I/O."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import NamedTuple

_EXPLAIN = (
    "My notebook shows the error that goes along. Explain in a few sentences what went wrong and why, and what to"
    " change."
)
_FIX = (
    "The cell that goes along failed with the error that goes along. Say in one or two sentences what was wrong. Then"
    " end with the whole corrected cell in one Python code block, ready to run in its place: change no more than is"
    " needed, and leave nothing out."
)


class Question(NamedTuple):
    """What is asked of the last error, as a cell would ask it."""

    line: str
    """The options, as they stand behind `%%chat`."""
    prompt: str


def explaining(words: Sequence[str]) -> Question:
    """Return the question of `%chat explain`; `words` are the options of a cell."""
    return Question(f"--with @error {shlex.join(words)}".strip(), _EXPLAIN)


def fixing(words: Sequence[str]) -> Question:
    """Return the question of `%chat fix`: what is to be heeded, up to the first option, and options of a cell."""
    first = next((place for place, word in enumerate(words) if word.startswith("-")), len(words))
    heed = f"\n\nHeed this: {' '.join(words[:first])}" if first else ""
    return Question(f"--with @error {shlex.join(words[first:])}".strip(), _FIX + heed)
