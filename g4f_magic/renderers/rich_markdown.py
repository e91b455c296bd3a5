"""Markdown as rich shows it, with nothing of a reply left out. Needs rich."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest
from typing import ClassVar

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, JustifyMethod, RenderableType, RenderResult
from rich.markdown import (
    CodeBlock,
    Markdown,
    MarkdownElement,
    TableDataElement,
    TableElement,
    TableRowElement,
)
from rich.padding import Padding
from rich.syntax import Syntax
from rich.text import Text

from g4f_magic.renderers.colours import lexer_for
from g4f_magic.renderers.tokens import terminal_tokens

_MARGIN = 2
"""Cells of the screen beside each column."""
_LONGEST_WORD = 16
"""As many a column needs for its longest word; a longer one may be broken."""


class _WholeCell(TableDataElement):
    """A cell that breaks a word which is too long, where rich cuts it."""

    def __init__(self, justify: JustifyMethod) -> None:
        super().__init__(justify)
        self.content.overflow = "fold"


class _WholeTable(TableElement):
    """A table; row by row, a line for each cell, where the screen has no room for its words side by side."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        head = _cells(self.header.row) if self.header is not None else []
        rows = [_cells(row) for row in self.body.rows] if self.body is not None else []
        columns = zip_longest(head, *rows, fillvalue=Text())
        if sum(map(_needed, columns)) <= options.max_width:
            yield from super().__rich_console__(console, options)
            return
        for row in rows or [[Text() for _ in head]]:
            yield Text()
            for number, (name, cell) in enumerate(zip(head, row, strict=False)):
                if cell or not rows:
                    named = Text.assemble(name, ": " if name and rows else "", cell)
                    yield Padding(named, (0, 0, 0, 2)) if number else Text.assemble(named, style="bold")


def _cells(row: TableRowElement | None) -> list[Text]:
    return [cell.content for cell in row.cells] if row is not None else []


def _needed(column: Iterable[Text]) -> int:
    """Return how many cells of the screen a column needs, so that no word of usual length is broken."""
    return _MARGIN + min(
        _LONGEST_WORD, max(cell_len(word) for cell in column for word in [*cell.plain.split(), ""])
    )


class _TriedCode(CodeBlock):
    """Code in colours where that takes work in proportion to it, as in a page."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        code = str(self.text).rstrip()
        lexer = lexer_for(code, self.lexer_name) or "text"
        yield Syntax(code, lexer, theme=self.theme, word_wrap=True, padding=1)


class _WholeMarkdown(Markdown):
    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "fence": _TriedCode,
        "code_block": _TriedCode,
        "table_open": _WholeTable,
        "td_open": _WholeCell,
        "th_open": _WholeCell,
    }


def markdown(text: str) -> RenderableType:
    """Return what shows `text`, which holds no control characters any more; as it is where it is too deep."""
    tokens = terminal_tokens(text)
    if tokens is None:
        return Text(text)
    made = _WholeMarkdown("", hyperlinks=False)
    made.markup, made.parsed = text, tokens
    return made
