"""A stranger's HTML for a frame of its own: only what shows something, nested as it should be. Pure, no I/O.

A policy alone is not enough: it stops what would be loaded, and not that a name is looked up (`dns-prefetch`) or a page
is left (`refresh`). So what is not on the lists is left out, twice: here, which also keeps parsers from making
thousands of elements of each (formats that are never closed, tables in tables), and by nh3.
"""

from __future__ import annotations

import html
import re

import nh3

_FORMATS = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
    ]
)
_FORMATS |= frozenset(["strike", "strong", "sub", "sup", "time", "tt", "u", "var"])
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_TABLE = frozenset(["caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "td", "th"])
_BLOCKS = _HEADINGS | frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "figcaption",
        "figure",
    ]
)
_BLOCKS |= frozenset(
    ["footer", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "ul"]
)
_DRAWING = frozenset(
    [
        "svg",
        "g",
        "path",
        "rect",
        "circle",
        "ellipse",
        "line",
        "polyline",
        "polygon",
        "text",
        "tspan",
        "defs",
        "desc",
    ]
)
_TAGS = _FORMATS | _BLOCKS | _TABLE | _DRAWING | frozenset(("br", "wbr", "img", "style"))
_VOID = frozenset(("br", "col", "hr", "img", "wbr"))
_WITH_CONTENT = frozenset(
    [
        "script",
        "title",
        "template",
        "iframe",
        "object",
        "embed",
        "noscript",
        "textarea",
        "select",
        "math",
        "noembed",
    ]
)
"""Of these nothing is left, not even what is in them."""
_ENDS = {
    "li": ({"li"}, {"ul", "ol"}),
    "dt": ({"dt", "dd"}, {"dl"}),
    "dd": ({"dt", "dd"}, {"dl"}),
    "td": ({"td", "th", "caption"}, {"table"}),
    "th": ({"td", "th", "caption"}, {"table"}),
    "tr": ({"tr", "caption", "colgroup"}, {"table"}),
    **{name: (set(_TABLE), {"table"}) for name in ("thead", "tbody", "tfoot", "colgroup", "caption")},
}
"""What a tag ends where it is open, and what that is looked for in."""
_STRUCTURE = frozenset(("table", "thead", "tbody", "tfoot", "tr", "colgroup"))
_ATTRIBUTES = frozenset(
    [
        "align",
        "alt",
        "bgcolor",
        "border",
        "cellpadding",
        "cellspacing",
        "class",
        "color",
        "colspan",
        "datetime",
        "dir",
        "height",
        "href",
        "id",
        "lang",
        "open",
        "rowspan",
        "scope",
        "span",
        "src",
        "start",
        "style",
        "title",
        "type",
        "valign",
        "value",
        "width",
        "cx",
        "cy",
        "d",
        "dx",
        "dy",
        "fill",
        "fill-opacity",
        "fill-rule",
        "font-family",
        "font-size",
        "font-style",
        "font-weight",
        "opacity",
        "pathlength",
        "points",
        "r",
        "rx",
        "ry",
        "stroke",
        "stroke-dasharray",
        "stroke-linecap",
        "stroke-linejoin",
        "stroke-opacity",
        "stroke-width",
        "text-anchor",
        "dominant-baseline",
        "transform",
        "viewbox",
        "x",
        "x1",
        "x2",
        "y",
        "y1",
        "y2",
    ]
)
_CASED = {"viewbox": "viewBox", "pathlength": "pathLength"}
_DEEPEST = 60

