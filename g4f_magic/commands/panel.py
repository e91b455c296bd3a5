"""`%chat panel`: the conversation as a widget."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from g4f_magic.commands.output import say
from g4f_magic.errors import InputError
from g4f_magic.grammar import ChatLine

if TYPE_CHECKING:
    from g4f_magic.session import Session


async def show_panel(session: Session, words: list[str]) -> None:
    """Show the panel; options are those of a cell, and hold for what is sent from it."""
    from IPython import get_ipython

    given = ChatLine(shlex.join(words))
    if given.out or given.format != "markdown" or given.options.is_once:
        raise InputError(
            "a panel takes no --out, --format or --once", hint="Those are for cells: %%chat --out NAME."
        )
    if not hasattr(get_ipython(), "kernel"):
        say("The panel needs a notebook. Here `%%chat` asks, and `%chat history` shows what was said.")
        return
    from IPython.display import display

    from g4f_magic.panel import ChatPanel

    display(ChatPanel.of(given.options, session))


HELP = [("%chat panel [options]", "the chat panel: the same conversation to click and type in")]
COMMANDS = {"panel": show_panel}
