"""Markdown escaped so that nothing in it acts, whatever page or program shows it: it is written for people to read.

Programs differ about where a block of code ends, what a link is, and whether HTML is taken as it stands. So blocks of
code are written anew in the one form about which all agree; outside of them no sign is left that could begin HTML, a
picture, attributes, metadata, or a link to anywhere but the web or a place beside.
"""

from __future__ import annotations

import logging
import re
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager

from g4f_magic.quoting import code_fence
from g4f_magic.visible import make_visible

_RUN = re.compile(r"`+")
_BEFORE_CODE = re.compile(r"(?:^|\s)[(*_\"']{0,3}\Z")
_LANGUAGE = re.compile(r"[\w+#.-]{1,40}")
_TARGET = r"(?:https?://|mailto:|(?![\w+.-]*[:&\\]))[^\s<>\\]"
"""How the target of a link begins that is left as it is: the web, a mail, or a path without a scheme."""
_HTML = re.compile(r"<(?=[A-Za-z/!?])")
_LINK = re.compile(rf"\]\((?!(?:{_TARGET}|\)))")
_DEFINITION = re.compile(rf"\]:(?![ \t]*{_TARGET})")
_ATTRIBUTES = re.compile(
    r"\{(?=:)|(?<=[)\]`])\{(?=[#.=]|[^{}\n]{0,500}=)|\{(?=(?:[#.]|[^{}\n]{0,500}=)[^{}\n]{0,500}\}[ \t]*$)|(?<=::)\{|(?<=:: )\{"
)
"""Braces after code, a link, a heading or colons, which some programs read as attributes or as what to run."""
_ACTING_TEX = re.compile(
    r"\\(?=(?:href|style|class|cssId|require|html[A-Z]\w*|includegraphics|mmlToken|bbox)(?![A-Za-z]))"
)
_RULE = re.compile(r" {0,3}(?:-[ \t]*){3,}|\.\.\.[ \t]*")
"""What pandoc takes for the edge of metadata where a blank line stands before it."""


def escaped(text: str) -> str:
    """Return Markdown that reads like `text`, and in which nothing acts."""
    text = make_visible(text)
    lines = text.split("\n")
    parts: list[str] = []
    place = 0
    for start, end, language, content in _code_blocks(text):
        if start >= place:
            parts += [_inert_lines(lines[place:start]), _fenced(content, language)]
            place = end
    parts.append(_inert_lines(lines[place:]))
    return "\n\n".join(part.strip("\n") for part in parts if part.strip())


def escaped_line(text: str) -> str:
    """Return one line of the same, for a heading or a note."""
    return _without_actions(" ".join(make_visible(text).split()))


def _code_blocks(text: str) -> Iterator[tuple[int, int, str, str]]:
    """Yield first line, line after the last, language and content of each fenced block of code."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False})
    parser.core.ruler.enableOnly(["normalize", "block"])
    with _unlogged():
        tokens = parser.parse(text)
    for token in tokens:
        if token.type == "fence" and token.map:
            found = _LANGUAGE.match(token.info.strip())
            yield token.map[0], token.map[1], found[0] if found else "", token.content


@contextmanager
def _unlogged() -> Iterator[None]:
    """Keep the parser's debug log of a conversation out of the person's, at whatever level that is."""
    names = [name for name in list(logging.root.manager.loggerDict) if name.startswith("markdown_it")]
    for name in names:
        logging.getLogger(name).addFilter(_nothing)
    try:
        yield
    finally:
        for name in names:
            logging.getLogger(name).removeFilter(_nothing)


def _nothing(record: logging.LogRecord) -> bool:
    return False


def _fenced(content: str, language: str) -> str:
    fence = code_fence(content)
    return f"{fence}{language}\n{content.removesuffix(chr(10))}\n{fence}"


def _inert_lines(lines: list[str]) -> str:
    """Return lines without blocks of code; code inside of a line stays where all programs see it there."""
    shown: list[str] = []
    paragraph: list[str] = []
    for line in [*lines, ""]:
        if line.strip():
            paragraph.append(line)
            continue
        spans = [_spans(one) for one in paragraph]
        is_clear = all(one is not None for one in spans)
        for number, one in enumerate(paragraph):
            if number == 0 and _RULE.fullmatch(one):
                one = "***"
            shown.append(_with_spans(one, spans[number] or []) if is_clear else _without_actions(one))
        shown.append("")
        paragraph = []
    return "\n".join(shown)


def _spans(line: str) -> list[tuple[int, int]] | None:
    """Return where code stands in a line; None where programs may differ about that."""
    runs = [match.span() for match in _RUN.finditer(line)]
    if not runs:
        return []
    if any(sign in line for sign in ("|", "$", "~~", "\\`", "\t")) or line.startswith("    "):
        return None
    later: dict[int, deque[int]] = defaultdict(deque)
    for number, (start, end) in enumerate(runs):
        later[end - start].append(number)
    spans, number = [], 0
    while number < len(runs):
        start, end = runs[number]
        same = later[end - start]
        while same and same[0] <= number:
            same.popleft()
        # What stands before it without a blank may take it in: an address does, where it is made a link.
        if not same or not _BEFORE_CODE.search(line, max(0, start - 4), start):
            return None
        spans.append((start, runs[same[0]][1]))
        number = same[0] + 1
    return spans


def _with_spans(line: str, spans: list[tuple[int, int]]) -> str:
    shown, place = [], 0
    for start, end in [*spans, (len(line), len(line))]:
        # With the sign before it: what stands behind code may say what it is, `...`{=html}.
        before = line[max(0, place - 1) : place]
        shown += [_without_actions(before + line[place:start])[len(before) :], line[start:end]]
        place = end
    return "".join(shown)


def _without_actions(text: str) -> str:
    text = _HTML.sub("&lt;", text).replace("![", "&#33;[")
    text = _DEFINITION.sub("]&#58;", _LINK.sub("]&#40;", text))
    return _ACTING_TEX.sub("\\\\\u200b", _ATTRIBUTES.sub("&#123;", text))
