"""Whether anything can fit a JSON Schema at all: what cannot be answered should not be asked ten thousand times. No I/O.

Only what is certain is said: where this finds nothing, a schema may still be one that nothing fits.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

_MOST_STEPS = 5_000
"""Schemas that are looked at; of one that has more, nothing is said."""
_TYPES = frozenset({"string", "number", "boolean", "null", "array", "object"})
_SIZES = {
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
}


def why_nothing_fits(schema: Any) -> str:
    """Return why nothing can fit, in words that begin with the place; empty where something may."""
    try:
        return _Search(schema).why(schema, "", ("#",))
    except (_TooMuchError, RecursionError):
        return ""


class _TooMuchError(Exception):
    pass


class _Search:
    """One search; `chain` names the references that it is within, each of which needs what it refers to."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._steps = 0
        self._possible: set[str] = set()
        """References to what something may fit."""

    def why(self, schema: Any, place: str, chain: tuple[str, ...]) -> str:
        """Return why nothing can fit a schema that stands at a place."""
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise _TooMuchError
        if schema is False:
            return _at(place, "it allows nothing")
        if not isinstance(schema, Mapping):
            return ""
        return next(self._reasons(schema, place, chain), "")

    def _reasons(self, schema: Mapping[str, Any], place: str, chain: tuple[str, ...]) -> Iterator[str]:
        if isinstance(reference := schema.get("$ref"), str):
            yield from self._of_reference(reference, place, chain)
        if schema.get("not") in ({}, True):
            yield _at(place, "it allows nothing")
        kinds = _kinds(schema)
        for one in _listed(schema, "allOf"):
            if why := self.why(one, place, chain):
                yield why
            kinds &= _kinds(one)
        if not kinds:
            yield _at(place, "no value is of all its types")
        for key in ("anyOf", "oneOf"):
            branches = _listed(schema, key)
            if branches and all(found := [self.why(one, place, chain) for one in branches]):
                yield found[0]
            if branches and not any(kinds & _kinds(one) for one in branches):
                yield _at(place, f"no value is of its type and of one in its {key}")
        if (values := _values(schema)) is not None and not any(_may_be(one, schema, kinds) for one in values):
            yield _at(place, "it allows no value" if not values else "none of its values is of its type")
        by_kind = [self._of_kind(kind, schema, place, chain) for kind in sorted(kinds)]
        if by_kind and all(by_kind):
            yield by_kind[0]

    def _of_reference(self, reference: str, place: str, chain: tuple[str, ...]) -> Iterator[str]:
        if reference in chain:
            yield _at(place, "it holds itself, without an end")
        elif reference not in self._possible:
            why = self.why(_resolved(self._root, reference), place, (*chain, reference))
            if why:
                yield why
            else:
                self._possible.add(reference)

    def _of_kind(self, kind: str, schema: Mapping[str, Any], place: str, chain: tuple[str, ...]) -> str:
        """Return why no value of that kind can fit."""
        if kind in _SIZES:
            least, most = _SIZES[kind]
            low, high = _number(schema, least), _number(schema, most)
            if low is not None and high is not None and low > high:
                return _at(place, f"its {least} {schema[least]} is above its {most} {schema[most]}")
        match kind:
            case "number":
                return _at(place, why) if (why := _of_number(schema)) else ""
            case "array":
                return self._of_array(schema, place, chain)
            case "object":
                return self._of_object(schema, place, chain)
            case _:
                return ""

    def _of_array(self, schema: Mapping[str, Any], place: str, chain: tuple[str, ...]) -> str:
        least = _number(schema, "minItems") or 0
        before = _listed(schema, "prefixItems")
        for number, one in enumerate(before):
            if number < least and (why := self.why(one, f"{place}[{number}]", chain)):
                return why
        items = schema.get("items")
        if least <= len(before):
            return ""
        values = _values(items) if isinstance(items, Mapping) else None
        if values is not None and schema.get("uniqueItems") is True and len(before) + len(values) < least:
            return _at(
                place, f"its minItems {schema['minItems']} is above the {len(values)} values that there are"
            )
        return self.why(items, f"{place}[]", chain)

    def _of_object(self, schema: Mapping[str, Any], place: str, chain: tuple[str, ...]) -> str:
        required = [name for name in _listed(schema, "required") if isinstance(name, str)]
        fields = schema.get("properties")
        fields = fields if isinstance(fields, Mapping) else {}
        others = True if schema.get("patternProperties") else schema.get("additionalProperties", True)
        for name in required:
            if name not in fields and others is False:
                return _at(place, f"{name} is required, and no field of it")
            if why := self.why(fields.get(name, others), f"{place}.{name}".strip("."), chain):
                return why
        most = _number(schema, "maxProperties")
        if most is not None and len({*required}) > most:
            return _at(place, f"it requires more fields than its maxProperties {schema['maxProperties']}")
        return ""


def _of_number(schema: Mapping[str, Any]) -> str:
    for least, most in (
        (one, other) for one in ("minimum", "exclusiveMinimum") for other in ("maximum", "exclusiveMaximum")
    ):
        low, high = _number(schema, least), _number(schema, most)
        if low is None or high is None:
            continue
        is_open = least != "minimum" or most != "maximum"
        if low > high:
            return f"its {least} {schema[least]} is above its {most} {schema[most]}"
        if is_open and low == high:
            return f"its {least} {schema[least]} leaves nothing below its {most} {schema[most]}"
        is_whole = schema.get("type") == "integer"
        first = math.floor(low) + 1 if least != "minimum" else math.ceil(low)
        last = math.ceil(high) - 1 if most != "maximum" else math.floor(high)
        if is_whole and first > last:
            return (
                f"there is no whole number between its {least} {schema[least]} and its {most} {schema[most]}"
            )
    return ""


def _at(place: str, why: str) -> str:
    return f"{place}: {why}" if place else why


def _listed(schema: Any, key: str) -> list[Any]:
    found = schema.get(key) if isinstance(schema, Mapping) else None
    return found if isinstance(found, list) else []


def _number(schema: Mapping[str, Any], key: str) -> float | None:
    """Return a bound; None where there is none that can be compared."""
    found = schema.get(key)
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    return float(found) if is_number and abs(found) < 2**53 else None  # type: ignore[arg-type]  # it is one


def _kinds(schema: Any) -> frozenset[str]:
    """Return the types of which a value may be; whole numbers count as numbers."""
    kind = schema.get("type") if isinstance(schema, Mapping) else None
    if kind is None:
        return _TYPES
    named = [kind] if isinstance(kind, str) else kind
    return frozenset("number" if one == "integer" else one for one in named)


def _values(schema: Mapping[str, Any]) -> list[Any] | None:
    """Return the values that are allowed; None: it names none."""
    if "const" in schema:
        return [schema["const"]]
    return _listed(schema, "enum") if "enum" in schema else None


def _may_be(value: Any, schema: Mapping[str, Any], kinds: frozenset[str]) -> bool:
    match value:
        case bool():
            return "boolean" in kinds
        case None:
            return "null" in kinds
        case int() | float():
            is_whole = schema.get("type") != "integer" or float(value).is_integer()
            return "number" in kinds and is_whole
        case str():
            return "string" in kinds
        case list():
            return "array" in kinds
        case _:
            return "object" in kinds


def _resolved(root: Any, reference: str) -> Any:
    at = root
    for part in reference.split("/")[1:]:
        at = at.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(at, Mapping) else None
    return at
