r"""TeX in Markdown: `$...$`, `$$...$$`, `\(...\)` and `\[...\]` as rules of the Markdown parser. Pure, no I/O.

What they find becomes tokens `math_inline` and `math_block`, with the TeX untouched; a page typesets it.
Their `info` is all as it was written, its borders included, for where nothing does.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

_CLOSERS = {"$$": "$$", r"\[": r"\]", r"\(": r"\)", "$": "$"}
_LONGEST_INLINE = 2_000
"""Characters in which the end of inline math is looked for: keeps a hostile text from costing quadratic time."""

OPENS_BLOCK = re.compile(r" {0,3}(?:\$\$|\\\[)")
"""What a line that may open a block of math begins with."""

_UNSAFE = re.compile(
    r"\\(?:href|url|style|class|cssId|data|html\w*|require|includegraphics|bbox|unicode|mmlToken|label|tag|(?:eq)?ref"
    r"|[gex]?def|let|(?:re)?new(?:command|environment)|Declare\w+|begingroup|toggle|texttip|tooltip|color\w*"
    r")(?![A-Za-z])"
)


def is_safe(tex: str) -> bool:
    r"""Say whether `tex` holds no command that links, styles, names, loads or redefines, and no `$`.

    A page shares its TeX state between outputs: one `\def` would change what others show.
    """
    return "$" not in tex and not _UNSAFE.search(tex)


def tex_plugin(md: MarkdownIt) -> None:
    """Add the rules to `md`."""
    md.inline.ruler.before("escape", "math_inline", _inline)
    md.block.ruler.before("fence", "math_block", _block)


def _inline(state: StateInline, silent: bool) -> bool:
    src, start = state.src, state.pos
    opener = src[start : start + 2]
    if opener not in _CLOSERS:
        opener = src[start]
    if opener not in _CLOSERS:
        return False
    closer = _CLOSERS[opener]
    begin = start + len(opener)
    end = src.find(closer, begin, min(state.posMax, begin + _LONGEST_INLINE))
    if end < 0 or not _is_inline_math(src[begin:end], opener, src[end + len(closer) : end + len(closer) + 1]):
        return False
    if not silent:
        token = state.push("math_inline", "math", 0)
        token.content = src[begin:end].strip()
        token.markup = "$$" if opener in ("$$", r"\[") else "$"
        token.info = src[start : end + len(closer)]
    state.pos = end + len(closer)
    return True


def _is_inline_math(content: str, opener: str, following: str) -> bool:
    """Say whether `content` is math: `$5 and $10` is not, by pandoc's rule for dollars."""
    if not content.strip() or content.endswith("\\"):
        return False
    return opener != "$" or not (content[0].isspace() or content[-1].isspace() or following.isdigit())


def _block(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Take lines from one that begins with `$$` to one that ends with `$$`, without a blank one between."""
    if state.is_code_block(start_line):
        return False
    begin, end = state.bMarks[start_line] + state.tShift[start_line], state.eMarks[start_line]
    first = state.src[begin:end].rstrip()
    opener = first[:2]
    if opener not in ("$$", r"\["):
        return False
    closer = _CLOSERS[opener]
    found = _closing_line(state, start_line, end_line, first[2:], closer)
    if found is None:
        return False
    if silent:
        return True
    written = state.getLines(start_line, found + 1, state.blkIndent, False).strip()
    token = state.push("math_block", "math", 0)
    token.block = True
    token.content = "\n".join(line.strip() for line in written[2:-2].strip().splitlines())
    token.markup = "$$"
    token.info = written
    token.map = [start_line, found + 1]
    state.line = found + 1
    return True


def _closing_line(state: StateBlock, start: int, end: int, first: str, closer: str) -> int | None:
    """Return the line at whose end the block closes; None where there is none, or text stands after it."""
    line, text = start, first
    while True:
        at = text.find(closer)
        if at >= 0:
            return line if at == len(text) - len(closer) and (line > start or at > 0) else None
        line += 1
        if line >= end or state.isEmpty(line) or state.sCount[line] < state.blkIndent:
            return None
        text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].rstrip()
