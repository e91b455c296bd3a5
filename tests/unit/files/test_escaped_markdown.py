"""An exported .md is read in many programs: in none of them does it act, and in all of them it reads the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

import mistune
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from g4f_magic.files.escaped_markdown import escaped, escaped_line
from g4f_magic.files.exporting import to_markdown
from g4f_magic.messages import Citation
from tests.examples import examples
from tests.turns import make_turn

RENDER: dict[str, Callable[[str], str]] = {
    "CommonMark": MarkdownIt("commonmark", {"html": True}).render,
    "GitHub's": MarkdownIt("gfm-like", {"html": True, "linkify": False}).render,
    "mistune": lambda text: str(
        mistune.create_markdown(escape=False, plugins=["table", "url", "footnotes", "task_lists", "math"])(
            text
        )
    ),
}
TAGS = {
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "p",
    "em",
    "strong",
    "s",
    "del",
    "code",
    "pre",
    "ul",
    "ol",
    "li",
    "a",
}
TAGS |= {"br", "hr", "blockquote", "table", "thead", "tbody", "tr", "th", "td"}
TAGS |= {"sup", "section", "div", "span", "input"}  # footnotes, formulas and tasks
ATTRIBUTES = {"class", "start", "title", "style", "id", "type", "disabled", "checked", "align"}
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):")


class Watcher(HTMLParser):
    """Collects what a page would do."""

    def __init__(self) -> None:
        super().__init__()
        self.acts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS or (tag == "input" and ("type", "checkbox") not in attrs):
            self.acts.append(tag)
        for name, value in attrs:
            if name == "href":
                scheme = SCHEME.match(re.sub("[\0- ]", "", value or "").lower())
                is_web = scheme is None or scheme[1] in ("http", "https", "mailto")
                self.acts += [] if is_web else [f"href={value}"]
            elif name not in ATTRIBUTES:
                self.acts.append(name)

    handle_startendtag = handle_starttag

    def handle_comment(self, data: str) -> None:
        self.acts.append("comment")

    handle_decl = handle_pi = unknown_decl = handle_comment


def acts(text: str) -> list[str]:
    found: list[str] = []
    for render in RENDER.values():
        watcher = Watcher()
        watcher.feed(render(text))
        watcher.close()
        found += watcher.acts
    return found


FRAGMENTS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>",
    "<javascript:alert(1)>",
    "<https://x.y>",
    "https://x.y/",
    "<!-- a -->",
    "<?php ?>",
    "<![CDATA[x]]>",
    "![x](http://e.x/p.png)",
    "![x][r]",
    "![r]",
    "[x](javascript:alert(1))",
    "[x]( javascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](JaVaScRiPt:alert(1) 'title')",
    "[x](java&#115;cript:alert(1))",
    "[x](javascript&colon;alert(1))",
    r"[x](javascript\:alert(1))",
    "[x](vbscript:x)",
    "[x](data:text/html,x)",
    "[x][r]",
    "[r]",
    "[r]: javascript:alert(1)",
    "[r]:",
    "javascript:alert(1)",
    "[^1]",
    "[^1]: javascript:alert(1)",
    "`",
    "``",
    "```",
    "````",
    "~~~",
    "```html",
    "``` {=html}",
    "`<script>`",
    "`a`{=html}",
    "\\",
    "\\`",
    "|",
    "|--|--|",
    "$",
    "$$",
    "- ",
    "1. ",
    "> ",
    "    ",
    "\t",
    "# ",
    "---",
    "===",
    "a: b",
    "{: onclick=alert(1)}",
    "text",
    "*",
    "_",
    "<",
    ">",
    "(",
    ")",
    "[",
    "]",
    "!",
]
texts = st.lists(st.sampled_from(FRAGMENTS) | st.sampled_from(["\n", "\n\n", " ", "\n   ", "\n    "])).map(
    "".join
)


@pytest.mark.heavy
@given(texts)
@example("a `\n`<script>` x")
@example("- a\n  ```\n  <script>\n ```\n<script>")
@example("> ```\n<script>")
@example("`\\`<script>`")
@example("| ` | `<script>` |\n|--|--|\n| `<b>` | x |")
@example("[r]:\njavascript:alert(1)\n\n[r]")
@example("a\n`<script>\n- `<script>`")
@example("https://x.y/<img src=x onerror=alert(1)>")
@examples(1500)
def test_whatever_is_said_nothing_acts(text: str) -> None:
    assert acts(escaped(text)) == []
    assert acts(escaped_line(text)) == []
    assert acts(to_markdown([make_turn(citations=(Citation(f"https://x.y/{text}", text),))])) == []


def test_the_fragments_do_act_where_they_stand_as_they_came() -> None:
    assert {"script", "img", "href=javascript:alert(1)", "comment", "onerror"} <= set(
        acts("\n\n".join(FRAGMENTS))
    )


@given(st.text())
def test_no_terminal_is_steered(text: str) -> None:
    assert not re.search(
        "[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", escaped(text) + escaped_line(text)
    )


@given(st.lists(st.sampled_from(["```", "~~~", "````", "<b>", "x", "", "    y", "`"])).map("\n".join))
def test_code_reads_as_it_was(code: str) -> None:
    fence = "`" * 9
    shown = RENDER["CommonMark"](escaped(f"before\n\n{fence}html\n{code}\n{fence}\n\nafter"))
    assert shown == RENDER["CommonMark"](f"before\n\n{fence}html\n{code}\n{fence}\n\nafter")


@pytest.mark.parametrize(
    "text",
    [
        "# Title\n\nSome *text*, `<b>` and ``a`b``.\n\n* one\n* two\n\n> said\n\n| a | b |\n| - | - |\n| 1 | 2 |",
        r"$\sum_{i=1}^{n} x_{i} = \frac{a}{b}$ and a < b, 1 <2, a[0]: 5",
        "[a](https://x.y/?a=1&b=2 'T') [b](./z.md#c) [c](#d) [d][r]\n\n[r]: https://a.b/c:d",
        "A line\n***\nanother",
    ],
)
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert escaped(text) == text


def test_a_picture_is_a_link_and_metadata_a_rule() -> None:
    assert escaped("![p](https://x.y/p.png)") == "&#33;[p](https://x.y/p.png)"
    assert escaped("---\nheader-includes: <script>\n---") == "***\nheader-includes: &lt;script>\n---"
    assert escaped("`<b>`{=html}") == "`<b>`&#123;=html}"
    assert escaped("# T {onclick=x}") == "# T &#123;onclick=x}"
    assert escaped("``` {r echo=1}\nx\n```") == "```\nx\n```"


ACTING_TEX = [
    r"\href{javascript:x}{y}",
    r"\mmlToken{mi}[href=\"javascript:x\"]{y}",
    r"\bbox[border:0;position:fixed;inset:0]{y}",
    r"\style{position:fixed}{y}",
]


@pytest.mark.parametrize("formula", ACTING_TEX)
def test_no_formula_is_left_that_acts_where_a_page_typesets_it(formula: str) -> None:
    place = Citation(f"https://x.y/${formula}$", f"${formula}$")
    turn = make_turn(prompt=f"${formula}$", reply=f"$${formula}$$", model=f"${formula}$", citations=(place,))
    assert not re.search(r"(?<!\\)\\(?:\\\\)*[A-Za-z]", to_markdown([turn]))


def test_names_errors_and_the_conversation_s_name_are_inert_too() -> None:
    hostile = "<script>\n---\n![x](http://e)\x1b[31m"
    turn = make_turn(
        prompt=hostile, reply=hostile, provider=hostile, model=hostile, via=hostile, status="failed"
    )
    text = to_markdown([turn], conversation=hostile)
    assert acts(text) == []
    assert "\x1b" not in text
