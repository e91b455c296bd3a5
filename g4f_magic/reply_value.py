"""A typed reply as the person's code gets it: the value itself, that knows which turn it came from where it can.

It behaves as the value: it is equal to it, of its class, hashed, shown, copied and pickled as it is. What there is only
one of (True, False, None, the members of an Enum) stays itself and has no `.turn`.
"""

from __future__ import annotations

import copy
import dataclasses
import enum
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from g4f_magic.turn import Turn
from g4f_magic.turn_json import turn_from_json, turn_to_json

_OF_PYDANTIC = ("__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__")
_BUILT_IN = (dict, list, set, frozenset, tuple, str, int, float)


def with_turn(value: Any, turn: Turn) -> Any:
    """Return the value with `.turn`, where it can carry one."""
    if value is None or isinstance(value, bool | enum.Enum) or hasattr(value, "turn"):
        return value
    kind: Any = type(value)
    if kind in _BUILT_IN:
        made = _class_of(kind)(value)
    elif isinstance(value, tuple) and hasattr(value, "_make"):
        made = _class_of(kind)._make(value)
    elif hasattr(value, "__dict__") or dataclasses.is_dataclass(value):
        made = _carrier(value, kind)
    else:
        return value
    object.__setattr__(made, "turn", turn)
    return made


def _carrier(value: Any, kind: Any) -> Any:
    """Return an object with what `value` holds, and a place for the turn that is none of its own fields.

    `vars(reply)`, `dict(reply)` of a model and what writes an object as JSON have to see its fields alone. Where its
    class takes no such subclass, it is the value itself.
    """
    try:
        return _filled(_instance(kind), value)
    except Exception:  # whatever the person's own class or its metaclass raises
        return value


def _filled(kind: Any, value: Any) -> Any:
    made: Any = object.__new__(kind)
    if dataclasses.is_dataclass(value):
        for name in _fields(type(value)):
            object.__setattr__(made, name, getattr(value, name))
    for name in ("__dict__", *_OF_PYDANTIC):
        if hasattr(value, name):
            held = getattr(value, name)
            object.__setattr__(made, name, dict(held) if name == "__dict__" else held)
    return made


@lru_cache(maxsize=256)
def _class_of(base: Any) -> Any:
    """Return a class whose values are those of `base`, and carry a turn."""

    def plain(self: Any) -> Any:
        if hasattr(base, "_make"):
            return base._make(self)
        return base.__str__(self) if base is str else base(self)

    # A set alone names its class.
    own = {"__repr__": lambda self: repr(plain(self))} if base is set or base is frozenset else {}
    return _carrying(base, own, plain)


@lru_cache(maxsize=256)
def _instance(base: Any) -> Any:
    """Return such a class of a dataclass or a model: one is equal to another of its class alone."""

    def plain(self: Any) -> Any:
        return _filled(base, self)

    def compared(name: str) -> Callable[[Any, Any], Any]:
        def compare(self: Any, other: Any) -> Any:
            if not isinstance(other, base):
                return NotImplemented
            return getattr(base, name)(plain(self), plain(other) if type(other) is type(self) else other)

        return compare

    members: dict[str, Any] = {
        **{name: compared(name) for name in ("__eq__", "__lt__", "__le__", "__gt__", "__ge__")},
        "__slots__": ("turn",),
        "__hash__": base.__hash__,
        "__copy__": lambda self: with_turn(copy.copy(plain(self)), self.turn),
        "__deepcopy__": lambda self, memo: with_turn(copy.deepcopy(plain(self), memo), self.turn),
    }
    return _carrying(base, members, plain)


def _carrying(base: Any, members: dict[str, Any], plain: Callable[[Any], Any]) -> type:
    def reduce(self: Any) -> tuple[Any, ...]:
        turn = getattr(self, "turn", None)  # `dataclasses.replace` makes one without
        return (_itself, (plain(self),)) if turn is None else (_revived, (plain(self), turn_to_json(turn)))

    names = {"__module__": base.__module__, "__qualname__": base.__qualname__, "__doc__": base.__doc__}
    # In this order: how a dataclass with slots is pickled is written into it.
    own = {"__reduce__": reduce, "__reduce_ex__": lambda self, protocol: reduce(self)}
    made: type = type(base)(base.__name__, (base,), {**names, **members, **own})
    return made


def _fields(kind: Any) -> list[str]:
    return [one.name for one in dataclasses.fields(kind)]


def _itself(value: Any) -> Any:
    return value


def _revived(value: Any, turn: dict[str, Any]) -> Any:
    """Return a value that was pickled or copied."""
    return with_turn(value, turn_from_json(turn))
