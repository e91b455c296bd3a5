"""Bare addresses in Markdown as links: `https://a.example/x`, `www.a.example`, `me@a.example`. Pure, no I/O.

linkify-it-py, which the parser would take, looks for every name of the web with an expression for each place, in time that
no budget counts. Here an address has to say that it is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

_SCHEME = re.compile(r"(?:^|[^A-Za-z0-9])(https?)\Z", re.IGNORECASE)
_REST = re.compile(r"://(?=[\w\[])[^\s<>\"`\\|{}^]{1,1999}+")
_IN_TEXT = re.compile(
    r"(?<![\w.@/-])(?:www\.[\w-]{1,63}\.[^\s<>\"`\\|{}^]{1,1000}+"
    r"|[\w.+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w@-]))"
)
_TRAILING = ".,:;!?*_~'\")]}…。，、；：！？）」』】"
_PAIRS = {")": "(", "]": "["}


def addresses_plugin(md: MarkdownIt) -> None:
    """Add the rule for addresses with a scheme to `md`; the others are found in text that is read already."""
    md.inline.ruler.before("escape", "address", _address)


def _address(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != ":" or state.src[state.pos : state.pos + 3] != "://" or state.linkLevel > 0:
        return False
    scheme = _SCHEME.search(state.pending[-6:])
    rest = _REST.match(state.src, state.pos, state.posMax)
    if scheme is None or rest is None:
        return False
    url = scheme[1] + trimmed(rest[0])
    if len(url) < len(scheme[1]) + 4:
        return False
    if not silent:
        href = state.md.normalizeLink(url)
        if not state.md.validateLink(href):
            return False
        state.pending = state.pending[: -len(scheme[1])]
        for token in linked(url, href):
            state.push(token.type, token.tag, token.nesting)
            made = state.tokens[-1]
            made.attrs, made.content = token.attrs, token.content
            made.markup, made.info = token.markup, token.info
    state.pos += len(url) - len(scheme[1])
    return True


def trimmed(address: str) -> str:
    """Return an address without the signs of the sentence at its end; a bracket that it opened itself stays."""
    end = len(address)
    counts = {sign: address.count(sign) for pair in _PAIRS.items() for sign in pair}
    while end and address[end - 1] in _TRAILING:
        sign = address[end - 1]
        if sign in _PAIRS:
            if counts[sign] <= counts[_PAIRS[sign]]:
                break
            counts[sign] -= 1
        end -= 1
    return address[:end]


def linked(words: str, href: str) -> tuple[Token, Token, Token]:
    """Return the tokens of a link whose words are its address."""
    opening = Token("link_open", "a", 1, attrs={"href": href}, markup="linkify", info="auto")
    closing = Token("link_close", "a", -1, markup="linkify", info="auto")
    return opening, Token("text", "", 0, content=words), closing


def with_addresses(tokens: list[Token]) -> list[Token]:
    """Return the tokens of a block's words, with the addresses in its texts that have no scheme as links."""
    if not any(token.type == "text" and _may_hold(token.content) for token in tokens):
        return tokens
    made: list[Token] = []
    depth = 0
    for token in tokens:
        depth += token.nesting if token.type in ("link_open", "link_close") else 0
        if token.type == "text" and not depth and _may_hold(token.content):
            made += _split(token.content)
        else:
            made.append(token)
    return made


def _may_hold(text: str) -> bool:
    return "@" in text or "www." in text


def _split(text: str) -> Iterator[Token]:
    start = 0
    for found in _IN_TEXT.finditer(text):
        words = trimmed(found[0])
        if words.count(".") < (2 if words.startswith("www.") else 1):
            continue
        yield Token("text", "", 0, content=text[start : found.start()])
        yield from linked(words, f"http://{words}" if words.startswith("www.") else f"mailto:{words}")
        start = found.start() + len(words)
    yield Token("text", "", 0, content=text[start:])
