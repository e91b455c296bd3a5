"""A schema of a Python type, and what makes its value: dataclass, TypedDict, Enum, Literal, lists, unions. No I/O.

The schema of a type is the same wherever it is made: a recording is found by it. So these are read here, whether
pydantic is installed or not; models of pydantic are told by pydantic.
"""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import inspect
import sys
import types
import typing
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, get_args, get_origin

from g4f_magic.errors import InputError
from g4f_magic.schemas import bounds
from g4f_magic.schemas.fitting import fits
from g4f_magic.schemas.line import of_values

Make = Callable[[Any], Any]
"""Makes the value of a type of the JSON value that fits it."""


class TypeSchema(NamedTuple):
    """What a type asks for, and what makes its value; None: the JSON value is it already."""

    json: dict[str, Any]
    make: Make | None = None


class PydanticError(Exception):
    """A model of pydantic is part of the type, or a bound that pydantic alone knows."""


_PLAIN: dict[Any, TypeSchema] = {
    str: TypeSchema({"type": "string"}),
    int: TypeSchema({"type": "integer"}, int),
    float: TypeSchema({"type": "number"}, float),
    bool: TypeSchema({"type": "boolean"}),
    None: TypeSchema({"type": "null"}),
    type(None): TypeSchema({"type": "null"}),
    Any: TypeSchema({}),
    object: TypeSchema({}),
    dict: TypeSchema({"type": "object"}),
    list: TypeSchema({"type": "array"}),
    datetime.date: TypeSchema({"type": "string", "format": "date"}, datetime.date.fromisoformat),
    datetime.datetime: TypeSchema({"type": "string", "format": "date-time"}, datetime.datetime.fromisoformat),
    datetime.time: TypeSchema({"type": "string", "format": "time"}, datetime.time.fromisoformat),
    decimal.Decimal: TypeSchema({"type": "number"}, lambda value: decimal.Decimal(str(value))),
}
_LISTS: dict[Any, type] = {
    list: list,
    set: set,
    frozenset: frozenset,
    Sequence: list,
    Iterable: list,
    Collection: list,
}
_KNOWN = "a pydantic model, a dataclass, a TypedDict, a NamedTuple, an Enum, Literal, str, int, float, bool, list[...]"


def of_type(kind: Any) -> TypeSchema:
    """Return what a type asks for.

    Raises:
        InputError: no JSON can be its value, or it holds itself.
        PydanticError: pydantic tells what it is.
    """
    return _Types().of(kind)


def name_of(kind: Any) -> str:
    """Return what a type is called; empty where it has no name of its own."""
    return kind.__name__ if isinstance(kind, type) and get_origin(kind) is None else ""


