"""Replies outside of a notebook: in a terminal, and where no one looks."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stdout

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.chunks import Finish, Reasoning, Text
from g4f_magic.errors import UnfitReplyError
from g4f_magic.host.program import Program
from g4f_magic.messages import Usage
from g4f_magic.renderers import choose
from g4f_magic.renderers.plain import PlainRenderer
from g4f_magic.renderers.provenance import about, provenance, shown_name
from g4f_magic.renderers.terminal import TerminalRenderer
from g4f_magic.settings import Settings
from g4f_magic.turn import Turn
from g4f_magic.visible import VisibleStream, make_visible
from tests.injections import TERMINAL
from tests.turns import changed

OPEN = Turn.plain(id="1", slot="1", prompt="secret words", provider="koala", model="tiny", started_at=0.0)
DONE = changed(OPEN, status="done", reply="hello", seconds=1.234)


@pytest.mark.parametrize(
    ("turn", "line"),
    [
        (DONE, "— live · koala · tiny · 1.2 s"),
        (
            changed(DONE, via="local gateway (guide)"),
            "— offline guide · no model is connected · 1.2 s",
        ),
        (changed(DONE, source="replayed"), "— replayed · koala · tiny"),
        (changed(DONE, source="imported"), "— imported · koala · tiny"),
        (changed(DONE, source="imported", provider="imported"), "— imported · tiny"),
        (changed(DONE, status="stopped"), "— stopped · koala · tiny · 1.2 s"),
        (
            changed(DONE, status="broken", skipped_lines=1),
            "— broken off · koala · tiny · 1.2 s · 1 line passed over",
        ),
        (
            changed(DONE, status="broken", error=str(UnfitReplyError.of("x", ("it is no JSON",)))),
            "— does not fit the schema · koala · tiny · 1.2 s",
        ),
        (changed(DONE, status="failed", source="replayed"), "— replayed · failed · koala · tiny"),
        (changed(DONE, finish="length"), "— live · cut at the length limit · koala · tiny · 1.2 s"),
        (
            changed(DONE, context_messages=6, system="Be kind."),
            "— live · koala · tiny · after 2 turns · 1.2 s",
        ),
        (changed(DONE, context_turns=1), "— live · koala · tiny · after 1 turn · 1.2 s"),
        (
            changed(DONE, context_turns=3, omitted_turns=2),
            "— live · koala · tiny · after 3 turns · without 2 earlier turns · 1.2 s",
        ),
        (changed(DONE, finish="SAFETY"), "— live · held back by the service's filter · koala · tiny · 1.2 s"),
        (changed(DONE, finish="refusal"), "— live · the model refused · koala · tiny · 1.2 s"),
        (changed(DONE, finish="end_turn"), "— live · koala · tiny · 1.2 s"),
        (changed(DONE, finish="a · live"), "— live · ended with “a - live” · koala · tiny · 1.2 s"),
        (changed(DONE, answering_model="large"), "— live · koala · tiny → large · 1.2 s"),
        (changed(DONE, answering_model="tiny-2024-08-06"), "— live · koala · tiny-2024-08-06 · 1.2 s"),
        (changed(DONE, answering_model="a · live"), "— live · koala · tiny → “a - live” · 1.2 s"),
        (
            changed(DONE, unshown=("2 images", "a call of f · g")),
            "— live · koala · tiny · 1.2 s · not shown: 2 images, a call of f - g",
        ),
        (changed(DONE, model="a\x1b[2Jb\nc", seconds=None), "— live · koala · “a␛[2Jb c”"),
    ],
)
def test_the_line_says_what_the_reply_is(turn: Turn, line: str) -> None:
    assert provenance(turn) == line


@pytest.mark.parametrize(
    "name",
    [
        "gpt-4o · live · 1.2 s",
        "live",
        "Replayed",
        "a” · live · “b",
        "1.2 s",
        "after 0 turns",
        "x • live",
        "m\u2028live",
    ],
)
def test_no_name_passes_for_another_part_of_the_line(name: str) -> None:
    line = provenance(changed(DONE, source="replayed", provider=name, model=name, via=f"h · {name}"))
    source, way, provider, model = line.removeprefix("— ").split(" · ")
    assert source == "replayed"
    assert way.startswith("via h")
    assert provider == model
    assert re.fullmatch("“[^“”]+”", model)


def test_a_name_takes_a_bounded_part_of_the_line() -> None:
    line = provenance(changed(DONE, model="m" * 100_000, via="h" * 100_000))
    assert len(line) < 600
    assert len(str(about(changed(DONE, model="m" * 100_000)))) < 1_000


@given(st.text(max_size=100))
def test_a_name_is_shown_on_one_line_and_quoted_where_it_is_not_plain(name: str) -> None:
    shown = shown_name(name)
    assert len(shown.splitlines()) <= 1
    assert " " not in shown or (shown[0], shown[-1]) == ("“", "”")
    assert "·" not in shown


def test_metadata_holds_nothing_that_was_said() -> None:
    told = about(changed(DONE, system="be kind", usage=Usage(1, 2), error="some error"))
    assert "secret words" not in str(told)
    assert "be kind" not in str(told)
    assert told["usage"] == {"prompt_tokens": 1, "completion_tokens": 2}


@pytest.mark.parametrize("text", TERMINAL.values(), ids=TERMINAL)
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    assert not re.search("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", make_visible(text))


@given(st.lists(st.text(st.sampled_from("a\r\n\t\x1b\u202e"), max_size=4)))
def test_how_a_text_is_cut_does_not_matter(pieces: list[str]) -> None:
    stream = VisibleStream()
    assert "".join(map(stream.feed, pieces)) + stream.end() == make_visible("".join(pieces))


def plainly(*pieces: str, turn: Turn = DONE) -> str:
    out = io.StringIO()
    renderer = PlainRenderer(out)
    renderer.begin(OPEN)
    for piece in pieces:
        renderer.show(Text(piece))
    renderer.settle(turn)
    return out.getvalue()


def test_plain_text_comes_as_it_is_with_its_line() -> None:
    assert plainly("# hel", "lo\n") == "# hello\n— live · koala · tiny · 1.2 s\n"


def test_the_line_begins_on_a_line_of_its_own() -> None:
    assert plainly("hello") == "hello\n— live · koala · tiny · 1.2 s\n"


def test_plain_text_leaves_out_what_is_not_the_reply() -> None:
    out = io.StringIO()
    renderer = PlainRenderer(out)
    renderer.begin(OPEN)
    for chunk in (Reasoning("thinking"), Usage(1, 2), Finish("stop")):
        renderer.show(chunk)
    renderer.notice("waiting 4 s before trying again")
    assert out.getvalue() == ""


def test_plain_text_shows_escapes_and_does_not_send_them() -> None:
    assert "\x1b" not in plainly(*TERMINAL.values())


def test_where_there_is_no_terminal_and_no_kernel_text_is_plain(capsys: pytest.CaptureFixture[str]) -> None:
    assert isinstance(choose(settings=Settings(), host=Program()), PlainRenderer)


@pytest.mark.parametrize(
    ("format_", "reply", "shown"),
    [
        ("code", "Do this:\n\n```python\nx = 6 * 7\n```\n\nDone.", "x = 6 * 7\n"),
        ("json", '{"a": [1, 2]}', '{\n  "a": [\n    1,\n    2\n  ]\n}\n'),
        ("json", '{"a": "\x9b2J"}', '{\n  "a": "⟨9B⟩2J"\n}\n'),
        ("html", "<b>bold</b>", "<b>bold</b>\n"),
    ],
)
def test_a_format_holds_outside_of_notebooks(
    format_: str, reply: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    renderer = choose(format=format_, settings=Settings(), host=Program())
    renderer.begin(OPEN)
    renderer.show(Text(reply))
    turn = changed(DONE, reply=reply)
    renderer.settle(turn)
    assert capsys.readouterr().out == f"{shown}{provenance(turn)}\n"
    assert renderer.problem == ""


def test_what_is_no_json_is_shown_as_it_came_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    renderer = choose(format="json", settings=Settings(), host=Program())
    renderer.settle(changed(DONE, reply="not so"))
    assert capsys.readouterr().out.startswith("not so\n")
    assert "not valid JSON" in renderer.problem


def printed(text: str) -> str:
    out = io.StringIO()
    with redirect_stdout(out):
        renderer = TerminalRenderer()
        renderer.begin(OPEN)
        renderer.show(Text(text))
        renderer.settle(changed(DONE, reply=text))
    return out.getvalue().rpartition("— live · koala")[0]


def unspaced(text: str) -> str:
    return "".join(text.split())


PLAIN_SNIPPETS = (
    *(
        "List<String>",
        "vector<int>",
        "<Button onClick={go}>Save</Button>",
        "<script>",
        "</div>",
        "<!-- c -->",
    ),
    *(
        "<?php",
        "<!DOCTYPE html>",
        "<![CDATA[",
        "]]>",
        "<kbd>",
        "a<b",
        "x>y",
        "C:\\Users\\name",
        "\\d+",
    ),
    *(r"\(x^2\)", r"\[y\]", r"\(x^2\,dx\)", r"$x\,y$", r"$$a\;b$$", r"\frac{a}{b}", "\\", "$5"),
)
"""What stands in a line of Markdown for itself; a backslash before a sign, outside of TeX, would not."""


@given(st.lists(st.sampled_from(PLAIN_SNIPPETS) | st.text("aZ09<>/={}.;?é", min_size=1), min_size=1))
def test_no_sign_of_a_plain_line_is_lost_in_a_terminal(words: list[str]) -> None:
    line = "Said: " + " ".join(words)
    assert unspaced(printed(line)) == unspaced(line)


@given(
    st.lists(st.sampled_from(["<div>", "</div>", "<script>", "<p class=x>", "<!-- c", "-->", "hello", ""]))
)
def test_no_line_of_html_is_lost_in_a_terminal(lines: list[str]) -> None:
    text = "\n".join(["<p>", *lines])
    assert unspaced(printed(text)) == unspaced(text)


@pytest.mark.parametrize("border", [("$$", "$$"), (r"\[", r"\]")])
def test_a_block_of_tex_stands_in_a_terminal_line_by_line(border: tuple[str, str]) -> None:
    lines = [border[0], r"\int_0^1 x\,dx \\", r"+ \{y\}", border[1]]
    assert [line.strip() for line in printed("\n".join(lines)).splitlines()] == lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("- <li>item</li>", "•<li>item</li>"),
        ("H<sub>2</sub>O and x<sup>2</sup>, e<sup>ab</sup>", "H₂Oandx²,e^(ab)"),
        ("<kbd>Ctrl</kbd> a<br>b", "Ctrlab"),
        ("<details>\n<summary>More</summary>\n\n- a\n\n</details>", "More•a"),
        ("see https://a.example/x.", "seehttps://a.example/x."),
        ("a[^1]\n\n[^1]: b", "a[^1][1]b"),
        ("## Of <T> and $x\\;y$", "Of<T>and$x\\;y$"),
        ("> $$\n> x\\,y\n> $$", "▌$$▌x\\,y▌$$"),
        ("![a <b>](http://host/i.png)", "🖼a<b>(http://host/i.png)"),
        ("[![a](i.png)](http://host)", "🖼a(i.png)(http://host)"),
        ("![dot](data:image/png;base64,AAAA)", "🖼dot"),
        ("<http://host/path>", "http://host/path"),
        ("see [r][1]\n\n[1]: http://host", "see[r][1][1]:http://host"),
        ("> " * 50 + "<deep>", ">" * 50 + "<deep>"),
    ],
)
def test_what_rich_leaves_out_is_shown_in_a_terminal(text: str, shown: str) -> None:
    assert unspaced(printed(text)) == shown


def test_a_long_word_in_a_table_is_broken_and_not_cut() -> None:
    shown = printed(f"| a<b> | ![i](http://u) |\n|---|---|\n| {'x' * 100} | {'y' * 100} |")
    assert (shown.count("x"), shown.count("y")) == (100, 100)
    assert "🖼 i (http://u)" in shown.partition("─")[0]


def test_a_table_too_wide_for_a_terminal_keeps_its_words() -> None:
    rows = [[f"{kind}{n}" for n in range(40)] for kind in ("head", "cell")]
    shown = printed("\n".join("|" + "|".join(row) + "|" for row in (rows[0], ["-"] * 40, rows[1])))
    assert shown.replace(":", "").split() == [word for pair in zip(*rows, strict=True) for word in pair]
    assert printed("| one | two " * 20 + "|\n" + "| - " * 40 + "|").split() == ["one", "two"] * 20


@pytest.mark.parametrize("text", ["a &#x202e;b", "a &#13;b", "![&#x202e;](u)", "[&#x2066;](u)", "# &#12;"])
def test_what_an_entity_stands_for_does_not_steer_a_terminal(text: str) -> None:
    assert make_visible(printed(text)) == printed(text)
    assert re.search("[␀-␡⟨]|&#", printed(text))
