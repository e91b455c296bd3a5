"""How long a block may be, and how much HTML a reply may become: in proportion to its text, whatever that is. Pure, no I/O."""

from __future__ import annotations

LONGEST_BLOCK = 100_000
"""Characters of a block that is read as Markdown; code in fences may be longer."""

TIMES = 22
"""Characters of HTML for each of the text: a table of single digits takes 18, and a formula of signs about 20."""
_FREE = 1_000
"""And once for each reply so much more: a short one may be a link with a long address."""


def room_for(size: int) -> int:
    """Return how many characters of HTML a text of `size` characters may become by itself."""
    return _FREE + TIMES * size


class Allowance:
    """What the blocks of one reply may become; what one does not need is there for those after it."""

    def __init__(self) -> None:
        self._left = _FREE

    def room(self, size: int) -> int:
        """Return how many characters of HTML the next block may become, of `size` characters."""
        return max(0, self._left) + TIMES * size

    def take(self, size: int, html_size: int) -> None:
        """Note what a block of `size` characters became."""
        self._left += TIMES * size - html_size