class _Types:
    """Reads types, each within those that it stands in."""

    def __init__(self) -> None:
        self._within: list[Any] = []

    def of(self, kind: Any) -> TypeSchema:
        if (plain := _plain(kind)) is not None:
            return plain._replace(json=dict(plain.json))
        if is_pydantic(kind):
            raise PydanticError
        if any(kind is one for one in self._within):
            raise InputError(
                f"the schema cannot be made: {_shown(kind)} holds itself",
                hint="A pydantic model can, or a JSON Schema with $ref.",
            )
        self._within.append(kind)
        found = self._of_origin(kind, get_origin(kind), get_args(kind)) or self._of_class(kind)
        self._within.pop()
        if found is None:
            raise InputError(
                f"the schema cannot be made: {_shown(kind)} has no form in JSON", hint=f"It takes {_KNOWN}."
            )
        return found

    def _of_origin(self, kind: Any, origin: Any, args: tuple[Any, ...]) -> TypeSchema | None:
        if (alias := getattr(kind, "__value__", None)) is not None and not isinstance(kind, type):
            return self.of(alias)
        if (supertype := getattr(kind, "__supertype__", None)) is not None:
            return self.of(supertype)
        match origin:
            case typing.Annotated:
                if bounds.is_of_pydantic(kind.__metadata__):
                    raise PydanticError
                return _bounded(self.of(args[0]), kind.__metadata__)
            case typing.Required | typing.NotRequired:
                return self.of(args[0])
            case typing.Literal:
                return _of_values(args)
            case typing.Union | types.UnionType:
                return self._union(args)
        if origin is tuple:
            return self._tuple(args)
        if origin in (dict, Mapping) or str(origin).endswith("MutableMapping'>"):
            if args[0] is not str:
                raise InputError(
                    "the schema cannot be made: a JSON object's keys are texts", hint="Write dict[str, ...]."
                )
            return self._map(args[1])
        if origin in _LISTS:
            return self._list(args[0], _LISTS[origin])
        return None

    def _of_class(self, kind: Any) -> TypeSchema | None:
        if not isinstance(kind, type):
            return None
        if issubclass(kind, enum.Enum):
            return _of_enum(kind)
        if dataclasses.is_dataclass(kind):
            return self._dataclass(kind)
        if typing.is_typeddict(kind):
            return self._typed_dict(kind)
        if issubclass(kind, tuple) and hasattr(kind, "_fields"):
            return self._named_tuple(kind)
        return None

    def _union(self, kinds: Sequence[Any]) -> TypeSchema:
        found = [self.of(one) for one in kinds]

        def make(value: Any) -> Any:
            one = next((one for one in found if fits(value, one.json)), None)
            return value if one is None or one.make is None else one.make(value)

        json = {"anyOf": [one.json for one in found]}
        return TypeSchema(json, make if any(one.make for one in found) else None)

    def _list(self, kind: Any, container: type) -> TypeSchema:
        item = self.of(kind)
        is_set = container is not list
        json = {"type": "array", "items": item.json, **({"uniqueItems": True} if is_set else {})}
        if item.make is None and not is_set:
            return TypeSchema(json)
        make = item.make or (lambda value: value)
        return TypeSchema(json, lambda value: container(map(make, value)))

    def _tuple(self, kinds: tuple[Any, ...]) -> TypeSchema:
        if len(kinds) == 2 and kinds[1] is ...:
            inner = self._list(kinds[0], list)
            return TypeSchema(inner.json, lambda value: tuple(inner.make(value) if inner.make else value))
        found = [self.of(one) for one in kinds]
        json = {
            "type": "array",
            "prefixItems": [one.json for one in found],
            "minItems": len(found),
            "maxItems": len(found),
        }

        def make(value: Any) -> tuple[Any, ...]:
            return tuple(one.make(item) if one.make else item for one, item in zip(found, value, strict=True))

        return TypeSchema(json, make)

    def _map(self, kind: Any) -> TypeSchema:
        item = self.of(kind)
        json = {"type": "object", "additionalProperties": item.json}
        if (make := item.make) is None:
            return TypeSchema(json)
        return TypeSchema(json, lambda value: {name: make(one) for name, one in value.items()})

    def _dataclass(self, kind: Any) -> TypeSchema:
        hints = _hints(kind)
        fields = [one for one in dataclasses.fields(kind) if one.init]
        required = [
            one.name
            for one in fields
            if one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING
        ]
        notes = {one.name: one.metadata.get("description", "") for one in fields}
        return self._object(kind, {one.name: hints[one.name] for one in fields}, required, kind, notes)

    def _typed_dict(self, kind: Any) -> TypeSchema:
        return self._object(kind, _hints(kind), sorted(kind.__required_keys__), None, {})

    def _named_tuple(self, kind: Any) -> TypeSchema:
        hints = _hints(kind)
        required = [name for name in kind._fields if name not in kind._field_defaults]
        return self._object(kind, {name: hints.get(name, Any) for name in kind._fields}, required, kind, {})

    def _object(
        self,
        kind: Any,
        hints: Mapping[str, Any],
        required: Sequence[str],
        build: Callable[..., Any] | None,
        notes: Mapping[str, str],
    ) -> TypeSchema:
        found = {name: _described(self.of(hint), notes.get(name, "")) for name, hint in hints.items()}
        json: dict[str, Any] = {
            "type": "object",
            "properties": {name: one.json for name, one in found.items()},
            "required": [name for name in hints if name in required],
            "additionalProperties": False,
        }
        makers = {name: one.make for name, one in found.items() if one.make is not None}
        described = _described(TypeSchema(json), _words_of(kind)).json
        if build is None and not makers:
            return TypeSchema(described)

        def make(value: Any) -> Any:
            made = {name: makers[name](one) if name in makers else one for name, one in value.items()}
            return made if build is None else build(**made)

        return TypeSchema(described, make)


