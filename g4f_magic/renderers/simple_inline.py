"""Inline Markdown of the simplest kind, straight to HTML. Pure, no I/O.

Most of what a model writes is words, **bold**, *italics* and `code`. Reading that takes the parser two thirds of its
time; here it is one expression. What is in any doubt is left to the parser, so that both always say the same.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

_LETTER = r"[^\W_]"
# Runs of what can begin nothing, underscores inside words, a lone tilde, and a line end with no space around it.
_WORDS = rf"(?:[^\n$&*<\[\\_`~]++|(?<={_LETTER})_++(?={_LETTER})|~(?!~)|(?<=\S)\n(?=\S))++"
_CODE = r"`((?! )[^`\n]++)`(?!`)"
_NOT_BEFORE, _NOT_AFTER = r"[^ \n(]", r"[^ \n.,:;!?)]"


def _emphasis(mark: str, content: str) -> str:
    """Return what matches `content` between marks that can only open and only close, as none is open before them."""
    opens = rf"{mark}(?!\*)(?:(?={_LETTER})|(?<!{_NOT_BEFORE}{mark})(?=\S))"
    closes = rf"(?:(?<={_LETTER})|(?<=\S)(?={mark}(?!{_NOT_AFTER}))){mark}(?!\*)"
    return opens + content + closes


_STRONG, _EM = r"\*\*", r"\*"
_ITEM = re.compile(
    rf"({_WORDS})|{_CODE}|{_emphasis(_STRONG, f'({_WORDS})')}|{_emphasis(_STRONG, _CODE)}|{_emphasis(_EM, f'({_WORDS})')}"
)


def _escaped(words: str) -> str:
    return words.replace(">", "&gt;")  # there is no other sign in them that means anything


WORDS, CODE, STRONG, STRONG_CODE, EM = range(1, 6)
"""What a piece is."""


def simple_pieces(content: str) -> list[tuple[int, str]] | None:
    """Return a block's content in pieces, what each is and its text; None where it takes a parser."""
    if "@" in content or "://" in content or "www." in content:
        return None
    pieces: list[tuple[int, str]] = []
    end = 0
    for item in _ITEM.finditer(content):
        if item.start() != end:
            return None
        end = item.end()
        kind = item.lastindex or 0
        pieces.append((kind, item[kind]))
    return pieces if end == len(content) else None


def pieces_to_html(pieces: Iterable[tuple[int, str]]) -> str:
    """Return the HTML of such pieces, not cleaned yet."""
    return "".join(_as_html(kind, text) for kind, text in pieces)


def _as_html(kind: int, text: str) -> str:
    if kind == WORDS:
        return _escaped(text)
    if kind == CODE:
        return f"<code>{html.escape(text, quote=False)}</code>"
    if kind == STRONG:
        return f"<strong>{_escaped(text)}</strong>"
    if kind == STRONG_CODE:
        return f"<strong><code>{html.escape(text, quote=False)}</code></strong>"
    return f"<em>{_escaped(text)}</em>"
