"""The Markdown parser with a budget: its work is in proportion to the text, whatever the text is. Pure, no I/O.

What the parser does is counted in steps, of which a text has so many for each of its characters. Where they do not
suffice, or it is nested deeper than anyone reads, it is not Markdown any more but text (`TooMuchError`).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from types import SimpleNamespace
from typing import Any, Literal

from markdown_it import MarkdownIt, helpers
from markdown_it.common.utils import normalizeReference
from markdown_it.parser_block import ParserBlock
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_block import StateBlock, reference
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from g4f_magic import stopping
from g4f_magic.renderers.addresses import addresses_plugin, with_addresses
from g4f_magic.renderers.block_state import NotedState
from g4f_magic.renderers.first_signs import SignRuler
from g4f_magic.renderers.footnotes import footnotes_plugin
from g4f_magic.renderers.tags import paired, tags_plugin
from g4f_magic.renderers.tasks import task_plugin
from g4f_magic.renderers.tex import tex_plugin

DEEPEST = 40
"""Levels of quotes, lists and emphasis; a list has two, itself and its item."""
LONGEST_ADDRESS = 2_000
"""Characters of a link's address; what is longer is text."""

_STEPS_PER_CHARACTER = 4
"""Ordinary texts take less than 2, a list of letters 3.5."""
_FREE_STEPS = 500
_TOKEN = 2
"""Steps that a token of a block counts for."""
_LIST = 12
"""Steps that the beginning of a list counts for, which is looked at anew by every rule of a list."""
_IMAGES_IN_IMAGES = 4
_LABEL = re.compile(r"\[((?:[^\[\]\\]|\\.){1,999})\]", re.DOTALL)
_USED = re.compile(r"\[((?:[^\[\]\\]|\\.){1,999}+)\](?!:)", re.DOTALL)


class TooMuchError(Exception):
    """A text takes more work than its length allows: show it as it is."""


class _Work:
    """The steps that a text has left."""

    __slots__ = ("depth", "is_defining", "left")

    def __init__(self, size: int) -> None:
        self.left = _FREE_STEPS + _STEPS_PER_CHARACTER * size
        self.depth = 0
        self.is_defining = False

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0 or stopping.is_over():
            raise TooMuchError


_work: ContextVar[_Work | None] = ContextVar("_work", default=None)


def _spend(steps: int) -> None:
    work = _work.get()
    if work is not None:
        work.spend(steps)


@contextmanager
def budget(size: int) -> Iterator[None]:
    """Count the parser's steps inside this context, for a text of `size` characters.

    Raises:
        TooMuchError: they did not suffice.
    """
    token = _work.set(_Work(size))
    try:
        yield
    except RecursionError:
        raise TooMuchError from None
    finally:
        _work.reset(token)


