r"""TeX in Markdown: `$...$`, `$$...$$`, `\(...\)`, `\[...\]` and bare environments as rules of the parser. Pure, no I/O.

What they find becomes tokens `math_inline` and `math_block`, with the TeX untouched; a page typesets it.
Their `info` is all as it was written, its borders included, for where nothing does.

The rules of mdit-py-plugins (0.7.0: dollarmath, texmath) were tried and do not serve: `$a$ and a \` is no math to them,
`- $$ a` with `- two $$` below is one formula over both items, `\[y\]` within a sentence is none, and 4,000 lines
`- $$ a` or `\( ` take time that grows with their square, which no budget counts.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from g4f_magic.renderers.block_state import NotedState
from g4f_magic.renderers.tex_commands import COMMANDS, DISPLAYS, ENVIRONMENTS
from g4f_magic.renderers.tex_doubt import is_formula

_CLOSERS = {"$$": "$$", r"\[": r"\]", r"\(": r"\)", "$": "$"}
_LONGEST_INLINE = 2_000
"""Characters in which the end of inline math is looked for: keeps a hostile text from costing quadratic time."""

OPENS_BLOCK = re.compile(r" {0,3}(?:\$\$|\\\[|\\begin\{[a-zA-Z]++\*?\})")
"""What a line that may open a block of math begins with."""
OPENS_ENVIRONMENT = re.compile(r" {0,3}\\begin\{[a-zA-Z]++\*?\}")
"""And what such a line begins with in the middle of a paragraph."""
_BEGIN = re.compile(r"\\begin\{([A-Za-z]++\*?)\}")
_RAW_DOLLAR = re.compile(r"\\.|(\$)", re.DOTALL)

LONGEST = 10_000
"""Characters of a formula that is typeset."""
_DEEPEST = 30
_LARGER = frozenset(("large", "Large", "LARGE", "huge", "Huge"))
_COMMAND = re.compile(r"\\(?:([A-Za-z]++)|(.)|\Z)", re.DOTALL)
_ENVIRONMENT = re.compile(r"\{([A-Za-z]++\*?)\}(?:(?:\[[tbc]\])?(\{[^{}]*\}))?")
_COLUMNS = re.compile(r"\{[lcr|: ]{1,60}\}")
_LENGTH = re.compile(r"\*?\s*\{?\s*[-+]?\d{0,2}(?:\.\d{0,6})?\s*(?:em|ex|mu|pt|px|mm|cm)(?![A-Za-z])")
"""At most 99 of a unit: what is wider moves a page."""
_LONG_BREAK = re.compile(r"\*?\s*\[\s*[-+]?[\d.]{3,}")
_LONG_RUN = re.compile(r"(?:\\[A-Za-z]++\s*+){40}")


def is_safe(tex: str) -> bool:
    r"""Say whether `tex` only shows something: its commands are known, its lengths and its depth are bounded.

    What links, styles, names, loads or defines is not among the commands: a page shares its TeX state between
    outputs, and one `\def` would change what others show.
    """
    if len(tex) > LONGEST or _LONG_RUN.search(tex) or any(found[1] for found in _RAW_DOLLAR.finditer(tex)):
        return False
    larger = 0
    for match in _COMMAND.finditer(tex):
        name = match[1]
        if name is None:
            if (
                not match[2]
                or match[2] in "()[]"
                or (match[2] == "\\" and _LONG_BREAK.match(tex, match.end()))
            ):
                return False
        elif name not in COMMANDS or not _is_bounded(name, tex, match.end()):
            return False
        larger += name in _LARGER
    return larger <= 1 and _depth(tex) <= _DEEPEST


def _is_bounded(name: str, tex: str, at: int) -> bool:
    """Say whether what follows a command that takes an environment or a length is one that may be."""
    if name in ("begin", "end"):
        found = _ENVIRONMENT.match(tex, at)
        if found is None or found[1] not in ENVIRONMENTS:
            return False
        return found[1] != "array" or name == "end" or _COLUMNS.fullmatch(found[2] or "") is not None
    if name in ("hspace", "mspace", "kern", "mkern", "hskip", "mskip", "above", "genfrac"):
        return name != "genfrac" and _LENGTH.match(tex, at) is not None
    return True


_NESTING = re.compile(r"\\(?:(left|begin)|(right|end))(?![A-Za-z])|\\.|(\{)|(\})", re.DOTALL)


def _depth(tex: str) -> int:
    """Return how deep braces, brackets and environments are nested."""
    deepest = depth = 0
    for match in _NESTING.finditer(tex):
        if match[1] or match[3]:
            depth += 1
            deepest = max(deepest, depth)
        elif match[2] or match[4]:
            depth -= 1
    return deepest


def tex_plugin(md: MarkdownIt) -> None:
    """Add the rules to `md`."""
    md.inline.ruler.before("escape", "math_inline", _inline)
    md.block.ruler.before("fence", "math_block", _block)
    md.block.ruler.before("fence", "math_environment", _environment, {"alt": ["paragraph"]})


def _inline(state: StateInline, silent: bool) -> bool:
    src, start = state.src, state.pos
    opener = src[start : start + 2]
    if opener not in _CLOSERS:
        opener = src[start]
    if opener not in _CLOSERS:
        return False
    closer = _CLOSERS[opener]
    begin = start + len(opener)
    end = _closing(src, closer, begin, min(state.posMax, begin + _LONGEST_INLINE))
    if end < 0 or not _is_inline_math(src, start, opener, begin, end):
        return False
    if not silent:
        token = state.push("math_inline", "math", 0)
        token.content = src[begin:end].strip()
        token.markup = "$$" if opener in ("$$", r"\[") else "$"
        token.info = src[start : end + len(closer)]
    state.pos = end + len(closer)
    return True


def _closing(src: str, closer: str, begin: int, limit: int) -> int:
    r"""Return where `closer` stands first, but for a dollar behind a backslash; -1 where it does not."""
    end = src.find(closer, begin, limit)
    while end > begin and closer[0] == "$" and _is_escaped(src, end, begin):
        end = src.find(closer, end + 1, limit)
    return end


def _is_escaped(src: str, at: int, begin: int) -> bool:
    """Say whether an odd number of backslashes stands before `at`."""
    first = at
    while first > begin and src[first - 1] == "\\":
        first -= 1
    return (at - first) % 2 == 1


def _is_inline_math(src: str, start: int, opener: str, begin: int, end: int) -> bool:
    """Say whether what stands between the borders is math: of single dollars it can be something else."""
    content = src[begin:end]
    if not content.strip() or (content.endswith("\\") and not content.endswith("\\\\")):
        return False
    return opener != "$" or is_formula(
        content, src[start - 1 : start] if start else "", src[end + 1 : end + 2]
    )


def _block(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Take lines from one that begins with `$$` to one that ends with `$$`, without a blank one between."""
    if state.is_code_block(start_line):
        return False
    begin, end = state.bMarks[start_line] + state.tShift[start_line], state.eMarks[start_line]
    first = state.src[begin:end].rstrip()
    opener = first[:2]
    if opener not in ("$$", r"\["):
        return False
    found = _closing_line(state, start_line, end_line, first[2:], _CLOSERS[opener])
    if found is None:
        return False
    if not silent:
        _push_block(state, start_line, found, border=2)
    return True


