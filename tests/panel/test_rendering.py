from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from g4f_magic.panel.rendering import GrowingReply, RenderedCache, blocks_of, to_panel_html
from g4f_magic.renderers.mathml import to_mathml
from g4f_magic.turn import Turn
from tests.examples import examples
from tests.frames import undressed
from tests.injections import PAYLOADS

LINES = st.sampled_from(
    [
        "",
        "some *words* and `code`",
        "# head",
        "- item",
        "  - inner",
        "```python",
        "x = 1",
        "```",
        "| a | b |",
        "| --- | --- |",
        "| 1 | 2 |",
        "$$",
        r"\frac{1}{2}",
        "math $a^2$ here",
        "[label] and [text](https://example.org)",
        "[label]: https://example.org/late",
        "> quoted",
        "===",
    ]
)
TEXTS = st.lists(LINES, max_size=14).map("\n".join)
TAG = re.compile(r"<\s*/?\s*([a-z][a-z0-9]*)((?:\s[^<>]*)?)>", re.IGNORECASE)
HARMLESS = [
    "details",
    "summary",
    "kbd",
    "mark",
    "sub",
    "sup",
    "a",
    "blockquote",
    "br",
    "code",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "span",
    "strong",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
    "math",
    "mi",
    "mn",
    "mo",
    "ms",
    "mtext",
    "mspace",
    "mrow",
    "mfrac",
    "msqrt",
    "mroot",
    "mstyle",
    "msub",
    "msup",
    "msubsup",
    "munder",
    "mover",
    "munderover",
    "mmultiscripts",
    "mprescripts",
    "mtable",
    "mtr",
    "mtd",
    "mpadded",
    "mphantom",
    "menclose",
    "none",
]


ATTRIBUTES = {*("data-language", "alttext", "href", "title", "rel", "target", "dir", "start", "style")}
ATTRIBUTES |= {*("display", "stretchy", "fence", "form", "separator")}


class Elements(HTMLParser):
    """What a page would make of a piece of HTML."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


@given(text=TEXTS, cuts=st.lists(st.integers(0, 400), max_size=8))
@examples(150)
def test_how_a_reply_is_cut_does_not_matter(text: str, cuts: list[int]) -> None:
    growing = GrowingReply()
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    shown: list[str] = []
    for start, end in pairwise(edges):
        shown += growing.feed(text[start:end])
    stay, last = growing.end(text)
    assert "".join([*shown[:stay], *last]) == "".join(blocks_of(text))


def test_a_link_defined_late_gives_all_blocks_anew() -> None:
    growing = GrowingReply()
    first = growing.feed("See [here].\n\nMore.\n\n")
    stay, blocks = growing.end("See [here].\n\nMore.\n\n[here]: https://example.org\n")
    assert ("<a " in "".join(first), stay, "<a " in blocks[0]) == (False, 0, True)


def test_a_growing_fence_gives_only_its_new_lines() -> None:
    growing = GrowingReply()
    growing.feed("```python\nx = 1\n")
    shown = growing.tail()
    growing.feed("y = 2\nz")
    assert "x = 1" in re.sub("<[^>]*>", "", shown)
    assert growing.more_code() == (len("```python\nx = 1\n"), "y = 2\n")


def test_outside_of_a_fence_the_tail_is_shown_anew() -> None:
    growing = GrowingReply()
    growing.feed("Some words")
    growing.tail()
    assert growing.more_code() is None


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
def test_no_payload_becomes_more_than_harmless_tags(payload: str) -> None:
    seen = Elements(undressed("".join(blocks_of(payload))))
    assert seen.tags <= set(HARMLESS)
    assert seen.attributes <= ATTRIBUTES


@pytest.mark.parametrize(
    ("tex", "piece"),
    [(r"\frac{1}{2}", "<mfrac>"), ("a^2", "<msup>"), (r"\sqrt{x}", "<msqrt>"), ("a < b", "&lt;")],
)
def test_math_becomes_mathml(tex: str, piece: str) -> None:
    assert piece in to_mathml(tex, is_display=False)


@pytest.mark.parametrize("tex", [r"\href{javascript:x}{y}", r"\def\x{y}", "a" * 4000, r"\frac{"])
def test_math_that_is_not_typeset_is_shown_as_it_is(tex: str) -> None:
    assert to_mathml(tex, is_display=False).startswith("<code>$")


@given(tex=st.text(alphabet=r"\{}^_&<>\"'abfrc sqrt%#~|[]()=+1/", max_size=60))
@settings(deadline=None)
def test_no_tex_makes_anything_but_mathml(tex: str) -> None:
    for tag, rest in TAG.findall(to_mathml(tex, is_display=True)):
        assert tag in HARMLESS
        assert re.fullmatch(r"""(\salttext="[^"<>]*")?(\s[a-z]+="[\w.%+ -]{1,60}")*""", rest, re.ASCII)


def test_a_reply_cannot_name_the_place_of_math() -> None:
    made = to_panel_html("$a$ and math0n0e and mathn0e", {})
    assert made.count("<math") == 1


def turn(number: int, reply: str) -> Turn:
    return Turn.plain(id=str(number), slot="", prompt="p", provider="x", model="", started_at=0, reply=reply)


def test_what_was_rendered_is_rendered_once_and_the_oldest_goes_first() -> None:
    cache = RenderedCache(most_characters=100)
    first = cache.blocks(turn(1, "one"), remote_images=False)
    again = cache.blocks(turn(1, "one"), remote_images=False)
    cache.blocks(turn(2, "two " * 40), remote_images=False)
    assert first is again
    assert cache.blocks(turn(1, "one"), remote_images=False) is not first
