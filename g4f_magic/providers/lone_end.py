"""Whether an end mark that stands alone says that the text was thinking until there. No I/O."""

from __future__ import annotations

import re
from collections.abc import Sequence

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})", re.MULTILINE)
SENTENCE_ENDS = frozenset(".!?…。！？")
"""Signs that end a sentence."""
_QUOTES = frozenset("\"'`”’)")


def ends_thoughts(said: Sequence[str], text: str, found: re.Match[str]) -> bool:
    """Say whether a mark in `text`, before which `said` was passed on, ends what was thought.

    It begins or ends a line, or ends a sentence, and stands in no code and after no opening one.
    """
    before, after = text[: found.start()], text[found.end() : found.end() + 1]
    ends_sentence = _last_sign(said, before) in SENTENCE_ENDS and after not in _QUOTES
    if not begins_line(said, before) and after not in ("", "\n", "\r") and not ends_sentence:
        return False
    whole = "".join((*said, before))
    return found[0].replace("/", "", 1).lower() not in whole.lower() and not is_in_code(whole)


def begins_line(said: Sequence[str], before: str) -> bool:
    """Say whether a line begins after `before`."""
    return _last_sign(said, before) == "\n"


def _last_sign(said: Sequence[str], before: str) -> str:
    return (before or next(filter(None, reversed(said)), "\n"))[-1]


def is_in_code(text: str) -> bool:
    """Say whether what follows `text` stands in a fence, or in code within a line."""
    fence = ""
    for mark in _FENCE.findall(text):
        if not fence:
            fence = mark
        elif mark[0] == fence[0] and len(mark) >= len(fence):
            fence = ""
    line = text.rpartition("\n")[2]
    return bool(fence) or (not _FENCE.match(line) and line.count("`") % 2 == 1)
