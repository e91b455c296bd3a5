"""What bounds the rendering of a text: steps, characters of HTML, lengths in formulas, lexers that were tried."""

from __future__ import annotations

import html
import io
import logging
import re

import pytest

from g4f_magic.commands.output import bundle
from g4f_magic.panel.kept import KeptOutputs
from g4f_magic.renderers.allowance import room_for
from g4f_magic.renderers.colours import colour
from g4f_magic.renderers.document import MarkdownView, markdown_to_html
from g4f_magic.renderers.languages import LANGUAGES
from g4f_magic.renderers.markdown import to_html
from g4f_magic.renderers.tex import is_safe
from g4f_magic.turn import Turn
from tests.examples import share
from tests.hosts import Notebook

WORDS = "Some **bold** words and a [link](https://example.org/a/long/address).\n\n"


@pytest.mark.heavy
def test_a_definition_that_is_used_often_costs_no_more_than_its_text() -> None:
    text = "[a]: http://x.y/" + "u" * 1_900 + "\n\n" + "[a] " * 5_000
    assert len(markdown_to_html(text)) < room_for(len(text))


def test_what_is_too_much_is_shown_as_its_text_and_what_follows_as_markdown() -> None:
    html = markdown_to_html("[" * 3_000 + "\n\n" + WORDS)
    assert "[" * 3_000 in html
    assert "<strong>bold</strong>" in html


@pytest.mark.parametrize(
    "line",
    [
        "[INFO]: Starting",
        "[a]: /relative",
        "[^1]: a",
        "[x]: " + "http://x.y/" + "u" * 3_000,
        "[a]: javascript:x",
    ],
)
def test_a_definition_that_defines_no_link_stays_text(line: str) -> None:
    assert line in re.sub("<[^>]*>", "", markdown_to_html(f"Before.\n\n{line}\n\nAfter."))


def test_a_definition_that_defines_a_link_is_one() -> None:
    html = markdown_to_html(
        "See [this][1] and [that].\n\n[1]: https://a.example\n[that]: <mailto:b@b.example>\n"
    )
    assert 'href="https://a.example"' in html
    assert 'href="mailto:b@b.example"' in html
    assert "[1]:" not in html


@pytest.mark.heavy
def test_the_allowance_of_a_reply_is_shared_by_its_blocks() -> None:
    text = "[1]: http://x.y/" + "u" * 900 + "\n\n" + "[1]\n\n" * 2_000
    view = MarkdownView()
    assert sum(len(part.html) for part in view.parts(text)) < 30 * len(text)


def test_a_block_that_is_too_much_leaves_its_neighbours_markdown() -> None:
    (part,) = MarkdownView().parts(
        f"[1]: http://x.y/{'u' * 900}\n\n# Title\n\n{'[1] ' * 300}\n\nSome **bold** words.\n"
    )
    assert "<h1>Title</h1>" in part.html
    assert "<strong>bold</strong>" in part.html


@pytest.mark.heavy
def test_a_long_reply_of_many_links_is_no_less_than_before() -> None:
    text = "".join(f"- [Docs](https://example.org/page/{n})\n" for n in range(2_000))
    assert markdown_to_html(text).count("<a href") == 2_000


@pytest.mark.parametrize(
    "tex",
    [
        r"\sum_{i=1}^{n} x_i = \frac{n(n+1)}{2}",
        r"\begin{align} x &= 1 \\[2pt] y &= 2 \end{align}",
        r"\begin{array}{cc|c} 1 & 2 & 3 \end{array}",
        r"\left(\frac{a}{b}\right) \hspace{0.5cm} \operatorname*{arg\,max}_\theta \{ x \mid x > 0 \}",
    ],
)
def test_a_formula_as_models_write_it_is_typeset(tex: str) -> None:
    assert is_safe(tex)


@pytest.mark.parametrize(
    "tex",
    [
        r"\def\a{b}",
        r"\let\alpha\beta",
        r"\gdef\a{b}",
        r"\newcommand{\a}{b}",
        r"\Newextarrow{\a}{5,10}{0x21}",
        r"\DeclareMathOperator{\a}{b}",
        r"\href{http://a}{b}",
        r"\class{a}{b}",
        r"\cssId{a}{b}",
        r"\style{a}{b}",
        r"\require{action}",
        r"\unicode{65}",
        r"\mmlToken{mi}{x}",
        r"\bbox[5px]{x}",
        r"\color{red}{x}",
        r"\nosuch",
        r"\hspace{99999em}",
        r"\hspace{1e9em}",
        r"\kern999em",
        r"x \\[9999em] y",
        r"\rule{1em}{1em}",
        r"\Huge\Huge x",
        r"\begin{array}{*{99999}{c}}a\end{array}",
        r"\begin{nosuch}a\end{nosuch}",
        "\\sqrt" * 60 + "x",
        "{" * 40 + "x" + "}" * 40,
        r"\left(" * 40 + r"\right)" * 40,
        "x" * 20_000,
    ],
)
def test_a_formula_that_wants_more_is_shown_as_it_is(tex: str) -> None:
    assert not is_safe(tex)
    assert (
        f"<code>${tex}$</code>".replace("&", "&amp;") in to_html(f"${tex}$")
        or len(tex) > 1_000
        or "\\\\" in tex
    )