class _Inline(ParserInline):
    """Reads what stands in a block."""

    def skipToken(self, state: StateInline) -> None:  # noqa: N802
        _spend(1)
        super().skipToken(state)

    def parse(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> list[Token]:
        work = _work.get()
        if work is None:
            return super().parse(src, md, env, tokens)
        work.spend(len(src))
        if work.depth > _IMAGES_IN_IMAGES:
            raise TooMuchError
        work.depth += 1
        try:
            return super().parse(src, md, env, tokens)
        finally:
            work.depth -= 1


class _State(NotedState):
    """Counts the tokens of blocks."""

    def push(self, ttype: str, tag: str, nesting: Literal[-1, 0, 1]) -> Token:
        if self.level > DEEPEST:
            raise TooMuchError
        _spend(_LIST if ttype.endswith("list_open") else _TOKEN)
        return super().push(ttype, tag, nesting)


class _Block(ParserBlock):
    """Reads blocks."""

    def tokenize(self, state: StateBlock, startLine: int, endLine: int) -> None:  # noqa: N803
        if state.parentType == "blockquote":
            _spend(
                3 * (endLine - startLine)
            )  # each level of quotes looks at all of its lines, and more than once
        super().tokenize(state, startLine, endLine)

    def parse(self, src: str, md: MarkdownIt, env: Any, outTokens: list[Token]) -> list[Token] | None:  # noqa: N803
        if not src:
            return None
        state = _State(src, md, env, outTokens)
        self.tokenize(state, state.line, state.lineMax)
        return state.tokens


def _count_line(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Match nothing: it is the first rule wherever a line is looked at, and counts that."""
    _spend(1)
    return False


def _reference(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Take a definition whose address a link can have; what defines no link, or one that is nowhere, stays text.

    Which labels are anywhere is known where `used` in the environment tells it.
    """
    work = _work.get()
    begin = state.bMarks[start_line] + state.tShift[start_line]
    if work is None or state.src[begin] != "[":
        return False
    used = state.env.get("used")
    is_used = used is None or _label(state.src, begin) in used
    work.is_defining = True
    try:
        is_definition = reference(state, start_line, end_line, silent or not is_used)
    finally:
        work.is_defining = False
    if is_definition and not is_used:
        state.env["has_unused"] = True
    return is_definition and is_used


def _label(src: str, begin: int) -> str:
    found = _LABEL.match(src, begin)
    return normalizeReference(found[1]) if found else ""


def used_labels(text: str) -> frozenset[str]:
    """Return the labels that stand in brackets somewhere in `text`, but for where they are defined."""
    return frozenset(normalizeReference(found[1]) for found in _USED.finditer(text))


Shortcut = Callable[[str], Token | None]
"""Gives the token of a block's content where that takes no parser."""


def make_parser(
    *, is_link: Callable[[str], bool], shortcut: Shortcut | None = None, has_definitions: bool = True
) -> MarkdownIt:
    """Return a new parser of the Markdown that models write. `is_link` says what the address of a definition may be."""
    md = MarkdownIt("js-default")
    md.inline, md.block = _Inline(), _Block()
    md.configure("js-default", {"html": False, "linkify": False})
    md.use(tex_plugin).use(task_plugin).use(tags_plugin).use(addresses_plugin).use(footnotes_plugin)
    md.disable(["html_block", "html_inline", "linkify"])  # off anyway, but asked each time
    everywhere = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    md.block.ruler.before("table", "count_line", _count_line, everywhere)  # type: ignore[arg-type]
    md.block.ruler.at("reference", _reference)
    if not has_definitions:
        md.disable("reference")
    md.block.ruler = SignRuler(md.block.ruler)  # type: ignore[assignment]
    md.core.ruler.at("inline", partial(_inline, shortcut=shortcut or _no_shortcut))
    is_valid = md.validateLink

    def validate(url: str) -> bool:
        work = _work.get()
        if len(url) > LONGEST_ADDRESS:
            return False
        return is_link(url) if work is not None and work.is_defining else is_valid(url)

    setattr(md, "validateLink", validate)  # noqa: B010 - a method, to the type checker
    md.helpers = _bounded_helpers()  # type: ignore[assignment]
    _quiet()
    return md


def _no_shortcut(content: str) -> Token | None:
    return None


def _inline(state: StateCore, *, shortcut: Shortcut) -> None:
    """Read what stands in each block; what takes too much is text, and so is what is nested too deep."""
    for token in state.tokens:
        if token.type == "inline":
            simple = shortcut(token.content)
            token.children = _children(state, token.content) if simple is None else [simple]


def _children(state: StateCore, content: str) -> list[Token]:
    tokens: list[Token] = []
    depth = 0
    try:
        with budget(len(content)):
            state.md.inline.parse(content, state.md, state.env, tokens)
        tokens = with_addresses(paired(tokens))
        for token in tokens:
            depth += token.nesting
            if depth > DEEPEST:
                raise TooMuchError
    except TooMuchError:
        return [Token("text", "", 0, content=content)]
    return tokens


def _bounded_helpers() -> SimpleNamespace:
    """Return the functions that read a link's parts, where each looks on for no longer than such a part can be."""

    def destination(string: str, pos: int, maximum: int) -> Any:
        _spend(5)
        end = min(maximum, pos + LONGEST_ADDRESS)
        found = helpers.parseLinkDestination(string, pos, end)
        _spend((found.pos - pos if found.ok else end - pos) // 8)
        return found

    def title(string: str, start: int, maximum: int, *before: Any) -> Any:
        _spend(5)
        end = min(maximum, start + LONGEST_ADDRESS)
        found = helpers.parseLinkTitle(string, start, end, *before)
        if end < maximum and not found.ok:
            found.can_continue = False
        if start < maximum and string[start] in "\"'(":
            _spend((found.pos - start if found.ok else end - start) // 8)
        return found

    return SimpleNamespace(
        parseLinkLabel=helpers.parseLinkLabel, parseLinkDestination=destination, parseLinkTitle=title
    )


def _quiet() -> None:
    """Keep the parser's debug log of our own texts out of the person's log, at whatever level that is."""
    for name in list(logging.root.manager.loggerDict):
        if name.startswith("markdown_it"):
            logging.getLogger(name).addFilter(_is_not_ours)


def _is_not_ours(record: logging.LogRecord) -> bool:
    return _work.get() is None
