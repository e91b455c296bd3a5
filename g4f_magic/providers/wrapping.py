"""Completions within something else: in an envelope of a gateway's own, or as a text of JSON. No I/O."""

from __future__ import annotations

from typing import Any

from g4f_magic.wire.json_values import value_of

_ENVELOPES = ("data", "result", "output", "response", "body", "chunk")
_TOLD_OUTSIDE = ("usage", "model", "meta")


def unwrapped(value: Any, depth: int = 2) -> Any:
    """Return the completion that `value` holds; `value` itself where it is one, or holds none.

    What an envelope counts beside a completion that counts nothing itself is taken along.
    """
    if isinstance(value, str) and value.lstrip()[:1] == "{":
        try:
            return unwrapped(value_of(value), depth - 1)
        except ValueError:
            return value
    if not isinstance(value, dict) or depth < 0 or "choices" in value:
        return value
    for name in _ENVELOPES:
        inner = value.get(name)
        if not isinstance(inner, dict | str):
            continue
        found = unwrapped(inner, depth - 1)
        if isinstance(found, dict) and isinstance(found.get("choices"), list):
            return {**{name: value[name] for name in _TOLD_OUTSIDE if name in value}, **found}
    return value
