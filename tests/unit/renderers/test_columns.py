"""Replies side by side: what they cost while they come, and what stands there in the end."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from g4f_magic.chunks import Notice, Reasoning, Text
from g4f_magic.renderers import choose_columns
from g4f_magic.renderers.columns import ColumnsRenderer
from g4f_magic.settings import Settings
from g4f_magic.turn import Turn
from tests.examples import share
from tests.hosts import Notebook

PARAGRAPH = "Some **bold** words, `code`, and a [link](https://example.org) in a paragraph.\n\n"


class Loop(asyncio.SelectorEventLoop):
    """A loop whose clock the test sets."""

    now = 0.0

    def time(self) -> float:
        return self.now


def turn(number: int, **fields: Any) -> Turn:
    return Turn.plain(
        id=str(number), slot="s", prompt="", provider=f"p{number}", model="m", started_at=0.0, **fields
    )


def renderer(host: Notebook, *, format: str = "markdown") -> ColumnsRenderer:  # noqa: A002
    made = choose_columns(format=format, settings=Settings(), host=host, offer=host.offer)
    assert isinstance(made, ColumnsRenderer)
    return made


def streamed(texts: list[str], *, seconds: float) -> tuple[Notebook, int]:
    """Return the notebook in which texts came at once, each over those seconds, and how often it was painted."""
    host, loop = Notebook(), Loop()
    paints = 0

    async def feed() -> None:
        nonlocal paints
        shown = renderer(host)
        shown.begin([f"p{number}" for number in range(len(texts))], [turn(n) for n in range(len(texts))])
        steps = int(seconds * 30)
        sent = 0
        for step in range(steps):
            loop.now += seconds / steps
            for number, text in enumerate(texts):
                piece = text[len(text) * step // steps : len(text) * (step + 1) // steps]
                shown.show(number, Text(piece))
            for _ in range(3):
                await asyncio.sleep(0)
            paints += host.sent != sent
            sent = host.sent
        for number, text in enumerate(texts):
            shown.settle(number, turn(number, reply=text, status="done", seconds=seconds), 0.5)
        shown.end(0)

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(feed())
    return host, paints


@pytest.mark.heavy
@pytest.mark.parametrize("count", [2, 3, 12])
def test_the_bytes_are_in_proportion_to_the_replies(count: int) -> None:
    size = share(60_000) // len(PARAGRAPH)
    text = PARAGRAPH * max(size, 40)
    host, paints = streamed([text] * count, seconds=10)
    assert len(host.shown) == 1
    assert paints > 4
    # Seven times the replies, or so many bytes a second as these many replies may cost however slow they are.
    assert host.sent < max(8 * count * len(text), min(2 * count, 12) * (2_300 * 10 + 15_000)) + 20_000


@pytest.mark.heavy
def test_twice_as_long_costs_no_more_than_twice_as_much() -> None:
    short, _ = streamed([PARAGRAPH * 100] * 3, seconds=3)
    long, _ = streamed([PARAGRAPH * 200] * 3, seconds=6)
    assert long.sent < 2.3 * short.sent


def test_a_short_reply_is_painted_often() -> None:
    _, paints = streamed([PARAGRAPH * 10] * 3, seconds=5)
    assert paints > 15


async def settled(host: Notebook, *turns: Turn, **chosen: Any) -> ColumnsRenderer:
    shown = renderer(host, **chosen)
    shown.begin([one.provider for one in turns], turns)
    for number, one in enumerate(turns):
        shown.settle(number, one, 0.25)
    shown.end(0)
    return shown


async def test_what_stands_there_needs_no_kernel_and_nothing_in_it_acts() -> None:
    host = Notebook()
    hostile = "<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1))"
    await settled(
        host,
        turn(0, reply=hostile, status="done", seconds=1.0),
        turn(1, reply="half", status="broken", error="<b>cut</b>", hint="Ask again."),
    )
    assert "<script" not in host.html
    assert "<img" not in host.html
    assert 'href="javascript' not in host.html
    assert "&lt;b&gt;cut" in host.html
    assert "first word 0.2 s · 1.0 s" in host.html
    assert "flex-wrap:wrap" in host.html


async def test_the_kept_one_is_marked_and_the_mark_moves() -> None:
    host = Notebook()
    shown = await settled(host, turn(0, reply="a", status="done"), turn(1, reply="b", status="done"))
    assert "1 · p0 · kept" in host.shown[0]["data"]["text/plain"]
    shown.keep(1)
    plain = host.shown[0]["data"]["text/plain"]
    assert "2 · p1 · kept" in plain
    assert "1 · p0 · kept" not in plain
    assert len(host.shown) == 1


async def test_a_name_can_pass_for_nothing_else() -> None:
    host = Notebook()
    await settled(host, turn(0, reply="a", status="done", seconds=1.0), turn(1, reply="b", status="done"))
    shown = renderer(host)
    shown.begin(['<b>"x" · kept', "two"], [turn(0), turn(1)])
    shown.end(0)
    assert "<b>" not in host.html
    assert "1 · “&lt;b&gt;" in host.html


async def test_what_was_never_begun_says_so() -> None:
    host = Notebook()
    shown = renderer(host)
    shown.begin(["one", "two"], [turn(0, status="stopped"), turn(1, status="stopped")])
    shown.end(0)
    assert host.html.count("stopped before it was asked") == 2


def test_thinking_and_notices_show_while_nothing_is_said() -> None:
    host, loop = Notebook(), Loop()

    async def think() -> None:
        shown = renderer(host)
        shown.begin(["one", "two"], [turn(0), turn(1)])
        shown.show(0, Reasoning("Let me think of it"))
        shown.show(1, Notice("waiting 4 s"))
        for _ in range(5):
            loop.now += 1
            await asyncio.sleep(0)
        assert "Let me think of it" in host.html
        assert "waiting 4 s" in host.html
        shown.end(0)

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(think())
