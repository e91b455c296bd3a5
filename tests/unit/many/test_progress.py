"""What a job shows of itself: little, and no more for more rows."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from g4f_magic.host.program import Program
from g4f_magic.many import progress
from g4f_magic.many.answer import Answer, Unanswered
from g4f_magic.many.progress import LEAST_SECONDS, MOST_SECONDS, Progress, Standing
from tests.hosts import Notebook
from tests.injections import HTML


class Clock:
    """Time as the bar sees it: each pause is over at once, and counted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.pauses: list[float] = []
        self._sleep = asyncio.sleep
        monkeypatch.setattr(time, "monotonic", lambda: self.now)
        monkeypatch.setattr(progress.asyncio, "sleep", self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds
        await self._sleep(0)


async def shown(clock: Clock, host: Any, rows: int, seconds_a_row: float) -> Progress:
    """Show a job to its end, whose rows come one after the other in so many seconds."""
    standing = Standing(rows)
    bar = Progress(host, standing)
    with bar.running():
        while standing.done < rows:
            await clock._sleep(0)
            while standing.done < min(rows, clock.now / seconds_a_row):
                standing.note(standing.done, Answer("reply " + "<é" * 400))
    return bar


@pytest.mark.parametrize("seconds", [0.5, 5.0, 60.0, 1_000.0])
async def test_what_the_page_gets_in_a_time_is_the_same_for_any_number_of_rows(
    monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    clock = Clock(monkeypatch)
    sent, paints = {}, {}
    for rows in (1_000, 20_000):
        notebook = Notebook()
        clock.now = 0.0
        paints[rows] = (await shown(clock, notebook, rows, seconds / rows)).paints
        sent[rows] = notebook.sent
        assert len(notebook.shown) == 1
    assert len(set(paints.values())) == 1
    assert sent[20_000] < 1.1 * sent[1_000]


@pytest.mark.parametrize(("seconds", "most"), [(1.0, 5), (10.0, 12), (60.0, 22), (7_200.0, 1_450)])
async def test_a_longer_job_is_shown_ever_less_often_until_every_five_seconds(
    monkeypatch: pytest.MonkeyPatch, seconds: float, most: int
) -> None:
    clock, notebook = Clock(monkeypatch), Notebook()
    bar = await shown(clock, notebook, 1_000, seconds / 1_000)
    assert 0.7 * seconds / MOST_SECONDS <= bar.paints <= most
    assert notebook.sent < 2_000 * bar.paints
    assert max(clock.pauses) <= MOST_SECONDS == 5.0


async def test_it_is_painted_four_times_a_second_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    await shown(clock, Notebook(), 500, 0.01)
    assert min(clock.pauses) >= LEAST_SECONDS == 0.25


async def test_what_tells_nothing_of_its_end_is_shown_again_and_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first answer comes after a minute: until then the bar is not dead."""
    clock = Clock(monkeypatch)
    bar = await shown(clock, notebook := Notebook(), 3, 60.0)
    assert bar.paints >= 25
    assert max(clock.pauses) <= MOST_SECONDS
    assert notebook.shown


async def test_while_nothing_is_answered_it_says_for_how_long(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    standing = Standing(3)
    clock.now = 42.0
    assert standing.line() == "0 of 3 requests · no answer yet, for 42 s"


async def test_it_says_what_is_done_what_failed_and_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    standing = Standing(100, held=10, cost=lambda: "$0.01")
    for number in range(20):
        standing.note(number, Answer("yes", prompt_tokens=5, completion_tokens=1))
    standing.note(20, Unanswered("no"))
    clock.now = 7.0
    assert standing.line() == (
        "31 of 100 requests · 10 answered before · 3.0 a second · 1 failed · 120 tokens · $0.01 · 23 s left"
    )


async def test_it_says_how_many_replies_were_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    standing = Standing(3)
    standing.note(0, Answer("a whole one", finish="stop"))
    standing.note(1, Answer("one that", finish="length"))
    clock.now = 1.0
    assert "2 of 3 requests · 2.0 a second · 1 cut at the length limit" in standing.line()


async def test_a_log_gets_lines(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock(monkeypatch)
    await shown(clock, Program(), 60, 1.0)
    lines = capsys.readouterr().out.splitlines()
    assert 3 <= len(lines) <= 6
    assert lines[-1].startswith("60 of 60 requests")


@pytest.mark.parametrize("text", [*HTML.values()])
async def test_nothing_in_a_reply_acts(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    clock, notebook = Clock(monkeypatch), Notebook()
    standing = Standing(1)
    bar = Progress(notebook, standing)
    standing.note(0, Answer(text))
    clock.now = 1.0
    bar.settle()
    html = notebook.shown[-1]["data"]["text/html"]
    assert "<script" not in html
    assert "<img" not in html
    assert "<iframe" not in html
