"""What a reply has to be, as a chat completion says it. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from g4f_magic.gateway.dialects.responses.refused import unsupported, wrong_type


def format_of(text: Any) -> dict[str, Any]:
    """Return `response_format` and `verbosity` of a chat completion.

    Raises:
        RefusedError: it is a format that is not known.
    """
    if text is None:
        return {}
    if not isinstance(text, Mapping):
        raise wrong_type("text", "an object", text)
    said = {"verbosity": text["verbosity"]} if text.get("verbosity") else {}
    wanted = text.get("format")
    if wanted is None:
        return said
    if not isinstance(wanted, Mapping):
        raise wrong_type("text.format", "an object", wanted)
    match wanted.get("type"):
        case "text":
            return said
        case "json_object":
            return {**said, "response_format": {"type": "json_object"}}
        case "json_schema":
            if not isinstance(wanted.get("schema"), Mapping):
                raise wrong_type("text.format.schema", "a JSON Schema", wanted.get("schema"))
            names = ("name", "description", "schema", "strict")
            schema = {name: wanted[name] for name in names if wanted.get(name) is not None}
            return {**said, "response_format": {"type": "json_schema", "json_schema": schema}}
        case kind:
            raise unsupported("text.format.type", kind, "There are text, json_object and json_schema.")
