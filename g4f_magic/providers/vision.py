"""What a server says of whether its models take pictures. What it does not say is not known, and is no "no". No I/O.

Source: the answers to `/models` of OpenRouter, GitHub, Mistral, llama.cpp, Fireworks, Copilot, Xinference, Moonshot, Pollinations
and Anthropic; `/api/v0/models` of LM Studio, `/api/show` of Ollama and `/props` of llama.cpp.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_FLAGS = frozenset(
    ["vision", "imageinput", "supportsvision", "supportsimageinput", "supportsimagein", "supportsimages"]
)
_INPUTS = ("inputmodalities", "supportedinputmodalities", "input")
_LISTS = ("capabilities", "modelability", "features", "supportedfeatures")
_TYPES = ("type", "task", "modeltype", "pipelinetag", "subtype")
_SEEING = frozenset(["vision", "multimodal", "imageinput", "vlm", "imagetexttotext", "visionlanguage"])
_EYES = frozenset(["clip", "mllama"])
"""Families of Ollama's that are there for pictures alone."""


def told(entry: Mapping[str, Any]) -> bool | None:
    """Return what an entry of a list says; None where it says nothing."""
    places = [_plain_keys(entry)]
    for name in ("architecture", "capabilities", "supports", "modalities"):
        places += [_plain_keys(inner) for one in places if isinstance(inner := one.get(name), dict)]
    for says in (_by_inputs, _by_flags, _by_words):
        if (found := next((one for one in map(says, places) if one is not None), None)) is not None:
            return found
    return None


def of_whole_list(capabilities: object) -> bool | None:
    """Return what a list says that names all that a model can: one of Ollama's form has pictures in it, or not."""
    words = _words(capabilities)
    if words.isdisjoint({"completion", "chat"}):
        return None
    return not words.isdisjoint(_SEEING)


def _by_inputs(place: Mapping[str, Any]) -> bool | None:
    for name in _INPUTS:
        if "text" in (given := _words(place.get(name))):
            return "image" in given
    if isinstance(modality := place.get("modality"), str) and "->" in modality:
        return "image" in modality.partition("->")[0]
    return None


def _by_flags(place: Mapping[str, Any]) -> bool | None:
    for name in _FLAGS:
        flag = place.get(name)
        flag = flag.get("supported") if isinstance(flag, dict) else flag
        if isinstance(flag, bool):
            return flag
    return None


def _by_words(place: Mapping[str, Any]) -> bool | None:
    given = set().union(*(_words(place.get(name)) for name in _LISTS))
    given |= {_plain(place[name]) for name in _TYPES if isinstance(place.get(name), str)}
    details = place.get("details")
    families = _words(details.get("families")) if isinstance(details, dict) else set()
    return True if given & _SEEING or families & _EYES else None


def _words(given: object) -> set[str]:
    return {_plain(one) for one in given[:64] if isinstance(one, str)} if isinstance(given, list) else set()


def _plain_keys(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {_plain(key): value for key, value in list(entry.items())[:64]}


def _plain(name: object) -> str:
    return "".join(sign for sign in str(name)[:80].lower() if sign.isalnum())
