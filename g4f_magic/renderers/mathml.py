"""TeX to MathML that can do nothing, for pages that typeset no TeX: VS Code, Colab, and widgets of others. Pure, no I/O.

latex2mathml knows `align*`, `cases` and matrices; other environments are written as these first. What it cannot
translate whole stays the TeX that it is. A formula carries its TeX along: a page that has a typesetter takes that.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from g4f_magic import stopping
from g4f_magic.renderers.tex import is_safe
from g4f_magic.renderers.tex_doubt import has_even_braces

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


_AS_ALIGNED = frozenset(("align", "aligned", "alignat", "alignedat", "split", "eqnarray"))
_AS_LINES = frozenset(("gather", "gathered", "multline", "multlined"))
_ENVIRONMENT = re.compile(
    r"\\(begin|end)\{([A-Za-z]+)\*?\}((?<=at\*\})\{\d\}|(?<=at\})\{\d\}|(?<=array\})\{[lcr]\})?"
)
_TAG = re.compile(r"\\tag\*?\{([^{}]*)\}")
_DROPPED = re.compile(r"\\(?:hline|hdashline|nonumber|notag)(?![A-Za-z])|(?<=\})\[[tbc]\]")
_FORMULA = re.compile(r'<math alttext="([^"]*)"( display="block")?[^>]*>.*?</math>', re.DOTALL)
"""A formula as it is written here; one never stands in another."""


class _UntranslatedError(Exception):
    """Something of a formula was left as TeX."""


@lru_cache(maxsize=512)
def to_mathml(tex: str, *, is_display: bool) -> str:
    """Return `tex` as MathML; as it is, in `code`, where it cannot be read or wants more than to be shown."""
    if len(tex) <= LONGEST and is_safe(tex) and has_even_braces(tex) and not stopping.is_over():
        from latex2mathml.converter import convert_to_element

        try:
            made = convert_to_element(_translatable(tex), display="block" if is_display else "inline")
            inside = _written(made).partition(">")[2]
            shown = ' display="block"' if is_display else ""
            return f'<math alttext="{html.escape(tex)}"{shown}>{inside}'
        except Exception:  # noqa: S110 - what it raises on junk is open: IndexError, KeyError, its own
            pass
    marks = "$$" if is_display else "$"
    return f"<code>{html.escape(f'{marks}{tex}{marks}', quote=False)}</code>"


def as_tex(made: str) -> str:
    """Return HTML whose formulas are TeX between dollars again, for a page that typesets it."""

    def typeset(found: re.Match[str]) -> str:
        marks = "$$" if found[2] else "$"
        return f"{marks}{html.escape(html.unescape(found[1]), quote=False)}{marks}"

    return _FORMULA.sub(typeset, made) if "<math " in made else made


def _translatable(tex: str) -> str:
    """Return TeX that says the same in the environments that the converter knows."""
    tex = _TAG.sub(r"\\qquad\\text{(\1)}", _DROPPED.sub("", tex))
    if "&" not in tex and any(f"{{{name}" in tex for name in _AS_LINES):
        tex = tex.replace("\\\\", "\\\\ &")  # the second column of `align` begins at the left
    return _ENVIRONMENT.sub(_renamed, tex)


def _renamed(found: re.Match[str]) -> str:
    which, name = found[1], found[2]
    if name in _AS_ALIGNED:
        return f"\\{which}{{align*}}"
    if name == "equation":
        return ""
    if name in _AS_LINES:
        return f"\\{which}{{align*}}" + ("&" if which == "begin" else "")
    if name == "subarray":
        return f"\\{which}{{matrix}}"
    if name == "dcases":
        return f"\\{which}{{cases}}"
    if name == "rcases":
        return r"\left.\begin{matrix}" if which == "begin" else r"\end{matrix}\right\}"
    return found[0]


def _written(element: Element) -> str:
    """Return the element with what is on the lists; of others, what is inside them."""
    # The converter writes signs as character references into its text.
    text = html.unescape(element.text or "")
    if text == "&" or (text.startswith("\\") and len(text) > 1):
        raise _UntranslatedError
    inner = html.escape(text, quote=False)
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
