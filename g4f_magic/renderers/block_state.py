"""What the rules of the parser note while one text is read, so that none looks for the same thing twice. Pure, no I/O."""

from __future__ import annotations

from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token


class NotedState(StateBlock):
    """The state of a parser that reads blocks, with what its rules note."""

    def __init__(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> None:
        super().__init__(src, md, env, tokens)
        self.unclosed: dict[tuple[str, int], int] = {}
        """By what closes a formula and the indent: the line before which none that begins is closed."""
        self.details: dict[int, int] | None = None
        """The lines on which details begin, with those on which they end; None where nobody has looked yet."""
