"""What is read without the parser says what the parser would have said."""

from __future__ import annotations

import random

import pytest
from markdown_it import MarkdownIt

from g4f_magic.renderers.markdown import normalize
from g4f_magic.renderers.sanitize import clean
from g4f_magic.renderers.simple_inline import pieces_to_html, simple_pieces

PIECES = [
    *(
        "a",
        "b",
        "word",
        "1",
        "é",
        "中",
        "²",
        "\u0301",
        " ",
        " ",
        " ",
        "\n",
        "  \n",
        "\t",
        "\u00a0",
        "\u2028",
        "\x85",
    ),
    *(
        "*",
        "**",
        "***",
        "_",
        "__",
        "~",
        "~~",
        "`",
        "``",
        "[",
        "]",
        "(",
        ")",
        "![",
        "<",
        ">",
        "&",
        "&amp;",
        "\\",
        "$",
    ),
    *(
        ".",
        ":",
        "!",
        "-",
        "#",
        "|",
        '"',
        "'",
        "»",
        "(**x**)",
        "https://a.example",
        "`x`",
        "**b**",
        "*i*",
        "**n:**",
        "**`c`**",
    ),
]
PARSER = MarkdownIt("js-default", {"html": False, "linkify": False})


@pytest.mark.parametrize(
    ("content", "html"),
    [
        ("", ""),
        ("5 < 6", None),
        ("plain: words - and 100% more!", "plain: words - and 100% more!"),
        (
            "a **bold**, an *italic* and `code`.",
            "a <strong>bold</strong>, an <em>italic</em> and <code>code</code>.",
        ),
        ("**Note:** it is so", "<strong>Note:</strong> it is so"),
        ("**`name`**: a thing", "<strong><code>name</code></strong>: a thing"),
        ("a snake_case name, ~5 of them\nin two lines", "a snake_case name, ~5 of them\nin two lines"),
        ("`a <b> & c`", "<code>a &lt;b&gt; &amp; c</code>"),
        *(
            (content, None)
            for content in ("**a", "a*", "_a_", "~~a~~", "[a](b)", "a  \nb", "***a***", "`` ` ``", "$x$")
        ),
        *((content, None) for content in ("\\*", "&lt;", "** a**", "**a **", "a**!b**", "**a!**b", "` a `")),
    ],
)
def test_simple_markdown_becomes_html_and_other_is_left_to_the_parser(content: str, html: str | None) -> None:
    pieces = simple_pieces(content)
    assert (None if pieces is None else pieces_to_html(pieces)) == html


@pytest.mark.parametrize("seed", range(4))
def test_says_what_the_parser_says(seed: int) -> None:
    chance = random.Random(seed)
    simple = 0
    for _ in range(5_000):
        content = "".join(chance.choice(PIECES) for _ in range(chance.randint(1, 12)))
        content = normalize(content).strip()
        pieces = simple_pieces(content)
        if pieces is not None:
            simple += 1
            assert clean(pieces_to_html(pieces)) == clean(PARSER.renderInline(content)), content
    assert simple > 300


@pytest.mark.parametrize("piece", ["**a ", "*a", "`a", "a_", "~", "**`a`", "a\n", "**a:** "])
def test_takes_no_more_than_one_look(piece: str) -> None:
    """An expression that goes back over its text would not come to an end here."""
    for end in ("", "*", "`", "~~"):
        simple_pieces(piece * 20_000 + end)
