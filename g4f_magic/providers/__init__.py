"""One service per file, and the registry of their names. No provider imports another."""

from __future__ import annotations

import difflib
from importlib import import_module
from typing import cast

from g4f_magic.errors import InputError
from g4f_magic.providers.base import AsyncGeneratorProvider

_BUILT_IN = {
    "koala": "koala:Koala",
    "darkai": "darkai:DarkAI",
    "freenetfly": "freenetfly:FreeNetfly",
    "aura": "aura:Aura",
    "whiterabbitneo": "whiterabbitneo:WhiteRabbitNeo",
    "openai": "openai:OpenAI",
}


def names() -> list[str]:
    """Return the names that `--provider` takes, in the order in which they are shown."""
    return list(_BUILT_IN)


def canonical(name: str) -> str:
    """Return the registry's spelling of a name given in any case.

    Raises:
        InputError: there is none of that name; it names the nearest.
    """
    if (lower := name.strip().lower()) in _BUILT_IN:
        return lower
    nearest = difflib.get_close_matches(lower, _BUILT_IN, n=1, cutoff=0.5)
    raise InputError(
        f"no provider is called {name!r}",
        hint=(f"Did you mean {nearest[0]}? " if nearest else "") + f"There are {', '.join(_BUILT_IN)}.",
    )


def get(name: str) -> type[AsyncGeneratorProvider]:
    """Return the provider of that name, in any case.

    Raises:
        InputError: there is none of that name; it names the nearest.
    """
    module, _, attribute = _BUILT_IN[canonical(name)].partition(":")
    return cast(
        "type[AsyncGeneratorProvider]", getattr(import_module(f"g4f_magic.providers.{module}"), attribute)
    )
