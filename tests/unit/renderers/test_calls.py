"""Calls of functions under a reply: what a tool gave is data, and inert in every output."""

from __future__ import annotations

import io
import json
from html.parser import HTMLParser

import pytest

from g4f_magic.chunks import Text, ToolCall, ToolResult
from g4f_magic.files.exporting import to_markdown
from g4f_magic.renderers import calls
from g4f_magic.renderers.plain import PlainRenderer
from g4f_magic.turn import Step, TextStep
from tests.injections import PAYLOADS
from tests.named import named
from tests.turns import changed, make_turn
from tests.unit.files.test_escaped_markdown import RENDER, Watcher


def steps(text: str) -> tuple[Step, ...]:
    call = ToolCall("1", text, json.dumps({"item": text, text: 1}))
    return (call, ToolResult("1", text, printed=text, seconds=0.25), TextStep("Done."))


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[tuple[str, tuple[str, ...]]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add((tag, tuple(name for name, _ in attrs)))


OURS = {
    ("details", ("style",)),
    ("summary", ()),
    ("code", ()),
    ("div", ("style",)),
    ("div", ()),
    ("span", ()),
}


def test_nothing_of_a_call_acts_in_a_page() -> None:
    for name, text in PAYLOADS.items():
        with named(name):
            tags = Tags()
            for part in calls.parts(steps(text)):
                assert "<pre" not in part.html  # else pages offer it as code
                tags.feed(part.html)
                assert "$" not in part.html.replace("<span>$</span>", "")
            assert tags.seen <= OURS


def test_nothing_of_a_call_steers_a_terminal() -> None:
    for name, text in PAYLOADS.items():
        with named(name):
            out = io.StringIO()
            renderer = PlainRenderer(out)
            for step in steps(text):
                if isinstance(step, ToolCall | ToolResult):
                    renderer.show(step)
            plain = out.getvalue() + "".join(part.plain for part in calls.parts(steps(text)))
            assert all(sign.isprintable() or sign in "\n\t " for sign in plain if ord(sign) < 0xA0)


@pytest.mark.heavy
@pytest.mark.parametrize("program", RENDER)
def test_nothing_of_a_call_acts_in_an_export(program: str) -> None:
    for name, text in PAYLOADS.items():
        with named(name):
            watcher = Watcher()
            watcher.feed(RENDER[program](to_markdown([changed(make_turn(), steps=steps(text))])))
            assert not watcher.acts


def test_a_call_says_what_ran_and_how_long() -> None:
    (part,) = calls.parts(steps("tea")[:2])
    assert "→ tea(item='tea', tea=1) · 0.2 s" in part.plain
    assert "    tea" in part.plain
    (open_one,) = calls.calls_in([ToolCall("1", "tea", "{}")])
    assert "under way" in calls.folded(open_one)
    refused = calls.Called(ToolCall("1", "tea", "no json"), ToolResult("1", "Why not.", "refused"))
    assert "tea(no json) · not run" in calls.line(refused)


@pytest.mark.heavy
def test_a_megabyte_is_bounded() -> None:
    (part,) = calls.parts(steps("x" * 1_000_000)[:2])
    assert len(part.html) < 70_000
    assert len(part.plain) < 3_000


def test_words_stand_on_lines_of_their_own() -> None:
    out = io.StringIO()
    renderer = PlainRenderer(out)
    for chunk in (Text("I look."), ToolCall("1", "f"), ToolResult("1", "x"), Text("\n\nDone.")):
        renderer.show(chunk)
    assert out.getvalue() == "I look.\n→ f()\n\n\nDone."
