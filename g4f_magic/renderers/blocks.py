"""Where a growing Markdown text can be cut: a block is finished when nothing that follows can change it.

Pure, no I/O. The cost is linear in the text, however it comes: what is finished is never read again, an open code
fence is followed line by line without the parser, and other open blocks are parsed only when they grew enough.

One thing can still change a finished block: a link definition that comes later. It turns `[label]` in
earlier blocks into a link. The finished blocks themselves stay as they are cut; who shows them renders them
again at the end with all definitions (`markdown.definitions`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from g4f_magic import stopping
from g4f_magic.renderers.allowance import LONGEST_BLOCK
from g4f_magic.renderers.tags import LONGEST_DETAILS, OPENS_DETAILS, has_open_details
from g4f_magic.renderers.tex import OPENS_BLOCK, OPENS_ENVIRONMENT

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)")
_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`\r\n]*$)|~{3,})")
_STARTS_BLOCK = re.compile(r"(?!\s|[-+*][ \t\r\n]|\d{1,9}[.)][ \t\r\n])")
"""A line that can't belong to a list that a blank line went before: not indented, no list marker."""

_TINY = 24
"""Characters of a block that is rendered together with its neighbours: to render one costs as much as its text does
only from some twenty on."""

_ALWAYS_PARSED = 2_048
_WORK_PER_CHARACTER = 6
_FREE_WORK = 32_768
"""Parsing reads at most `_WORK_PER_CHARACTER` times the text, and this much more."""


_CONTAINERS = ("blockquote_open", "bullet_list_open", "ordered_list_open")


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
        self._rest_size = 0
        self._size = 0
        self._parsed_size = 0
        self._work = 0
        self._received = 0
        self._fence: str | None = None
        self._is_after_blank = False

    @property
    def tail(self) -> str:
        """Return the text that may still change what it is."""
        return "".join((*self._lines, *self._rest))

    def tail_from(self, start: int) -> str:
        """Return the tail without its first `start` characters; costs what it returns."""
        pieces: list[str] = []
        at = self._size + self._rest_size
        for piece in chain(reversed(self._rest), reversed(self._lines)):
            if at <= start:
                break
            at -= len(piece)
            pieces.append(piece[max(0, start - at) :])
        return "".join(reversed(pieces))

    @property
    def tail_size(self) -> int:
        """Return how many characters the tail has."""
        return self._size + self._rest_size

    @property
    def whole_lines(self) -> int:
        """Return how many characters of the tail are lines that have ended."""
        return self._size

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
                self._rest_size += len(text)
            return []
        new = "".join(self._rest) + head + newline
        self._rest, self._rest_size = [rest] if rest else [], len(rest)
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
        if stopping.is_over():
            return False  # what is left is shown as text
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
        if not finished and len(text) > LONGEST_BLOCK and not _open_fence(lines):
            finished = [len(lines)]  # shown as text, and what follows is read anew
        cut = finished[-1] if finished else 0
        found = ["".join(lines[a:b]) for a, b in zip([0, *finished], finished, strict=False)]
        left = "".join(lines[cut:])
        self._lines, self._size, self._parsed_size = [left] if left else [], len(left), len(left)
        self._fence = _open_fence(lines[cut:])
        return found


def gathered(blocks: Iterable[str]) -> Iterator[str]:
    """Yield the blocks, neighbours that are tiny as one."""
    tiny = ""
    for block in blocks:
        if tiny and len(tiny) + len(block) > _TINY:
            yield tiny
            tiny = ""
        if len(block) < _TINY:
            tiny += block
        else:
            yield block
    if tiny:
        yield tiny


def _blocks(text: str) -> list[_Block]:
    """Return the outermost blocks of `text`, without looking into their words; none where that is too much work."""
    from g4f_magic.renderers.markdown import blocks, normalize
    from g4f_magic.renderers.parsing import TooMuchError

    try:
        tokens = blocks(normalize(text))
    except TooMuchError:
        return []
    return [
        _Block(token.type, token.markup, token.map[0], token.map[1])
        for token in tokens
        if token.level == 0 and token.nesting >= 0 and token.map is not None
    ]


def _finished(blocks: list[_Block], lines: list[str]) -> list[int]:
    """Return the lines at which finished blocks end, ascending."""
    ends: list[int] = []
    above = 0
    is_below_text = False  # or below what may be a paragraph with that text, and no blank line between
    last_blank = max((number for number, line in enumerate(lines) if _is_blank(line)), default=-1)
    for block in blocks:
        is_last = block.end == blocks[-1].end  # footnotes that stand together end together
        own = lines[block.first : block.end]
        is_open = (last_blank < block.first and _may_become_math(block, own)) or (
            _may_become_details(block, own) and sum(map(len, lines[block.first :])) <= LONGEST_DETAILS
        )
        is_below = block.first > 0 and not _is_blank(lines[block.first - 1])
        is_below_text = is_below and (is_below_text or block.first > above)
        above = block.end
        may_go_on = is_below_text and last_blank < block.first
        if is_open or may_go_on or (is_last and not _is_closed(block, lines[block.first :])):
            break
        goes_on = block.end < len(lines) and not _is_blank(lines[block.end])
        if goes_on and _may_be_text(block, own, is_below_text=is_below_text):
            continue
        if ends[-1:] != [block.end]:
            ends.append(block.end)
    return ends


def _may_be_text(block: _Block, lines: list[str], *, is_below_text: bool) -> bool:
    """Say whether a block's last lines are of a paragraph that goes on, if a definition in it or above it defines no link."""
    if is_below_text:
        return True  # not every block ends a paragraph, and a line of signs below one makes it a heading
    return block.kind in _CONTAINERS and any("]:" in line for line in lines)


def _may_become_math(block: _Block, lines: list[str]) -> bool:
    """Say whether a formula that is not closed yet, with no blank line after it, may swallow this block and others."""
    if block.kind in ("math_block", "fence", "code_block"):
        return False
    return bool(OPENS_BLOCK.match(lines[0])) or any(map(OPENS_ENVIRONMENT.match, lines[1:]))


def _may_become_details(block: _Block, lines: list[str]) -> bool:
    """Say whether details that are not closed yet may end or swallow this block and others, blank lines and all."""
    if block.kind in ("math_block", "fence", "code_block"):
        return False
    if block.kind in ("details_open", *_CONTAINERS) and has_open_details("".join(lines)):
        return True
    return block.kind != "details_open" and any(map(OPENS_DETAILS.match, lines))


def _is_closed(block: _Block, following: list[str]) -> bool:
    """Say whether the last block can't take in what follows."""
    if len(following) == 1 and "|" in following[0]:
        return False  # the next line may make it the head of a table, whatever it is now
    if block.kind in ("heading_open", "hr", "math_block", "details_open"):
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
