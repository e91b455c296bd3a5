"""Nothing in a reply becomes anything but text, harmless formatting, and links that open elsewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.renderers.markdown import to_html
from g4f_magic.renderers.sanitize import clean, clean_code
from tests.examples import examples
from tests.frames import undressed
from tests.injections import HTML, MARKDOWN, PAYLOADS
from tests.named import named

NAMES = "sub sup kbd mark details summary a blockquote br code em h1 h2 h3 h4 h5 h6 hr li ol p pre s span strong table tbody td th thead tr ul"
TAGS = set(NAMES.split())
ATTRIBUTES = {"open", "href", "title", "rel", "target", "dir", "start", "style"}
STYLE = re.compile(
    r"(?:(?:color:#[0-9a-f]{3,6}|font-(?:style|weight):\w+|list-style-type:none|text-align:\w+);?)*"
)
COMMAND = re.compile(r"\\(?:href|url|style|class|cssId|html|include|require|def)")


class Page(HTMLParser):
    """What a page would see in a piece of HTML."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.others: list[str] = []
        self.open: list[str] = []
        self.runs: list[tuple[list[str], str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in ("br", "hr", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.runs.append((list(self.open), data))

    def handle_comment(self, data: str) -> None:
        self.others.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def check(html: str) -> Page:
    """Check what came from the reply; the frames around its code and tables are ours, and exactly as we make them."""
    page = Page(undressed(html))
    assert page.open == []
    assert page.others == []
    for tag, attributes in page.elements:
        assert tag in TAGS
        assert set(attributes) <= ATTRIBUTES
        assert STYLE.fullmatch(attributes.get("style", ""))
        if tag == "a":
            assert re.match(r"(?:https?://|mailto:)", attributes["href"])
            assert attributes["target"] == "_blank"
            assert attributes["rel"] == "noopener noreferrer nofollow"
    return page


@pytest.mark.parametrize(
    "around", ["{}", "- item\n\n  {}\n", "> {}", "# {}", "**{}**", "| a |\n|---|\n| {} |", "```\n```\n{}"]
)
def test_a_payload_does_nothing_wherever_it_stands(around: str) -> None:
    for name, text in PAYLOADS.items():
        with named(name):
            check(to_html(around.format(text)))


def test_code_in_colours_is_cleaned_where_it_holds_more_than_its_colours() -> None:
    coloured = "if <span style=color:#95d>x</span> &lt; <span style=font-weight:bold>1</span>\n"
    assert clean_code(coloured) == coloured
    for name, html in HTML.items():
        with named(name):
            assert clean_code(coloured + "<b>" + html) == clean(coloured + "<b>" + html)
    for style in ("color:red;x:y", "color:#95d onclick=x", '"color:#95d"', "color:#95d><b"):
        assert clean_code(f"<span style={style}>x</span>") == clean(f"<span style={style}>x</span>")


def test_raw_html_is_shown_as_its_own_source() -> None:
    for name, text in HTML.items():
        with named(name):
            page = check(to_html(text))
            shown = "".join(data for _, data in page.runs)
            assert "pwned" not in text or "__pwned=1" in shown


def test_no_command_that_does_more_than_typeset_reaches_the_page_as_math() -> None:
    for name, text in MARKDOWN.items():
        with named(name):
            page = check(to_html(text))
            for outside_code in [data for tags, data in page.runs if not {"code", "pre"} & set(tags)]:
                has_border = re.search(r"\$.*\$|\\[(\[]|\\begin", outside_code, re.DOTALL)
                assert not (has_border and COMMAND.search(outside_code))


def test_images_that_are_loaded_come_from_the_web_alone() -> None:
    for name, text in MARKDOWN.items():
        with named(name):
            page = Page(to_html(text, remote_images=True))
            sources = [attributes["src"] for tag, attributes in page.elements if tag == "img"]
            assert all(source.startswith(("http://", "https://")) for source in sources)


FRAGMENTS = st.sampled_from(
    [*PAYLOADS.values(), "\n", "\n\n", "`", "```\n", "[", "](", ")", "<", ">", '"', "$", "$$", "- ", "|"]
)


@given(st.lists(FRAGMENTS, max_size=8).map("".join))
@examples(200)
def test_payloads_put_together_do_nothing_either(text: str) -> None:
    check(to_html(text))


def test_there_are_enough_payloads_to_mean_something() -> None:
    assert len(PAYLOADS) >= 60
