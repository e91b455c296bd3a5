"""`df`, `model.coef_`, `rows[0]["name"]`: the way to a value that can be gone without calling anything. No I/O."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any, TypeAlias

from g4f_magic.syntax import expression_of

LONGEST = 300
"""Of what a name in a prompt may have, in characters."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """`.name`"""

    name: str

    def __str__(self) -> str:
        return f".{self.name}"


@dataclass(frozen=True, slots=True)
class Item:
    """`[constant]`; a slice's three parts stand in a tuple, which a slice cannot be compared without."""

    key: Any
    is_slice: bool = False

    @property
    def value(self) -> Any:
        """Return what stands in the brackets."""
        return slice(*self.key) if self.is_slice else self.key

    def __str__(self) -> str:
        if not self.is_slice:
            return f"[{self.key!r}]"
        return f"[{':'.join('' if one is None else repr(one) for one in self.key).rstrip(':') or ':'}]"


Step: TypeAlias = Attribute | Item


@dataclass(frozen=True, slots=True)
class Path:
    """A name, and the steps from it."""

    name: str
    steps: tuple[Step, ...] = ()

    def __str__(self) -> str:
        return self.name + "".join(map(str, self.steps))


def path_of(text: str) -> Path | None:
    """Return the path that a text is; None where it is anything else: a call, a sum, no Python."""
    node = expression_of(text) if len(text) <= LONGEST else None
    try:
        return None if node is None else _path(node)
    except (ValueError, RecursionError):
        return None


def _path(node: ast.expr) -> Path:
    match node:
        case ast.Name(id=name):
            return Path(name)
        case ast.Attribute(value=inner, attr=name):
            before = _path(inner)
            return Path(before.name, (*before.steps, Attribute(name)))
        case ast.Subscript(value=inner, slice=ast.Slice(lower=lower, upper=upper, step=step)):
            parts = tuple(None if one is None else _constant(one) for one in (lower, upper, step))
            before = _path(inner)
            return Path(before.name, (*before.steps, Item(parts, is_slice=True)))
        case ast.Subscript(value=inner, slice=key):
            before = _path(inner)
            return Path(before.name, (*before.steps, Item(_constant(key))))
        case _:
            raise ValueError("it is not a path")


def _constant(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -number
        case ast.Tuple(elts=parts):
            return tuple(map(_constant, parts))
        case _:
            raise ValueError("it is not a constant")
