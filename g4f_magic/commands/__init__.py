"""The subcommands of `%chat`, a file for each subject; `subcommand` tells how one is added.

Importing this loads none of them: a cell that only shows a note needs no table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from g4f_magic.commands.output import say as say
from g4f_magic.commands.output import table as table
from g4f_magic.errors import InputError

if TYPE_CHECKING:
    from g4f_magic.session import Session


def is_waiting(line: str) -> bool:
    """Say whether a `%chat` line waits for something."""
    from g4f_magic import registry

    try:
        return registry.find(line)[0].is_waiting
    except InputError:
        return False


async def run(line: str, session: Session) -> None:
    """Do what one `%chat` line says.

    Raises:
        InputError: there is no such subcommand, or its words do not fit.
    """
    from g4f_magic import registry

    command, words = registry.find(line)
    await command.run(session, command.takes.read(command.name, words))
