"""The target of `%chat connect`, as a person types it: an address, a file, a name, the variable of a key. Nothing is asked."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from g4f_magic import names, providers
from g4f_magic.answering import env_file
from g4f_magic.errors import InputError
from g4f_magic.literals import names_a_key
from g4f_magic.providers import presets
from g4f_magic.settings import environment
from g4f_magic.wire.urls import base_of, is_on_loopback, without_chat

_ADDRESS = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[\w.-]+):\d{1,5}(?:/\S*)?")
"""A host with its port, as people write it who leave the scheme out."""
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def address_of(target: str) -> str | None:
    """Return the base URL that a word means, None where it is none.

    Raises:
        InputError: it holds a password or a key, or no server can be told from it.
    """
    if "://" not in target:
        found = _ADDRESS.fullmatch(target)
        if found is None and target.partition("/")[0].lower() not in ("localhost", "127.0.0.1"):
            return None
        if not is_on_loopback(f"http://{target}"):
            raise InputError(
                f"the address of {target} has no scheme", hint="Write https:// or http:// before it."
            )
        target = f"http://{target}"
    base = base_of(target)
    if base.userinfo:
        raise InputError(
            "a password must not stand in the notebook: take it out of the address",
            hint="Run %chat login HOST, then connect the address without it.",
        )
    query = parse_qsl(urlsplit(base.bare).query, keep_blank_values=True)
    if any(names_a_key(key) for key, _ in query):
        raise InputError(
            "a key must not stand in the notebook: take it out of the address",
            hint="Put it into a variable, and name that one: --key-env VARIABLE.",
        )
    return without_chat(base.bare)


def is_file(target: str, folder: Path) -> bool:
    """Say whether a word means a model's file: it ends as one, or is written as a path."""
    return (
        target.lower().endswith(".gguf")
        or target.startswith((".", "~", "/"))
        or ("/" in target and (folder / target).is_file())
    )


def known_as(urls: list[str]) -> str:
    """Return the name under which one of the addresses is known already, the person's own names first."""
    known = providers.known_presets()
    found = [name for name, preset in known.items() if is_same(preset.base_url, urls)]
    return next((name for name in found if not is_built_in(name)), found[0] if found else "")


def is_built_in(name: str) -> bool:
    """Say whether a name stands for the service that it was published for, and not for a person's own of that name."""
    known = providers.known_presets().get(name)
    return (
        known is not None
        and presets.built_in().get(name) is not None
        and known.base_url
        in (
            presets.built_in()[name].base_url,
            presets.ours()[name].base_url,
        )
    )


def is_same(one: str, others: list[str]) -> bool:
    """Say whether an address is one of those others; `localhost` is 127.0.0.1."""
    return _plain(one) in map(_plain, others)


def _plain(url: str) -> str:
    parts = urlsplit(url)
    netloc = parts.netloc.lower().replace("localhost", "127.0.0.1", 1)
    return parts._replace(netloc=netloc, path=parts.path.rstrip("/")).geturl()


def new_name(url: str) -> str:
    """Return a name for the server at an address that no other service has."""
    parts = urlsplit(url)
    host = "localhost" if is_on_loopback(url) else parts.hostname or ""
    name = "-".join(filter(None, re.split(r"[^a-z0-9]+", host.lower())))
    name = f"{name}-{parts.port}" if parts.port else name
    taken, number = set(map(str.lower, providers.names())), 2
    free = name
    while free in taken or providers.is_reserved(free):
        free, number = f"{name}-{number}", number + 1
    return free


def service_name(name: str) -> str:
    """Return the name that a person gives a server.

    Raises:
        InputError: it can be none, or is one of our own.
    """
    lower = name.strip().lower()
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", lower) or not names.is_name(lower):
        raise InputError(
            f"{name!r} is not a name for a service", hint="Write letters, digits and dashes: --name work"
        )
    if providers.is_reserved(lower):
        raise InputError(f"{lower} is a name of g4f_magic's own", hint="Choose another one: --name work")
    return lower


def key_variable(name: str, folder: Path) -> str:
    """Return the variable of a key; what it holds is never shown, and what is none is not repeated.

    Raises:
        InputError: it is no name of a variable, or is not set.
    """
    if not _VARIABLE.fullmatch(name):
        raise InputError(
            "--key-env takes the name of a variable, never the key itself",
            hint="Set a variable in the environment or in .env, and write --key-env ITS_NAME.",
        )
    if environment(name).strip() or name in env_file.read(folder / ".env"):
        return name
    raise InputError(
        "the variable that --key-env names is not set",
        hint="Set it in the environment of Jupyter, or in a .env beside the notebook; then connect again.",
    )
