"""The subcommands of `%chat`, a file for each group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from g4f_magic import grammar
from g4f_magic.commands import (
    cassette,
    doctor,
    gateway,
    history,
    login,
    panel,
    services,
    status,
    steering,
    transfer,
)
from g4f_magic.commands.output import say as say
from g4f_magic.commands.output import table as table

if TYPE_CHECKING:
    from g4f_magic.session import Session

COMMANDS = {
    "": status.show,
    "help": status.show_help,
    "providers": services.show_providers,
    "models": services.show_models,
    "use": services.use,
    "login": login.login,
    "logout": login.logout,
    "doctor": doctor.show,
    **panel.COMMANDS,
    **history.COMMANDS,
    **steering.COMMANDS,
    **transfer.COMMANDS,
    **cassette.COMMANDS,
    "gateway": gateway.steer,
}


async def run(line: str, session: Session) -> None:
    """Do what one `%chat` line says.

    Raises:
        InputError: there is no such subcommand, or its words do not fit.
    """
    name, words = grammar.subcommand(line, [name for name in COMMANDS if name])
    await COMMANDS[name](session, words)
