"""What a reply's Markdown looks like as HTML."""

from __future__ import annotations

import pytest

from g4f_magic.renderers.markdown import definitions, to_html
from tests.frames import undressed


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a **b** *c* ~~d~~ `e`", "<p>a <strong>b</strong> <em>c</em> <s>d</s> <code>e</code></p>\n"),
        ("# head", "<h1>head</h1>\n"),
        ("- a\n  - b", "<ul>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>\n"),
        ("3. three", '<ol start="3">\n<li>three</li>\n</ol>\n'),
        (
            "- [ ] one `a`\n- [x] two\n- [y] three\n\n[ ] four",
            '<ul>\n<li style="list-style-type:none">☐ one <code>a</code></li>\n<li style="list-style-type:none">☑ two</li>\n<li>[y] three</li>\n</ul>\n<p>[ ] four</p>\n',
        ),
        ("> said", "<blockquote>\n<p>said</p>\n</blockquote>\n"),
        ("<b>raw</b>", "<p>&lt;b&gt;raw&lt;/b&gt;</p>\n"),
        ("😀 & ©", "<p>😀 &amp; ©</p>\n"),
    ],
)
def test_markdown_becomes_html(text: str, html: str) -> None:
    assert to_html(text) == html


@pytest.mark.parametrize(
    ("text", "math"),
    [
        ("$a_b*c*$", "$a_b*c*$"),
        (r"\(a_b\)", "$a_b$"),
        ("so $$x_1 < y_2$$ holds", "$$x_1 &lt; y_2$$"),
        ("$$\na_b\n- c_d\n$$", "<p>$$a_b\n- c_d$$</p>"),
        ("> $$\n> x_1\n> $$", "<p>$$x_1$$</p>"),
        ("\\[\na\n\\]", "<p>$$a$$</p>"),
    ],
)
def test_math_reaches_the_page_untouched(text: str, math: str) -> None:
    assert math in to_html(text)


@pytest.mark.parametrize("text", ["it costs $5 and $10", "$ 5$", r"\$x\$", "a $ b", "$$", "&#36;x&#36;"])
def test_dollars_of_money_are_no_math(text: str) -> None:
    html = to_html(text)
    assert "$" not in html.replace("<span>$</span>", "")


def test_code_of_a_known_language_is_coloured() -> None:
    assert "<span style=color:" in to_html("```python\nx = 'a'\n```")


@pytest.mark.parametrize("language", ["", "nosuchlanguage", "text"])
def test_other_code_stays_plain(language: str) -> None:
    html = undressed(to_html(f"```{language}\nx = '<a>'\n```"))
    assert html == "<pre><code>x = '&lt;a&gt;'\n</code></pre>\n"


def test_overrides_of_direction_in_code_are_shown() -> None:
    assert "⟨202E⟩" in to_html("```python\nx = '\u202e'\n```")


def test_a_remote_image_becomes_a_link() -> None:
    html = to_html("![a chart](https://example.org/x.png)")
    assert '<a href="https://example.org/x.png"' in html
    assert "a chart" in html
    assert "<img" not in html


def test_a_remote_image_is_loaded_where_the_person_allows_it() -> None:
    html = to_html("![a chart](https://example.org/x.png)", remote_images=True)
    assert html == '<p><img src="https://example.org/x.png" alt="a chart"></p>\n'


def test_a_link_that_leads_nowhere_safe_leaves_its_words() -> None:
    assert to_html("[see *this*](#part) and [that](https://a.b)").startswith(
        "<p>see <em>this</em> and <a href="
    )


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("שלום world", '<p dir="rtl" style="text-align:right">'),
        ("hello שלום", "<p>"),
        ("- שלום", '<ul dir="rtl">\n<li>'),
        ("- one\n- שלום", '<ul>\n<li>one</li>\n<li dir="rtl">'),
    ],
)
def test_a_block_takes_the_direction_of_its_first_letter(text: str, start: str) -> None:
    assert to_html(text).startswith(start)


def test_the_first_of_two_definitions_counts_as_in_the_whole() -> None:
    assert definitions("[a]\n\n[a]: http://x\n\n[A]: http://y")["references"]["A"]["href"] == "http://x"


@pytest.mark.parametrize(
    "text", ["$" * 20_000, r"\(" * 10_000, "[" * 5_000, "*a " * 5_000, "`" * 5_000 + "a", "> " * 3_000]
)
def test_a_hostile_text_does_not_take_forever(text: str) -> None:
    assert to_html(text)