def _plain(kind: Any) -> TypeSchema | None:
    try:
        return _PLAIN.get(kind)
    except TypeError:  # what stands in `Annotated` need not be hashable
        return None


def is_pydantic(kind: Any) -> bool:
    """Say whether pydantic tells what a type is: its models, and dataclasses that it made."""
    return isinstance(kind, type) and hasattr(kind, "__pydantic_core_schema__")


def _hints(kind: Any) -> dict[str, Any]:
    try:
        return typing.get_type_hints(kind, include_extras=True)
    except (NameError, TypeError, SyntaxError) as exc:
        raise InputError(
            f"the schema cannot be made: the types of {_shown(kind)} cannot be told ({exc})",
            hint="Run the cell that defines them first.",
        ) from exc


def _of_enum(kind: type[enum.Enum]) -> TypeSchema:
    """Return the members of an Enum: by their values where those are texts, else by their names, which say more."""
    members = list(kind)
    if not members:
        raise InputError(f"the schema cannot be made: {_shown(kind)} has no members", hint="Give it some.")
    if all(isinstance(one.value, str) for one in members):
        found = TypeSchema(of_values([one.value for one in members]), kind)
    else:
        found = TypeSchema(of_values([one.name for one in members]), lambda name: kind[name])
    return _described(found, _words_of(kind))


def _of_values(values: tuple[Any, ...]) -> TypeSchema:
    if any(isinstance(one, enum.Enum) or not isinstance(one, str | int | bool | None) for one in values):
        raise InputError(
            "the schema cannot be made: Literal holds what JSON has no value for",
            hint="Give texts and numbers.",
        )
    return TypeSchema(of_values(values))


def _bounded(found: TypeSchema, notes: Sequence[Any]) -> TypeSchema:
    """Return a type within the bounds of its notes, and described by them."""
    told = bounds.in_json(notes, found.json)
    looks = bounds.others(notes, told)
    found = _described(found._replace(json={**found.json, **told}), bounds.words_of(notes))
    if not looks:
        return found
    before = found.make

    def make(value: Any) -> Any:
        made = value if before is None else before(value)
        for look in looks:
            look(made)
        return made

    return found._replace(make=make)


def _described(found: TypeSchema, note: str) -> TypeSchema:
    return found._replace(json={**found.json, "description": note}) if note else found


def _words_of(kind: Any) -> str:
    """Return the docstring that a person gave a class; of one that Python wrote, nothing."""
    words = kind.__dict__.get("__doc__") or ""
    is_pythons = words.startswith(f"{kind.__name__}(") or words in (
        enum.Enum.__doc__,
        "An enumeration.",
        dict.__doc__,
    )
    return "" if is_pythons else inspect.cleandoc(words)[:2_000]


def _shown(kind: Any) -> str:
    return name_of(kind) or str(kind)[:80]


def pydantic_adapter(kind: Any) -> Any:
    """Return pydantic's own reader of a type that holds its models.

    Raises:
        InputError: it is a model of pydantic 1, or pydantic cannot read it.
    """
    adapter = getattr(sys.modules.get("pydantic"), "TypeAdapter", None)
    if adapter is None:
        raise InputError("the schema is a model of pydantic 1", hint="pip install -U pydantic")
    try:
        return adapter(kind)
    except Exception as exc:  # whatever the person's own class raises
        raise InputError(
            f"the schema cannot be made: pydantic cannot read {_shown(kind)} ({type(exc).__name__})",
            hint="Try it with pydantic.TypeAdapter(...).json_schema().",
        ) from exc
