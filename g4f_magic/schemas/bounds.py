"""Bounds that stand in `Annotated[...]`: of annotated-types, msgspec and whatever names them so. No I/O.

A bound that JSON Schema has a word for is told to the model; any other one is looked at when the value is made.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

_OF_NUMBERS = {
    "gt": "exclusiveMinimum",
    "ge": "minimum",
    "lt": "exclusiveMaximum",
    "le": "maximum",
    "multiple_of": "multipleOf",
}
_OF_SIZES = {"min_length": "min", "max_length": "max"}
_SIZED = {"string": "Length", "array": "Items", "object": "Properties"}
_HOLDS: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "gt": ("above", lambda value, bound: value > bound),
    "ge": ("at least", lambda value, bound: value >= bound),
    "lt": ("below", lambda value, bound: value < bound),
    "le": ("at most", lambda value, bound: value <= bound),
}


def is_of_pydantic(notes: Sequence[Any]) -> bool:
    """Say whether pydantic alone knows what a note means: its `Field`, its validators."""
    return any(type(one).__module__.partition(".")[0] == "pydantic" for one in notes)


def words_of(notes: Sequence[Any]) -> str:
    """Return what notes say of a value in words."""
    said = [one if isinstance(one, str) else getattr(one, "description", None) for one in notes]
    return " ".join(one for one in said if isinstance(one, str))


def in_json(notes: Sequence[Any], json: dict[str, Any]) -> dict[str, Any]:
    """Return those bounds that JSON Schema has words for, as they stand in the schema of a type."""
    kinds = _kinds(json)
    found: dict[str, Any] = {}
    for name, bound in _bounds(notes):
        if name in _OF_NUMBERS and kinds & {"number", "integer"} and _is_number(bound):
            found[_OF_NUMBERS[name]] = bound
        elif name in _OF_SIZES and type(bound) is int:
            found |= {f"{_OF_SIZES[name]}{_SIZED[kind]}": bound for kind in _SIZED if kind in kinds}
        elif name == "pattern" and "string" in kinds and isinstance(bound, str):
            found["pattern"] = bound
    return found


def others(notes: Sequence[Any], said: dict[str, Any]) -> list[Callable[[Any], None]]:
    """Return what looks at a value for the bounds that `said` (see `in_json`) does not hold; it raises ValueError."""
    looks = [
        _look(name, bound)
        for name, bound in _bounds(notes)
        if name in _HOLDS and _OF_NUMBERS[name] not in said
    ]
    return looks + [_ask(one.func) for one in notes if callable(getattr(one, "func", None))]


def _look(name: str, bound: Any) -> Callable[[Any], None]:
    words, holds = _HOLDS[name]

    def look(value: Any) -> None:
        if value is not None and not holds(value, bound):
            raise ValueError(f"{value} is not {words} {bound}")

    return look


def _ask(predicate: Callable[[Any], object]) -> Callable[[Any], None]:
    def ask(value: Any) -> None:
        if value is not None and not predicate(value):
            name = getattr(predicate, "__name__", "its predicate")
            raise ValueError(f"{value!r:.80} does not pass {name}")

    return ask


def _bounds(notes: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    for one in notes:
        if isinstance(one, str | type):
            continue
        for name in (*_OF_NUMBERS, *_OF_SIZES, "pattern"):
            bound = getattr(one, name, None)
            if bound is not None and not (name == "min_length" and bound == 0):
                yield name, bound


def _is_number(bound: Any) -> bool:
    return isinstance(bound, int | float) and not isinstance(bound, bool) and math.isfinite(bound)


def _kinds(json: dict[str, Any]) -> set[Any]:
    """Return the types that a schema allows, those of its alternatives too."""
    kind = json.get("type")
    found = {kind} if isinstance(kind, str) else set()
    return found.union(*(_kinds(one) for one in json.get("anyOf", ())))
