"""Turns with some of their fields changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from g4f_magic.turn import Turn, steps_of

_ASKED = ("prompt", "system", "parameters")


def changed(turn: Turn, **fields: Any) -> Turn:
    """Return the turn with other fields, by the names that `Turn.plain` takes."""
    asked = {name: fields.pop(name) for name in _ASKED if name in fields}
    if {"reply", "reasoning"} & fields.keys():
        texts = {"reply": turn.reply, "reasoning": turn.reasoning}
        texts |= {name: fields.pop(name) for name in tuple(texts) if name in fields}
        fields["steps"] = steps_of(**texts)
    for name in ("provider", "model"):
        if name in fields:
            asked[name] = fields[name]
    return replace(turn, ask=replace(turn.ask, **asked), **fields)