def test_code_in_a_language_that_was_not_tried_is_plain() -> None:
    assert colour("[Unit]\n" + " " * 3_000, "systemd") == "[Unit]\n" + " " * 3_000


@pytest.mark.heavy
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_lexer_ends_with_whatever_it_reads(language: str) -> None:
    for piece in (
        *" \t\n\"'`([{<$\\/#@%&|~;:.,=-+*?!^_1aé",
        '"""',
        "/*",
        "//",
        "<!--",
        "${",
        "<<A\n",
        "\\\n",
        "a\n",
    ):
        colour(piece * (share(600) // len(piece)), language)
        colour('"' + piece * (share(600) // len(piece)), language)
        colour(piece * (share(3_000) // len(piece)), language)


def test_colours_are_in_proportion_to_the_code() -> None:
    code = '1if"a",' * 300
    assert len(colour(code, "python")) < 20 * len(code)
    assert "<span" in colour("x = 1 if y else 'a'\n" * 1_000, "python")


def test_long_code_is_coloured_as_short_code_is() -> None:
    line = "for name in names:  # each\n    print(f'{name}', 1)\n"
    assert colour(line * 200, "python") == colour(line, "python") * 200


@pytest.mark.heavy
@pytest.mark.parametrize("language", sorted({*LANGUAGES} - {"pycon", "console", "make"}))
def test_long_code_of_each_language_is_coloured(language: str) -> None:
    line = 'key: 1  # <b c="d">note</b>\nif a == "word" then b(c)\n+ x: [1, 2] // true\n'
    long = colour(line * 30, language)
    assert html.unescape(re.sub("</?span[^>]*>", "", long)) == line * 30
    assert "<span" in long or "<span" not in colour(line * 3, language)


def test_an_error_is_inert_in_what_is_kept_of_the_panel() -> None:
    notebook = Notebook()
    kept = KeptOutputs("", notebook, lambda turn: [], tell=lambda *_: None)
    said = r"HTTP 500: $\let\alpha\beta x$ \(y\)"
    turn = Turn.plain(
        id="1", slot="", prompt="$p$", provider="k$a$", model="m", started_at=0.0, status="failed", error=said
    )
    kept.show("$c$", [turn])
    assert not re.search(r"\$[^<]*\$|\\[([]|\\let", notebook.html)


def test_an_error_is_inert_in_the_history() -> None:
    from g4f_magic.commands.history import _as_markdown

    said = r"HTTP 500: $\alpha$ [a](http://b) **x**"
    turn = Turn.plain(
        id="1", slot="", prompt="p", provider="*k*", model="$m$", started_at=0.0, status="failed", error=said
    )
    html = bundle([_as_markdown("**1**", turn)])["text/html"]
    assert "<a " not in html
    assert "<em>" not in html
    assert not re.search(r"\$[^<]*\$", html)


def test_the_parsers_debug_log_is_not_the_persons(caplog: pytest.LogCaptureFixture) -> None:
    from markdown_it import MarkdownIt
    from rich.console import Console

    from g4f_magic.files.escaped_markdown import escaped
    from g4f_magic.panel.rendering import blocks_of
    from g4f_magic.renderers.rich_markdown import markdown

    with caplog.at_level(logging.DEBUG):
        text = "# a\n\n- b https://a.b $x$[^1]\n\n> c\n\n```py\nx\n```\n\n[^1]: d\n"
        markdown_to_html(text)
        blocks_of(text)
        Console(file=io.StringIO()).print(markdown(text))
        escaped(text)
        assert not caplog.records
        MarkdownIt().render("# a")
        assert caplog.records, "the person's own use is logged as before"


def test_code_in_the_history_has_buttons_that_act_and_in_a_file_none() -> None:
    from g4f_magic.renderers.code_blocks import HANDLED, STYLE, resting

    code = "```python\nsome = code + of_some_length\n```\n"
    shown = bundle([code])["text/html"]
    assert STYLE.partition(".g4f-code [style")[0] in shown
    assert HANDLED in shown
    assert "role=button" in shown
    assert "role=button" not in resting(markdown_to_html(code))
    assert HANDLED not in bundle(["No code here."])["text/html"]
