"""Where typed replies agree: field by field, row by row, in percent. No I/O."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from g4f_magic.schemas import Schema

VALUE = "value"
"""What the one field of a reply is called that is no record."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of typed replies."""

    name: str
    values: tuple[str, ...]
    """Of each column, as JSON; empty where it has none."""
    agree: int
    """How many columns say the same, at most."""

    @property
    def is_same(self) -> bool:
        """Say whether all columns that answered say the same."""
        return self.agree == sum(bool(value) for value in self.values)


def fields_of(values: Sequence[Any], schema: Schema) -> list[Field]:
    """Return the fields of the replies' values, one value for each column; None for a column without one."""
    rows = [None if value is None else as_row(value, schema) for value in values]
    names = list(schema.fields) if schema.fields and not schema.is_many else [VALUE]
    return [_field(name, [None if row is None else row.get(name) for row in rows], rows) for name in names]


def as_row(value: Any, schema: Schema) -> Mapping[str, Any]:
    """Return the fields of a value, by name; that of one which is no record is called `value`."""
    return schema.row(value) if schema.fields and not schema.is_many else {VALUE: value}


def _field(name: str, values: Sequence[Any], rows: Sequence[Any]) -> Field:
    texts = tuple("" if row is None else as_json(value) for value, row in zip(values, rows, strict=True))
    counted = Counter(filter(None, texts))
    return Field(name, texts, max(counted.values(), default=0))


def as_json(value: Any) -> str:
    """Return a value as JSON with its keys sorted; one that JSON has no form for, as Python shows it."""
    try:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    except (TypeError, ValueError):
        return repr(value)


def percent(part: int, whole: int) -> int:
    """Return how many in a hundred, not rounded up; of nothing, 0."""
    return 100 * part // whole if whole else 0


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often columns of a table say the same."""

    same: int
    """Rows in which all of them do."""
    compared: int
    """Rows in which all of them say something."""
    pairs: Mapping[tuple[str, str], tuple[int, int]]
    """The same of each two of them."""


def agreement_of(columns: Mapping[str, Sequence[Any]]) -> Agreement:
    """Return how often columns agree, by their names; what is None says nothing."""
    texts = {
        name: [None if value is None else as_json(value) for value in values]
        for name, values in columns.items()
    }
    return Agreement(
        *_same(list(texts.values())),
        {(one, other): _same([texts[one], texts[other]]) for one, other in combinations(texts, 2)},
    )


def _same(columns: Sequence[Sequence[str | None]]) -> tuple[int, int]:
    rows = [row for row in zip(*columns, strict=True) if None not in row]
    return sum(len(set(row)) == 1 for row in rows), len(rows)
