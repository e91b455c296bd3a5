"""Markdown as rich shows it, with nothing of a reply left out. Needs rich."""

from __future__ import annotations

from typing import ClassVar

from rich.console import Console, ConsoleOptions, JustifyMethod, RenderableType, RenderResult
from rich.markdown import CodeBlock, Markdown, MarkdownElement, TableDataElement, TableElement
from rich.syntax import Syntax
from rich.text import Text

from g4f_magic.renderers.colours import lexer_for
from g4f_magic.renderers.tokens import terminal_tokens

_NARROWEST = 6
"""Cells of the screen that a column needs, its margin included."""


class _WholeCell(TableDataElement):
    """A cell that breaks a word which is too long, where rich cuts it."""

    def __init__(self, justify: JustifyMethod) -> None:
        super().__init__(justify)
        self.content.overflow = "fold"


class _WholeTable(TableElement):
    """A table, line by line where it has more columns than the screen has room for."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        heads = self.header.row.cells if self.header is not None and self.header.row is not None else []
        if options.max_width >= _NARROWEST * len(heads):
            yield from super().__rich_console__(console, options)
            return
        rows = self.body.rows if self.body is not None else []
        for cells in (heads, *(row.cells for row in rows)):
            yield Text(" | ").join(cell.content for cell in cells)


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
