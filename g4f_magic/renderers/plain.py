"""Where the output is no notebook: plain text as it comes, or in its format, then the line that says what it is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TextIO

from g4f_magic.chunks import Chunk, Rethought, Text, ToolCall, ToolResult, Unfit
from g4f_magic.endings import is_cut
from g4f_magic.messages import citation_lines
from g4f_magic.renderers import calls
from g4f_magic.renderers.provenance import REASONED, provenance
from g4f_magic.turn import Turn
from g4f_magic.visible import VisibleStream, make_visible


class PlainRenderer:
    """Writes each piece at once, with control characters made visible."""

    problem = ""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out
        self._visible = VisibleStream()
        self._calls: dict[str, ToolCall] = {}
        self._is_line_open = False

    def begin(self, turn: Turn) -> None:
        """Write nothing: the reply comes first."""

    def show(self, chunk: Chunk) -> None:
        """Write the text of `chunk`; reasoning is left out, and said of where it was taken for text."""
        if isinstance(chunk, Text):
            self._write(self._visible.feed(chunk.text))
        elif isinstance(chunk, Rethought):
            self._end(self._visible.end() + REASONED)
        elif isinstance(chunk, ToolCall):
            self._calls[chunk.id] = chunk
        elif isinstance(chunk, ToolResult):
            if (call := self._calls.pop(chunk.id, None)) is not None:
                self._end(self._visible.end() + calls.line(calls.Called(call, chunk)))
        elif isinstance(chunk, Unfit):
            self._end(f"{self._visible.end()}\n— until here it does not fit: {make_visible(chunk.why)}")

    def notice(self, text: str) -> None:
        """Write nothing: what is quiet has no place in a log."""

    def settle(self, turn: Turn) -> None:
        """Write what it refers to, and the line that says what it was."""
        self._write(self._visible.end())
        if links := citation_lines(turn.citations):
            self._write(("\n" if self._is_line_open else "") + links + "\n")
        self._end(provenance(turn))

    def _end(self, line: str) -> None:
        self._write(("\n" if self._is_line_open else "") + line + "\n")

    def _write(self, text: str) -> None:
        if text:
            out = self._out or sys.stdout
            out.write(text)
            out.flush()
            self._is_line_open = not text.endswith("\n")


class FormattedRenderer(PlainRenderer):
    """Writes a reply in a format once it has ended: its code alone, which the next input gets, or JSON in lines."""

    def __init__(self, format: str, offer: Callable[[str], None], out: TextIO | None = None) -> None:  # noqa: A002
        super().__init__(out)
        self._format = format
        self._offer = offer

    def show(self, chunk: Chunk) -> None:
        """Write nothing: only the end tells what it is."""

    def settle(self, turn: Turn) -> None:
        """Write the reply, as it came where it did not end by itself."""
        from g4f_magic.renderers.views import make_view

        if turn.status == "done":
            view = make_view(self._format, schema=turn.ask.schema)
            text = "".join(part.plain for part in view.parts(turn.reply))
            self.problem = getattr(view, "problem", "")
            self._write_result(turn.reply, text)
            if (offer := getattr(view, "offer", "")) and not is_cut(turn.finish):
                self._offer(offer)
        else:
            self._write(make_visible(turn.reply))
        super().settle(turn)

    def _write_result(self, reply: str, text: str) -> None:
        self._write(make_visible(text))
