"""Rows of data frames: pandas' by itself, others through narwhals. Only the columns that a prompt names are read."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from g4f_magic.errors import InputError
from g4f_magic.many.rows import ITEM, TOLD, Rows


class _ByColumn:
    """Rows of a table whose columns come as lists, each at its first use."""

    names: Sequence[str]

    def __init__(self, columns: Sequence[str], *, is_series: bool) -> None:
        self._columns = tuple(columns)
        # Of a series each row is the item, whatever name the series has besides.
        self.names = tuple(dict.fromkeys((*columns, ITEM))) if is_series else self._columns
        self._read: dict[str, list[Any]] = {}

    def fields(self, number: int) -> Mapping[str, Any]:
        """Return what a row holds, looked up by name."""
        return _Fields(self, number)

    def row(self, number: int) -> Any:
        """Return a row as a dict."""
        return {name: self.column(name)[number] for name in self._columns}

    def column(self, name: str) -> list[Any]:
        """Return a column's values."""
        if name not in self._read:
            place = self._columns.index(name) if name in self._columns else 0
            self._read[name] = self._column(place)
        return self._read[name]

    def _column(self, place: int) -> list[Any]:
        raise NotImplementedError


class _Fields(Mapping[str, Any]):
    """One row, of which a column is read when it is asked for."""

    __slots__ = ("_number", "_rows")

    def __init__(self, rows: _ByColumn, number: int) -> None:
        self._rows = rows
        self._number = number

    def __getitem__(self, name: str) -> Any:
        return self._rows.column(name)[self._number]

    def __iter__(self) -> Any:
        return iter(self._rows.names)

    def __len__(self) -> int:
        return len(self._rows.names)


class PandasRows(_ByColumn):
    """A pandas data frame, or a series; its index stays, whatever stands in it twice."""

    def __init__(self, data: Any, first: int | None) -> None:
        is_series = data.ndim == 1
        frame = data.to_frame(ITEM if data.name is None else data.name) if is_series else data
        self._frame = frame if first is None else frame.iloc[:first]
        self.count = len(self._frame)
        columns = [str(name) for name in self._frame.columns]
        if len(set(columns)) < len(columns):
            raise InputError("the data frame has two columns of one name", hint="Rename one of them.")
        super().__init__(columns, is_series=is_series)

    def _column(self, place: int) -> list[Any]:
        return list(self._frame.iloc[:, place].tolist())

    def with_columns(self, columns: Mapping[str, list[Any]]) -> Any:
        """Return a data frame with the same index."""
        frame = self._frame.copy()
        if any(name in self._columns for name in columns):
            frame.columns = list(self._columns)
        import pandas

        for name, values in columns.items():
            frame[name] = pandas.Series(values, index=frame.index, dtype=_dtype_of(name, values))
        return frame


class NarwhalsRows(_ByColumn):
    """A table of another library: polars, arrow, duckdb, ..."""

    def __init__(self, frame: Any, first: int | None, *, is_series: bool) -> None:
        self._frame = frame if first is None else frame.head(first)
        self.count = len(self._frame)
        super().__init__(self._frame.columns, is_series=is_series)

    @cached_property
    def _narwhals(self) -> Any:
        return narwhals()

    def _column(self, place: int) -> list[Any]:
        return list(self._frame[self._columns[place]].to_list())

    def with_columns(self, columns: Mapping[str, list[Any]]) -> Any:
        """Return a table of the same library."""
        series = [self._series(name, values) for name, values in columns.items()]
        return self._frame.with_columns(*series).to_native()

    def _series(self, name: str, values: list[Any]) -> Any:
        """Return a column; what the library has no type for stands there as JSON."""
        nw, backend = self._narwhals, self._frame.implementation
        try:
            return nw.new_series(name, values, _type_of(nw, name, values), backend=backend)
        except Exception:  # each library has errors of its own
            texts = [None if value is None else _as_text(value) for value in values]
            return nw.new_series(name, texts, nw.String, backend=backend)


def frame_rows(data: Any, first: int | None) -> Rows:
    """Return the rows of a table or a column of another library than pandas.

    Raises:
        InputError: it cannot be read as one.
    """
    nw = narwhals()
    try:
        found = nw.from_native(_table_of(data), allow_series=True)
    except TypeError:
        raise InputError(
            f"{type(data).__name__} is not a table that can be read here",
            hint="Turn it into a pandas or polars frame.",
        ) from None
    if is_series := isinstance(found, nw.Series):
        found = found.alias(found.name or ITEM).to_frame()
    if isinstance(found, nw.LazyFrame):
        found = (found if first is None else found.head(first)).collect()
    return NarwhalsRows(found, first, is_series=is_series)


def _table_of(data: Any) -> Any:
    """Return a piece of arrow's data as what the others read: a batch as a table, an array as a column."""
    arrow = sys.modules.get("pyarrow")
    if arrow is not None and isinstance(data, arrow.RecordBatch):
        return arrow.Table.from_batches([data])
    if arrow is not None and isinstance(data, arrow.Array):
        return arrow.chunked_array([data])
    return data


def narwhals() -> Any:
    """Return the package that knows all their kinds.

    Raises:
        InputError: it is not installed.
    """
    try:
        import narwhals as nw
    except ImportError:
        raise InputError(
            "reading this kind of table needs the package narwhals", hint="%pip install 'g4f-magic[data]'"
        ) from None
    return nw


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _dtype_of(name: str, values: list[Any]) -> str | None:
    """Return pandas' type of a column of ours: the same whatever came; whole numbers stay whole beside gaps."""
    told = {TOLD[name]} if name in TOLD else {type(value) for value in values if value is not None}
    if told and told <= {int, float}:
        return "float64" if float in told else "Int64"
    if told == {datetime}:
        return None  # pandas knows it
    return "boolean" if told == {bool} else "object"


def _type_of(nw: Any, name: str, values: list[Any]) -> Any:
    told = {TOLD[name]} if name in TOLD else {type(value) for value in values if value is not None}
    kinds = {int: nw.Int64, float: nw.Float64, bool: nw.Boolean, str: nw.String}
    if told == {int, float}:
        return nw.Float64
    return kinds[next(iter(told))] if len(told) == 1 and told <= set(kinds) else (None if told else nw.String)
