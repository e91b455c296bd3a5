"""Rows of whatever holds some: a data frame, a list, a dict of columns, a generator. What they say is read, never changed."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from g4f_magic.errors import InputError

ITEM = "item"
"""What a row is called that is no record: `{{item}}`."""
TOLD = {"error": str, "seconds": float, "tokens": int}
"""The columns that tell of each row, and what they hold."""


class Rows(Protocol):
    """A table that is read row by row, and can be made anew with further columns."""

    names: Sequence[str]
    """Of its columns."""
    count: int

    def fields(self, number: int) -> Mapping[str, Any]:
        """Return what a row holds, by column; `number` counts from 0."""

    def row(self, number: int) -> Any:
        """Return a row as it was given."""

    def with_columns(self, columns: Mapping[str, list[Any]]) -> Any:
        """Return a table of the same kind and index, with those columns in place of any of the same name, or after all."""


class Records:
    """A list of rows, each of them a record or one value."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self._rows = rows
        self.count = len(rows)
        names: dict[str, None] = {}
        for row in rows:
            names.update(dict.fromkeys(record_of(row)))
        self.names: Sequence[str] = tuple(names)

    def fields(self, number: int) -> Mapping[str, Any]:
        """Return what a row holds."""
        return record_of(self._rows[number])

    def row(self, number: int) -> Any:
        """Return a row as it was given."""
        return self._rows[number]

    def with_columns(self, columns: Mapping[str, list[Any]]) -> list[dict[str, Any]]:
        """Return a list of dicts."""
        return [
            {**self.fields(number), **{name: values[number] for name, values in columns.items()}}
            for number in range(self.count)
        ]


class ColumnLists:
    """A dict of columns, all of one length."""

    def __init__(self, columns: Mapping[Any, Any], first: int | None) -> None:
        sizes = {}
        for name, values in columns.items():
            if (
                isinstance(values, str | bytes)
                or not hasattr(values, "__len__")
                or not hasattr(values, "__getitem__")
            ):
                raise InputError(
                    "a dict of columns holds a list for each name, and this one does not",
                    hint="Write {'text': [...], ...}, or give a list of dicts.",
                )
            sizes[str(name)] = len(values)
        if len(set(sizes.values())) > 1:
            told = ", ".join(f"{name} {size}" for name, size in list(sizes.items())[:6])
            raise InputError(
                f"the columns are not of one length: {told}", hint="Each row needs a value in each."
            )
        self.count = min(first if first is not None else sys.maxsize, next(iter(sizes.values()), 0))
        self._columns = {str(name): values for name, values in columns.items()}
        self.names: Sequence[str] = tuple(self._columns)

    def fields(self, number: int) -> Mapping[str, Any]:
        """Return what a row holds."""
        return {name: values[number] for name, values in self._columns.items()}

    def row(self, number: int) -> Any:
        """Return a row as a dict."""
        return self.fields(number)

    def with_columns(self, columns: Mapping[str, list[Any]]) -> dict[str, Any]:
        """Return a dict of columns."""
        return {**{name: values[: self.count] for name, values in self._columns.items()}, **columns}


def record_of(row: Any) -> Mapping[str, Any]:
    """Return a row's values by name; of one that has no names, its value as `item`."""
    if isinstance(row, Mapping):
        return (
            row
            if all(type(name) is str for name in row)
            else {str(name): value for name, value in row.items()}
        )
    if isinstance(row, tuple) and hasattr(row, "_asdict"):
        return dict(row._asdict())
    if dataclasses.is_dataclass(row) and not isinstance(row, type):
        return {field.name: getattr(row, field.name) for field in dataclasses.fields(row)}
    if "pydantic" in sys.modules and hasattr(type(row), "model_fields") and hasattr(row, "model_dump"):
        return dict(row.model_dump())
    if (names := _names_in(row)) is not None:
        return {str(name): row[name] for name in names}
    return {ITEM: row}


def _names_in(row: Any) -> Sequence[Any] | None:
    """Return the names of a row of a database or of a structured array; None where it has none."""
    if not hasattr(type(row), "__getitem__"):
        return None
    if callable(keys := getattr(row, "keys", None)):
        return list(keys())
    names: Sequence[Any] | None = getattr(getattr(row, "dtype", None), "names", None)
    return names


def is_missing(value: Any) -> bool:
    """Say whether a value is none: None, NaN, NaT, pandas' NA, or a text without a word."""
    if value is None:
        return True
    if isinstance(value, str):
        return not value.strip()
    if type(value).__name__ in ("NAType", "NaTType"):
        return True
    try:
        return bool(value != value)
    except (TypeError, ValueError):  # an array, or what compares to nothing
        return False
