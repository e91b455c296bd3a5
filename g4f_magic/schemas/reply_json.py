"""The JSON in a reply: alone, in a code fence, or with words around it. No I/O."""

from __future__ import annotations

import json
import re
from typing import Any

_FENCED = re.compile(r"```(?:json|JSON)?[ \t]*\n(.*?)```", re.DOTALL)
_OPENING = re.compile(r"[{\[]")
_MOST_TRIES = 30
"""Brackets in the words of a reply at which a value is looked for."""


def json_in(text: str) -> Any:
    """Return the value that a reply holds: all of it, that of its one fence, else the longest of those in its words.

    Raises:
        ValueError: it holds none.
    """
    text = text.strip().removeprefix("\ufeff")
    try:
        return _value(text)
    except (ValueError, RecursionError) as exc:
        error = exc
    fenced = _FENCED.findall(text) if "```" in text else []
    if len(fenced) == 1:
        try:
            return _value(fenced[0])
        except (ValueError, RecursionError):
            pass
    found = _within(text)
    if not found:
        raise ValueError(_said(error)) from None
    return max(found, key=lambda one: one[0])[1]


def _within(text: str) -> list[tuple[int, Any]]:
    """Return the objects and lists that stand in the words, each with its length."""
    decoder = json.JSONDecoder(parse_constant=_refuse)
    found = []
    at = tries = 0
    while tries < _MOST_TRIES and (match := _OPENING.search(text, at)):
        tries += 1
        try:
            value, end = decoder.raw_decode(text, match.start())
        except (ValueError, RecursionError):
            at = match.end()
        else:
            found.append((end - match.start(), value))
            at = end
    return found


def _value(text: str) -> Any:
    return json.loads(text, parse_constant=_refuse)


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON value")


def _said(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return f"it is not JSON ({error})"
