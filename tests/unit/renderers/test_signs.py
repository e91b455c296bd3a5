"""Signs that models write beside CommonMark: tags of HTML, bare addresses, footnotes, definitions that define nothing."""

from __future__ import annotations

import re

import pytest

from g4f_magic.renderers.document import MarkdownView, markdown_to_html
from g4f_magic.renderers.markdown import to_html
from tests.frames import undressed

A = 'target="_blank" rel="noopener noreferrer nofollow"'


def words(html: str) -> str:
    return re.sub("<[^>]*>", "", html)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("one<br>two<br/>three<BR />four", "<p>one<br>\ntwo<br>\nthree<br>\nfour</p>\n"),
        ("H<sub>2</sub>O, x<sup>*2*</sup>", "<p>H<sub>2</sub>O, x<sup><em>2</em></sup></p>\n"),
        ("<kbd>Ctrl</kbd>+<kbd>C</kbd>", "<p><kbd>Ctrl</kbd>+<kbd>C</kbd></p>\n"),
        ("**a <mark>b</mark>**", "<p><strong>a <mark>b</mark></strong></p>\n"),
        ("<sub>a<sup>b</sup></sub>", "<p><sub>a<sup>b</sup></sub></p>\n"),
    ],
)
def test_a_few_tags_without_attributes_are_read_as_signs(text: str, html: str) -> None:
    assert to_html(text) == html


@pytest.mark.parametrize(
    "text",
    [
        "an open <kbd> key",
        "a closed </sub> tag",
        "<sub class=x>a</sub>",
        "<mark onclick=x>a",
        "<kbd style='position:fixed'>a",
        "<sub *a</sub>",
        "`<br>`",
        "<brx>",
        "<details ontoggle=x>\n\na\n\n</details>",
        "<details>\n\nnever closed",
        "<summary>alone</summary>",
    ],
)
def test_other_tags_stay_the_text_that_they_are(text: str) -> None:
    html = markdown_to_html(text)
    assert not re.search("<(?:sub|sup|kbd|mark|details|summary|br)", html)
    assert "".join(text.split()).replace("`", "").replace("*", "") in "".join(
        words(html).replace("&lt;", "<").replace("&gt;", ">").replace("*", "").split()
    )


def test_tags_that_cross_an_emphasis_do_not_pair() -> None:
    assert "<sub>" not in to_html("*a <sub>b* c</sub>")


DETAILS = (
    "<details>\n<summary>More of *it*</summary>\n\n- one\n\n```python\nx = 1\n```\n\n</details>\n\nAfter.\n"
)


def test_details_fold_markdown_with_blank_lines() -> None:
    html = markdown_to_html(DETAILS)
    inside, _, after = html.partition("</details>")
    assert undressed(inside).startswith("<details>\n<summary>More of <em>it</em></summary>")
    assert "<li>one</li>" in inside
    assert "<pre" in inside
    assert "After." in after


@pytest.mark.parametrize("size", [1, 3, 7, 50])
def test_details_are_the_same_however_they_come(size: int) -> None:
    view = MarkdownView()
    shown = ""
    for start in range(0, len(DETAILS), size):
        view.feed(DETAILS[start : start + size])
        shown += "".join(view.finished())
        assert "&lt;details&gt;" not in view.tail() or len(DETAILS[: start + size].splitlines()[0]) < 9
    assert "".join(part.html for part in view.parts(DETAILS)) == markdown_to_html(DETAILS)


def test_details_are_open_while_they_grow() -> None:
    view = MarkdownView()
    view.feed("<details>\n<summary>More</summary>\n\nSo far")
    assert undressed(view.tail()).startswith("<details open")
    assert "So far" in view.tail()


@pytest.mark.heavy
def test_details_that_are_never_closed_hold_up_no_more_than_so_much() -> None:
    view = MarkdownView()
    view.feed("<details>\n\n" + "A paragraph.\n\n" * 3_000)
    assert len(view.tail_text) < 22_000
    assert view.finished()


def test_details_in_lists_and_in_details_fold_too() -> None:
    inner = "<details>\n<summary>b</summary>\n\ntext\n\n</details>"
    html = to_html(f"<details>\n<summary>a</summary>\n\n{inner}\n\n</details>")
    assert undressed(html).count("<details>") == 2
    listed = "- item\n\n  " + inner.replace("\n", "\n  ")
    assert "<li>" in to_html(listed).partition("<details>")[0]


@pytest.mark.parametrize(
    ("text", "href", "shown", "rest"),
    [
        ("see https://a.example/x.", "https://a.example/x", "https://a.example/x", "."),
        ("(https://a.example/x_(y))", "https://a.example/x_(y)", "https://a.example/x_(y)", ")"),
        ("**http://a.example**", "http://a.example", "http://a.example", ""),
        ("www.a.example/b, or", "http://www.a.example/b", "www.a.example/b", ", or"),
        ("mail me@a.example!", "mailto:me@a.example", "me@a.example", "!"),
        (
            "https://a.example/?a=1&b=2",
            "https://a.example/?a=1&amp;b=2",
            "https://a.example/?a=1&amp;b=2",
            "",
        ),
        ("https://a.example/a_b_c", "https://a.example/a_b_c", "https://a.example/a_b_c", ""),
    ],
)
def test_a_bare_address_is_a_link(text: str, href: str, shown: str, rest: str) -> None:
    html = to_html(text)
    assert f'<a href="{href}" {A}>{shown}</a>' in html
    assert re.sub("<[^>]*>", "", html.partition("</a>")[2]).strip() == rest


@pytest.mark.parametrize(
    "text",
    ["`https://a.example`", "javascript://x", "a://b", "http://", "www.", "a@b", "@name", "x = a @ b.c"],
)
def test_what_is_no_address_of_the_web_is_no_link(text: str) -> None:
    assert "<a " not in to_html(text)


def test_an_address_in_a_link_is_no_second_link() -> None:
    html = to_html("[see https://a.example and me@a.example](https://b.example)")
    assert html.count("<a ") == 1


FOOTNOTES = "It is so[^1], and so[^note].\n\nMore.\n\n[^1]: Because of *this*,\nand that.\n[^note]: Seen.\n"


def test_footnotes_are_numbers_above_the_line_with_what_they_say_where_it_stands() -> None:
    html = markdown_to_html(FOOTNOTES)
    assert "so<sup>[1]</sup>, and so<sup>[note]</sup>." in html
    assert "<p><sup>[1]</sup> Because of <em>this</em>,\nand that.</p>" in html
    assert "<p><sup>[note]</sup> Seen.</p>" in html


@pytest.mark.parametrize("text", ["a regex [^0-9] of[^a]", "so[^1] alone", "[^1]: without a mark"])
def test_a_footnote_that_is_not_both_stays_text(text: str) -> None:
    assert words(markdown_to_html(text)).strip() == text


@pytest.mark.parametrize(
    "line", ["[INFO]: https://a.example", "[INFO]: Starting", "[1]: http://a.example 'title'"]
)
def test_a_definition_of_which_nothing_makes_use_stays_text(line: str) -> None:
    text = f"Before [2].\n\n{line}\n\n[2]: https://b.example\n"
    html = markdown_to_html(text)
    assert "".join(line.split()) in "".join(words(html).split())
    assert "[2]:" not in html
    assert 'href="https://b.example"' in html
