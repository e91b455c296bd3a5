"""The frame of a block of code in a static output: its language, and in a page Copy and "to a cell". Pure, no I/O.

No JavaScript of a reply runs, and none is made of it. What a click does is one constant of ours, the same around every
reply, put there after the cleaning: it reads the block as text, gives it to the clipboard, or has JupyterLab and Notebook 7
insert it below, by their own commands `notebook:insert-cell-below` and `notebook:replace-selection`; nothing is run. A
reply cannot make such a button: cleaning leaves it no element with a class. In a notebook that is not trusted the page
takes the handler and the style away, and with the style the words on the buttons: nothing is left that does nothing.
"""

from __future__ import annotations

import re

_OPEN = re.compile(r'<pre(?: data-language="([\w+#.-]{1,24})")?><code>')
_LANGUAGE = re.compile(r"[\w+#.-]{1,24}", re.ASCII)

FRAME = "margin:.6em 0 1em;background:#8881"
PRE = "margin:0;padding:.5em .8em .7em;overflow:auto;white-space:pre;background:none"
CODE = "background:none;white-space:pre"
WIDE = "overflow-x:auto;overflow-wrap:normal;word-break:normal"
_BARE = f'<pre style="{PRE};{FRAME}"><code style="{CODE}">'
_BUTTONS = "".join(
    f'<span class={kind} role=button tabindex=0 aria-label="{label}"></span>'
    for kind, label in (("g4f-b", "Copy code"), ('"g4f-b g4f-cell"', "Code to a new cell"))
)

_HEAD, _KEYS_HEAD = "<div class=g4f-head>", "<div class=g4f-head data-lm-suppress-shortcuts=true>"

KINDS = {
    "#777": "c",
    "#a62": "m",
    "#95d": "k",
    "#285": "s",
    "#b62": "n",
    "#18a": "b",
    "#37d": "d",
    "#d43": "e",
    "#286": "a",
}
"""The colours of `colours`, and the classes that stand for them while a reply grows."""
_THEME = {
    "#777": "comment",
    "#a62": "meta",
    "#95d": "keyword",
    "#285": "string",
    "#b62": "number",
    "#18a": "builtin",
    "#37d": "def",
    "#d43": "error",
}
"""The colours of `colours`, and what JupyterLab's themes call the same."""
_ADDED = {"#286": "color-mix(in srgb,#286 60%,var(--jp-content-font-color0))"}
"""What was added in a diff stays green, nearer to the colour of words so that it can be read: the themes have no colour for it, and
strings are red there, as what was taken out."""

_MORE = {"#777": ";font-style:italic"}


def theme_rules(selector: str, shade: str = "{}") -> str:
    """Return CSS that gives what `selector` holds the theme's colours, where the page names them; `shade` is what becomes of each."""
    named = {
        colour: shade.format(f"var(--jp-mirror-editor-{name}-color,{colour})")
        for colour, name in _THEME.items()
    } | _ADDED
    return "".join(
        f"{selector} [style*='{colour}'],{selector} .{KINDS[colour]}{{color:{shown}!important{_MORE.get(colour, '')}}}"
        for colour, shown in named.items()
    )


