"""The structure of a container without any value of it: types, sizes, and names of fields."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Set
from itertools import islice
from typing import Any

from g4f_magic.describing.described import Scope
from g4f_magic.describing.fields import is_record, recur
from g4f_magic.describing.scalars import is_scalar

_LOOKED_AT, _MOST_LOOKED_AT = 100, 5_000
"""Items of a list, to tell of what types they are, and values in all."""
_MOST_SHAPES = 3
_DEPTH, _LINE = 6, 80
_SCHEMA = Scope(share="schema", limit=0)

Brief = Callable[[Any, Scope], str]


def shape_of(value: Any, brief: Brief) -> str:
    """Return of what a value is made: `{id: int, tags: list of 3 (str)}`.

    Keys that may be values are not in it.
    """
    return _Shapes(brief).of(value, 0, frozenset())


class _Shapes:
    """Tells structures, and stops when it has looked at enough."""

    def __init__(self, brief: Brief) -> None:
        self._brief = brief
        self._left = _MOST_LOOKED_AT

    def of(self, value: Any, depth: int, above: frozenset[int], *, recurs: bool = False) -> str:
        """Return the structure of one value. `above` are the containers that it is in; `recurs`: of a dict, its keys do."""
        self._left -= 1
        if self._left < 0:
            return "…"
        if is_scalar(value):
            return type(value).__name__
        if id(value) in above:
            return "itself"
        fields = fields_of(value)
        if fields is None and not isinstance(value, (Mapping, list, tuple, Set, deque)):
            return self._brief(value, _SCHEMA)
        name, above = type(value).__name__[:80], above | {id(value)}
        size = len(value if fields is None else fields)
        if depth >= _DEPTH:
            return f"{name} of {size:,}"
        if fields is not None:
            return self._record(name, fields, depth, above)
        if not isinstance(value, Mapping):
            return f"{name} of {size:,} ({self._all(value, depth, above)})" if size else f"{name} of 0"
        if is_record(value, recurs=recurs):
            return self._record("" if name == "dict" else name, value, depth, above)
        kinds = f"{self._all(value.keys(), depth, above)}: {self._all(value.values(), depth, above)}"
        return f"{name} of {size:,} ({kinds})"

    def _record(self, name: str, fields: Mapping[str, Any], depth: int, above: frozenset[int]) -> str:
        pad = "  " * (depth + 1)
        parts = [f"{field}: {self.of(item, depth + 1, above)}" for field, item in fields.items()]
        line = ", ".join(parts)
        if len(line) <= _LINE and "\n" not in line:
            return f"{name}{{{line}}}"
        return f"{name}{{\n{pad}" + f",\n{pad}".join(parts) + f"\n{'  ' * depth}}}"

    def _all(self, items: Iterable[Any], depth: int, above: frozenset[int]) -> str:
        """Return the structures that the first of some items have, each once."""
        found: dict[str, None] = {}
        looked_at = list(islice(items, _LOOKED_AT))
        recurs = recur(looked_at)
        for item in looked_at:
            found[self.of(item, depth + 1, above, recurs=recurs)] = None
            if len(found) > _MOST_SHAPES:
                break
        more = " | …" if len(found) > _MOST_SHAPES else ""
        return " | ".join(islice(found, _MOST_SHAPES)) + more


def fields_of(value: Any) -> dict[str, Any] | None:
    """Return the fields of a dataclass's instance or a named tuple; None of anything else."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name, None) for field in dataclasses.fields(value)}
    if isinstance(value, tuple) and (names := getattr(value, "_fields", None)):
        return dict(zip(map(str, names), value, strict=False))
    return None
