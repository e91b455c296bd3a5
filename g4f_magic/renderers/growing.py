"""A reply's HTML while it grows: what stands at its end looks the same, in fewer bytes. Pure, no I/O.

What stays in a notebook has its styles inline, as a page takes away the others where it does not trust it. What grows is
seen by the page that runs the cell alone, and is sent again and again: it has classes, and each style once in the page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from g4f_magic.renderers.code_blocks import CODE, FRAME, HANDLED, KINDS, PRE, STYLE, WIDE, has_buttons

_COLOURED = re.compile(r"<span style=color:(#\w{3})>([^<]*)</span>")
_SHORTER = (
    (f'<div class="g4f-code" style="{FRAME}">', "<div class=g4f-code>"),
    (f'<pre tabindex=0 style="{PRE}"><code style="{CODE}">', "<pre tabindex=0><code>"),
    (f'<div tabindex=0 style="{WIDE}">', "<div tabindex=0 class=g4f-wide>"),
    ("<td style=text-align:left>", "<td>"),
    ("<th style=text-align:left>", "<th>"),
)
_CODE_STYLE = (
    f"<style>.g4f-code{{{FRAME};border-radius:6px}}.g4f-code>pre[tabindex]{{{PRE}}}"
    f".g4f-code>pre>code{{{CODE.replace(';', '!important;')}!important;padding:0!important}}.g4f-code i{{font-style:normal}}"
    ".g4f-head{display:flex;gap:.3em;padding:.3em .8em 0;font-size:.85em}.g4f-head>:first-child{flex:1;opacity:.8}"
    + "".join(f".g4f-code .{kind}{{color:{colour}}}" for colour, kind in KINDS.items())
    + "</style>"
)
_TABLE_STYLE = (
    f"<style>.g4f-wide{{{WIDE}}}.g4f-wide.g4f-wide td,.g4f-wide.g4f-wide th{{text-align:left}}</style>"
)
_STYLES = (("<table", _TABLE_STYLE), ('class="g4f-code"', _CODE_STYLE))


def shortened(html: str, before: Sequence[str] = ()) -> str:
    """Return cleaned HTML as it is painted, with the styles that it needs and the outputs `before` it do not have."""
    style = "".join(
        style for mark, style in _STYLES if mark in html and not any(mark in one for one in before)
    )
    acts = has_buttons(html)
    if acts and not any(map(has_buttons, before)):
        style += STYLE
    html = _COLOURED.sub(_by_class, html)
    for long, short in _SHORTER:
        html = html.replace(long, short)
    return f"{style}{HANDLED}{html}</div>" if acts else style + html


def _by_class(found: re.Match[str]) -> str:
    kind = KINDS.get(found[1])
    return f"<i class={kind}>{found[2]}</i>" if kind else found[0]
