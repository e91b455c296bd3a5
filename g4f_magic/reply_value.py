"""A typed reply as the person's code gets it: the value itself, that knows which turn it came from where it can.

It behaves as the value: it is equal to it, of its class, hashed, shown, copied and pickled as it is. What there is only
one of (True, False, None, the members of an Enum) stays itself and has no `.turn`.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from g4f_magic.turn import Turn
from g4f_magic.turn_json import turn_from_json, turn_to_json

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
    elif hasattr(value, "__dict__"):
        made = value
    elif dataclasses.is_dataclass(value):
        made = object.__new__(_slotted(kind))
        for name in _fields(kind):
            object.__setattr__(made, name, getattr(value, name))
    else:
        return value
    object.__setattr__(made, "turn", turn)
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
def _slotted(base: Any) -> Any:
    """Return such a class of a dataclass with slots, which have no place for anything else."""

    def plain(self: Any) -> Any:
        made: Any = object.__new__(base)
        for name in _fields(base):
            object.__setattr__(made, name, getattr(self, name))
        return made

    def equals(self: Any, other: Any) -> Any:
        if not isinstance(other, base):
            return NotImplemented
        return plain(self) == (plain(other) if type(other) is type(self) else other)

    return _carrying(base, {"__slots__": ("turn",), "__eq__": equals, "__hash__": base.__hash__}, plain)


def _carrying(base: Any, members: dict[str, Any], plain: Callable[[Any], Any]) -> type:
    def reduce(self: Any) -> tuple[Any, ...]:
        return _revived, (plain(self), turn_to_json(self.turn))

    names = {"__module__": base.__module__, "__qualname__": base.__qualname__, "__doc__": base.__doc__}
    # In this order: how a dataclass with slots is pickled is written into it.
    own = {"__reduce__": reduce, "__reduce_ex__": lambda self, protocol: reduce(self)}
    return type(base.__name__, (base,), {**names, **members, **own})


def _fields(kind: Any) -> list[str]:
    return [one.name for one in dataclasses.fields(kind)]


def _revived(value: Any, turn: dict[str, Any]) -> Any:
    """Return a value that was pickled or copied."""
    return with_turn(value, turn_from_json(turn))
