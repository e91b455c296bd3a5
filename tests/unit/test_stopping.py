"""An interrupt ends a rendering: what is left is text, and nothing begins again before something new does."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from g4f_magic import stopping
from g4f_magic.panel.rendering import GrowingReply
from g4f_magic.renderers.document import markdown_to_html
from tests.shows import in_terminal

TEXT = "**bold** and `code`\n\n```python\nx = 1\n```\n\n"


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    stopping.forget()  # what another test rendered, by the clock that goes
    clock = [100.0]
    monkeypatch.setattr(stopping.time, "monotonic", lambda: clock[0])
    yield clock
    stopping.forget()


def test_a_moment_after_an_interrupt_all_is_text(now: list[float]) -> None:
    with stopping.rendering():
        stopping.ask()
        assert "<strong>" in markdown_to_html(TEXT)
        now[0] += stopping.GRACE_SECONDS + 0.1
        html = markdown_to_html(TEXT)
    assert "<strong>" not in html
    assert "<pre" not in html
    assert "**bold**" in html


def test_what_begins_after_the_interrupt_has_its_moment_too(now: list[float]) -> None:
    with stopping.rendering():
        stopping.ask()
    stopping.ask()
    now[0] += 60
    with stopping.rendering():
        stopping.ask()
        assert "<strong>" in markdown_to_html(TEXT)


def test_what_was_given_up_does_not_begin_again(now: list[float]) -> None:
    stopping.ask()
    now[0] += 1
    assert stopping.is_over()
    assert "<strong>" not in markdown_to_html(TEXT)
    stopping.forget()
    assert "<strong>" in markdown_to_html(TEXT)


def test_an_interrupt_is_heard_where_no_cell_runs_and_handed_on_where_one_does() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with stopping.rendering():
            signal.raise_signal(signal.SIGINT)
            assert stopping._stop.asked_at
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with pytest.raises(KeyboardInterrupt), stopping.rendering():  # noqa: PT012
            signal.raise_signal(signal.SIGINT)
            assert stopping._stop.asked_at
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_panels_reply_stays_text_once_its_rendering_was_ended() -> None:
    growing = GrowingReply()
    growing.is_plain = True
    growing.feed(TEXT)
    assert "<strong>" not in "".join(growing.end(TEXT)[1])


async def test_a_terminal_prints_few_tiny_blocks_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from g4f_magic.renderers.terminal import TerminalRenderer

    printed: list[str] = []
    monkeypatch.setattr(TerminalRenderer, "_print", lambda self, block: printed.append(block))
    shown = await in_terminal("a\n\n" * 3_000, "markdown")
    assert len(printed) < 300
    assert shown.count("a\n") > 2_700
