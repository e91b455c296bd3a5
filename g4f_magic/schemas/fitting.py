"""Whether a JSON value fits a JSON Schema, and what is wrong where it does not. No I/O: nothing is fetched by a `$ref`."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from g4f_magic.errors import InputError, with_article
from g4f_magic.schemas.possible import why_nothing_fits
from g4f_magic.visible import shortened

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

MOST_BYTES = 200_000
MOST_SECONDS = 5.0
"""Of checking one value: what is no attack takes milliseconds."""
_DEEPEST = 60
_MOST_PROBLEMS = 20
_LONGEST_VALUE = 60


async def loaded() -> None:
    """Import what checks values, in a thread: where Jupyter is installed, it brings grammars that take a second."""
    # Another thread may be at it: what is imported in part is among the modules, too.
    if not hasattr(sys.modules.get("jsonschema"), "Draft202012Validator"):
        await asyncio.to_thread(import_module, "jsonschema")


def check_size(schema: Mapping[str, Any]) -> None:
    """Make sure that a JSON Schema is bounded, and refers to itself alone.

    Raises:
        InputError: it is too large, too deep, no JSON, or refers to somewhere else.
    """
    for reference in _references(schema, 0):
        if reference != "#" and not reference.startswith(("#/$defs/", "#/definitions/")):
            raise InputError(
                f"the JSON Schema refers to {reference[:80]!r}, which is not read",
                hint="Put it below $defs, and write #/$defs/NAME.",
            )
        if not _is_there(schema, reference):
            raise InputError(
                f"the JSON Schema refers to {reference[:80]!r}, which it does not hold",
                hint="Put it below $defs.",
            )
    try:
        size = len(json.dumps(schema, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as exc:
        raise InputError(f"the JSON Schema is not JSON: {exc}", hint="Give dicts, lists and texts.") from exc
    if size > MOST_BYTES:
        raise InputError(
            f"the JSON Schema has {size:,} bytes, more than {MOST_BYTES:,}", hint="Ask for less at once."
        )


def check_schema(schema: Mapping[str, Any]) -> None:
    """Make sure that values can be checked against a JSON Schema that a person wrote.

    Raises:
        InputError: it is none.
    """
    from jsonschema import Draft202012Validator, SchemaError

    from g4f_magic.describing.guard import OutOfTimeError, timed

    try:
        timed(lambda: Draft202012Validator.check_schema(dict(schema)), MOST_SECONDS)
    except OutOfTimeError:
        raise InputError(
            f"the JSON Schema takes more than {MOST_SECONDS:g} s to be checked", hint="Ask for less at once."
        ) from None
    except SchemaError as exc:
        place = ".".join(map(str, exc.path))
        raise InputError(
            f"the JSON Schema cannot be: {place + ': ' if place else ''}{exc.message[:200]}",
            hint="json-schema.org tells what it takes.",
        ) from exc
    except RecursionError:
        raise InputError("the JSON Schema is nested too deeply", hint="Ask for less at once.") from None


def check_possible(schema: Mapping[str, Any]) -> None:
    """Make sure that something can fit a schema.

    Raises:
        InputError: nothing can.
    """
    if why := why_nothing_fits(schema):
        raise InputError(
            f"the JSON Schema cannot be: {why}", hint="No answer would fit it: nothing was sent."
        )


def problems(value: Any, schema: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what is wrong with a value, a line each, its place before it; empty where it fits.

    A pattern, `uniqueItems` or `contains` can take for ever, be it the schema that is hostile or the value.
    """
    from g4f_magic.describing.guard import OutOfTimeError, timed

    try:
        validator = _validator(
            json.dumps(schema)
        )  # what is imported for it, on a busy machine for seconds, is no checking
        return timed(lambda: _problems(value, validator), MOST_SECONDS)
    except OutOfTimeError:
        return (f"checking it takes more than {MOST_SECONDS:g} s",)
    except RecursionError:
        return ("it is nested too deeply",)


def _problems(value: Any, validator: Draft202012Validator) -> tuple[str, ...]:
    from referencing.exceptions import Unresolvable

    found: list[str] = []
    try:
        for error in validator.iter_errors(value):
            found += _lines(error)
            if len(found) >= _MOST_PROBLEMS:
                break
    except Unresolvable:
        return ("its schema refers to what it does not hold",)
    return tuple(dict.fromkeys(found))


def fits(value: Any, schema: Mapping[str, Any]) -> bool:
    """Say whether a value fits."""
    return not problems(value, schema)


@lru_cache(maxsize=64)
def _validator(schema: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator
    from referencing import Registry

    # A registry that holds nothing: without it, references would be fetched.
    return Draft202012Validator(
        json.loads(schema), format_checker=Draft202012Validator.FORMAT_CHECKER, registry=Registry()
    )


def _lines(error: ValidationError) -> Iterator[str]:
    """Yield what an error says, in our words where it is one of the usual."""
    place = _place(error.absolute_path)
    value = error.instance
    match error.validator:
        case "enum":
            allowed = ", ".join(map(_shown, error.validator_value[:12]))
            yield f"{place}{_shown(value)} is not one of {allowed}"
        case "const":
            yield f"{place}{_shown(value)} is not {_shown(error.validator_value)}"
        case "type":
            kinds = error.validator_value
            wanted = kinds if isinstance(kinds, str) else " or ".join(kinds)
            yield f"{place}{_shown(value)} is not {wanted if wanted == 'null' else with_article(wanted)}"
        case "required" if isinstance(value, dict):
            for name in error.validator_value:
                if name not in value:
                    yield f"{place}{name} is missing"
        case "additionalProperties" if isinstance(value, dict) and error.validator_value is False:
            known = error.schema.get("properties", {})
            names = [name for name in value if name not in known][:5]
            yield f"{place}{', '.join(map(_shown, names))} was not asked for"
        case "anyOf" | "oneOf" if error.context:
            yield from _alternatives(place, error)
        case _:
            yield f"{place}{shortened(error.message, 200)}"


def _alternatives(place: str, error: ValidationError) -> Iterator[str]:
    """Yield what is wrong with a value that is none of several things: of the one that it comes nearest to."""
    from jsonschema.exceptions import best_match

    nearest = best_match([error])
    if nearest is None or nearest is error:
        yield f"{place}{_shown(error.instance)} fits none of the alternatives"
    else:
        yield from _lines(nearest)


def _place(path: Sequence[Any]) -> str:
    text = "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in path).lstrip(".")
    return f"{text[:120]}: " if text else ""


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return shortened(text, _LONGEST_VALUE)


def _references(schema: Any, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        raise InputError("the JSON Schema is nested too deeply", hint="Ask for less at once.")
    if isinstance(schema, Mapping):
        for name, value in schema.items():
            if name in ("$ref", "$dynamicRef") and isinstance(value, str):
                yield value
            else:
                yield from _references(value, depth + 1)
    elif isinstance(schema, list | tuple):
        for value in schema:
            yield from _references(value, depth + 1)


def _is_there(schema: Mapping[str, Any], reference: str) -> bool:
    at: Any = schema
    for part in reference.split("/")[1:]:
        at = at.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(at, Mapping) else None
    return at is not None
