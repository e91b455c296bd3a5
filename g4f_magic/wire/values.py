"""JSON out of what a service sends, whatever that is, and the words in it that are meant for people. No I/O."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from g4f_magic.secret import Secret, redact

_MOST_CHARACTERS = 300
_MOST_DEPTH = 8
_MOST_NAMES = 8


def value_of(text: str | bytes) -> Any:
    """Return the value of a JSON text.

    Raises:
        ValueError: it is no JSON, or nested deeper than can be read.
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def message_of(value: Any, depth: int = _MOST_DEPTH) -> str:
    """Return the words of an error, in any of the forms that services wrap them in; empty if there are none."""
    if isinstance(value, str) or depth == 0:
        return value if isinstance(value, str) else ""
    if isinstance(value, list):
        return "; ".join(filter(None, (message_of(one, depth - 1) for one in value[:_MOST_NAMES])))
    if not isinstance(value, dict):
        return ""
    for key in ("error", "message", "msg", "detail"):
        if found := message_of(value.get(key), depth - 1):
            return found
    return ""


def said_in(value: Any, secrets: Iterable[Secret] = ()) -> str:
    """Return the words of an error as they may be shown: one short line, without keys and control characters."""
    lines = message_of(value).strip().splitlines() or [""]
    # A key that the cut went through could no longer be told for one.
    line = redact(lines[0], secrets)
    shown = "".join(sign if sign.isprintable() else "\ufffd" for sign in line)
    return shown if len(shown) <= _MOST_CHARACTERS else shown[: _MOST_CHARACTERS - 1] + "…"


def form_of(value: Any) -> str:
    """Return what kind of value it is, and of an object its names: nothing of its content."""
    if not isinstance(value, dict):
        return f"a {type(value).__name__}"
    names = [said_in(str(name))[:40] for name in list(value)[:_MOST_NAMES]]
    return f"an object with {', '.join(names) or 'nothing'}" + (", …" if len(value) > _MOST_NAMES else "")
