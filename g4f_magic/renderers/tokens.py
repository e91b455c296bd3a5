"""Markdown for a terminal: the parser's tokens, changed so that rich shows all that they hold. No I/O.

rich's own parser takes HTML out and TeX apart, and rich shows no address of an image.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from g4f_magic.renderers.allowance import LONGEST_BLOCK
from g4f_magic.renderers.parsing import TooMuchError, budget, make_parser
from g4f_magic.visible import make_visible

DEEPEST = 12
"""Levels of lists and quotes that a terminal has room for; rich shows nothing where none is left."""


_FREE_TOKENS = 200
_CHARACTERS_PER_TOKEN = 2


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    # What was printed stays: a definition could not reach the blocks before it, and would be gone itself.
    return make_parser(is_link=lambda url: False, has_definitions=False)


def terminal_tokens(text: str) -> list[Token] | None:
    """Return the tokens of `text`: HTML as text, TeX and definitions as they were written, images as their words.

    None where it is too deep for a terminal, or takes more work than its length allows.
    """
    try:
        with budget(len(text)):
            tokens = _parser().parse(text)
    except TooMuchError:
        return None
    size = 0
    for token in tokens:
        # rich takes its time for each style and for each cell of a table: some hundred to a line is no text.
        size += 1 + len(token.children or ())
        if token.level > DEEPEST or (len(text) > LONGEST_BLOCK and token.type != "fence"):
            return None
    return None if size > _FREE_TOKENS + len(text) // _CHARACTERS_PER_TOKEN else list(_shown(tokens))


def _shown(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.type in ("details_open", "details_close"):
            continue  # a terminal folds nothing: what is in them stands under their title
        if token.type in ("summary_open", "summary_close"):
            token = Token(token.type.replace("summary", "heading"), "h4", token.nesting)
        if token.type == "math_block":
            yield Token("paragraph_open", "p", 1)
            yield Token("inline", "", 0, children=[_text(token.info)])
            yield Token("paragraph_close", "p", -1)
        elif token.type == "inline":
            token.children = list(_shown_inline(token.children or ()))
            yield token
        else:
            yield token


_RAISED = {
    "sup": str.maketrans("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ"),
    "sub": str.maketrans("0123456789+-=()aeoxijn", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₒₓᵢⱼₙ"),
}


def _raised(text: str, tag: str) -> str:
    """Return a text above or below the line, by a sign before it where there are no such letters."""
    made = text.translate(_RAISED[tag])
    is_whole = all(ord(sign) in _RAISED[tag] for sign in text)
    return made if is_whole else text if text.startswith("[") else f"{'^' if tag == 'sup' else '_'}({text})"


def _shown_inline(tokens: Iterable[Token]) -> Iterator[Token]:
    raised = ""
    for token in tokens:
        if token.tag in _RAISED:
            raised = token.tag if token.nesting == 1 else ""
            continue
        if token.tag in ("kbd", "mark"):
            yield Token(f"strong_{'open' if token.nesting == 1 else 'close'}", "strong", token.nesting)
            continue
        if raised and token.type == "text":
            yield _text(_raised(token.content, raised))
            continue
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
