"""The last step before a page: what is not on these lists does not reach it. Pure, no I/O."""

from __future__ import annotations

import re

import nh3

TAGS = frozenset(
    {
        *("a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "img", "li", "ol"),
        *("p", "pre", "s", "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
        *("sub", "sup", "kbd", "mark", "details", "summary"),
    }
)
ATTRIBUTES = {
    "*": {"dir"},
    "a": {"href", "title"},
    "details": {"open"},
    "img": {"src", "alt", "title"},
    "li": {"style"},
    "ol": {"start"},
    "pre": {"data-language"},
    "span": {"style"},
    **{tag: {"style"} for tag in ("p", "h1", "h2", "h3", "h4", "h5", "h6")},
    "td": {"style"},
    "th": {"style"},
}
SCHEMES = frozenset({"http", "https", "mailto"})
STYLES = frozenset({"color", "font-style", "font-weight", "list-style-type", "text-align"})
"""No property that could move, cover, hide or load."""

_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
    url_schemes=set(SCHEMES),
    filter_style_properties=set(STYLES),
    set_tag_attribute_values={"a": {"target": "_blank"}},
    link_rel="noopener noreferrer nofollow",
)


# As messages are JSON, each quote takes two bytes. In text there is no tag: its `<` is an entity.
_QUOTED = re.compile(r'<(t[dh]|p|h[1-6]) style="([\w:#-]+)">', re.ASCII)
_CODE = re.compile(r"(?:[^<>]++|<span style=(?:color:#[\da-f]{3}|font-weight:bold)>|</span>)*+")


def clean(html: str) -> str:
    """Return `html` with only the tags, attributes, schemes and style properties on the lists."""
    cleaned = _CLEANER.clean(html)
    return _QUOTED.sub(r"<\1 style=\2>", cleaned) if 'style="' in cleaned else cleaned


def clean_code(html: str) -> str:
    """Return code in colours, as it is where it is text and spans that give it a colour, which is told in no time; else cleaned."""
    return html if _CODE.fullmatch(html) else clean(html)
