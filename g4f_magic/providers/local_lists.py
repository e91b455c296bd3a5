"""What servers on this machine tell of their models beyond OpenAI's list, at addresses of their own: Ollama, LM Studio, llama.cpp."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlsplit

from g4f_magic.errors import ChatError
from g4f_magic.providers import vision
from g4f_magic.providers.listing import Offered, offered
from g4f_magic.wire.request import HeaderValue, Request, Route
from g4f_magic.wire.transport import fetch_json

_OWNERS = {
    "library": "ollama",
    "organization_owner": "lmstudio",
    "organization-owner": "lmstudio",
    "llamacpp": "llamacpp",
}
_LMSTUDIO_TYPES = {"llm": False, "vlm": True}


def server_of(answer: Any, name: str) -> str:
    """Return which of them a list of models comes from; `name` is that of the preset. Empty: another server."""
    entries = answer.get("data") if isinstance(answer, dict) else None
    owners = (
        {one.get("owned_by") for one in entries if isinstance(one, dict)}
        if isinstance(entries, list)
        else set()
    )
    told = next((_OWNERS[owner] for owner in owners if isinstance(owner, str) and owner in _OWNERS), "")
    return told or (name if name in _OWNERS.values() else "")


async def told_more(server: str, url: str, models: Sequence[Offered], route: Route) -> list[Offered]:
    """Return the models with what the server tells of them at its own addresses; without, where it tells nothing."""
    root = _root(url)
    if server == "llamacpp":
        return list(models)
    if server == "lmstudio":
        told = await _entries(f"{root}/api/v0/models", "data", "id", route)
        return [told.get(one.name, one) for one in models]
    told = await _entries(f"{root}/api/tags", "models", "name", route)
    running = await _entries(f"{root}/api/ps", "models", "name", route)
    return [replace(told.get(one.name, one), is_loaded=one.name in running) for one in models]


async def sight(server: str, url: str, model: str, route: Route) -> bool | None:
    """Return whether the server says, at an address of its own, that a model takes pictures; None: it does not say."""
    root = _root(url)
    with suppress(ChatError, AttributeError):
        match server:
            case "ollama":
                answer = await fetch_json(Request(url=f"{root}/api/show", body={"model": model}), route)
                return vision.of_whole_list(answer.get("capabilities"))
            case "llamacpp":
                return vision.told(await fetch_json(Request(url=f"{root}/props", body={}), route))
            case "lmstudio":
                answer = await fetch_json(Request(url=f"{root}/api/v0/models/{quote(model)}", body={}), route)
                return _LMSTUDIO_TYPES.get(str(answer.get("type")))
    return None


async def takes_tools(
    server: str, url: str, model: str, route: Route, headers: Mapping[str, HeaderValue]
) -> bool | None:
    """Return whether the server says that a model is told of functions; None: it does not say.

    llama.cpp passes over them without a word where the model's chat template does not speak of them.
    """
    root = _root(url)
    with suppress(ChatError, AttributeError, TypeError):
        match server:
            case "ollama" if model:
                answer = await fetch_json(Request(url=f"{root}/api/show", body={"model": model}), route)
                capabilities = answer.get("capabilities")
                return "tools" in capabilities if isinstance(capabilities, list) else None
            case "llamacpp":
                answer = await fetch_json(Request(url=f"{root}/props", body={}, headers=headers), route)
                told = (answer.get("chat_template_caps") or {}).get("supports_tools")
                template = answer.get("chat_template")
                return (
                    told if type(told) is bool else "tools" in template if isinstance(template, str) else None
                )
    return None


def _root(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


async def _entries(url: str, field: str, name: str, route: Route) -> dict[str, Offered]:
    with suppress(ChatError, KeyError, TypeError, AttributeError):
        answer = await fetch_json(Request(url=url, body={}), route)
        return {str(one[name]): offered(one, str(one[name])) for one in answer[field]}
    return {}
