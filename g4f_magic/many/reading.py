"""What kind of rows something holds: told by what it is, without loading a library for that."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from g4f_magic.errors import InputError
from g4f_magic.many.frames import PandasRows, frame_rows
from g4f_magic.many.rows import ColumnLists, Records, Rows

MOST_ROWS = 1_000_000
"""More than that are not taken out of a generator: it may have no end."""


def rows_of(data: Any, first: int | None = None) -> Rows:
    """Return the rows of a table, or the first of them.

    Raises:
        InputError: it is none, or does not end.
    """
    if isinstance(data, str | bytes | bytearray):
        raise InputError(
            "a text is not a table", hint="Give a list of texts, a list of dicts, or a data frame."
        )
    if isinstance(data, Mapping):
        return ColumnLists(data, first)
    if (pandas := sys.modules.get("pandas")) is not None and isinstance(
        data, pandas.DataFrame | pandas.Series
    ):
        return PandasRows(data, first)
    if _is_frame(data):
        return frame_rows(data, first)
    if type(data).__module__.partition(".")[0] in ("dask", "dask_expr") and hasattr(data, "compute"):
        raise InputError(
            "the rows are spread over a cluster of Dask",
            hint='Ask them where they are: await chat.map(...). Or take them here: --each "NAME.compute()".',
        )
    if isinstance(data, Iterable):
        return Records(_listed(data, first))
    raise InputError(
        f"{type(data).__name__} has no rows",
        hint="Give a data frame, a list, a dict of columns, or a generator.",
    )


def _listed(data: Iterable[Any], first: int | None) -> Sequence[Any]:
    if first is not None:
        return list(islice(data, first))
    if isinstance(data, list | tuple):
        return data
    rows = list(islice(data, MOST_ROWS + 1))
    if len(rows) > MOST_ROWS:
        raise InputError(
            f"more than {MOST_ROWS:,} rows came, and no end",
            hint="Take the first of them (--first N, or first=N), or each as it comes: chat.stream_map.",
        )
    return rows


def _is_frame(data: Any) -> bool:
    """Say whether it is a table of another library; that is loaded, as somebody made it."""
    if type(data).__module__.partition(".")[0] in (
        "polars",
        "pyarrow",
        "duckdb",
        "modin",
        "cudf",
        "ibis",
        "pyspark",
    ):
        return True
    return hasattr(data, "__narwhals_dataframe__") or hasattr(data, "__arrow_c_stream__")
