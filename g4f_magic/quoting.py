"""Texts within others: a word on a line, so that `grammar.split` gives it back; code in Markdown. No I/O."""

from __future__ import annotations

import re

_MARKS = re.compile(r"`+")
_SPECIAL = re.compile(r"[ \t\r\n'\"]")
_TAKEN = re.compile(r"\\[ \t\r\n'\"]|\\\Z")


def code_fence(code: str) -> str:
    """Return the marks that begin and end a block of code in Markdown: nothing in `code` ends it."""
    return "`" * max(3, 1 + max(map(len, _MARKS.findall(code)), default=0))


def quote(word: str) -> str:
    """Return a word so that `split` gives it back, and that who types its first letters finds it: with backslashes.

    Where it has backslashes itself, before a sign that they would take their meaning from, it is put into quotes.
    """
    if not word or _TAKEN.search(word):
        return "'" + word.replace("'", "'\"'\"'") + "'"
    quoted = _SPECIAL.sub(r"\\\g<0>", word)
    # IPython answers a line that ends so with help.
    return f"'{word}'" if word.endswith("?") and quoted == word else quoted
