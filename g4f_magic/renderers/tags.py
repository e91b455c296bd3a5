"""Some tags of HTML in Markdown, as tokens of the parser: `<br>`, `<sub>`, `<sup>`, `<kbd>`, `<mark>`, `<details>`. Pure, no I/O.

Nothing of a reply's HTML gets through: a tag without attributes is read as a sign of Markdown, and what the page gets is
written anew. A tag that is not closed where it was opened, or has an attribute, stays the text that it is.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from g4f_magic.renderers.block_state import NotedState

PAIRED = ("sub", "sup", "kbd", "mark")
_TAG = re.compile(rf"<(?:(/?)({'|'.join(PAIRED)})|br[ ]?/?)>", re.IGNORECASE)
LONGEST_DETAILS = 20_000
"""Characters in which the end of details is looked for: so much of a reply is held open for them."""
OPENS_DETAILS = re.compile(r" {0,3}<details(?: open)?>")
_DETAILS = re.compile(r"<(/?)details(?: open)?>")
_SUMMARY = re.compile(r"\s*<summary>(.*?)</summary>[ \t]*", re.IGNORECASE | re.DOTALL)
_CLOSER = "</details>"
_CLOSES = re.compile(r"</details>\s*\Z")
_LONGEST_SUMMARY = 1_000
_DEEPEST = 3
"""Details in details: each level reads its text once more."""


def tags_plugin(md: MarkdownIt) -> None:
    """Add the rules to `md`."""
    md.inline.ruler.before("autolink", "tag", _tag)
    everywhere = {"alt": ["paragraph", "blockquote", "list"]}
    md.block.ruler.before("fence", "details", _details, everywhere)  # type: ignore[arg-type]


def _tag(state: StateInline, silent: bool) -> bool:
    found = _TAG.match(state.src, state.pos, state.posMax) if state.src[state.pos] == "<" else None
    if found is None:
        return False
    if not silent:
        name = (found[2] or "").lower()
        kind = "tag_close" if found[1] else "tag_open" if name else "hardbreak"
        token = state.push(kind, name or "br", 0)
        token.content = found[0]
    state.pos = found.end()
    return True


def paired(tokens: list[Token]) -> list[Token]:
    """Return the tokens of a block's words, its tags in pairs that close where they were opened; others are text."""
    if not any(token.type in ("tag_open", "tag_close") for token in tokens):
        return tokens
    levels: list[list[Token]] = [[]]
    for token in tokens:
        if token.type == "tag_open":
            levels[-1].append(token)
        elif token.type == "tag_close":
            _close(levels[-1], token)
        elif token.nesting == 1:
            levels.append([])
        elif token.nesting == -1 and len(levels) > 1:
            levels.pop()
    for token in tokens:
        if token.type in ("tag_open", "tag_close") and token.nesting == 0:
            token.type, token.tag = "text", ""
    return tokens


def _close(waiting: list[Token], closing: Token) -> None:
    """Pair `closing` with the last tag that waits for it; those after that one are text."""
    for number in range(len(waiting) - 1, max(-1, len(waiting) - 9), -1):
        if waiting[number].tag == closing.tag:
            opening = waiting[number]
            opening.nesting, closing.nesting = 1, -1
            opening.content = closing.content = ""
            del waiting[number:]
            return


def has_open_details(text: str) -> bool:
    """Say whether more details begin in `text` than end."""
    return sum(-1 if tag[1] else 1 for tag in _DETAILS.finditer(text)) > 0


def _details(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Take the lines from one that begins with `<details>` to the one that ends with its `</details>`."""
    begin = state.bMarks[start_line] + state.tShift[start_line]
    if state.src[begin : begin + 8] != "<details" or state.is_code_block(start_line):
        return False
    if OPENS_DETAILS.match(state.src, begin) is None or state.env.get("details", 0) >= _DEEPEST:
        return False
    last = _last_line(state, start_line, end_line)
    if last is None:
        return False
    if not silent:
        _push(state, start_line, last)
    return True


def _last_line(state: StateBlock, first: int, end: int) -> int | None:
    """Return the line that ends with the tag which closes the details; None where none does."""
    if not isinstance(state, NotedState):
        return None
    if state.details is None:
        state.details = _matched(state)
    last = state.details.get(first)
    if last is None:  # while it grows, what has come so far is in it
        return end - 1 if state.env.get("is_open") else None
    size = state.eMarks[last] - state.bMarks[first]
    if last >= end or size > LONGEST_DETAILS or not _ends_with_it(state, last):
        return None
    is_outside = state.blkIndent and any(
        state.sCount[line] < state.blkIndent and not state.isEmpty(line) for line in range(first, last)
    )
    return None if is_outside else last


def _ends_with_it(state: StateBlock, line: int) -> bool:
    return state.src[state.bMarks[line] : state.eMarks[line]].rstrip().endswith(_CLOSER)


def _matched(state: StateBlock) -> dict[int, int]:
    """Return the lines on which details begin, with those on which their ends stand."""
    found: dict[int, int] = {}
    waiting: list[int] = []
    for line in range(state.lineMax):
        text = state.src[state.bMarks[line] : state.eMarks[line]]
        for tag in _DETAILS.finditer(text) if "details" in text else ():
            if not tag[1]:
                waiting.append(line)
            elif waiting:
                found[waiting.pop()] = line
    return found


def _push(state: StateBlock, first: int, last: int) -> None:
    inside = state.getLines(first, last + 1, state.blkIndent, False)
    opening = OPENS_DETAILS.match(inside)
    inside = _CLOSES.sub("", inside[opening.end() :] if opening else inside)
    token = state.push("details_open", "details", 1)
    token.map = [first, last + 1]
    if state.env.get("is_open"):
        token.attrSet("open", "")
    summary = _SUMMARY.match(inside, 0, _LONGEST_SUMMARY)
    state.push("summary_open", "summary", 1)
    words = state.push("inline", "", 0)
    words.content = " ".join(summary[1].split()) if summary else "Details"
    words.children = []
    words.map = [first, first + 1]
    state.push("summary_close", "summary", -1)
    _read(state, inside[summary.end() :] if summary else inside)
    state.push("details_close", "details", -1)
    state.line = last + 1


def _read(state: StateBlock, inside: str) -> None:
    """Read what the details hold as Markdown of its own."""
    count = len(state.tokens)
    state.env["details"] = state.env.get("details", 0) + 1
    try:
        state.md.block.parse(inside, state.md, state.env, state.tokens)
    finally:
        state.env["details"] -= 1
    for token in state.tokens[count:]:
        token.level += state.level
