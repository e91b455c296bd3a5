"""`%chat` alone, and `%chat help`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from g4f_magic import grammar
from g4f_magic.commands.output import say, table

if TYPE_CHECKING:
    from g4f_magic.session import Session

_SUBCOMMANDS = [
    ("%chat", "where you stand"),
    ("%chat providers", "who can answer, and how each is reached"),
    ("%chat models [PROVIDER] [--fresh]", "what models a provider offers; asked for once a day"),
    ("%chat use PROVIDER [MODEL]", "who answers where a cell names nobody; a chain too: groq,koala"),
    ("%chat gateway [start, stop or status]", "the local gateway, and what answers in it"),
]


async def show(session: Session, words: list[str]) -> None:
    """Say where one stands."""
    settings = session.settings
    conversation = session.conversation()
    gateway = session.running_gateway
    rows = [
        ("provider", settings.provider),
        ("model", settings.model or "the provider's default"),
        ("conversation", conversation.name),
        ("turns", len(conversation.turns)),
        ("mode", settings.mode_in_force),
        ("history", session.history.file or "in memory: it ends with the kernel"),
        ("gateway", f"runs ({gateway.engine.label})" if gateway else "starts at its first use"),
    ]
    say(table(["", ""], [(f"**{name}**", value) for name, value in rows]))


async def show_help(session: Session, words: list[str]) -> None:
    """Show the options and subcommands."""
    from g4f_magic.commands import cassette, doctor, history, login, panel, steering, transfer

    options = table(["`%%chat` option", ""], [(f"`{name}`", text) for name, text in grammar.option_help()])
    commands = table(
        ["`%chat` subcommand", ""],
        [
            (f"`{name}`", text)
            for name, text in (
                *_SUBCOMMANDS,
                *panel.HELP,
                *login.HELP,
                *doctor.HELP,
                *history.HELP,
                *steering.HELP,
                *transfer.HELP,
                *cassette.HELP,
            )
        ],
    )
    say(
        "Begin a cell with `%%chat`, write what you want to ask below, and run it.\n\n"
        f"{options}\n\n{commands}\n\n"
        "Settings: `%config ChatMagics` lists them; each can be a variable `G4F_MAGIC_NAME` too."
    )
