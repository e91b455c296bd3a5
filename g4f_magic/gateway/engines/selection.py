"""Which engine answers: the one that the settings name, or the first that is found to be there."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import TypeAlias, cast

from g4f_magic import providers
from g4f_magic.credentials import OPENAI_HOST
from g4f_magic.errors import ChatError, InputError
from g4f_magic.gateway.engines.engine import Engine
from g4f_magic.gateway.engines.guide import GuideEngine
from g4f_magic.gateway.engines.local import LocalEngine
from g4f_magic.gateway.engines.upstream import UpstreamEngine
from g4f_magic.providers import connections, presets
from g4f_magic.providers.chooser import looks_like_chat
from g4f_magic.providers.local import Local
from g4f_magic.providers.ollama_host import ollama_base_url
from g4f_magic.providers.openai import OpenAI
from g4f_magic.secret import Secret
from g4f_magic.settings import Settings, environment

OLLAMA_BASE_URL = "http://127.0.0.1:11434/v1"
_NAMES = ("auto", "guide", "local", "upstream", "script")
_PROBE_SECONDS = 0.3
_SCRIPT = "g4f_magic.testing.script"
"""A double for tests, which stands with them: nothing of it is loaded where people chat."""


KeyOf: TypeAlias = Callable[[type[OpenAI], str], Awaitable[Secret | None]]
"""Gives the key that belongs where a provider, which the person calls so, is asked."""


async def choose_engine(settings: Settings, *, ollama: str = "", key_of: KeyOf | None = None) -> Engine:
    """Return the engine that `settings.engine` names.

    `key_of` finds the key of what the person connected; without it the environment is looked at alone.

    `auto` takes what the person connected, else a server that is named (`settings.upstream`, `OPENAI_BASE_URL`), else one that answers on this machine
    and has a model (Ollama at the host of `OLLAMA_HOST`, LM Studio, llama.cpp, ...; `ollama`, where that is given),
    else a model file that can be run here, else the guide. Nobody outside this machine is asked to find that out.

    Raises:
        InputError: there is no engine of that name, or no model for it.
    """
    name = settings.engine.strip().lower()
    base_url = settings.upstream or environment("OPENAI_BASE_URL")
    match name:
        case "guide":
            return GuideEngine()
        case "script":
            return cast("Engine", import_module(_SCRIPT).ScriptEngine())
        case "local":
            return LocalEngine(await _local(settings).chosen(settings.upstream_model))
        case "upstream":
            base_url = base_url or ollama or ollama_base_url() or OLLAMA_BASE_URL
            return UpstreamEngine(base_url, settings.upstream_model, settings=settings)
        case "auto" if (connected := await _connected(settings, key_of or _of_environment)) is not None:
            return connected
        case "auto" if base_url:
            return UpstreamEngine(base_url, settings.upstream_model, settings=settings)
        case "auto":
            model = settings.upstream_model
            return (
                await _running([ollama] if ollama else _places(), model, settings)
                or await _of_file(settings)
                or GuideEngine()
            )
    nearest = difflib.get_close_matches(name, _NAMES, n=1)
    raise InputError(
        f"the gateway has no engine called {settings.engine!r}",
        hint=(f"Did you mean {nearest[0]}? " if nearest else "") + f"There are {', '.join(_NAMES)}.",
    )


async def _connected(settings: Settings, key_of: KeyOf) -> Engine | None:
    """Return what the person connected: a model file, or a server whose key, if it wants one, is there."""
    connected = connections.connection()
    if connected is None:
        return None
    if connected.provider == "local":
        return LocalEngine(await _local(settings).chosen(connected.model))
    try:
        provider = providers.get(connected.provider)
    except ChatError:
        return None
    if not issubclass(provider, OpenAI):
        return None
    base_url = (environment(OPENAI_HOST) if provider is OpenAI else "") or provider.url
    asked = provider.at(base_url)
    key = await key_of(asked, connected.provider)
    if key is None and asked.needs_key():
        return None
    model = connected.model or (
        provider.default_model if asked.is_at_home() and provider.has_own_default() else ""
    )
    return UpstreamEngine(base_url, model, api_key=key, provider=provider, settings=settings)


async def _of_environment(provider: type[OpenAI], name: str) -> Secret | None:
    """Return the key that the environment holds for where a provider is asked."""
    return provider.key_for(None) or None


def _places() -> list[str]:
    """Return the base URLs of servers that may run on this machine; one whose variable names no host is left out."""
    try:
        known = presets.ours()
    except InputError:
        known = {name: one for name, one in presets.built_in().items() if name != "ollama"}
    return [one.base_url for one in known.values() if one.is_here]


async def _running(places: list[str], model: str, settings: Settings) -> Engine | None:
    """Return the first server that answers at once and has a model; None where there is none."""
    found = await asyncio.gather(*(_server(place, model, settings) for place in places))
    return next((one for one in found if one is not None), None)


async def _server(base_url: str, model: str, settings: Settings) -> Engine | None:
    engine = UpstreamEngine(base_url, model, settings=settings)
    try:
        found = await engine.models(seconds=_PROBE_SECONDS)
    except ChatError:
        return None
    # One with nothing but models for other tasks does not answer a chat.
    return engine if any(map(looks_like_chat, found)) or model else None


async def _of_file(settings: Settings) -> Engine | None:
    """Return the model that is run here where nothing else answers; None where there is none."""
    model = await Local.found_by_itself(settings)
    return None if model is None else LocalEngine(model)


def _local(settings: Settings) -> type[Local]:
    return Local.within(None, settings.models_folder)
