"""A typed reply in the panel: the same tree as under a cell, which grows while it comes. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from g4f_magic.renderers.formats import wrapped
from g4f_magic.renderers.tree import TypedView


class GrowingTree:
    """A typed reply that comes in pieces. All of it is open until its end: a tree is one block."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._view = TypedView(schema)
        self._texts: list[str] = []
        self._finished: list[str] = []
        self.is_plain = False
        """Whether what comes is shown as text: an interrupt ended the rendering."""
        self.blocks: list[str] = []
        """Those of the whole reply, once it has ended."""

    def feed(self, text: str) -> list[str]:
        """Take the next piece, which finishes nothing."""
        self._texts.append(text)
        self._view.feed(text)
        self._finished += self._view.finished()
        return []

    @property
    def text(self) -> str:
        """Return all that came so far."""
        return "".join(self._texts)

    @property
    def tail_text(self) -> str:
        """Return what is still open: all of it."""
        return self.text

    def tail(self) -> str:
        """Return the HTML of what came."""
        return wrapped(self.text) if self.is_plain else "".join((*self._finished, self._view.tail()))

    def more_code(self) -> tuple[int, str] | None:
        """Return None: no code is open in it."""
        return None

    def end(self, reply: str) -> tuple[int, list[str]]:
        """Return the blocks of the whole `reply`, and that none of before stays."""
        self.blocks = (
            [wrapped(reply)]
            if self.is_plain
            else [part.html for part in self._view.parts(reply) if part.html]
        )
        return 0, self.blocks
