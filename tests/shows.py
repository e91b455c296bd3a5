"""The places where a reply is shown, each run to its end in this process: what they would leave in a saved notebook."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from contextlib import redirect_stdout

from g4f_magic.chunks import Text
from g4f_magic.panel.kept import KeptOutputs
from g4f_magic.panel.streaming import StreamingReply
from g4f_magic.renderers.cell import CellRenderer
from g4f_magic.settings import Settings
from g4f_magic.turn import Turn
from tests.hosts import Notebook
from tests.turns import changed

PIECE = 16
"""Characters of a piece: few, as services send them."""

_OPEN = Turn.plain(id="1", slot="1", prompt="Say it", provider="koala", model="tiny", started_at=0.0)

Show = Callable[[str, str], Awaitable[int]]
"""Shows a text in a format, and gives the bytes that stay."""


def settled(text: str) -> Turn:
    return changed(_OPEN, reply=text, status="done", seconds=1.0)


async def in_cell(text: str, format: str, notebook: Notebook | None = None) -> Notebook:  # noqa: A002
    """Show a reply in a cell while it streams, and to its end."""
    notebook = notebook or Notebook()
    renderer = CellRenderer(settings=Settings(), host=notebook, format=format, offer=notebook.offer)
    renderer.begin(_OPEN)
    for start in range(0, len(text), PIECE):
        renderer.show(Text(text[start : start + PIECE]))
        if start % (PIECE * 64) == 0:
            await asyncio.sleep(0)
    renderer.settle(settled(text))
    return notebook


async def in_panel(text: str) -> Notebook:
    """Show a reply in the panel while it streams, and then what is kept of it under the panel."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()
    live = StreamingReply(
        _OPEN, loop, say=lambda piece: None, done=lambda *_: done.set_result(None), remote_images=False
    )
    for start in range(0, len(text), PIECE):
        live.take(Text(text[start : start + PIECE]))
        if start % (PIECE * 64) == 0:
            await asyncio.sleep(0)
    live.settle(settled(text))
    await done
    notebook = Notebook()
    kept = KeptOutputs("main", notebook, lambda turn: live.growing.blocks, tell=lambda *_: None)
    kept.show("main", [settled(text)])
    return notebook


async def in_terminal(text: str, format: str) -> str:  # noqa: A002
    """Show a reply in a terminal; return all that was written."""
    from rich.console import Console

    from g4f_magic.renderers.terminal import TerminalFormatRenderer, TerminalRenderer

    out = io.StringIO()
    renderer = (
        TerminalRenderer() if format == "markdown" else TerminalFormatRenderer(format, lambda code: None)
    )
    renderer._console = Console(
        file=out, force_terminal=True, width=80, height=40, highlight=False, emoji=False, markup=False
    )
    with redirect_stdout(out):  # where the other formats write
        renderer.begin(_OPEN)
        for start in range(0, len(text), PIECE):
            renderer.show(Text(text[start : start + PIECE]))
            if start % (PIECE * 64) == 0:
                await asyncio.sleep(0)
        renderer.settle(settled(text))
    return out.getvalue()


def in_history(text: str) -> Notebook:
    """Show a reply as `%chat history` does."""
    from g4f_magic.commands.history import _as_markdown
    from g4f_magic.commands.output import bundle

    notebook = Notebook()
    notebook.show(bundle([_as_markdown("**1**", settled(text))]))
    return notebook


async def _cell(text: str, format: str) -> int:  # noqa: A002
    return (await in_cell(text, format)).saved


async def _panel(text: str, format: str) -> int:  # noqa: A002
    return (await in_panel(text)).saved


async def _terminal(text: str, format: str) -> int:  # noqa: A002
    if format in ("text", "html"):
        return 0
    await in_terminal(text, format)
    return 0


async def _history(text: str, format: str) -> int:  # noqa: A002
    return in_history(text).saved


SHOWS: dict[str, Show] = {"cell": _cell, "panel": _panel, "terminal": _terminal, "%chat history": _history}
