"""What the fields of a turn may hold that a file brings: their kinds, ranges and lengths. No I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from g4f_magic.ask import Attachment, Origin
from g4f_magic.messages import Usage
from g4f_magic.turn import CallStatus, Source, Status
from g4f_magic.turn_json import KINDS, TurnJson

NEEDED = ("id", "slot", "prompt", "provider", "model", "started_at")
LAST_SECOND = 253_402_300_799.0
"""The end of the year 9999, in seconds since 1970."""
LONGEST_NAME = 500
_LONGEST_TEXT = 50_000_000
_MOST_COUNTED = 2**53
_LONGEST_SECONDS = 1e9
_NAMES = frozenset(
    {
        "id",
        "slot",
        "provider",
        "model",
        "via",
        "finish",
        "answering_model",
        "asked_provider",
        "asked_model",
        "compared",
    }
)
_MOST_LISTED = 10_000
_LONGEST_ATTACHED = 2_000
"""Of the name of what went along: a path, or an expression."""
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,80}/[\w.+-]{1,80}")
_DIGEST = re.compile(r"(?:[0-9a-f]{64})?")


class BadFieldError(ValueError):
    """Says what is wrong with a field."""


def check(value: Mapping[str, Any]) -> None:
    """Make sure that a turn can be made of these fields, and kept, shown and exported.

    Raises:
        BadFieldError: it cannot; the message names the field.
    """
    missing = [name for name in NEEDED if name not in value]
    if missing:
        raise BadFieldError(f"has no {missing[0]!r}")
    for name, kinds in _kinds().items():
        if name in value:
            one = value[name]
            if isinstance(one, bool) or not isinstance(one, kinds):
                raise BadFieldError(f"{name!r} is {json.dumps(one)[:40]}")
            _check_one(name, one)


def _check_one(name: str, value: Any) -> None:
    if name in _CHOICES:
        if value not in _CHOICES[name]:
            raise BadFieldError(f"the {name} {value[:40]!r} is not known")
    elif name == "schema":
        if not _is_schema(value):
            raise BadFieldError("'schema' is not a JSON Schema")
    elif isinstance(value, str):
        _check_text(name, value)
    elif isinstance(value, int | float):
        most = (
            LAST_SECOND if name == "started_at" else _LONGEST_SECONDS if name == "seconds" else _MOST_COUNTED
        )
        if not 0 <= value <= most:  # neither is NaN
            raise BadFieldError(f"{name!r} is {str(value)[:40]}, which is out of range")
    elif isinstance(value, list):
        if len(value) > _MOST_LISTED or not all(map(_LISTED[name], value)):
            raise BadFieldError(f"{name!r} holds something other than {_LISTED_AS[name]}")
    elif name in ("usage", "guess"):
        counts = {value.get(one.name) for one in fields(Usage)} if value else set()
        if not all(one is None or (type(one) is int and 0 <= one <= _MOST_COUNTED) for one in counts):
            raise BadFieldError(f"{name!r} holds something other than numbers")


def _check_text(name: str, value: str) -> None:
    if name not in _NAMES:
        if len(value) > _LONGEST_TEXT:
            raise BadFieldError(f"{name!r} has {len(value):,} characters, more than {_LONGEST_TEXT:,}")
    elif len(value) > LONGEST_NAME:
        raise BadFieldError(f"{name!r} has {len(value):,} characters, more than {LONGEST_NAME}")
    elif name not in ("id", "slot") and not value.isprintable():
        raise BadFieldError(f"{name!r} holds a line end or a control character")
    elif name in ("id", "slot") and not value:
        raise BadFieldError(f"{name!r} is empty")


def _is_citation(value: Any) -> bool:
    return _is_pair(value) and value[0].startswith(("http://", "https://"))


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(_is_short(one) for one in value)


def _is_short(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 100_000


def _is_parameter(value: Any) -> bool:
    """Say whether it is a parameter's name and its value as JSON."""
    if not _is_pair(value):
        return False
    try:
        json.loads(value[1])
    except (ValueError, RecursionError):
        return False
    return bool(value[0].isprintable())


def _is_schema(value: str) -> bool:
    if not value:
        return True
    try:
        return len(value) <= _LONGEST_TEXT and isinstance(json.loads(value), dict)
    except (ValueError, RecursionError):
        return False


def _is_attachment(value: Any) -> bool:
    return (
        _holds_texts(value, {field.name for field in fields(Attachment)})
        and "name" in value
        and value.get("origin", "") in get_args(Origin)
        and len(value["name"]) <= _LONGEST_ATTACHED
        and _MEDIA_TYPE.fullmatch(value.get("media_type", "text/plain")) is not None
        and all(_DIGEST.fullmatch(value.get(name, "")) for name in ("digest", "pixels"))
    )


def _is_step(value: Any) -> bool:
    """Say whether it is a step: its kind, and just the fields of that."""
    if not isinstance(value, dict) or value.get("kind") not in KINDS:
        return False
    known = fields(KINDS[value["kind"]])
    needed = {one.name for one in known if one.default is MISSING}
    seconds = value.get("seconds", 0)
    return (
        needed <= value.keys()
        and _holds_texts(_without(value, "seconds"), {"kind", *(one.name for one in known)} - {"seconds"})
        and (type(seconds) in (int, float) and 0 <= seconds <= _LONGEST_SECONDS)
        and value.get("status", "done") in get_args(CallStatus)
        and all(len(value.get(name, "")) <= _LONGEST_ATTACHED for name in ("id", "name"))
    )


def _without(value: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: one for key, one in value.items() if key != name}


def _holds_texts(value: Any, names: set[str]) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() <= names
        and all(isinstance(one, str) and len(one) <= _LONGEST_TEXT for one in value.values())
    )


_CHOICES: dict[str, tuple[str, ...]] = {"status": get_args(Status), "source": get_args(Source)}
_LISTED: dict[str, Callable[[Any], bool]] = {
    "citations": _is_citation,
    "unshown": _is_short,
    "parameters": _is_parameter,
    "tools": _is_short,
    "attachments": _is_attachment,
    "notes": _is_short,
    "steps": _is_step,
}
_LISTED_AS = {
    "citations": "pairs of an address and a title",
    "unshown": "texts",
    "parameters": "pairs of a name and JSON",
    "tools": "names of functions",
    "attachments": "attachments",
    "notes": "texts",
    "steps": "steps of an answer",
}


@cache
def _kinds() -> dict[str, tuple[type, ...]]:
    """Return what JSON may hold for each field of a turn."""
    return {name: tuple(_kinds_of(hint)) for name, hint in get_type_hints(TurnJson).items()}


def _kinds_of(hint: Any) -> set[type]:
    kinds: set[type] = set()
    for option in get_args(hint) if isinstance(hint, UnionType) else (hint,):
        if option is Usage:
            kinds.add(dict)
        elif get_origin(option) is tuple:
            kinds.add(list)
        elif option is float:
            kinds |= {int, float}
        else:
            kinds.add(option if isinstance(option, type) else str)
    return kinds
