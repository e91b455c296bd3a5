"""The tokens that a service counts, wherever it puts them and whatever it calls them. No I/O.

OpenAI's two names, Anthropic's, Gemini's, Cohere's (counted once more as billed), Ollama's, those of clients in JavaScript; beside
the choices, in a choice or its delta, in `x_groq`, `meta`, or as llama.cpp's timings. xAI and Gemini count what was thought
beside what was said, and in the total alone; Bedrock so what of the prompt was in its cache.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
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
_TOTAL = ("total_tokens", "totalTokens", "totalTokenCount", "total_token_count")
_CACHED = (
    *("cached_tokens", "cachedTokens", "prompt_cache_hit_tokens", "cache_read_input_tokens"),
    *("cacheReadInputTokens", "cachedInputTokens", "cachedContentTokenCount"),
)
_THOUGHT = ("reasoning_tokens", "reasoningTokens", "thoughtsTokenCount", "thinking_tokens")
_DETAILS = (
    *("prompt_tokens_details", "completion_tokens_details", "input_tokens_details", "output_tokens_details"),
    *("promptTokensDetails", "completionTokensDetails"),
)
_BESIDE_PROMPT = ("cacheReadInputTokens", "cacheWriteInputTokens", "toolUsePromptTokenCount")
"""What of a prompt some count in the total alone."""
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
    return Usage(*(getattr(now, one.name) or getattr(before, one.name) for one in fields(Usage)))


def _counted(held: Any, depth: int = _MOST_DEPTH) -> Usage | None:
    if isinstance(held, list):
        held = next((one for one in held if isinstance(one, Mapping)), None)
    if not isinstance(held, Mapping) or depth < 0:
        return None
    asked, said, total = (_first(held, names) for names in (_ASKED, _SAID, _TOTAL))
    if asked is not None or said is not None:
        holders = [held, *(one for name in _DETAILS if isinstance(one := held.get(name), Mapping))]
        cached, thought = (
            next((number for one in holders if (number := _first(one, names)) is not None), None)
            for names in (_CACHED, _THOUGHT)
        )
        if asked is not None and total is not None:
            asked, said = _whole(held, asked, said, total, thought)
        return Usage(asked, said, cached, thought)
    inner = (_counted(held[name], depth - 1) for name in _INSIDE if name in held)
    return next((one for one in inner if one is not None), None)


def _whole(
    held: Mapping[str, Any], asked: int, said: int | None, total: int, thought: int | None
) -> tuple[int, int | None]:
    """Return the tokens of both ways with what is counted in the total alone: it is charged as the others are."""
    missing = total - asked - (said or 0)
    beside = sum(_count(held.get(name)) or 0 for name in _BESIDE_PROMPT)
    if 0 < beside <= missing:
        asked, missing = asked + beside, missing - beside
    if missing > 0 and thought in (None, missing):
        said = (said or 0) + missing
    return asked, said


def _first(held: Mapping[str, Any], names: Iterable[str]) -> int | None:
    return next((number for name in names if (number := _count(held.get(name))) is not None), None)


def _timed(timings: Mapping[str, Any]) -> Usage | None:
    """Return what llama.cpp's timings say: of the prompt those that it had to read, and those that it had read before."""
    asked, said = _count(timings.get("prompt_n")), _count(timings.get("predicted_n"))
    if asked is None and said is None:
        return None
    cached = _count(timings.get("cache_n"))
    return Usage((asked or 0) + (cached or 0), said, cached)


def _count(value: Any) -> int | None:
    is_number = (
        value.is_integer() if isinstance(value, float) else isinstance(value, str) and value.isdecimal()
    )
    if is_number and len(str(value)) < 24:
        value = int(value)
    return value if type(value) is int and 0 <= value < 2**53 else None
