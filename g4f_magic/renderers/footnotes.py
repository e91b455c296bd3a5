"""Footnotes in Markdown: `[^1]` in the text, and `[^1]: what it says`, which stays where it stands. Pure, no I/O.

A page has the outputs of many replies, so no footnote is given a name to jump to: it is a number above the line, and the
same before what it says. The plug-in of mdit-py-plugins gathers them under the text, which is not known before its end, and
names them. A mark whose footnote does not come stays text.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.common.utils import normalizeReference
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

_MARK = re.compile(r"\[\^([\w-]{1,30})\](?!:)")
_DEFINITION = re.compile(r"\[\^([\w-]{1,30})\]:[ \t]+(?=\S)")
_UNDERLINE = re.compile(r"(?:-+|=+)[ \t]*")


def footnotes_plugin(md: MarkdownIt) -> None:
    """Add the rules to `md`. Which footnotes there are stands in the environment, under `footnotes`."""
    md.inline.ruler.before("link", "footnote", _mark)
    md.block.ruler.before("reference", "footnote", _definition)


def _mark(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos : state.pos + 2] != "[^":
        return False
    found = _MARK.match(state.src, state.pos, state.posMax)
    if found is None or found[1] not in state.env.get("footnotes", ()):
        return False
    if not silent:
        _push(state, found[1])
    state.pos = found.end()
    return True


def _push(state: StateInline, label: str) -> None:
    state.push("sup_open", "sup", 1)
    state.push("text", "", 0).content = f"[{label}]"
    state.push("sup_close", "sup", -1)


def _definition(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Take footnotes that stand together: the lines that else were one paragraph, each from its mark on."""
    begin = state.bMarks[start_line] + state.tShift[start_line]
    if state.src[begin : begin + 2] != "[^" or state.is_code_block(start_line):
        return False
    if _DEFINITION.match(state.src, begin, state.eMarks[start_line]) is None:
        return False
    last = _end(state, start_line, end_line)
    if last is None:
        return False
    notes = _notes(state.getLines(start_line, last, state.blkIndent, False).strip())
    used = state.env.get("used")
    if used is not None and any(normalizeReference(f"^{label}") not in used for label, _ in notes):
        return False
    if silent:
        return True
    for label, text in notes:
        state.env.setdefault("footnotes", {}).setdefault(label, True)
        opening = state.push("paragraph_open", "p", 1)
        opening.map = [start_line, last]
        words = state.push("inline", "", 0)
        words.content = f"<sup>[{label}]</sup> {text}"
        words.map, words.children = [start_line, last], []
        state.push("paragraph_close", "p", -1)
    state.line = last
    return True


def _end(state: StateBlock, start: int, end: int) -> int | None:
    """Return the line after the last of what would be a paragraph; None where it would be a heading with a line below it."""
    rules = state.md.block.ruler.getRules("paragraph")
    line, before = start + 1, state.parentType
    state.parentType = "paragraph"  # some of what begins a block does not end a paragraph
    try:
        while line < end and not state.isEmpty(line):
            if state.sCount[line] - state.blkIndent <= 3:
                if _UNDERLINE.fullmatch(
                    state.src, state.bMarks[line] + state.tShift[line], state.eMarks[line]
                ):
                    return None
                if any(rule(state, line, end, True) for rule in rules):
                    break
            line += 1
    finally:
        state.parentType = before
    return line


def _notes(text: str) -> list[tuple[str, str]]:
    """Return each footnote's label with what it says."""
    notes: list[tuple[str, str]] = []
    for line in text.split("\n"):
        found = _DEFINITION.match(line)
        if found is not None or not notes:
            notes.append((found[1] if found else "", line[found.end() :].strip() if found else line))
        else:
            notes[-1] = (notes[-1][0], f"{notes[-1][1]}\n{line.strip()}")
    return notes
