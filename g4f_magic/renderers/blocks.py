"""Where a growing Markdown text can be cut: a block is finished when nothing that follows can change it.

Pure, no I/O. The cost is linear in the text: what is finished is never read again, an open code fence is
followed line by line without the parser, and other open blocks are parsed only when they grew enough.

One thing can still change a finished block: a link definition that comes later. It turns `[label]` in
earlier blocks into a link. The finished blocks themselves stay as they are cut; who shows them renders them
again at the end with all definitions (`markdown.definitions`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from g4f_magic.renderers.tex import OPENS_BLOCK

if TYPE_CHECKING:
    from markdown_it.token import Token

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)")
_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`\r\n]*$)|~{3,})")
_STARTS_BLOCK = re.compile(r"(?!\s|[-+*][ \t\r\n]|\d{1,9}[.)][ \t\r\n])")
"""A line that can't belong to a list that a blank line went before: not indented, no list marker."""

_ALWAYS_PARSED = 2_048
_WORK_PER_CHARACTER = 6
_FREE_WORK = 32_768
"""Parsing reads at most `_WORK_PER_CHARACTER` times the text, and this much more."""


class _Block(NamedTuple):
    """A block of the outermost level, by its lines."""

    kind: str
    markup: str
    first: int
    end: int


class BlockSplitter:
    """Cuts a text that comes in pieces into finished blocks.

    What `feed` returned, joined, and `tail` are together always exactly the text so far.
    """

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._rest: list[str] = []
        self._size = 0
        self._parsed_size = 0
        self._work = 0
        self._received = 0
        self._fence: str | None = None
        self._is_after_blank = False

    @property
    def tail(self) -> str:
        """Return the text that may still change what it is."""
        return "".join(self._lines) + "".join(self._rest)

    @property
    def open_fence(self) -> str | None:
        """Return the line that opened the code fence in which the text stands, None outside of one.

        Only where nothing else is left in `tail`.
        """
        return self._fence

    def feed(self, text: str) -> list[str]:
        """Return the blocks that `text` finishes, oldest first, each with the blank lines before it."""
        self._received += len(text)
        head, newline, rest = text.rpartition("\n")
        if not newline:
            if text:
                self._rest.append(text)
            return []
        new = "".join(self._rest) + head + newline
        self._rest = [rest] if rest else []
        self._lines.append(new)
        self._size += len(new)
        return self._cut() if self._is_worth_parsing(new) else []

    def _is_worth_parsing(self, new: str) -> bool:
        lines = _LINE.findall(new)
        if self._fence is not None:
            return self._closes_fence(lines)
        starts = False
        for line in lines:
            starts = starts or (self._is_after_blank and bool(_STARTS_BLOCK.match(line)))
            self._is_after_blank = not line.strip(" \t\r\n")
            starts = starts or self._is_after_blank
        if self._work + self._size > _WORK_PER_CHARACTER * self._received + _FREE_WORK:
            return False
        return starts or self._size <= _ALWAYS_PARSED or self._size >= 1.5 * self._parsed_size

    def _closes_fence(self, lines: list[str]) -> bool:
        mark = _fence_mark(self._fence or "")
        if not any(_is_closing(line, mark) for line in lines):
            return False
        self._fence = None
        return True

    def _cut(self) -> list[str]:
        """Parse the lines of the tail and return those blocks that are finished."""
        text = "".join(self._lines)
        self._work += len(text)
        lines = _LINE.findall(text)
        finished = _finished(_blocks(text), lines)
        cut = finished[-1] if finished else 0
        found = ["".join(lines[a:b]) for a, b in zip([0, *finished], finished, strict=False)]
        left = "".join(lines[cut:])
        self._lines, self._size, self._parsed_size = [left] if left else [], len(left), len(left)
        self._fence = _open_fence(lines[cut:])
        return found


def _blocks(text: str) -> list[_Block]:
    """Return the outermost blocks of `text`, without looking into their words."""
    from g4f_magic.renderers.markdown import normalize, parser

    md = parser()
    tokens: list[Token] = []
    md.block.parse(normalize(text), md, {}, tokens)
    return [
        _Block(token.type, token.markup, token.map[0], token.map[1])
        for token in tokens
        if token.level == 0 and token.nesting >= 0 and token.map is not None
    ]


def _finished(blocks: list[_Block], lines: list[str]) -> list[int]:
    """Return the lines at which finished blocks end, ascending."""
    ends = []
    for index, block in enumerate(blocks):
        following = lines[block.first :]
        is_last = index == len(blocks) - 1
        if _may_become_math(block, following) or (is_last and not _is_closed(block, following)):
            break
        ends.append(block.end)
    return ends


def _may_become_math(block: _Block, following: list[str]) -> bool:
    """Say whether a `$$` that is not closed yet may swallow this block and those after it."""
    if block.kind in ("math_block", "fence", "code_block") or not OPENS_BLOCK.match(following[0]):
        return False
    return not any(_is_blank(line) for line in following)


def _is_closed(block: _Block, following: list[str]) -> bool:
    """Say whether the last block can't take in what follows."""
    if len(following) == 1 and "|" in following[0]:
        return False  # the next line may make it the head of a table, whatever it is now
    if block.kind in ("heading_open", "hr", "math_block"):
        return True
    if block.kind == "fence":
        return any(_is_closing(line, block.markup) for line in following[1 : block.end - block.first])
    if block.kind in ("paragraph_open", "table_open", "blockquote_open"):
        return any(_is_blank(line) for line in following)
    return False  # lists and indented code go on after blank lines


def _is_blank(line: str) -> bool:
    return not line.strip(" \t\r\n")


def _fence_mark(line: str) -> str:
    match = _FENCE.match(line.rstrip("\r\n"))
    return match[1] if match else ""


def _is_closing(line: str, mark: str) -> bool:
    """Say whether `line` closes the fence that `mark` opened."""
    if line[:4] == "    " or "\t" in line[: len(line) - len(line.lstrip())]:
        return False
    signs = line.strip(" \t\r\n")
    return len(signs) >= len(mark) and signs == mark[0] * len(signs)


def _open_fence(lines: list[str]) -> str | None:
    """Return the first line of `lines` that is not blank, if it opens a code fence."""
    first = next((line for line in lines if not _is_blank(line)), "")
    return first.rstrip("\r\n") if _fence_mark(first) else None