def _environment(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    r"""Take lines from `\begin{align}` to its `\end{align}`, without a blank one between: models leave the dollars out."""
    if state.is_code_block(start_line):
        return False
    begin, end = state.bMarks[start_line] + state.tShift[start_line], state.eMarks[start_line]
    opening = _BEGIN.match(state.src, begin, end)
    if opening is None or opening[1] not in DISPLAYS:
        return False
    first = state.src[opening.end() : end].rstrip()
    found = _closing_line(state, start_line, end_line, first, f"\\end{{{opening[1]}}}")
    if found is None:
        return False
    if not silent:
        _push_block(state, start_line, found, border=0)
    return True


def _push_block(state: StateBlock, first: int, last: int, *, border: int) -> None:
    written = state.getLines(first, last + 1, state.blkIndent, False).strip()
    token = state.push("math_block", "math", 0)
    token.block = True
    inside = written[border : len(written) - border].strip()
    token.content = "\n".join(line.strip() for line in inside.splitlines())
    token.markup = "$$"
    token.info = written
    token.map = [first, last + 1]
    state.line = last + 1


def _closing_line(state: StateBlock, start: int, end: int, first: str, closer: str) -> int | None:
    """Return the line at whose end the block closes; None where there is none, or text stands after it."""
    noted = state.unclosed if isinstance(state, NotedState) else {}
    kind = (closer, state.blkIndent)
    if start < noted.get(kind, 0):
        return None
    line, text = start, first
    while True:
        at = _closing(text, closer, 0, len(text))
        if at >= 0:
            if at == len(text) - len(closer) and (line > start or at > 0):
                return line
            break
        line += 1
        if line >= end or state.isEmpty(line) or state.sCount[line] < state.blkIndent:
            break
        text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].rstrip()
    noted[kind] = line  # what begins between is not closed either
    return None
