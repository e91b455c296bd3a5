"""What is painted while a reply grows: the styles of its end in fewer bytes."""

from __future__ import annotations

import re

from g4f_magic.renderers.code_blocks import HANDLED, KINDS, STYLE
from g4f_magic.renderers.colours import _styles
from g4f_magic.renderers.decoration import streaming
from g4f_magic.renderers.document import MarkdownView, markdown_to_html
from g4f_magic.renderers.growing import shortened

CODE = "```python\nfor number in range(12):  # all\n    print('a', number)\n```\n\n"
TABLE = "| a | b |\n|---|--:|\n| x | 1 |\n\n"


def growing(text: str) -> str:
    view = MarkdownView()
    view.feed(text + "More")
    return "".join(view.finished())


def words(html: str) -> str:
    return re.sub("<style>.*?</style>|<[^>]*>", "", html)


def test_each_style_stands_once_in_the_page() -> None:
    html = growing(CODE + TABLE)
    first, second = shortened(html), shortened(html, [html])
    assert [first.count(f"<style>.g4f-{what}{{") for what in ("code", "wide")] == [1, 1]
    assert "<style" not in second
    assert first.endswith(second)
    assert shortened(growing(TABLE), [growing(CODE)]).count("<style>") == 1


def test_it_says_the_same_words_in_fewer_bytes() -> None:
    html = growing(CODE + TABLE)
    assert words(shortened(html)) == words(html)
    assert len(shortened(html, [html])) < 0.6 * len(html)


def test_every_colour_of_code_has_its_class() -> None:
    colours = {style.removeprefix("color:") for style in _styles().values() if style.startswith("color:")}
    assert colours == set(KINDS)
    assert len({*KINDS.values()}) == len(KINDS)


def test_a_cell_that_is_aligned_stays_so_and_words_that_look_like_a_tag_are_words() -> None:
    assert "<td style=text-align:right>1</td>" in shortened(growing(TABLE))
    told = "`<td style=text-align:left>` and <span style=color:#95d>x</span>\n\n"
    assert words(shortened(growing(told))) == words(growing(told))
    assert "<i class" not in shortened(growing(told))


def test_blocks_that_have_their_buttons_keep_them() -> None:
    html = markdown_to_html(CODE)
    shown = shortened(html)
    assert shown.count("role=button") == 2
    assert STYLE in shown
    assert HANDLED in shown
    assert STYLE not in shortened(html, [html])
    assert HANDLED in shortened(html, [html])


def test_a_page_that_may_not_trust_it_gets_it_as_it_stands_at_the_end() -> None:
    html = growing(CODE)
    assert html in streaming(html, is_short=False)
