"""DataFrames, Series and tables of pandas, Polars and Arrow; those of others by way of narwhals, where it is installed.

Nothing is computed: of a lazy frame, a query, the columns are shown. Even its first rows may take reading all of its
sources, in code that no signal ends; and a query of Polars in the background ends the whole process when it is given up.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from g4f_magic.describing.described import Body, Scope
from g4f_magic.describing.frames_pandas import PandasFrame, PandasIndex, PandasSeries
from g4f_magic.describing.table import Column, Table, table_body

_OTHERS = frozenset(
    {"modin", "cudf", "dask", "dask_expr", "duckdb", "ibis", "pyspark", "sqlframe", "daft", "narwhals"}
)


def frame_body(value: Any, root: str, scope: Scope) -> Body | None:
    """Return what is said of a table of the library `root`; None for what is none."""
    table = _table_of(value, root)
    return None if table is None else table_body(table, scope)


def _table_of(value: Any, root: str) -> Table | None:
    names = {cls.__name__ for cls in type(value).__mro__}
    if root == "pandas":
        return _of_pandas(value, names)
    if root == "polars":
        return _of_polars(value, names)
    if root == "pyarrow" and names & {"Table", "RecordBatch"}:
        return _ArrowTable(value)
    return _of_narwhals(value) if root in _OTHERS else None


def _of_pandas(value: Any, names: set[str]) -> Table | None:
    if "DataFrame" in names:
        return PandasFrame(value)
    if "Styler" in names:
        return PandasFrame(value.data, kind="pandas DataFrame with a style")
    if "Series" in names:
        return PandasSeries(value)
    return PandasIndex(value) if "Index" in names else None


def _of_polars(value: Any, names: set[str]) -> Table | None:
    if "DataFrame" in names:
        return _PolarsFrame(value)
    if "LazyFrame" in names:
        return _Query(value, value)
    return _PolarsFrame(value.to_frame(), kind="polars Series") if "Series" in names else None


class _PolarsFrame:
    """A frame of Polars, which knows how many values are missing."""

    notes: tuple[str, ...] = ()

    def __init__(self, frame: Any, kind: str = "polars DataFrame") -> None:
        self.kind = kind
        self.rows: int | None = frame.height
        self.width = frame.width
        self._frame = frame

    def columns(self, most: int) -> list[Column]:
        return _typed(list(self._frame.schema.items())[:most])

    def nulls(self, most: int) -> tuple[list[int] | None, int | None]:
        names = self._frame.columns[:most]
        return [self._frame.get_column(name).null_count() for name in names], None

    def head(self, start: int, stop: int, most: int) -> list[Sequence[Any]]:
        part = self._frame.slice(start, stop - start)
        return list(part.select(part.columns[:most]).rows())


class _ArrowTable:
    """A table or a record batch of Arrow."""

    notes: tuple[str, ...] = ()

    def __init__(self, table: Any) -> None:
        self.kind = f"pyarrow {type(table).__name__}"
        self.rows: int | None = table.num_rows
        self.width = table.num_columns
        self._table = table

    def columns(self, most: int) -> list[Column]:
        fields = [self._table.schema.field(number) for number in range(min(most, self.width))]
        return [Column(name=field.name, type=_arrow_type(field.type)) for field in fields]

    def nulls(self, most: int) -> tuple[list[int] | None, int | None]:
        return [self._table.column(number).null_count for number in range(min(most, self.width))], None

    def head(self, start: int, stop: int, most: int) -> list[Sequence[Any]]:
        part = self._table.slice(start, stop - start)
        return list(
            zip(*(part.column(number).to_pylist() for number in range(min(most, self.width))), strict=True)
        )


def _of_narwhals(value: Any) -> Table | None:
    if find_spec("narwhals") is None:
        return None
    import narwhals

    if isinstance(value, (narwhals.DataFrame, narwhals.LazyFrame)):
        return _table_of(native := value.to_native(), type(native).__module__.partition(".")[0])
    frame = narwhals.from_native(value, pass_through=True)
    if isinstance(frame, narwhals.LazyFrame):
        return _Query(frame, value)
    return _Frame(frame, value) if isinstance(frame, narwhals.DataFrame) else None


class _Query:
    """A lazy frame, of which nothing is computed: its columns, and no row."""

    notes: tuple[str, ...] = ("a query, not computed",)

    def __init__(self, frame: Any, native: Any) -> None:
        self.rows: int | None = None
        self.kind = f"{type(native).__module__.partition('.')[0]} {type(native).__name__}"
        self._schema = list(frame.collect_schema().items())
        self.width = len(self._schema)

    def columns(self, most: int) -> list[Column]:
        return _typed(self._schema[:most])

    def nulls(self, most: int) -> tuple[list[int] | None, int | None]:
        return None, None

    def head(self, start: int, stop: int, most: int) -> list[Sequence[Any]]:
        return []


class _Frame(_Query):
    """A frame of another library, in memory."""

    notes: tuple[str, ...] = ()

    def __init__(self, frame: Any, native: Any) -> None:
        super().__init__(frame, native)
        self.rows = len(frame)
        self._frame = frame

    def head(self, start: int, stop: int, most: int) -> list[Sequence[Any]]:
        return list(self._frame[start:stop].select(self._frame.columns[:most]).rows())


def _typed(schema: Sequence[tuple[str, Any]]) -> list[Column]:
    return [Column(name=name, type=_type(dtype)) for name, dtype in schema]


def _type(dtype: Any) -> str:
    """Return a type of Polars or narwhals, without the categories that it lists."""
    name = type(dtype).__name__ if not isinstance(dtype, type) else dtype.__name__
    if name in ("Enum", "Categorical"):
        return name
    if inner := getattr(dtype, "inner", None):
        return f"{name}({_type(inner)})"
    if fields := getattr(dtype, "fields", None):
        return f"{name}({', '.join(f'{field.name}: {_type(field.dtype)}' for field in fields)})"
    return str(dtype)[:80]


def _arrow_type(dtype: Any) -> str:
    return "dictionary" if "dictionary" in str(dtype)[:200] else str(dtype)[:80]
