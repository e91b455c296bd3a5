"""Where the output is no terminal and no notebook: plain text as it comes, then the line that says what it is."""

from __future__ import annotations

import sys
from typing import TextIO

from g4f_magic.chunks import Chunk, Text
from g4f_magic.messages import Turn
from g4f_magic.renderers.provenance import provenance
from g4f_magic.renderers.visible import VisibleStream


class PlainRenderer:
    """Writes each piece at once, with control characters made visible."""

    problem = ""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out
        self._visible = VisibleStream()
        self._is_line_open = False

    def begin(self, turn: Turn) -> None:
        """Write nothing: the reply comes first."""

    def show(self, chunk: Chunk) -> None:
        """Write the text of `chunk`; reasoning is left out."""
        if isinstance(chunk, Text):
            self._write(self._visible.feed(chunk.text))

    def notice(self, text: str) -> None:
        """Write nothing: what is quiet has no place in a log."""

    def settle(self, turn: Turn) -> None:
        """Write the line that says what it was."""
        self._write(self._visible.end())
        self._write(("\n" if self._is_line_open else "") + provenance(turn) + "\n")

    def _write(self, text: str) -> None:
        if text:
            out = self._out or sys.stdout
            out.write(text)
            out.flush()
            self._is_line_open = not text.endswith("\n")
