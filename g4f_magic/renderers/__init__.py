"""Showing a reply: in a notebook's cell, in a terminal, or as plain text."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from functools import partial

from g4f_magic.renderers.base import Renderer
from g4f_magic.settings import Settings

FORMATS = ("markdown", "text", "code", "json", "html")
"""What `--format` takes."""


def choose(
    *,
    format: str = "markdown",  # noqa: A002
    settings: Settings,
    shell: object | None,
    keeps_others: bool = False,
    offer: Callable[[str], None] | None = None,
) -> Renderer:
    """Return a new renderer for the place that `shell` is in: made for one turn.

    `keeps_others` says that the cell shows something else before the reply, which is to stay; `offer` shows the person
    code for the next cell, where the shell's own way is not meant.
    """
    offer = offer or _offering(shell)
    if getattr(shell, "kernel", None) is not None:
        from g4f_magic.renderers.cell import CellRenderer

        return CellRenderer(
            settings=settings, shell=shell, format=format, keeps_others=keeps_others, offer=offer
        )
    if has_rich() and format in ("markdown", "code", "json"):
        from g4f_magic.renderers.terminal import TerminalFormatRenderer, TerminalRenderer

        if format == "markdown":
            return TerminalRenderer(frames_per_second=settings.frames_per_second)
        return TerminalFormatRenderer(format, offer)
    from g4f_magic.renderers.plain import FormattedRenderer, PlainRenderer

    return FormattedRenderer(format, offer) if format in ("code", "json") else PlainRenderer()


def _offering(shell: object | None) -> Callable[[str], None]:
    """Return the shell's own way to show the person code for the next cell; nothing, where it has none."""
    give = getattr(shell, "set_next_input", None)
    return (lambda code: None) if give is None else partial(give, replace=False)


def has_rich() -> bool:
    """Say whether what is printed goes to a terminal, and rich is installed to print it."""
    return sys.stdout.isatty() and importlib.util.find_spec("rich") is not None


__all__ = ["FORMATS", "Renderer", "choose", "has_rich"]
