"""Turns as JSON and as rows. No I/O."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, asdict, fields, replace
from sqlite3 import Row
from typing import Any

from g4f_magic.messages import Turn, Usage

TEXTS = ("id", "slot", "prompt", "reply", "reasoning", "status")
"""The fields that have a column of their own; the others are one JSON text, so that new ones need no migration."""

_NAMES = frozenset(field.name for field in fields(Turn))


def turn_to_json(turn: Turn) -> dict[str, Any]:
    """Return the turn's fields that differ from their defaults."""
    values = {}
    for field in fields(Turn):
        value = getattr(turn, field.name)
        if field.default is MISSING or value != field.default:
            values[field.name] = _plain(value)
    return values


def turn_from_json(values: Mapping[str, Any]) -> Turn:
    """Return the turn; fields that this version does not know are passed over."""
    known = {name: value for name, value in values.items() if name in _NAMES}
    usage = known.get("usage")
    if isinstance(usage, Mapping):
        known["usage"] = Usage(usage.get("prompt_tokens"), usage.get("completion_tokens"))
    return Turn(**known)


def turn_to_row(turn: Turn) -> dict[str, Any]:
    """Return the columns of a turn."""
    values = turn_to_json(turn)
    row = {name: values.pop(name, "") for name in TEXTS}
    row["status"] = turn.status
    return {**row, "details": json.dumps(values)}


def turn_from_row(row: Mapping[str, Any] | Row) -> Turn:
    """Return the turn of a row."""
    return turn_from_json({**json.loads(row["details"]), **{name: row[name] for name in TEXTS}})


def _plain(value: Any) -> Any:
    if isinstance(value, Usage):
        return asdict(value)
    return storable(value) if isinstance(value, str) else value


def as_stored(turn: Turn) -> Turn:
    """Return the turn as it will be read again."""
    texts = {name: getattr(turn, name) for name in _NAMES}
    changed: dict[str, Any] = {
        name: storable(text)
        for name, text in texts.items()
        if isinstance(text, str) and not text.isascii() and storable(text) != text
    }
    return replace(turn, **changed) if changed else turn


def storable(text: str) -> str:
    """Return the text; halves of surrogate pairs, which cannot be written, become question marks."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
