"""What a typed reply has to be, and its value."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from types import ModuleType
from typing import Any, get_args, get_origin

from g4f_magic.errors import InputError, UnfitReplyError
from g4f_magic.schemas import types
from g4f_magic.schemas.fitting import check_possible, check_schema, check_size, problems
from g4f_magic.schemas.line import JSON_OF, json_of_line
from g4f_magic.schemas.reply_json import json_in

_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_KEYWORDS = frozenset(
    [
        "type",
        "properties",
        "items",
        "enum",
        "const",
        "anyOf",
        "oneOf",
        "allOf",
        "$ref",
        "$defs",
        "$schema",
        "prefixItems",
        "additionalProperties",
    ]
)
"""One of these stands in any JSON Schema that says something."""
_HINT = 'Write "label: positive|negative, why: str", the name of a class, or a dict that is a JSON Schema.'

Fit = Callable[[Any], Any]
"""Makes the person's value of a JSON value. Raises a ValueError whose arguments are what is wrong, a line each."""


@dataclass(frozen=True, eq=False)
class Schema(Mapping[str, Any]):
    """What a reply has to be. As a mapping it is its JSON Schema, and equal to any with the same content."""

    json: Mapping[str, Any]
    """The JSON Schema of the whole reply: of `is_many`, a list of what was named."""
    name: str = ""
    """What the person calls it: the name of a class; empty where it has none."""
    is_many: bool = False
    fit: Fit | None = field(default=None, repr=False)
    """Makes the value where that is not plain JSON."""
    is_told_elsewhere: bool = False
    """`fit` itself tells what fits: a model of pydantic."""

    def __getitem__(self, key: str) -> Any:
        return self.json[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.json)

    def __len__(self) -> int:
        return len(self.json)

    __hash__ = None  # type: ignore[assignment]  # as dicts have none

    @classmethod
    def of_json(cls, found: Mapping[str, Any]) -> Schema:
        """Return the schema of a JSON Schema as it was kept; one that is whole already stays as it is."""
        return found if isinstance(found, Schema) else cls(found, is_many=_is_list(found))

    @property
    def one(self) -> Mapping[str, Any]:
        """Return the JSON Schema of one item of many; of one alone, its own."""
        items = self.json.get("items") if self.is_many else None
        return _resolved(items if isinstance(items, Mapping) else self.json, self.json)

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the names of the fields that a value, or one of many, has: columns of a table. Empty: it is no record."""
        properties = self.one.get("properties")
        return tuple(properties) if isinstance(properties, Mapping) else ()

    def validate(self, text: str) -> Any:
        """Return the value of a reply.

        Raises:
            UnfitReplyError: it does not fit; the error says what is wrong and keeps the text.
        """
        from g4f_magic.schemas.asked import bare

        try:
            value = self._read(text)
        except ValueError as exc:
            raise UnfitReplyError.of(text, (str(exc),)) from None
        value = bare(value, self.json)
        wrong = () if self.is_told_elsewhere else problems(value, self.json)
        if wrong:
            raise UnfitReplyError.of(text, wrong)
        if self.fit is None:
            return value
        try:
            return self.fit(value)
        except ValueError as exc:
            raise UnfitReplyError.of(text, tuple(map(str, exc.args)) or (type(exc).__name__,)) from None
        except Exception as exc:  # whatever the person's own class raises
            raise UnfitReplyError.of(text, (_raised(exc, self.name or "its class"),)) from None

    def _read(self, text: str) -> Any:
        """Return the JSON value of a reply; a text that is to be one needs no quotes around it."""
        try:
            return json_in(text)
        except ValueError:
            plain = text.strip().strip("\"'`").strip()
            if plain and _takes_text(self.json) and not problems(plain, self.json):
                return plain
            raise

    def row(self, value: Any) -> dict[str, Any]:
        """Return the fields of a value, or of one of many, by their names."""
        if isinstance(value, Mapping):
            return {name: value.get(name) for name in self.fields}
        return {name: getattr(value, name, None) for name in self.fields}


def digest_of(schema: Mapping[str, Any]) -> str:
    """Return what a JSON Schema is known by: the same for all that say the same."""
    return sha256(json.dumps(dict(schema), sort_keys=True).encode()).hexdigest()[:16]


def schema_of(spec: Any, names: Mapping[str, Any] | None = None, *, is_many: bool = False) -> Schema:
    """Return the schema that a person names: a line, a class, a JSON Schema, or the name of one of them in `names`.

    With `is_many` the reply is a list of them.

    Raises:
        InputError: it is none.
    """
    if isinstance(spec, Schema) and not is_many:
        return spec
    found = _schema_of(spec, names or {})
    if is_many and not found.is_many:
        found = _many(found)
    check_size(found.json)
    check_possible(found.json)
    return found


def _schema_of(spec: Any, names: Mapping[str, Any]) -> Schema:
    match spec:
        case Schema():
            return spec
        case str():
            return _of_text(spec.strip(), names)
        case Mapping():
            return _of_mapping(spec)
        case _:
            return _of_type(spec)


def _of_text(text: str, names: Mapping[str, Any]) -> Schema:
    if _NAME.fullmatch(text) and text not in JSON_OF:
        return _named(text, names)
    if text.startswith("{"):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict):
            return _of_mapping(value)
    makers: dict[str, Any] = {}

    def found(name: str) -> dict[str, Any] | None:
        if name not in names or not isinstance(names[name], type):
            return None
        # As data: what is made of a line is plain JSON, also where a class says what stands in it.
        makers[name] = names[name]
        one = dict(_schema_of(names[name], names).json)
        if "$defs" in one:
            raise InputError(
                f"{name} cannot stand within a line, as it refers to other models",
                hint="Name it alone, or make the whole a class.",
            )
        return one

    one = json_of_line(text, found)
    return Schema(one, is_many=_is_list(one))


def _named(text: str, names: Mapping[str, Any]) -> Schema:
    first, *others = text.split(".")
    found = names.get(first)
    for name in others:
        found = getattr(found, name, None) if isinstance(found, ModuleType | type) else None
    if found is None:
        near = difflib.get_close_matches(
            first, [*JSON_OF, *(one for one in names if not one.startswith("_"))], n=1
        )
        raise InputError(
            f"--schema: there is no {text} in the notebook",
            hint=f"Did you mean {near[0]}?" if near else _HINT,
        )
    if isinstance(found, str) and found.strip() == text:
        raise InputError(f"--schema: {text} only holds its own name", hint=_HINT)
    made = _schema_of(found, {})
    return made if made.name else Schema(made.json, text, made.is_many, made.fit, made.is_told_elsewhere)


def _of_mapping(found: Mapping[str, Any]) -> Schema:
    if not _KEYWORDS & set(map(str, found)):
        raise InputError("the dict is not a JSON Schema", hint=_HINT)
    try:
        plain = json.loads(json.dumps(dict(found), allow_nan=False))
    except (TypeError, ValueError, RecursionError) as exc:
        raise InputError(f"the JSON Schema is not JSON: {exc}", hint="Give dicts, lists and texts.") from exc
    check_schema(plain)
    title = plain.get("title")
    return Schema(plain, title if isinstance(title, str) else "", _is_list(plain))


def _of_type(kind: Any) -> Schema:
    if not (isinstance(kind, type) or get_args(kind) or hasattr(kind, "__supertype__") or _is_special(kind)):
        raise InputError(f"{type(kind).__name__} is not a kind of schema", hint=_HINT)
    try:
        found = types.of_type(kind)
    except types.PydanticError:
        return _of_pydantic(kind)
    name = types.name_of(kind)
    return Schema(found.json, "" if name in JSON_OF else name, _is_list(found.json), found.make)


def _is_special(kind: Any) -> bool:
    return kind is None or kind is Any or hasattr(kind, "__value__") or get_origin(kind) is not None


def _of_pydantic(kind: Any) -> Schema:
    adapter = types.pydantic_adapter(kind)

    def fit(value: Any) -> Any:
        from pydantic import ValidationError

        try:
            return adapter.validate_json(json.dumps(value))
        except ValidationError as exc:
            raise ValueError(*map(_line_of, exc.errors(include_url=False))) from None

    try:
        found = _untitled(adapter.json_schema())
    except Exception as exc:  # whatever the person's own class raises
        raise InputError(
            f"the schema cannot be made: pydantic has none of it ({type(exc).__name__})",
            hint="Try it with pydantic.TypeAdapter(...).json_schema().",
        ) from exc
    return Schema(found, types.name_of(kind), _is_list(found), fit, is_told_elsewhere=True)


def _raised(error: Exception, by: str) -> str:
    try:
        message = str(error)
    except Exception:  # of the person's own class
        message = ""
    kind = type(error).__name__
    return f"{by} raised {kind}: {message}" if message else f"{by} raised {kind}"


def _line_of(error: Mapping[str, Any]) -> str:
    place = ".".join(map(str, error["loc"]))
    return f"{place + ': ' if place else ''}{error['msg']}"


def _many(one: Schema) -> Schema:
    """Return the schema of a list of what `one` is."""
    item = dict(one.json)
    defs: dict[str, Any] = {name: item.pop(name) for name in ("$defs", "definitions") if name in item}
    if '"$ref": "#"' in json.dumps(item):
        raise InputError(
            "a JSON Schema that refers to itself as a whole cannot be one of many",
            hint="Put it below $defs, and refer to it there.",
        )
    fit = one.fit
    each = None if fit is None else _each(fit)
    return Schema({"type": "array", "items": item, **defs}, one.name, True, each, one.is_told_elsewhere)


def _each(fit: Fit) -> Fit:
    def each(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise ValueError("it is not a list")
        made, wrong = [], []
        for number, item in enumerate(value):
            try:
                made.append(fit(item))
            except ValueError as exc:
                wrong += [f"[{number}] {text}" for text in exc.args]
        if wrong:
            raise ValueError(*wrong)
        return made

    return each


def _untitled(schema: Any, *, is_of_names: bool = False) -> Any:
    """Return a schema without the titles that pydantic makes of names: they tell nothing, and cost tokens."""
    if isinstance(schema, list):
        return [_untitled(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: _untitled(value, is_of_names=name in ("properties", "$defs") and not is_of_names)
        for name, value in schema.items()
        if is_of_names or name != "title" or not isinstance(value, str)
    }


def _is_list(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "array" and isinstance(schema.get("items"), Mapping)


def _takes_text(schema: Mapping[str, Any]) -> bool:
    kinds = schema.get("type")
    if kinds is None:
        return any(isinstance(one, str) for one in schema.get("enum", ())) or "anyOf" in schema
    return kinds == "string" or (isinstance(kinds, list) and "string" in kinds)


def _resolved(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a schema that is a reference alone refers to."""
    for _ in range(10):
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            break
        at: Any = whole
        for part in reference.split("/")[1:]:
            at = at.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(at, Mapping) else None
        if not isinstance(at, Mapping):
            break
        schema = at
    return schema
