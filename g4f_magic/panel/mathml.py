"""TeX to MathML that can do nothing, for pages that typeset no math in widgets. Pure, no I/O."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from g4f_magic.renderers.tex import is_safe

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_TAGS = frozenset(
    {
        *("math", "mi", "mn", "mo", "ms", "mtext", "mspace", "mrow", "mfrac", "msqrt", "mroot", "mstyle"),
        *("msub", "msup", "msubsup", "munder", "mover", "munderover", "mmultiscripts", "mprescripts"),
        *("mtable", "mtr", "mtd", "mpadded", "mphantom", "menclose", "none"),
    }
)
_ATTRIBUTES = frozenset(
    {
        *("display", "displaystyle", "scriptlevel", "mathvariant", "stretchy", "fence", "separator", "form"),
        *("lspace", "rspace", "width", "height", "depth", "linethickness", "accent", "accentunder"),
        *("movablelimits", "largeop", "symmetric", "minsize", "maxsize", "columnalign", "columnspacing"),
        *("rowspacing", "columnlines", "rowlines", "notation"),
    }
)
_VALUE = re.compile(r"[\w.%+ -]{1,60}", re.ASCII)
LONGEST = 3_000
"""Characters of TeX that are typeset; what is longer is shown as it is."""


@lru_cache(maxsize=1024)
def to_mathml(tex: str, *, is_display: bool) -> str:
    """Return `tex` as MathML; as it is, in `code`, where it cannot be read or wants more than to be shown."""
    if len(tex) <= LONGEST and is_safe(tex):
        from latex2mathml.converter import convert_to_element

        try:
            return _written(convert_to_element(tex, display="block" if is_display else "inline"))
        except Exception:  # noqa: S110 - what it raises on junk is open: IndexError, KeyError, its own
            pass
    marks = "$$" if is_display else "$"
    return f"<code>{html.escape(f'{marks}{tex}{marks}', quote=False)}</code>"


def _written(element: Element) -> str:
    """Return the element with what is on the lists; of others, what is inside them."""
    # The converter writes signs as character references into its text.
    inner = html.escape(html.unescape(element.text or ""), quote=False)
    inner += "".join(_written(child) for child in element)
    tag = element.tag
    if tag not in _TAGS:
        return inner
    attributes = "".join(
        f' {name}="{value}"'
        for name, value in element.attrib.items()
        if name in _ATTRIBUTES and _VALUE.fullmatch(value)
    )
    return f"<{tag}{attributes}>{inner}</{tag}>"
