"""What a service wants to have back with the calls of an earlier answer, and in which form it takes messages. No I/O.

Models that think between calls want their thoughts again: DeepSeek, Moonshot and MiMo refuse a request without
`reasoning_content`; OpenRouter and LiteLLM want `reasoning_details` and `thinking_blocks` as they were sent, with
signatures; Gemini has a signature of its own in each call. Others (Mistral, Cerebras, Groq) refuse a message with any
of these. Some take ids of one form alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

THOUGHTS = "reasoning_content"
"""The field of thoughts that are words alone."""
BLOCKS = ("reasoning_details", "thinking_blocks")
"""Those of lists whose parts may be signed or encrypted: they go back as they came."""
_OF_MARK = "thoughts"
"""In the extra of a call: the field in which the answer's thoughts came."""
_WORDS = ("text", "summary", "thinking", "data")
_MOST_CHARACTERS = 60_000
_MOST_BLOCKS = 1_000
_NO_SIGNATURE = "skip_thought_signature_validator"
"""What Gemini's documents name for calls that another model made."""


class CarriedBack:
    """Collects what the deltas of one answer hold of it."""

    def __init__(self) -> None:
        self._has_thoughts = False
        self._blocks: dict[str, list[dict[str, Any]]] = {}
        self._size = 0

    def take(self, said: Mapping[str, Any]) -> None:
        """Take what a delta or a message says."""
        self._has_thoughts = self._has_thoughts or isinstance(said.get(THOUGHTS), str)
        for field in BLOCKS:
            for block in _objects(said.get(field)):
                self._add(self._blocks.setdefault(field, []), block)

    def extra(self) -> dict[str, Any]:
        """Return it as the extra of the answer's first call; empty where nothing is to go back."""
        found: dict[str, Any] = {_OF_MARK: THOUGHTS} if self._has_thoughts else {}
        return found if self._size > _MOST_CHARACTERS else {**found, **self._blocks}

    def _add(self, blocks: list[dict[str, Any]], block: Mapping[str, Any]) -> None:
        """Put a piece to the block that it goes on with, or begin another one."""
        self._size += len(json.dumps(block))
        if self._size > _MOST_CHARACTERS or len(blocks) >= _MOST_BLOCKS:
            self._size = _MOST_CHARACTERS + 1  # a part of it would be refused
            return
        last = blocks[-1] if blocks else {}
        if not last or any(last.get(name) != block.get(name) for name in ("type", "index", "id")):
            blocks.append(dict(block))
            return
        for name, value in block.items():
            if name in _WORDS and isinstance(value, str) and isinstance(last.get(name), str):
                last[name] += value
            elif value is not None:
                last[name] = value


def fields_of(extra: str, thoughts: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the extra of a call puts into its message, and into the call itself.

    `thoughts` are the words that were thought before the call.
    """
    found = _object(extra)
    of_message = {field: found.pop(field) for field in BLOCKS if field in found}
    if found.pop(_OF_MARK, None) == THOUGHTS:
        of_message[THOUGHTS] = thoughts
    return of_message, {"extra_content": found} if found else {}


def formed(messages: list[dict[str, Any]], forms: frozenset[str]) -> list[dict[str, Any]]:
    """Return messages in the forms that a service asked for: the names of `wire.refused_messages`."""
    return [_formed(one, forms) for one in messages] if forms else messages


def _formed(message: dict[str, Any], forms: frozenset[str]) -> dict[str, Any]:
    made = dict(message)
    calls = _objects(made.get("tool_calls"))
    if "bare" in forms:
        made = {name: value for name, value in made.items() if name not in (THOUGHTS, *BLOCKS)}
        calls = [{name: value for name, value in one.items() if name != "extra_content"} for one in calls]
    if "thoughts" in forms and made.get("role") == "assistant":
        made.setdefault(THOUGHTS, "")
    if "signatures" in forms:
        calls = [{"extra_content": {"google": {"thought_signature": _NO_SIGNATURE}}, **one} for one in calls]
    if "ids" in forms:
        calls = [{**one, "id": _short(one.get("id"))} for one in calls]
        if "tool_call_id" in made:
            made["tool_call_id"] = _short(made["tool_call_id"])
    return {**made, "tool_calls": calls} if calls else made


def _short(identity: Any) -> str:
    """Return an id that every service takes: nine letters and digits, the same for the same one."""
    text = str(identity)
    is_short = len(text) == 9 and text.isascii() and text.isalnum()
    return text if is_short else hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:9]


def _objects(value: Any) -> list[dict[str, Any]]:
    return [dict(one) for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
