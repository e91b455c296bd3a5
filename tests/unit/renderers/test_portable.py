"""A reply as Markdown for programs that show no HTML: it reads the same, and nothing in it acts."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from benchmarks.sample import markdown
from g4f_magic.markdown_source import source_of
from g4f_magic.renderers.document import MarkdownView
from g4f_magic.renderers.portable import LONGEST, portable
from tests.examples import examples
from tests.injections import PAYLOADS

AS_WRITTEN = {
    "words": ("Some **bold**, *slanted* and `code`.",) * 2,
    "a heading": ("## Title", "**Title**  "),
    "a heading that is bold": ("### 1. **Load** it", "**1&#46; __Load__ it**   "),
    "signs that begin": ("_a &b; #c, ->d", "&#95;a &#38;b; &#35;c, ->d"),
    "signs": ("a_b * c # d & e", "a_b &#42; c &#35; d & e"),
    "a list": ("- a\n- b\n  - c\n- d", "- a\n- b\n  - c\n- d"),
    "numbers": ("3. a\n4. b", "3. a\n4. b"),
    "what begins like a list": (r"1986\. A year", "1986&#46; A year"),
    "a quote": ("> a\n>\n> b", "> a\n>\n> b"),
    "code": ("```python\nx = '<b>'\n```",) * 2,
    "code in a list": ("- a\n  ```\n  x\n   y\n  ```", "- a\n \n  `x`\\\n  &nbsp;`y`"),
    "a table": ("|a|b|\n|-|-|\n|1|`2`|", "| a | b |\n|-|-|\n| 1 | `2` |"),
    "a link": ("[a](https://b.org/c_(d))", "[a](https://b.org/c_%28d%29)"),
    "a link elsewhere": ("[a](file:///etc/passwd)", "&#91;a&#93;(file:///etc/passwd)"),
    "an image": ("![a](https://b.org/c.png)", "[a](https://b.org/c.png)"),
    "no image": (r"\![a](https://b.org)", "&#33;[a](https://b.org)"),
    "a formula": ("It is $a<b$.", "It is $a< b$."),
    "a link in a formula": ("$f[x](javascript:a)$", "$f[x] (javascript:a)$"),
    "a link's address in one": ("$$\n- [x]: javascript:a\n$$", "$$\n- [x] : javascript:a\n$$"),
    "an environment": (
        "$$\n\\begin{align}a &= b \\tag{1}\\end{align}\n$$",
        "$$\n\\begin{aligned}a &= b \\qquad\\text{(1)}\\end{aligned}\n$$",
    ),
    "TeX in words": (r"\input{/etc/passwd}", "&#92;input&#123;/etc/passwd&#125;"),
    "a formula that does something": (r"$\input{/etc/passwd}$", r"`\input{/etc/passwd}`"),
    "a break": ("a  \nb", "a\\\nb"),
    "tags": ("H<sub>2</sub>O", "H2O"),
    "metadata": ("---\ntitle: x\n---", "*** \n \n**title: x**  "),
}


@pytest.mark.parametrize(("text", "written"), AS_WRITTEN.values(), ids=AS_WRITTEN)
def test_it_is_written_so(text: str, written: str) -> None:
    assert portable(text) == written


def acting(text: str) -> list[str]:
    """Return what another parser, which lets HTML through, finds in Markdown that could do something."""
    found: list[str] = []

    def look(tokens: list[Token]) -> None:
        for token in tokens:
            if token.type in ("html_block", "html_inline", "image"):
                found.append(token.content)
            if token.type == "link_open" and not re.match("https?:|mailto:", str(token.attrGet("href"))):
                found.append(str(token.attrGet("href")))
            if token.type == "text" and "\\" in token.content and "&#92;" not in text and "$" not in text:
                found.append(token.content)
            look(token.children or [])

    for preset in ("commonmark", "gfm-like"):
        look(MarkdownIt(preset, {"html": True, "linkify": False}).parse(text))
    return found


def test_no_parser_finds_anything_in_it_that_acts() -> None:
    assert {name: found for name, text in PAYLOADS.items() if (found := acting(portable(text)))} == {}


def test_no_parser_finds_anything_in_several_of_them_that_acts() -> None:
    """What one defines, another may use."""
    texts = list(PAYLOADS.values())
    groups = ["\n\n".join(texts[start : start + 5]) for start in range(len(texts))]
    assert [found for group in groups if (found := acting(portable(group)))] == []


@given(
    st.lists(
        st.sampled_from([*PAYLOADS.values(), "- ", "> ", "```\n", "\n\n", "| a |\n|-|\n| ", "`", "$", "  "])
    )
)
@examples(100)
def test_nothing_acts_in_what_is_put_together_of_them(pieces: list[str]) -> None:
    assert acting(portable("".join(pieces))) == []


@given(
    st.lists(
        st.sampled_from([*PAYLOADS.values(), *(text for text, _ in AS_WRITTEN.values()), "- ", "\n\n", "> "])
    )
)
@examples(100)
def test_what_was_parsed_for_the_page_is_written_the_same(pieces: list[str]) -> None:
    (part, *others) = MarkdownView().parts("".join(pieces))
    if part.tokens:
        assert not others
        assert portable(part.plain, part.tokens) == portable(part.plain)


def test_a_definition_that_nothing_uses_stays_a_line() -> None:
    assert portable("[a]: https://b.org") == "&#91;a&#93;: <https://b.org>"


def test_a_long_reply_is_left_as_its_text() -> None:
    assert portable("a " * LONGEST) == ""


SPELLED = """### 1. **Load** the data
It is read *at once*, as `pandas` does:
```python
x = "a"  # **as it is** &amp; all

```
1. **First**: a & b (~5 lines).
   - a snake_case_name → https://a.example/docs, and more...
2. Second:
   * A, R&D, 5 > 3
   * B -- really

| Option  | Cost ($) | *Note* |
|:--------|---------:|--------|
| A       |      1.5 | _fast_ |

---

> **Note:** a quote
> of two lines.

$$
a &= b \\\\
c &= d
$$

The mass is $m_1$, see [the docs](https://a.example/x?y=1&z=2).
1986. A year, *not* a list."""


def test_how_most_replies_are_spelled_is_had_back_from_it() -> None:
    assert source_of(portable(SPELLED)) == SPELLED
    assert source_of(portable(markdown(10_240))) == markdown(10_240)


def test_it_is_hardly_longer_than_the_reply() -> None:
    assert len(portable(markdown(10_240))) < 1.01 * 10_240
