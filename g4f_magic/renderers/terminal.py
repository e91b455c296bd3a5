"""A reply in a terminal: rendered by rich block by block where it is installed, else as plain text."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from g4f_magic import stopping
from g4f_magic.chunks import Chunk, Rethought, Text, ToolCall, ToolResult, Unfit
from g4f_magic.format_table import BY_NAME
from g4f_magic.messages import citation_lines
from g4f_magic.renderers import calls
from g4f_magic.renderers.blocks import BlockSplitter
from g4f_magic.renderers.colours import lexer_for
from g4f_magic.renderers.formats import fences, language_name
from g4f_magic.renderers.plain import FormattedRenderer
from g4f_magic.renderers.provenance import REASONED, provenance, shown_name
from g4f_magic.turn import Turn
from g4f_magic.visible import VisibleStream, make_visible

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live


_BLOCKS = 100
_BLOCK = 100
"""Blocks of a reply that are printed one by one: so many, and one more for so many characters."""


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
        self._calls: dict[str, ToolCall] = {}
        self._printed = self._printed_characters = 0

    def begin(self, turn: Turn) -> None:
        """Show the waiting line until the first word."""
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None
        self._live = _waiting(turn, self._console)

    def show(self, chunk: Chunk) -> None:
        """Keep the text of `chunk` for the next frame; reasoning is left out."""
        if isinstance(chunk, Text):
            self._new.append(chunk.text)
            if self._timer is None and self._loop is not None:
                self._timer = self._loop.call_later(self._frame_seconds, self._paint)
        elif isinstance(chunk, Rethought):
            self._begin_anew(REASONED)
        elif isinstance(chunk, ToolCall):
            self._calls[chunk.id] = chunk
            self._print_open()
            if self._live is not None:
                self._live.stop()  # the person may be asked now, and it would paint over the question
        elif isinstance(chunk, ToolResult):
            if (call := self._calls.pop(chunk.id, None)) is not None:
                self._print_open()
                self._console.print(_quiet(calls.line(calls.Called(call, chunk))))
            if not self._calls and self._live is not None:
                self._live.start()
        elif isinstance(chunk, Unfit):
            self._begin_anew(f"— until here it does not fit: {make_visible(chunk.why)}")

    def _begin_anew(self, why: str) -> None:
        """Print what has come, which cannot be taken back, and what it was."""
        self._print_open()
        self._console.print(_quiet(why))

    def _print_open(self) -> None:
        """Print what has come, and begin anew below it: a question to the person stands on lines of its own."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for block in [*self._splitter.feed(self._taken() + self._visible.end()), self._splitter.tail]:
            self._print(block)
        self._splitter = BlockSplitter()
        if self._live is not None:
            self._live.update("", refresh=True)

    def notice(self, text: str) -> None:
        """Show a quiet line until the next text comes."""
        if self._live is not None:
            self._live.update(_quiet(make_visible(text)), refresh=True)

    def settle(self, turn: Turn) -> None:
        """Print what was still open, and the line that says what it was."""
        if self._timer is not None:
            self._timer.cancel()
        self._loop = self._timer = None
        blocks = [*self._splitter.feed(self._taken() + self._visible.end()), self._splitter.tail]
        if self._live is not None:
            self._live.stop()
            self._live = None
        self._print_all(blocks)
        for line in citation_lines(turn.citations).splitlines():
            self._console.print(_quiet(line), soft_wrap=True)
        self._console.print(_quiet(provenance(turn, tells_of_code=True)))

    def _taken(self) -> str:
        text, self._new = "".join(self._new), []
        return self._visible.feed(text)

    def _paint(self) -> None:
        self._timer = None
        self._print_all(self._splitter.feed(self._taken()))
        self._live.update(self._markdown(self._open_end()), refresh=True)

    def _open_end(self) -> str:
        """Return the end of the open block, as much as fits: what is above the screen can't be repainted."""
        fitting = max(3, self._console.size.height - 4)
        # No more can be seen, whatever the lines are: those before it are printed when the block is finished.
        seen = 2 * fitting * self._console.size.width
        lines = self._splitter.tail_from(self._splitter.tail_size - seen).splitlines(keepends=True)
        fence = self._splitter.open_fence
        cut = "".join(lines[-fitting:])
        return f"{fence}\n{cut}" if fence is not None and len(cut) < self._splitter.tail_size else cut

    def _print_all(self, blocks: Sequence[str]) -> None:
        """Print finished blocks; as text those beyond what a reply of that length has, each of which takes a while."""
        for number, block in enumerate(blocks):
            self._printed += 1
            self._printed_characters += len(block)
            if self._printed > _BLOCKS + self._printed_characters // _BLOCK or stopping.is_over():
                self._console.print(_plain("".join(blocks[number:]).rstrip("\n")))
                self._printed_characters += sum(map(len, blocks[number + 1 :]))
                return
            self._print(block)

    def _print(self, block: str) -> None:
        if block.strip():
            self._console.print(self._markdown(block))

    def _markdown(self, text: str) -> RenderableType:
        from g4f_magic.renderers.rich_markdown import markdown

        return markdown(text)


class TerminalFormatRenderer(FormattedRenderer):
    """Waits for the end of a reply in a format, then prints it in colours: lines unbroken, to be copied.

    Raises:
        ImportError: rich is not installed.
    """

    def __init__(self, format: str, offer: Callable[[str], None]) -> None:  # noqa: A002
        from rich.console import Console

        super().__init__(format, offer)
        self._console = Console(highlight=False, emoji=False, markup=False)
        self._live: Live | None = None

    def begin(self, turn: Turn) -> None:
        """Show the waiting line until the end."""
        self._live = _waiting(turn, self._console)

    def notice(self, text: str) -> None:
        """Show a quiet line in its place."""
        if self._live is not None:
            self._live.update(_quiet(make_visible(text)), refresh=True)

    def settle(self, turn: Turn) -> None:
        """Print the reply in its format, as it came where it did not end by itself."""
        if self._live is not None:
            self._live.stop()
            self._live = None
        super().settle(turn)

    def _write_result(self, reply: str, text: str) -> None:
        from rich.syntax import Syntax

        pieces = [(text, language)] if (language := BY_NAME[self._format].language) else fences(reply)
        if not pieces or self.problem:
            super()._write_result(reply, text)
            return
        for number, (code, language) in enumerate(pieces):
            shown = make_visible(code.rstrip("\n"))
            lexer = lexer_for(shown, language_name(language)) or "text"
            coloured = Syntax("", lexer, theme="ansi_dark").highlight(shown)
            coloured.rstrip()
            if number:
                self._console.print()
            self._console.print(coloured, soft_wrap=True)

    def _end(self, line: str) -> None:
        self._write("\n" if self._is_line_open else "")
        self._console.print(_quiet(line))


def _waiting(turn: Turn, console: Console) -> Live:
    """Return the started display of what comes, which says who is waited for."""
    from rich.live import Live

    words = _quiet(f"{shown_name(turn.provider)} · waiting …")
    live = Live(words, console=console, auto_refresh=False, transient=True, vertical_overflow="crop")
    live.start(refresh=True)
    return live


def _plain(text: str) -> RenderableType:
    from rich.text import Text as RichText

    return RichText(text)


def _quiet(text: str) -> RenderableType:
    from rich.text import Text as RichText

    return RichText(text, style="dim")
