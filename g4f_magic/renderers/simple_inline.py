"""Inline Markdown of the simplest kind, straight to HTML. Pure, no I/O.

Most of what a model writes is words, **bold**, *italics* and `code`. Reading that takes the parser two thirds of its
time; here it is one expression. What is in any doubt is left to the parser, so that both always say the same.
"""

from __future__ import annotations

import html
import re

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


def simple_inline(content: str) -> str | None:
    """Return the HTML of a block's content, not cleaned yet; None where it takes a parser."""
    if "@" in content or "://" in content or "www." in content:
        return None
    pieces: list[str] = []
    end = 0
    for item in _ITEM.finditer(content):
        if item.start() != end:
            return None
        end = item.end()
        text = item[item.lastindex or 0]
        match item.lastindex:
            case 1:
                pieces.append(_escaped(text))
            case 2:
                pieces.append(f"<code>{html.escape(text, quote=False)}</code>")
            case 3:
                pieces.append(f"<strong>{_escaped(text)}</strong>")
            case 4:
                pieces.append(f"<strong><code>{html.escape(text, quote=False)}</code></strong>")
            case _:
                pieces.append(f"<em>{_escaped(text)}</em>")
    return "".join(pieces) if end == len(content) else None
