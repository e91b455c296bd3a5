"""Replies outside of a notebook: in a terminal, and where no one looks."""

from __future__ import annotations

import io
import re
import sys
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

import pexpect
import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.chunks import Finish, Reasoning, Text
from g4f_magic.messages import Turn, Usage
from g4f_magic.renderers import choose
from g4f_magic.renderers.plain import PlainRenderer
from g4f_magic.renderers.provenance import metadata, provenance
from g4f_magic.renderers.terminal import TerminalRenderer
from g4f_magic.renderers.visible import VisibleStream, make_visible
from g4f_magic.settings import Settings
from tests.injections import TERMINAL

OPEN = Turn(id="1", slot="1", prompt="secret words", provider="koala", model="tiny", started_at=0.0)
DONE = replace(OPEN, status="done", reply="hello", seconds=1.234)


@pytest.mark.parametrize(
    ("turn", "line"),
    [
        (DONE, "— koala · tiny · live · 1.2 s"),
        (
            replace(DONE, via="local gateway (guide)"),
            "— koala · tiny · via local gateway (guide) · live · 1.2 s",
        ),
        (replace(DONE, source="replayed"), "— koala · tiny · replayed"),
        (replace(DONE, status="stopped"), "— koala · tiny · stopped · 1.2 s"),
        (
            replace(DONE, status="broken", skipped_lines=1),
            "— koala · tiny · broken off · 1.2 s · 1 line passed over",
        ),
        (replace(DONE, status="failed", source="replayed"), "— koala · tiny · replayed · failed"),
        (replace(DONE, finish="length"), "— koala · tiny · live · cut at the length limit · 1.2 s"),
        (replace(DONE, model="a\x1b[2Jb\nc", seconds=None), "— koala · a␛[2Jb c · live"),
    ],
)
def test_the_line_says_what_the_reply_is(turn: Turn, line: str) -> None:
    assert provenance(turn) == line


def test_metadata_holds_nothing_that_was_said() -> None:
    about = metadata(replace(DONE, system="be kind", usage=Usage(1, 2), error="some error"))
    assert "secret words" not in str(about)
    assert "be kind" not in str(about)
    assert about["usage"] == {"prompt_tokens": 1, "completion_tokens": 2}


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
    assert plainly("# hel", "lo\n") == "# hello\n— koala · tiny · live · 1.2 s\n"


def test_the_line_begins_on_a_line_of_its_own() -> None:
    assert plainly("hello") == "hello\n— koala · tiny · live · 1.2 s\n"


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
    assert isinstance(choose(settings=Settings(), shell=None), PlainRenderer)


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
    renderer = choose(format=format_, settings=Settings(), shell=None)
    renderer.begin(OPEN)
    renderer.show(Text(reply))
    renderer.settle(replace(DONE, reply=reply))
    assert capsys.readouterr().out == f"{shown}— koala · tiny · live · 1.2 s\n"
    assert renderer.problem == ""


def test_what_is_no_json_is_shown_as_it_came_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    renderer = choose(format="json", settings=Settings(), shell=None)
    renderer.settle(replace(DONE, reply="not so"))
    assert capsys.readouterr().out.startswith("not so\n")
    assert "not valid JSON" in renderer.problem


TALK = """
import asyncio
from g4f_magic.chunks import Text
from g4f_magic.renderers import choose
from g4f_magic.settings import Settings
from tests.injections import TERMINAL
from tests.unit.test_render_text import DONE, OPEN

async def talk():
    renderer = choose(settings=Settings(), shell=None)
    renderer.begin(OPEN)
    text = "# Title\\n\\nsome *words* [red]here[/red] :smile:\\n\\n" + "\\n\\n".join(TERMINAL.values()) + "\\n\\nlast words"
    for start in range(0, len(text), 5):
        renderer.show(Text(text[start:start + 5]))
        await asyncio.sleep(0.005)
    renderer.settle(DONE)

asyncio.run(talk())
"""


def test_a_terminal_gets_rendered_markdown_and_no_escapes_of_the_reply(tmp_path: Path) -> None:
    script = tmp_path / "talk.py"
    script.write_text(TALK)
    root = str(Path(__file__).parents[2])
    env = {"PYTHONPATH": root, "TERM": "xterm-256color", "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    child = pexpect.spawn(
        sys.executable, [str(script)], env=env, timeout=60, dimensions=(40, 100), encoding="utf-8"
    )
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0, child.before
    raw = child.before or ""
    ours = re.compile(r"\x1b\[(?:[0-9;]*m|\?25[lh]|2K|1?A)")
    left = ours.sub("", raw)
    assert "\x1b" not in left
    assert "\x9b" not in left
    assert "␛[2J␛[H" in left
    assert "[red]here[/red] :smile:" in left
    assert "*words*" not in left.rpartition("Title")[2]
    assert "— koala · tiny · live · 1.2 s" in left


def printed(text: str, capsys: pytest.CaptureFixture[str]) -> str:
    renderer = TerminalRenderer()
    renderer.begin(OPEN)
    renderer.show(Text(text))
    renderer.settle(replace(DONE, reply=text))
    return capsys.readouterr().out


@pytest.mark.parametrize(
    "text",
    [
        "Use List<String> or vector<int>",
        "<Button onClick={go}>Save</Button>",
        "<div>\nhello inside\n</div>",
        "<script>alert(1)</script> and after it",
        "so $x^2\\,dx$ ends",
        "$$\n\\int_0^1 x\\,dx\n$$",
        "- <li>item</li>",
        "| a<b> | $y\\;z$ |\n|---|---|\n| c | d |",
    ],
)
def test_a_terminal_shows_html_and_tex_as_they_were_written(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = re.sub(r"\s+", "", printed(text, capsys))
    said = [word for line in text.splitlines() for word in re.split(r"[\s|]+", line)]
    assert [word for word in said if word.strip("-$") and word not in shown] == []


@given(
    st.lists(
        st.sampled_from(["<b>", "</b>", "<i x=1>", "a<b", "<!-- c -->", "word", "&lt;", "x>y"]), min_size=1
    )
)
def test_no_tag_of_a_reply_is_lost_in_a_terminal(words: list[str]) -> None:
    shown = io.StringIO()
    with redirect_stdout(shown):
        renderer = TerminalRenderer()
        renderer.begin(OPEN)
        renderer.show(Text("Said: " + " ".join(words)))
        renderer.settle(DONE)
    said = "".join(words).replace("&lt;", "<")
    assert "".join(shown.getvalue().split()).startswith("Said:" + "".join(said.split()))
