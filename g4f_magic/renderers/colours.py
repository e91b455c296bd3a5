"""Code in colours that read on light and dark ground alike, as inline styles. Pure, no I/O."""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Callable
from copy import copy
from functools import lru_cache
from keyword import kwlist, softkwlist
from typing import TYPE_CHECKING, Any, cast

from g4f_magic import stopping
from g4f_magic.renderers.languages import LINEAR, SLOW, known_language
from g4f_magic.visible import make_visible

if TYPE_CHECKING:
    from pygments.lexer import Lexer

LONGEST = 30_000
"""Characters of code that are coloured; what is longer stays plain, for the sake of the page."""
_SIGHT = 400
_FAR_SIGHT = 1_000
"""Characters that an expression of a lexer may look at, and those that it may where it begins with the sign of a
comment or a string. Most lexers look on to the end of the code from each place where something may begin."""
_UNCHECKED = 1_000
"""Characters of code that a lexer reads as it is: with bounds it takes half as long again."""
_PYTHON_WORDS = ("self", "cls", "Ellipsis", "NotImplemented", "match", "case", "type", "lazy")
"""Those that stand in the expressions of Pygments' lexer for Python, beside Python's keywords and the lists that it has of others."""
_TIMES = 18
_FENCE = 12
"""Colours are at most so many characters for each of the code and of the fence around it."""


@lru_cache(maxsize=1)
def _styles() -> dict[Any, str]:
    """Return the style of each kind of token. Every colour stands at least 4 to 1 against white and #111."""
    from pygments.token import Token

    return {
        Token.Comment: "color:#777",
        Token.Comment.Preproc: "color:#a62",
        Token.Keyword: "color:#95d",
        Token.Operator.Word: "color:#95d",
        Token.Literal.String: "color:#285",
        Token.Literal.Number: "color:#b62",
        Token.Name.Builtin: "color:#18a",
        Token.Name.Class: "color:#37d",
        Token.Name.Decorator: "color:#b62",
        Token.Name.Exception: "color:#18a",
        Token.Name.Function: "color:#37d",
        Token.Name.Tag: "color:#37d",
        Token.Name.Attribute: "color:#18a",
        Token.Generic.Deleted: "color:#d43",
        Token.Generic.Inserted: "color:#286",
        Token.Generic.Heading: "font-weight:bold",
    }


@lru_cache(maxsize=1024)
def _style_of(kind: Any) -> str:
    styles = _styles()
    while kind is not None:
        if kind in styles:
            return styles[kind]
        kind = kind.parent
    return ""


@lru_cache(maxsize=256)
def _lexer(language: str) -> Lexer | None:
    name = known_language(language)
    if not name:
        return None
    from pygments.lexers import find_lexer_class_by_name
    from pygments.util import ClassNotFound

    try:
        found = find_lexer_class_by_name(name)
    except ClassNotFound:  # an older Pygments
        return None
    if name == "python":
        found = _python(found)
    return found(stripnl=False, ensurenl=False, handlecodeblocks=False)


@lru_cache(maxsize=64)
def _short_sighted(language: str) -> Lexer | None:
    """Return the lexer with bounds to what its expressions look at: linear in code of any length."""
    states: dict[str, list[Any]] | None = getattr(_lexer(language), "_tokens", None)
    if states is None:
        return None  # its code stays plain where it is long
    near: Any = copy(_lexer(language))
    near._tokens = {
        name: [(_near(match), *action) for match, *action in rules] for name, rules in states.items()
    }
    return cast("Lexer", near)


def _near(match: Any) -> Callable[..., re.Match[str] | None]:
    pattern: re.Pattern[str] = match.__self__
    sight = _FAR_SIGHT if pattern.pattern.lstrip("(?:")[:1] in tuple("/\"'`#<") else _SIGHT

    def matched(text: str, start: int, end: int = sys.maxsize) -> re.Match[str] | None:
        return pattern.match(text, start, min(end, start + sight))

    return matched


def _python(lexer: type[Lexer]) -> type[Lexer]:
    """Return the lexer for Python, which finds the same in half the time.

    At each sign it tries some sixty expressions in turn, the one for names last. What no earlier one could match is tried first.
    """
    from pygments.lexer import combined, inherit, words
    from pygments.token import Name, Number, Operator, Punctuation, String, Text

    states: dict[str, list[Any]] = vars(lexer)["tokens"]
    rules = (rule for state in states.values() for rule in state if isinstance(rule, tuple))
    lists = (rule[0].words for rule in rules if isinstance(rule[0], words))
    listed = {word.split()[0] for one in lists for word in one}
    special = "|".join(map(re.escape, sorted({*listed, *kwlist, *softkwlist, *_PYTHON_WORDS})))
    first = [
        (r"(?<=\S)[^\S\n]+", Text),
        (r"[](){},;[]", Punctuation),
        (rf"(?!(?:{special})\b)[A-Za-z_][A-Za-z0-9_]*+(?![^\x00-\x7f\s]|[\"'])", Name),
        (r"!=|==|<<|>>|:=|[-~+/*%=<>&^|]", Operator),
        (r"\d+(?![\w.])", Number.Integer),
        (r'"(?!"")', String.Double, combined("stringescape", "dqs")),
        (r"'(?!'')", String.Single, combined("stringescape", "sqs")),
        (r"^[^\S\n]+(?=[^\W\d])(?![rRuUbBmc])", Text),
    ]
    return type("_QuickPython", (lexer,), {"tokens": {"root": [*first, inherit]}})


def lexer_for(code: str, language: str) -> Lexer | None:
    """Return what finds the colours of `code`, in work that is in proportion to it; None where it stays plain."""
    language = language.lower()
    if not language or len(code) > LONGEST or stopping.is_over():
        return None
    name = known_language(language)
    is_short = len(code) <= _UNCHECKED and name not in SLOW
    return _lexer(language) if is_short or name in LINEAR else _short_sighted(language)


def colour(code: str, language: str) -> str:
    """Return `code` as HTML, escaped; in colours where `language` is one of `LANGUAGES`, and they are not too many."""
    code = make_visible(code)
    escaped = html.escape(code, quote=False)
    lexer = lexer_for(code, language)
    if lexer is None:
        return escaped
    coloured = _coloured(lexer, code)
    return coloured if len(coloured) <= len(escaped) + _TIMES * (len(code) + _FENCE) else escaped


def _coloured(lexer: Lexer, code: str) -> str:
    pieces: list[str] = []
    run: list[str] = []
    run_style = ""
    for kind, value in lexer.get_tokens(code):
        style = run_style if value.isspace() else _style_of(kind)
        if style != run_style:
            pieces.append(_span("".join(run), run_style))
            run, run_style = [], style
        run.append(value)
    pieces.append(_span("".join(run), run_style))
    return "".join(pieces)


def _span(text: str, style: str) -> str:
    escaped = html.escape(text, quote=False)
    return f"<span style={style}>{escaped}</span>" if style and text else escaped
