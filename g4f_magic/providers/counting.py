"""The tokens that a service counts, wherever it puts them and whatever it calls them. No I/O.

OpenAI's two names, Anthropic's, Gemini's, Cohere's (counted once more as billed), Ollama's, those of clients in JavaScript; beside
the choices, in a choice or its delta, in `x_groq`, `meta`, or as llama.cpp's timings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from g4f_magic.messages import Usage

_ASKED = (
    *("prompt_tokens", "input_tokens", "promptTokens", "inputTokens", "promptTokenCount"),
    *("input_token_count", "inputTokenCount", "prompt_eval_count"),
)
_SAID = (
    *("completion_tokens", "output_tokens", "completionTokens", "outputTokens", "candidatesTokenCount"),
    *("output_token_count", "outputTokenCount", "eval_count"),
)
_PLACES = ("usage", "usageMetadata", "usage_metadata", "x_groq", "meta")
_INSIDE = ("tokens", "usage", "billed_units")
_MOST_DEPTH = 3


def usage_of(value: Mapping[str, Any], choice: Mapping[str, Any]) -> Usage | None:
    """Return the tokens that a chunk and its choice count, None where they count none."""
    delta = choice.get("delta")
    for holder in (value, choice, delta if isinstance(delta, Mapping) else {}):
        for place in _PLACES:
            if (held := holder.get(place)) and (found := _counted(held)) is not None:
                return found
    if "eval_count" in value:
        return _counted(value)
    timings = value.get("timings") if choice.get("finish_reason") else None  # else it may stand in each
    return _timed(timings) if isinstance(timings, Mapping) else None


def merged(before: Usage | None, now: Usage) -> Usage:
    """Return what is counted of a reply so far: a later number counts, but for none and for a nought behind a number."""
    if before is None:
        return now
    return Usage(now.prompt_tokens or before.prompt_tokens, now.completion_tokens or before.completion_tokens)


def _counted(held: Any, depth: int = _MOST_DEPTH) -> Usage | None:
    if isinstance(held, list):
        held = next((one for one in held if isinstance(one, Mapping)), None)
    if not isinstance(held, Mapping) or depth < 0:
        return None
    asked, said = (
        next((number for name in names if (number := _count(held.get(name))) is not None), None)
        for names in (_ASKED, _SAID)
    )
    if asked is not None or said is not None:
        return Usage(asked, said)
    inner = (_counted(held[name], depth - 1) for name in _INSIDE if name in held)
    return next((one for one in inner if one is not None), None)


def _timed(timings: Mapping[str, Any]) -> Usage | None:
    """Return what llama.cpp's timings say: of the prompt those that it had to read, and those that it had read before."""
    asked, said = _count(timings.get("prompt_n")), _count(timings.get("predicted_n"))
    if asked is None and said is None:
        return None
    return Usage((asked or 0) + (_count(timings.get("cache_n")) or 0), said)


def _count(value: Any) -> int | None:
    is_number = (
        value.is_integer() if isinstance(value, float) else isinstance(value, str) and value.isdecimal()
    )
    if is_number and len(str(value)) < 24:
        value = int(value)
    return value if type(value) is int and 0 <= value < 2**53 else None
