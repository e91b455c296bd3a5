"""What answers in the gateway, and which of them the settings ask for."""

from __future__ import annotations

import difflib

from g4f_magic.errors import ChatError, InputError
from g4f_magic.gateway.engines.base import Engine
from g4f_magic.gateway.engines.guide import GuideEngine
from g4f_magic.gateway.engines.script import ScriptEngine
from g4f_magic.gateway.engines.upstream import UpstreamEngine
from g4f_magic.settings import Settings, environment

OLLAMA_BASE_URL = "http://127.0.0.1:11434/v1"
_NAMES = ("auto", "guide", "upstream", "script")
_PROBE_SECONDS = 0.3


async def choose_engine(settings: Settings, *, ollama: str = OLLAMA_BASE_URL) -> Engine:
    """Return the engine that `settings.engine` names.

    `auto` takes a server that is named (`settings.upstream`, `OPENAI_BASE_URL`), else an Ollama that answers
    on this machine and has a model, else the guide. Nobody outside this machine is asked to find that out.

    Raises:
        InputError: there is no engine of that name.
    """
    name = settings.engine.strip().lower()
    base_url = settings.upstream or environment("OPENAI_BASE_URL")
    match name:
        case "guide":
            return GuideEngine()
        case "script":
            return ScriptEngine()
        case "upstream":
            return UpstreamEngine(base_url or ollama, settings.upstream_model)
        case "auto" if base_url:
            return UpstreamEngine(base_url, settings.upstream_model)
        case "auto":
            return await _ollama(ollama, settings.upstream_model) or GuideEngine()
    nearest = difflib.get_close_matches(name, _NAMES, n=1)
    raise InputError(
        f"the gateway has no engine called {settings.engine!r}",
        hint=(f"Did you mean {nearest[0]}? " if nearest else "") + f"There are {', '.join(_NAMES)}.",
    )


async def _ollama(base_url: str, model: str) -> Engine | None:
    """Return the Ollama of this machine, or None where none answers with a model at once."""
    engine = UpstreamEngine(base_url, model)
    try:
        found = await engine.models(seconds=_PROBE_SECONDS)
    except ChatError:
        return None
    return engine if found else None


__all__ = ["OLLAMA_BASE_URL", "Engine", "GuideEngine", "ScriptEngine", "UpstreamEngine", "choose_engine"]
