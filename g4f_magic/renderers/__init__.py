"""Showing a reply: in a notebook's cell, in a terminal, or as plain text.

In come the chunks of one reply, and at the end its turn; out come outputs: painted while it comes, static in the end, of
cleaned HTML and plain text. Whatever the text is, nothing in it acts, and the work and the bytes are in proportion to it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import partial
from typing import Any

from g4f_magic.format_table import BY_NAME
from g4f_magic.host.base import Host
from g4f_magic.renderers.renderer import Columns, Renderer
from g4f_magic.settings import Settings
from g4f_magic.turn import Turn


def choose(
    *,
    format: str = "markdown",  # noqa: A002
    settings: Settings,
    host: Host,
    keeps_others: bool = False,
    offer: Callable[[str], None] | None = None,
    place: object | None = None,
) -> Renderer:
    """Return a new renderer for the place where `host` is: made for one turn.

    `keeps_others` says that the cell shows something else before the reply, which is to stay; `offer` shows the person
    code for the next cell, where the host's own way is not meant. `place` is where an earlier answer stands that this one
    takes the place of: what made it.
    """
    offer = offer or host.offer
    if not host.prints:
        from g4f_magic.renderers.cell import CellRenderer

        return CellRenderer(
            settings=settings,
            host=host,
            format=format,
            keeps_others=keeps_others,
            offer=offer,
            place=place if isinstance(place, CellRenderer) and host.can_update else None,
        )
    in_terminal = BY_NAME[format].in_terminal
    if has_rich(host) and in_terminal != "text":
        from g4f_magic.renderers.terminal import TerminalFormatRenderer, TerminalRenderer

        if in_terminal == "markdown":
            return TerminalRenderer(frames_per_second=settings.frames_per_second)
        return TerminalFormatRenderer(format, offer)
    from g4f_magic.renderers.plain import FormattedRenderer, PlainRenderer

    return FormattedRenderer(format, offer) if in_terminal == "result" else PlainRenderer()


def choose_columns(
    *,
    format: str,  # noqa: A002
    settings: Settings,
    host: Host,
    offer: Callable[[str], None],
) -> Columns:
    """Return a new renderer of several replies at once for the place where `host` is."""
    if host.prints:
        from g4f_magic.renderers.successive import SuccessiveRenderer

        return SuccessiveRenderer(partial(choose, format=format, settings=settings, host=host, offer=offer))
    from g4f_magic.renderers.columns import ColumnsRenderer

    return ColumnsRenderer(settings=settings, host=host, format=format, offer=offer)


def shown_value(value: Any, turn: Turn, format: str) -> Any:  # noqa: A002
    """Return what a variable holds of a reply: what was shown, so of JSON its value and of code the code.

    `value` is what code gets of it. What was not shown as such (it did not end, or is none) stays that.
    """
    if turn.ask.schema is not None or turn.status != "done" or format not in ("json", "code"):
        return value
    from g4f_magic.renderers.taken import taken

    found = taken(turn.reply, format)
    if found is None:
        return value
    from g4f_magic.reply_value import with_turn

    return with_turn(found.value, turn)


def has_rich(host: Host) -> bool:
    """Say whether what is printed goes to a terminal, and rich is installed to print it."""
    return host.is_terminal and importlib.util.find_spec("rich") is not None


__all__ = ["Columns", "Renderer", "choose", "choose_columns", "has_rich", "shown_value"]
