"""`%chat login` and `%chat logout`: a service's key in the system's keyring, typed unseen."""

from __future__ import annotations

import asyncio
from getpass import getpass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from g4f_magic import keys, providers
from g4f_magic.commands.output import say
from g4f_magic.errors import InputError
from g4f_magic.loop import questioning
from g4f_magic.secret import Secret

if TYPE_CHECKING:
    from g4f_magic.session import Session

HELP = (
    ("%chat login PROVIDER or HOST", "store its key in the system's keyring; you are asked for it unseen"),
    ("%chat logout PROVIDER or HOST", "take the key out again"),
)


async def login(session: Session, words: list[str]) -> None:
    """Ask for a key and store it."""
    name = _name("login", words)
    if not keys.has_keyring():
        raise InputError("the package keyring is not installed", hint=f"{keys.INSTALL}, or {_else(name)}")
    secret = _asked(name)
    await asyncio.to_thread(keys.store, name, secret)
    say(f"The key of `{name}` is stored in this system's keyring. `%chat logout {name}` takes it out.")


async def logout(session: Session, words: list[str]) -> None:
    """Take a stored key out."""
    name = _name("logout", words)
    was_there = await asyncio.to_thread(keys.delete, name)
    say(f"The key of `{name}` is taken out." if was_there else f"No key of `{name}` was stored.")


def _asked(name: str) -> Secret:
    """Return what the person types."""
    with questioning():
        try:
            return Secret(getpass(f"Key of {name} (not shown): "))
        except Exception as exc:  # front ends without a prompt have errors of their own
            raise InputError("nobody can be asked for a key here", hint=_else(name)) from exc


def _name(command: str, words: list[str]) -> str:
    """Return whose key is meant: a provider's name, or a host.

    Raises:
        InputError: no name or too many words, which may be a key: none of them is repeated.
    """
    if len(words) != 1:
        raise InputError(
            f"%chat {command} takes a provider's name and nothing else",
            hint="The key itself is asked for afterwards, unseen: it must not stand in the notebook.",
        )
    word = words[0].rstrip("/")
    if "://" in word:
        return urlsplit(word).netloc.rpartition("@")[2]
    host = word.partition(":")[0]
    if "." in word or host == "localhost":
        return word
    return providers.canonical(word)


def _else(name: str) -> str:
    variables = () if "." in name or ":" in name else providers.get(name).key_variables
    variable = variables[0] if variables else "its variable"
    return f"Set {variable} in the environment, or in a .env beside the notebook."
