"""What our own code writes into a reply's HTML and cleaning need not read: put in its place afterwards. Pure, no I/O.

Formulas are MathML, whose tags no list of cleaning has; code in colours is text and little else, and would take cleaning
longer than all around it.
"""

from __future__ import annotations

import re
import secrets

# What a reply cannot guess, and what cleaning leaves alone: stands where something is put in.
_MARK = f"aside{secrets.token_hex(8)}n"
_MARKED = re.compile(rf"{_MARK}(\d+)e")


class Aside:
    """What is put into one piece of HTML."""

    def __init__(self) -> None:
        self._kept: list[str] = []

    def keep(self, html: str) -> str:
        """Keep `html`, in which nothing acts, and return the text that stands for it."""
        self._kept.append(html)
        return f"{_MARK}{len(self._kept) - 1}e"

    def put_in(self, cleaned: str) -> str:
        """Return cleaned HTML with what was kept at its places."""
        return _MARKED.sub(lambda found: self._kept[int(found[1])], cleaned) if self._kept else cleaned
