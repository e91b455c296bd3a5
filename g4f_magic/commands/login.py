"""`%chat login` and `%chat logout`: a service's key in the system's keyring, typed unseen."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from g4f_magic import providers
from g4f_magic.answering import keys
from g4f_magic.commands.output import say
from g4f_magic.credentials import login_name, origin_of
from g4f_magic.errors import InputError
from g4f_magic.host import here
from g4f_magic.loop import interruptible
from g4f_magic.secret import Secret
from g4f_magic.subcommand import Given, Group

if TYPE_CHECKING:
    from g4f_magic.session import Session


COMMANDS = Group("Keys", topic="models")


@COMMANDS.entry(
    "login",
    "store a key in the system's keyring; it is not shown as you type it",
    takes="PROVIDER|HOST...",
    is_waiting=True,
)
async def login(session: Session, given: Given) -> None:
    """Ask for a key, without showing it, and store it in the system's keyring: a provider's, or that of another host."""
    name = _name("login", given)
    if not keys.has_keyring():
        raise InputError("the package keyring is not installed", hint=f"{keys.INSTALL}. Or: {_else(name)}")
    secret = _asked(name)
    await asyncio.to_thread(keys.store, name, secret)
    say(
        f"The key of `{name}` is stored in this system's keyring{_whither(name)}. `%chat logout {name}` takes it out."
    )


@COMMANDS.entry("logout", "remove a stored key", takes="PROVIDER|HOST...", is_waiting=True)
async def logout(session: Session, given: Given) -> None:
    """Take a key out of the system's keyring again."""
    name = _name("logout", given)
    was_there = await asyncio.to_thread(keys.delete, name)
    say(f"The key of `{name}` is taken out." if was_there else f"No key of `{name}` was stored.")


def _asked(name: str) -> Secret:
    """Return what the person types."""
    with interruptible():
        typed = here().ask(f"Key of {name} (not shown): ", is_secret=True)
    if typed is None:
        raise InputError("nobody can be asked for a key here", hint=_else(name))
    return Secret(typed)


def _name(command: str, given: Given) -> str:
    """Return whose key is meant: a provider's name, or a host.

    Raises:
        InputError: no name or too many words, which may be a key: none of them is repeated.
    """
    if len(given.words) != 1:
        raise InputError(
            f"%chat {command} takes a provider's name and nothing else",
            hint="The key itself is asked for afterwards, without being shown: it must not stand in the notebook.",
        )
    word = given.word().rstrip("/")
    host = word.partition(":")[0]
    if "://" in word or "." in word or host == "localhost":
        origin = origin_of(word if "://" in word else f"https://{word}")
        if not origin:
            raise InputError(
                "that is not a host", hint="Write it as HOST or HOST:PORT; http://HOST for one without https."
            )
        return login_name(origin)
    name = providers.canonical(word)
    from g4f_magic.answering.sign_in import destination_of

    return next(iter(destination_of(providers.get(name), name).names), name)


def _whither(name: str) -> str:
    """Say which host a provider's key is for; of a host that needs no words."""
    if "." in name or ":" in name:
        return ""
    homes = sorted(map(login_name, providers.get(name).homes()))
    return f", and goes to {homes[0]} alone" if homes else ""


def _else(name: str) -> str:
    variables = () if "." in name or ":" in name else providers.get(name).key_variables
    variable = variables[0] if variables else "its variable"
    return f"Set {variable} in the environment, or in a .env beside the notebook."
