"""The frames that the renderer itself puts around code and tables, taken off: what is left came from the reply."""

from __future__ import annotations

import re

from g4f_magic.renderers.code_blocks import HANDLED, apart, bare, framed, wide

_CODE = "<pre><code>"
_END = "</code></pre>"


def _pattern(made: str) -> str:
    return re.escape(made).replace(">code<", r">[\w+#.-]{1,24}<")


_FRAMES = [
    re.compile(
        "|".join(_pattern(form(_CODE)) for form in (framed, lambda it: framed(it, is_growing=True), bare))
    )
]
_STYLE = re.compile(r"<style>\.g4f-code.*?</style>")
_TABLE = wide("<table").removesuffix("<table")


def undressed(html: str) -> str:
    """Return rendered HTML without the frames of ours, each exactly as it is made; what is not one stays."""
    html = _STYLE.sub("", html).replace(HANDLED, "<div>")
    html = _FRAMES[0].sub(_CODE, html).replace(f"{_END}</div>", _END)
    html = html.replace(apart("<details"), "<details")
    return html.replace(_TABLE, "").replace("</table></div>", "</table>")
