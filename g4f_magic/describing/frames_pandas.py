"""DataFrames, Series and indexes of pandas: any labels, twice or on several levels, and any index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from g4f_magic.describing.table import Column

_CELLS_LOOKED_AT = 1_000_000
"""For missing values: counting them in a large frame costs as much as reading it."""
_LIBRARIES = frozenset({"pandas", "numpy", "pyarrow", "polars", "geopandas"})


class PandasFrame:
    """A frame of pandas."""

    notes: tuple[str, ...] = ()

    def __init__(self, frame: Any, kind: str = "") -> None:
        self.kind = kind or f"{type(frame).__module__.partition('.')[0]} {type(frame).__name__}"
        self.rows: int | None = len(frame.index)
        self.width = len(frame.columns)
        self._frame = frame
        self._index = _index_columns(frame.index)
        self._are_values = labels_are_values(frame.columns)

    def columns(self, most: int) -> list[Column]:
        dtypes = self._frame.dtypes.iloc[:most]
        named = zip(self._frame.columns[:most], dtypes, strict=True)
        return [
            *self._index,
            *(
                Column(name=_label(name), type=dtype_name(dtype), is_value=self._are_values)
                for name, dtype in named
            ),
        ]

    def nulls(self, most: int) -> tuple[list[int] | None, int | None]:
        rows = self.rows or 0
        looked_at = min(rows, _CELLS_LOOKED_AT // max(min(self.width, most), 1))
        counts = self._frame.iloc[:looked_at, :most].isna().sum().tolist()
        return [int(count) for count in counts], None if looked_at == rows else looked_at

    def head(self, start: int, stop: int, most: int) -> list[Sequence[Any]]:
        part = self._frame.iloc[start:stop, :most]
        index = _index_values(part.index) if self._index else []
        values = [part.iloc[:, number].tolist() for number in range(part.shape[1])]
        return list(zip(*index, *values, strict=True)) if index or values else []


class PandasSeries(PandasFrame):
    """A Series of pandas, as a frame of one column. Its name may be a row's label, and counts as a value."""

    def __init__(self, series: Any) -> None:
        super().__init__(series.to_frame(), kind="pandas Series")
        self._are_values = True


class PandasIndex(PandasFrame):
    """An index of pandas, as a frame of its levels."""

    def __init__(self, index: Any) -> None:
        super().__init__(index.to_frame(index=False), kind=f"pandas {type(index).__name__}")
        self._are_values = True


def labels_are_values(labels: Any) -> bool:
    """Say whether the names of columns are data: those of a pivoted or turned table, or dates and numbers."""
    if type(labels).__name__ == "RangeIndex":
        return False
    if labels.nlevels > 1 or labels.name is not None:
        return True
    return not all(isinstance(one, str) for one in labels)


def dtype_name(dtype: Any) -> str:
    """Return a type's name without any value: a category's categories, a sparse array's fill value."""
    cls = type(dtype)
    if cls.__module__.partition(".")[0] not in _LIBRARIES:
        return cls.__name__[:60]
    if cls.__name__ == "CategoricalDtype":
        return f"category of {len(dtype.categories):,}" if dtype.categories is not None else "category"
    if cls.__name__ == "SparseDtype":
        return f"Sparse[{dtype.subtype}]"
    if cls.__name__ == "ArrowDtype" and "dictionary" in str(dtype)[:200]:
        return "dictionary[pyarrow]"
    return str(dtype)[:60]


def _index_columns(index: Any) -> list[Column]:
    """Return the index's levels; none of one that only counts the rows."""
    if type(index).__name__ == "RangeIndex":
        return []
    if index.nlevels > 1:
        return [
            Column(name=_name(name), type=dtype_name(level.dtype), is_index=True)
            for name, level in zip(index.names, index.levels, strict=True)
        ]
    return [Column(name=_name(index.name), type=dtype_name(index.dtype), is_index=True)]


def _index_values(index: Any) -> list[list[Any]]:
    return [index.get_level_values(level).tolist() for level in range(index.nlevels)]


def _name(name: Any) -> str:
    return "" if name is None else _label(name)


def _label(name: Any) -> str:
    """Return a label as text; one on several levels with its parts after one another."""
    if isinstance(name, tuple):
        return " / ".join(str(part)[:200] for part in name)
    return str(name)[:200]
