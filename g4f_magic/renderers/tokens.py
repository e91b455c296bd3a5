"""Markdown for a terminal: the parser's tokens, changed so that rich shows all that they hold. No I/O.

rich's own parser takes HTML out and TeX apart, and rich shows no address of an image.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from g4f_magic.renderers.tasks import task_plugin
from g4f_magic.renderers.tex import tex_plugin
from g4f_magic.visible import make_visible

DEEPEST = 12
"""Levels of lists and quotes that a terminal has room for; rich shows nothing where none is left."""


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    md = MarkdownIt("js-default", {"html": False, "linkify": False}).use(tex_plugin).use(task_plugin)
    # What was printed stays: a definition could not reach the blocks before it, and would be gone itself.
    return md.disable("reference")


def terminal_tokens(text: str) -> list[Token] | None:
    """Return the tokens of `text`: HTML as text, TeX and definitions as they were written, images as their words.

    None where it is too deep for a terminal.
    """
    tokens = _parser().parse(text)
    if any(token.level > DEEPEST for token in tokens):
        return None
    return list(_shown(tokens))


def _shown(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.type == "math_block":
            yield Token("paragraph_open", "p", 1)
            yield Token("inline", "", 0, children=[_text(token.info)])
            yield Token("paragraph_close", "p", -1)
        elif token.type == "inline":
            token.children = list(_shown_inline(token.children or ()))
            yield token
        else:
            yield token


def _shown_inline(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.type == "text":
            yield _text(token.content)
        elif token.type == "math_inline":
            yield _text(token.info)
        elif token.type == "image":
            yield _text(_image(token))
        elif token.info != "auto":  # the border of a link whose words are its address
            yield token


def _image(token: Token) -> str:
    source = str(token.attrGet("src") or "")
    at = "" if source.startswith("data:") else f"({source})"
    return " ".join(part for part in ("🖼", token.content, at) if part)


def _text(content: str) -> Token:
    """Return a token of text. An entity can stand for a control character, which is known only now."""
    return Token("text", "", 0, content=make_visible(content))
