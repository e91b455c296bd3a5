"""Diagrams of Mermaid in a reply, for pages that draw them: which are left to the page, and which stay their source. Pure, no I/O.

JupyterLab draws `text/vnd.mermaid` as a picture, in which nothing runs; Notebook 7 draws the same where it stands in Markdown. While it draws, Mermaid can load pictures
and styles from an address, so no source is left to it that could name one, that has settings of its own, or markup in a label.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

from g4f_magic.quoting import code_fence
from g4f_magic.renderers.blocks import BlockSplitter
from g4f_magic.renderers.document import MarkdownView
from g4f_magic.renderers.renderer import Part, View
from g4f_magic.visible import make_visible

_FENCE = re.compile(r"\s*(`{3,})mermaid[ \t]*\n(.*?)\n\1`*\s*\Z", re.DOTALL)
_REFUSED = re.compile(
    r"//|:/|@|\burl\b|%%\{|<(?![-|.=<>\s]|$)|&|\\|!\[|\b(?:click|href|img|image|icon|link|links|import|callback)\b|---\s*\n",
    re.IGNORECASE,
)
_SHOWN = '<pre data-language="mermaid"'
_PRE = re.compile(rf"{_SHOWN}><code>(.*?)</code></pre>", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_LONGEST = 5_000
_MOST_LINES = 150
_LONGEST_REPLY = 48_000
MEDIA_TYPE = "text/vnd.mermaid"


def diagram_in(block: str) -> str:
    """Return the source of the diagram that is all of a block, if a page may draw it; else nothing."""
    if "mermaid" not in block[:40] or len(block) > _LONGEST:
        return ""
    found = _FENCE.match(block)
    return found[2].strip() if found is not None and _may_be_drawn(found[2]) else ""


def _may_be_drawn(source: str) -> bool:
    return source.count("\n") <= _MOST_LINES and len(source) <= _LONGEST and not _REFUSED.search(source)


def bundle(part: Part) -> dict[str, str]:
    """Return what an output shows whose part is a diagram."""
    fence = code_fence(part.diagram)
    written = f"{fence}mermaid\n{part.diagram}\n{fence}\n"
    return {MEDIA_TYPE: part.diagram, "text/markdown": written, "text/plain": part.plain}


def marked(html: str) -> str:
    """Return cleaned HTML in which each diagram that a page may draw stands in an element of its own; its source stays."""
    if _SHOWN not in html:
        return html
    return _PRE.sub(lambda found: _drawn(found[0], found[1]), html)


def _drawn(pre: str, code: str) -> str:
    source = unescape(_TAG.sub("", code))
    return f'<div class="g4f-diagram">{pre}</div>' if source.strip() and _may_be_drawn(source) else pre


def with_diagrams(reply: str, make_view: Callable[[], View]) -> list[Part]:
    """Return how a reply stands with each of its diagrams apart; nothing, where a page may draw none of it."""
    if "mermaid" not in reply or len(reply) > _LONGEST_REPLY:
        return []
    splitter = BlockSplitter()
    blocks = [*splitter.feed(reply), splitter.tail]
    drawn = [diagram_in(block) for block in blocks]
    if not any(drawn):
        return []

    def around(text: str) -> list[Part]:
        view = make_view()
        if isinstance(view, MarkdownView):
            view.defines(reply)
        return view.parts(text) if text.strip() else []

    parts: list[Part] = []
    text = ""
    for block, diagram in zip(blocks, drawn, strict=True):
        if not diagram:
            text += block
            continue
        parts += around(text)
        parts.append(Part("", make_visible(block), diagram))
        text = ""
    return [*parts, *around(text)]