STYLE = (
    "<style>"
    ".g4f-code{border-radius:6px}.g4f-code code{padding:0!important}"
    ".g4f-head{display:flex;gap:.3em;padding:.3em .8em 0;font-size:.85em}.g4f-head>:first-child{flex:1;opacity:.8}"
    ".g4f-b{cursor:pointer;border-radius:3px;padding:0 .4em}"
    ".g4f-b::after{content:'Copy'}.g4f-cell::after{content:'To a cell'}"
    ".g4f-did::after{content:'Copied'}.g4f-cell.g4f-did::after{content:'It is below'}"
    ".g4f-b:hover,.g4f-b:focus-visible{background:#8883}"
    ".g4f-cell:not(.jp-LabShell *,.jp-NotebookShell *){display:none}"
    ".reveal [data-g4f-magic]{max-height:420px;overflow:auto}"
    "</style>"
)
"""How blocks of code look, and on a slide of nbconvert's, which shows nothing below 700 pixels, the whole reply.

Few rules, each found by a class: a page matches them for each output that holds them, and 500 replies that held the theme's
colours took 50 ms of it for the next one. These stand once in `labextension/static/style.css`.
"""
# `run-all-enabled` gives the same arguments to each of its commands.
_CLICK = (
    "const b=event.target.closest('.g4f-b');if(!b)return;"
    "const c=b.classList,d=b.dataset,p=b.parentNode.nextSibling,text=p.textContent.replace(/\\n$/,''),"
    "s=()=>{getSelection().selectAllChildren(p);document.execCommand('copy')};"
    "if(c.contains('g4f-cell')){d.commandlinkerCommand='apputils:run-all-enabled';"
    "d.commandlinkerArgs=JSON.stringify({commands:['notebook:insert-cell-below','notebook:replace-selection'],args:{text}})}"
    "else navigator.clipboard?navigator.clipboard.writeText(text).catch(s):s();"
    "c.add('g4f-did');setTimeout(()=>c.remove('g4f-did'),2e3)"
)
_KEY = "const t=event.target;if(/^(Enter| )$/.test(event.key)&&t.matches('.g4f-b')){event.preventDefault();t.click()}"
HANDLED = f'<div onclick="{_CLICK.replace("&", "&amp;")}" onkeydown="{_KEY.replace("&", "&amp;")}">'
"""What opens the part of an output in which the buttons act."""


def language_mark(language: str) -> str:
    """Return the attribute by which cleaned HTML names the language of a block of code."""
    return f' data-language="{language}"' if _LANGUAGE.fullmatch(language) else ""


def framed(html: str, *, is_growing: bool = False) -> str:
    """Return cleaned HTML with a frame around each block of code; what looks like a tag in it is one."""
    if "<pre" not in html:
        return html
    head, buttons = (_HEAD, "") if is_growing else (_KEYS_HEAD, _BUTTONS)

    def opened(found: re.Match[str]) -> str:
        return (
            f'<div class="g4f-code" style="{FRAME}">'
            f"{head}<span>{found[1] or 'code'}</span>{buttons}</div>"
            f'<pre tabindex=0 style="{PRE}"><code style="{CODE}">'
        )

    return _OPEN.sub(opened, html).replace("</pre>", "</pre></div>")


def wide(html: str) -> str:
    """Return cleaned HTML whose tables scroll sideways where they are wider than the page, and break no word."""
    if "<table" not in html:
        return html
    return html.replace("<table", f'<div tabindex=0 style="{WIDE}"><table').replace(
        "</table>", "</table></div>"
    )


def apart(html: str) -> str:
    """Return cleaned HTML in which what is folded keeps its distance from what follows, as all else of a page does."""
    return html.replace("<details", '<details style="margin-bottom:1em"')


def bare(html: str) -> str:
    """Return cleaned HTML whose blocks of code have a ground alone: for those that are shorter than a frame."""
    return _OPEN.sub(_BARE, html) if "<pre" in html else html


def resting(html: str) -> str:
    """Return HTML whose blocks of code have no buttons: for a file, where they would do nothing, and while it grows."""
    return html.replace(_BUTTONS, "").replace(_KEYS_HEAD, _HEAD) if _BUTTONS in html else html


def has_code(html: str) -> bool:
    """Say whether there is a block of code with a frame in it."""
    return 'class="g4f-code"' in html


def has_buttons(html: str) -> bool:
    """Say whether a block of code in it has its buttons."""
    return _BUTTONS in html


def acting(html: str) -> str:
    """Return an output's HTML in which the buttons of its blocks act, with how they look."""
    if not has_code(html):
        return html
    return f"{STYLE}{HANDLED}{html}</div>" if has_buttons(html) else STYLE + html
