"""Tables of any library in one shape: columns with types and nulls, and their first rows as Markdown. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from g4f_magic.describing.described import Body, Scope
from g4f_magic.describing.framing import one_line
from g4f_magic.describing.scalars import Cut, holds_a_secret, is_scalar, scalar_text, shortened
from g4f_magic.describing.share import reaches
from g4f_magic.describing.structure import counted
from g4f_magic.secret import MASK

ROWS = 5
"""That are shown at the level `sample`."""
_COLUMNS, _COLUMNS_OF_ROWS = 100, 30
"""That are listed, and of which rows show the values, at most."""
_LABEL, _CELL, _CELL_OF_ALL = 60, 80, 400
"""Characters of a column's name, and of a cell at the level `sample` and at `all`."""
_SHORT = (float, bool)
"""Most of what stands in tables, and never long."""
_AT_ONCE = 64
"""Rows that are fetched together, after the first ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table."""

    name: str
    type: str
    """As its library calls it, without any value (a category's, for example)."""
    is_value: bool = False
    """Whether its name is data itself: a column of a pivoted table."""
    is_index: bool = False
    """Whether it is the rows' label rather than a column."""


class Table(Protocol):
    """A table as it is described. What costs more than its columns is asked for when it is shown."""

    kind: str
    rows: int | None
    """None where it is not known without reading all of them."""
    width: int
    """How many columns there are."""
    notes: tuple[str, ...]
    """What is to be said of it besides, without any value."""

    def columns(self, most: int) -> list[Column]:
        """Return the first columns, those of the index before them."""

    def nulls(self, most: int) -> tuple[list[int] | None, int | None]:
        """Return how many values are missing in each of the first columns, and in how many rows; None: in all.

        Those of the index are not among them.
        """

    def head(self, start: int, stop: int, most: int) -> list[Sequence[Any]]:
        """Return rows, each with its index and the values of the first columns."""


def table_body(table: Table, scope: Scope) -> Body:
    """Return what is said of a table."""
    facts = ", ".join(
        part
        for part in (
            counted(table.width, "column"),
            counted(table.rows, "row") if table.rows is not None else "",
            *table.notes,
        )
        if part
    )
    told: dict[str, None] = {}
    columns = _columns(table, scope, told)
    if not reaches(scope.share, "sample"):
        return Body(kind=table.kind, text=columns, facts=facts, omitted=tuple(told))
    room = scope.limit - len(columns)
    rows, shown = _rows(table, scope, room, told)
    summary = facts
    if table.rows is None:
        told = {"its columns alone, as it is not computed": None, **told}
    elif shown < table.rows:
        part = f"{shown:,} of {counted(table.rows, 'row')}"
        summary = f"{counted(table.width, 'column')}, {part}"
        told = {part: None, **told}
    text = f"{columns}\n\n{rows}" if rows else columns
    return Body(kind=table.kind, text=text, facts=facts, summary=summary, omitted=tuple(told))


def _columns(table: Table, scope: Scope, told: dict[str, None]) -> str:
    """Return a line for each column: its name, type, and how many values are missing."""
    most = min(_COLUMNS, max(scope.limit // 120, 5))
    nulls, looked_at = table.nulls(most)
    lines = []
    number = 0
    for column in table.columns(most):
        name = f'"{label(column.name)}"'
        if column.is_value and not reaches(scope.share, "sample"):
            name = f"column {number + 1}" if not column.is_index else "index"
            if table.width > 1:
                told["without the columns' names, which are values here"] = None
        if column.is_index:
            lines.append(
                f"- index {name}: {column.type}" if name not in ("index", '""') else f"- index: {column.type}"
            )
            continue
        missing = f", {nulls[number]:,} missing" if nulls and nulls[number] else ""
        lines.append(f"- {name}: {column.type}{missing}")
        number += 1
    if number < table.width:
        told[f"{number:,} of {table.width:,} columns"] = None
        lines.append(f"- … {table.width - number:,} more columns")
    if nulls and any(nulls) and looked_at is not None:
        lines.append(f"(Missing values are counted in the first {looked_at:,} rows.)")
    return "\n".join(lines)


def _rows(table: Table, scope: Scope, room: int, told: dict[str, None]) -> tuple[str, int]:
    """Return the first rows as a table of Markdown, and how many they are."""
    most = min(_COLUMNS_OF_ROWS, table.width)
    is_whole = reaches(scope.share, "all")
    columns = table.columns(most)
    if not columns or table.rows == 0:
        return "", 0
    heads = [label(column.name) for column in columns]
    lines = [_line(heads), _line(["---"] * len(columns))]
    used = sum(map(len, lines))
    shown = 0
    for row in _fetched(table, None if is_whole else ROWS, most):
        line = _line(
            _cell(column, value, is_whole, told) for column, value in zip(columns, row, strict=False)
        )
        used += len(line) + 1
        if used > room and shown:
            break
        lines.append(line)
        shown += 1
    if not shown:
        return "", 0
    if most < table.width:
        told[f"values of {most} of {table.width:,} columns"] = None
    return "\n".join(lines), shown


def _fetched(table: Table, most: int | None, width: int) -> Iterator[Sequence[Any]]:
    start, step = 0, ROWS
    while most is None or start < most:
        rows = table.head(start, start + step, width)
        yield from rows
        if len(rows) < step:
            return
        start, step = start + step, _AT_ONCE


def _cell(column: Column, value: Any, is_whole: bool, told: dict[str, None]) -> str:
    if type(value) in _SHORT:
        return repr(value)
    longest = _CELL_OF_ALL if is_whole else _CELL

    def cut(words: str) -> None:
        told[words.replace("texts", "texts in cells")] = None

    if holds_a_secret(column.name, value):
        told["secrets stand as ***"] = None
        return MASK
    if isinstance(value, str):
        text = str.__getitem__(value, slice(longest + 1))
        if len(text) > longest:
            cut(f"texts cut after {longest} characters")
            text = f"{text[:longest]}…"
        text = text or '""'
    elif is_scalar(value):
        text = "null" if value is None else scalar_text(value, cut, longest)
    else:
        text = _object(value, cut, longest)
    return text


def _object(value: Any, cut: Cut, longest: int) -> str:
    """Return what stands in a cell and is no single value: a list, or an object of some library."""
    if isinstance(value, (list, tuple, dict, set, frozenset)):
        if len(value) > longest or any(not is_scalar(one) for one in value):
            cut("lists in cells shown by their length")
            return f"{type(value).__name__} of {len(value):,}"
        return shortened(repr(value), cut, longest)
    if type(value).__name__ in ("NaTType", "NAType"):
        return str(value)
    if shape := getattr(value, "shape", None):
        cut("tables and arrays in cells shown by their size")
        return f"{type(value).__name__[:80]} of {' × '.join(map(str, shape))}"
    return shortened(str(value), cut, longest)


def label(name: str) -> str:
    """Return a column's name on one line, bounded."""
    return one_line(name, _LABEL)


def _line(cells: Any) -> str:
    return f"| {' | '.join(_inert(cell) for cell in cells)} |"


def _inert(text: str) -> str:
    return (
        text.replace("\\", "\\\\")
        .replace("|", "\\|")
        .replace("\r", "")
        .replace("\n", "\\n")
        .replace("\t", " ")
    )
