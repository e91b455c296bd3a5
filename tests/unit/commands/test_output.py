"""How subcommands answer."""

from __future__ import annotations

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.commands.output import as_read, as_text, table
from g4f_magic.renderers.markdown import to_html

PIECES = st.sampled_from([*"ab \\[]()$`*_~<>&|!#:/.-1", "http://a.b", "\\(", "\\[", "&amp;", "**", "```"])


@given(st.lists(PIECES, min_size=1, max_size=12).map(lambda pieces: " ".join("".join(pieces).split())))
def test_text_in_a_table_is_shown_as_it_is(text: str) -> None:
    shown = to_html(table(["", ""], [(as_text(text), "next")]))
    [first, second] = re.findall("<td[^>]*>(.*?)</td>", shown, re.DOTALL)
    assert html.unescape(re.sub("<[^>]*>", "", first)) == text
    assert second == "next"


@given(st.lists(PIECES, min_size=1, max_size=12).map(lambda pieces: " ".join("".join(pieces).split())))
def test_where_nothing_renders_it_text_has_no_signs_of_markdown_either(text: str) -> None:
    assert as_read(f"said: {as_text(text)}") == f"said: {text}"


def test_what_is_to_be_typed_stands_in_a_console_as_it_is_typed() -> None:
    advice = as_text("%pip install 'g4f-magic[local]'; then `ollama serve`")
    assert as_read(table(["", "a"], [("x|y", advice)])).endswith(
        "| x|y | %pip install 'g4f-magic[local]'; then `ollama serve` |"
    )


def test_a_cell_that_is_kept_on_one_line_has_plain_blanks_in_a_console() -> None:
    assert as_read("| needs&nbsp;none | \\&nbsp; | `&nbsp;` |") == "| needs none | &nbsp; | `&nbsp;` |"


def test_code_stands_in_a_console_letter_for_letter() -> None:
    code = "```python\nx = '\\\\*'\n```\n`a\\*b`"
    assert as_read(f"{code}\n\\*c") == f"{code}\n*c"
