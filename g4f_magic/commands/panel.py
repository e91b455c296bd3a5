"""`%chat panel`: the conversation as a widget."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from g4f_magic.commands.output import say
from g4f_magic.errors import InputError
from g4f_magic.grammar import ChatLine
from g4f_magic.host import here
from g4f_magic.subcommand import Given, Group, always

if TYPE_CHECKING:
    from g4f_magic.session import Session


COMMANDS = Group("The panel")


@COMMANDS.entry(
    "panel",
    "the chat panel: this conversation, with a field to type into",
    takes="[--side] [options...]",
    unsettles=always,
)
async def show_panel(session: Session, command: Given) -> None:
    """Show the chat panel; options are those of a cell, and hold for what is sent from it. --side: beside the notebook."""
    words = [word for word in command.words if word != "--side"]
    given = ChatLine(shlex.join(words))
    if refused := [option.name for option in given.given if not option.is_for_panel]:
        raise InputError(f"a panel takes no {refused[0]}", hint=f"It is for cells: %%chat {refused[0]}.")
    if given.question:
        raise InputError("a panel is opened without a question", hint="Write it into the panel, or %ask it.")
    if not here().can_display:
        say("The panel needs a notebook. Here `%%chat` asks, and `%chat history` shows what was said.")
        return
    from g4f_magic.panel import ChatPanel

    ChatPanel.of(given.options, session).show(beside=len(words) < len(command.words))
