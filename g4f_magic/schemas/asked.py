"""The form in which a schema is sent: an object at the top, strict where that can be, and in words. No I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from g4f_magic.errors import UnfitReplyError

VALUE, ITEMS = "value", "items"
"""In which field of an object a reply stands that is none: services take objects alone."""

_STRICT = frozenset(
    [
        "type",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "enum",
        "const",
        "anyOf",
        "description",
        "$ref",
        "$defs",
        "definitions",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minItems",
        "maxItems",
        "pattern",
        "format",
        "title",
        "default",
    ]
)
"""What the services that promise to keep to a schema take."""
_DROPPED = frozenset({"title", "default", "$schema"})


def object_form(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of the object that is asked for: the schema itself, or of one that holds what it is of."""
    name = wrapper(schema)
    if not name:
        return dict(schema)
    inner = dict(schema)
    defs: dict[str, Any] = {key: inner.pop(key) for key in ("$defs", "definitions") if key in inner}
    if '"$ref": "#"' in json.dumps(inner):
        defs["$defs"] = {**defs.get("$defs", {}), "Whole": _renamed(inner)}
        inner = {"$ref": "#/$defs/Whole"}
    return {
        "type": "object",
        "properties": {name: inner},
        "required": [name],
        "additionalProperties": False,
        **defs,
    }


def wrapper(schema: Mapping[str, Any]) -> str:
    """Return the field that a reply stands in; empty where it is an object itself."""
    kind = schema.get("type")
    if kind == "array":
        return ITEMS
    if kind == "object":
        return ""
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/"):
        at: Any = schema
        for part in reference.split("/")[1:]:
            at = at.get(part) if isinstance(at, Mapping) else None
        if isinstance(at, Mapping) and at.get("type") == "object":
            return ""
    return "" if kind is None and "properties" in schema else VALUE


def bare(value: Any, schema: Mapping[str, Any]) -> Any:
    """Return what a reply holds of the object that was asked for; it may be that without one."""
    name = wrapper(schema)
    return value[name] if name and isinstance(value, dict) and list(value) == [name] else value


def response_format(schema: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the parameter of a request that asks for a JSON Schema."""
    asked = object_form(schema)
    strict = strict_form(asked)
    return {
        "type": "json_schema",
        "json_schema": {
            "name": re.sub(r"[^A-Za-z0-9_-]", "_", name)[:60] or "reply",
            "schema": asked if strict is None else strict,
            "strict": strict is not None,
        },
    }


def strict_form(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a schema as narrow as strict services want it: all fields named and required; None: it cannot be.

    Whatever fits it fits the schema.
    """
    try:
        found = _strict(schema)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _strict(schema: Any) -> Any:
    if not isinstance(schema, Mapping):
        raise ValueError
    found: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _DROPPED:
            continue
        if key not in _STRICT:
            raise ValueError
        match key:
            case "properties" | "$defs" | "definitions":
                found[key] = {name: _strict(one) for name, one in value.items()}
            case "items":
                found[key] = _strict(value)
            case "anyOf":
                found[key] = [_strict(one) for one in value]
            case _:
                found[key] = value
    if not found.keys() - {"description"}:
        raise ValueError  # anything at all
    if found.get("type") == "object":
        if "properties" not in found or schema.get("additionalProperties", False) is not False:
            raise ValueError
        found |= {"required": list(found["properties"]), "additionalProperties": False}
    return found


def in_words(schema: Mapping[str, Any]) -> str:
    """Return the words that ask for it."""
    text = json.dumps(object_form(schema), ensure_ascii=False, separators=(",", ":"))
    return (
        "Answer with one JSON value and nothing else: no words before or after it, no code fence. "
        f"It has to fit this JSON Schema:\n{text}"
    )


def repair_words(schema: Mapping[str, Any], error: UnfitReplyError) -> str:
    """Return the words that ask once more, and say what was wrong."""
    wrong = "\n".join(f"- {one}" for one in error.problems[:20])
    return f"Your answer does not fit what was asked for:\n{wrong}\n\nGive the whole answer anew. {in_words(schema)}"


def _renamed(inner: Any) -> Any:
    if isinstance(inner, list):
        return [_renamed(one) for one in inner]
    if not isinstance(inner, dict):
        return inner
    return {
        key: "#/$defs/Whole" if key == "$ref" and value == "#" else _renamed(value)
        for key, value in inner.items()
    }
