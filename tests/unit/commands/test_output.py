"""How subcommands answer."""

from __future__ import annotations

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.commands.output import as_text, table
from g4f_magic.renderers.markdown import to_html

PIECES = st.sampled_from([*"ab \\[]()$`*_~<>&|!#:/.-1", "http://a.b", "\\(", "\\[", "&amp;", "**", "```"])


@given(st.lists(PIECES, min_size=1, max_size=12).map(lambda pieces: " ".join("".join(pieces).split())))
def test_text_in_a_table_is_shown_as_it_is(text: str) -> None:
    shown = to_html(table(["", ""], [(as_text(text), "next")]))
    [first, second] = re.findall("<td[^>]*>(.*?)</td>", shown, re.DOTALL)
    assert html.unescape(re.sub("<[^>]*>", "", first)) == text
    assert second == "next"
