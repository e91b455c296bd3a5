"""A reply in a terminal: rendered by rich block by block where it is installed, else as plain text."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from g4f_magic.chunks import Chunk, Text
from g4f_magic.messages import Turn
from g4f_magic.renderers.blocks import BlockSplitter
from g4f_magic.renderers.provenance import provenance
from g4f_magic.renderers.visible import VisibleStream, make_visible

if TYPE_CHECKING:
    from rich.console import RenderableType


class TerminalRenderer:
    """Prints each Markdown block when it is finished, and repaints only the open one under it.

    Control characters are made visible before rich sees them, and its own markup is never read from a reply.

    Raises:
        ImportError: rich is not installed.
    """

    problem = ""

    def __init__(self, *, frames_per_second: float = 15.0) -> None:
        from rich.console import Console

        self._console = Console(highlight=False, emoji=False, markup=False)
        self._frame_seconds = 1 / frames_per_second
        self._splitter = BlockSplitter()
        self._visible = VisibleStream()
        self._live: Any = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._new: list[str] = []

    def begin(self, turn: Turn) -> None:
        """Show the waiting line until the first word."""
        from rich.live import Live

        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None
        waiting = self._quiet(make_visible(f"{turn.provider} · waiting …"))
        self._live = Live(
            waiting, console=self._console, auto_refresh=False, transient=True, vertical_overflow="crop"
        )
        self._live.start(refresh=True)

    def show(self, chunk: Chunk) -> None:
        """Keep the text of `chunk` for the next frame; reasoning is left out."""
        if isinstance(chunk, Text):
            self._new.append(chunk.text)
            if self._timer is None and self._loop is not None:
                self._timer = self._loop.call_later(self._frame_seconds, self._paint)

    def notice(self, text: str) -> None:
        """Show a quiet line until the next text comes."""
        if self._live is not None:
            self._live.update(self._quiet(make_visible(text)), refresh=True)

    def settle(self, turn: Turn) -> None:
        """Print what was still open, and the line that says what it was."""
        if self._timer is not None:
            self._timer.cancel()
        self._loop = self._timer = None
        blocks = [*self._splitter.feed(self._taken() + self._visible.end()), self._splitter.tail]
        if self._live is not None:
            self._live.stop()
            self._live = None
        for block in blocks:
            self._print(block)
        self._console.print(self._quiet(provenance(turn)))

    def _taken(self) -> str:
        text, self._new = "".join(self._new), []
        return self._visible.feed(text)

    def _paint(self) -> None:
        self._timer = None
        blocks = self._splitter.feed(self._taken())
        for block in blocks:
            self._print(block)
        self._live.update(self._markdown(self._open_end()), refresh=True)

    def _open_end(self) -> str:
        """Return the end of the open block, as much as fits: what is above the screen can't be repainted."""
        lines = self._splitter.tail.splitlines(keepends=True)
        fitting = max(3, self._console.size.height - 4)
        fence = self._splitter.open_fence
        cut = "".join(lines[-fitting:])
        return f"{fence}\n{cut}" if fence is not None and len(lines) > fitting else cut

    def _print(self, block: str) -> None:
        if block.strip():
            self._console.print(self._markdown(block))

    def _markdown(self, text: str) -> RenderableType:
        from g4f_magic.renderers.rich_markdown import markdown

        return markdown(text)

    def _quiet(self, text: str) -> RenderableType:
        from rich.text import Text as RichText

        return RichText(text, style="dim")
