"""What a reply refers to, as a list of links under it: numbered, so that `[1]` in the text finds its page. No I/O."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from g4f_magic.messages import Citation
from g4f_magic.renderers.escaping import escaped
from g4f_magic.visible import make_visible

_REL = "noopener noreferrer nofollow"
_SAFE = re.compile(r"https?://[^\s<>\"'`\\]+", re.IGNORECASE)


def to_html(citations: Sequence[Citation]) -> str:
    """Return the list; titles are only text, and nothing is fetched."""
    items = "".join(f"<li>{_link(one)}</li>" for one in citations)
    return (
        f'<ol role="list" aria-label="Sources" style="font-size:.85em;margin:.4em 0 0">{items}</ol>'
        if items
        else ""
    )


def _link(citation: Citation) -> str:
    shown = escaped(" ".join(make_visible(citation.title or citation.url).split()))
    if not _SAFE.fullmatch(citation.url):
        return shown
    return f'<a href="{html.escape(citation.url)}" target="_blank" rel="{_REL}">{shown}</a>'