_TAG = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9]{0,20}+)((?:[^<>"']++|"[^"]*+"|'[^']*+')*+)>""")
_ATTRIBUTE = re.compile(r"""([a-zA-Z][\w-]*+)(?:\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s"'=<>`]++))?+""", re.ASCII)
_DECLARATION = re.compile(r"<[!?][^<>]*+>")
_LOADS = re.compile(
    r"""(?:url|src|image-set|image|cross-fade|element)\s*+\(\s*+(?!["']?data:image/)|@import|@namespace""",
    re.I,
)

_CLEANER = nh3.Cleaner(
    tags=set(_TAGS),
    clean_content_tags=set(_WITH_CONTENT),
    attributes={"*": {_CASED.get(name, name) for name in _ATTRIBUTES}},
    url_schemes={"data"},
    link_rel=None,
    generic_attribute_prefixes=set(),
)


def frame_body(source: str) -> str:
    """Return what of `source` a frame may show."""
    return _CLEANER.clean(_Nesting().read(source))


class _Nesting:
    """Writes a text's elements anew, each closed where it must be."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._open: list[str] = []

    def read(self, source: str) -> str:
        """Return `source`, written anew."""
        lower = (
            source.lower() if source.isascii() else "".join(c.lower() if c < "\x80" else c for c in source)
        )
        at = 0
        has_comment_end = True
        while (found := source.find("<", at)) >= 0:
            self._text(source[at:found])
            at = found
            if has_comment_end and source.startswith("<!--", found):
                end = source.find("-->", found + 4)
                has_comment_end = end >= 0
                at = end + 3 if end >= 0 else found
            if at == found:
                at = self._tag(source, lower, found)
        self._text(source[at:])
        self._close(0)
        return "".join(self._out)

    def _tag(self, source: str, lower: str, at: int) -> int:
        """Take the tag at that place; return where it ends."""
        match = _TAG.match(source, at)
        if match is None:
            declaration = _DECLARATION.match(source, at)
            if declaration is None:
                self._out.append("&lt;")
            return declaration.end() if declaration else at + 1
        name = match[2].lower()
        if match[1]:
            if name in self._open:
                self._close(len(self._open) - 1 - self._open[::-1].index(name))
            return match.end()
        if name in _WITH_CONTENT or name == "style":
            end = lower.find(f"</{name}", match.end())
            end = len(source) if end < 0 else end
            if name == "style":
                self._out.append(f"<style>{_inert_css(source[match.end() : end])}</style>")
            return end
        if name in _TAGS:
            self._start(name, match[3])
        return match.end()

    def _start(self, name: str, attributes: str) -> None:
        """Open an element, after those are closed that cannot hold it; none where it has no place."""
        opened = self._open
        if "svg" in opened and name not in _DRAWING:
            self._close(opened.index("svg"))
        if (name in _DRAWING and name != "svg" and "svg" not in opened) or (
            name in _TABLE and "table" not in opened
        ):
            return
        if name in _BLOCKS and "p" in opened:
            self._close(opened.index("p"))
        if name in _ENDS:
            self._end_before(*_ENDS[name])
        elif name == "a" and "a" in opened:
            self._close(opened.index("a"))
        if name not in _TABLE:
            while opened and opened[-1] in _STRUCTURE:
                self._close(len(opened) - 1)
        if opened and opened[-1] in _HEADINGS and name in _HEADINGS:
            self._close(len(opened) - 1)
        if len(opened) < _DEEPEST:
            self._out.append(f"<{name}{_written(name, attributes)}>")
            if name not in _VOID:
                opened.append(name)

    def _end_before(self, ended: set[str], around: set[str]) -> None:
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place] in around:
                break
            if self._open[place] in ended:
                self._close(place)
                break

    def _close(self, place: int) -> None:
        """Close all that is open from that place on."""
        while len(self._open) > place:
            self._out.append(f"</{self._open.pop()}>")

    def _text(self, text: str) -> None:
        if text.strip():
            while self._open and self._open[-1] in _STRUCTURE:
                self._close(len(self._open) - 1)
        self._out.append(html.escape(html.unescape(text), quote=False))


def _written(name: str, attributes: str) -> str:
    written: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(attributes):
        key = match[1].lower()
        value = html.unescape((match[2] or "").strip("\"'"))
        if key == "style":
            value = _inert_css(value)
        is_shown = key in _ATTRIBUTES and (
            (key != "href" or (name == "a" and value.startswith("#")))
            and (key != "src" or (name == "img" and value.lower().startswith("data:image/")))
            and (key == "style" or not _LOADS.search(value))
        )
        if is_shown:
            written.setdefault(_CASED.get(key, key), value)
    return "".join(f' {key}="{html.escape(value)}"' for key, value in written.items())


def _inert_css(css: str) -> str:
    """Return a style sheet that loads nothing and stays one. Backslashes could spell any word."""
    return _LOADS.sub("none(", css.replace("\\", "").replace("<", ""))
