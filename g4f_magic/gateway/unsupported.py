"""What a request may ask for that an engine of text alone cannot give: it is refused by name, never dropped. No I/O.

Numbers of sampling change how a model words its reply; an engine without a model does without them. What
would change the reply's kind (tools, a schema, pictures, several choices) cannot be done without.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from g4f_magic.gateway.actions import Refuse

SAMPLING = (
    "temperature",
    "top_p",
    "max_tokens",
    "max_completion_tokens",
    "presence_penalty",
    "frequency_penalty",
    "stop",
    "seed",
)
"""What a text-only protocol may carry besides its own, by OpenAI's names."""
_IDLE = frozenset(
    {"model", "messages", "stream", "stream_options", "user", "metadata", "store", "service_tier"}
    | {"safety_identifier", "prompt_cache_key", "prompt_cache_retention", "logit_bias", "reasoning_effort"}
    | {"verbosity", "top_k", "min_p", "repetition_penalty", "parallel_tool_calls", "prediction"}
    | {"function_call", *SAMPLING}
)
"""What an engine without a model may pass by: the reply is right without it."""


def _is_text_alone(value: Any) -> bool:
    kind = value.get("type") if isinstance(value, Mapping) else value
    return kind in ("text", "")


_MEANS_NOTHING: dict[str, Callable[[Any], bool]] = {
    "tools": lambda value: value == [],
    "functions": lambda value: value == [],
    "tool_choice": lambda value: value in ("none", "auto"),
    "response_format": _is_text_alone,
    "n": lambda value: value == 1,
    "logprobs": lambda value: value is False,
    "top_logprobs": lambda value: value == 0,
    "modalities": lambda value: value == ["text"],
    "audio": lambda value: False,
    "web_search_options": lambda value: False,
}
"""What changes the reply's kind, and the values with which it asks for nothing."""


def sampling_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a request of a text-only protocol says of sampling."""
    return {name: body[name] for name in SAMPLING if body.get(name) is not None}


def uncarried(body: Mapping[str, Any], *, allows_unknown: bool) -> Refuse | None:
    """Return the refusal that names what `body` asks for and text alone cannot give; None where it asks for nothing of it."""
    for name, value in body.items():
        if value is None:
            continue
        if name in _MEANS_NOTHING:
            if not _MEANS_NOTHING[name](value):
                return _unsupported(name, "What answers here gives text alone.")
        elif name not in _IDLE and not allows_unknown:
            return _unsupported(name, "What answers here does not know it.")
    return _unsupported_part(body.get("messages"))


def _unsupported(name: str, why: str) -> Refuse:
    shown = name if name.isprintable() and len(name) <= 80 else "of that name"
    return Refuse(400, f"Unsupported parameter: '{shown}'. {why}", param=shown, code="unsupported_parameter")


def _unsupported_part(messages: Any) -> Refuse | None:
    """Return the refusal of the first message, or part of one, that is no text."""
    for number, message in enumerate(messages if isinstance(messages, list) else ()):
        if not isinstance(message, Mapping):
            continue
        where = f"messages[{number}]"
        if message.get("role") in ("tool", "function"):
            return _unsupported_content(f"{where}.role", message["role"])
        for name in ("tool_calls", "function_call", "audio"):
            if message.get(name):
                return _unsupported_content(f"{where}.{name}", name)
        content = message.get("content")
        for place, part in enumerate(content if isinstance(content, list) else ()):
            kind = part.get("type", "text") if isinstance(part, Mapping) else "text"
            if kind not in ("text", "refusal"):
                return _unsupported_content(f"{where}.content[{place}]", kind)
    return None


def _unsupported_content(where: str, kind: Any) -> Refuse:
    shown = str(kind)[:40] if str(kind).isprintable() else "of another kind"
    words = f"Unsupported content: '{shown}' in {where}. What answers here reads text alone."
    return Refuse(400, words, param=where, code="unsupported_content")
