"""The level and the rate of many requests, by a clock that the test moves."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from g4f_magic.errors import ChatTimeoutError, RateLimitError, ResponseStatusError
from g4f_magic.many import pacing
from g4f_magic.many.pacing import Limits, Pace


class Clock:
    """A clock; sleeping moves it, and takes no time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        self._sleep = asyncio.sleep
        monkeypatch.setattr(pacing.asyncio, "sleep", self.sleep)

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await self._sleep(0)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def refused(seconds: float | None = None) -> RateLimitError:
    return RateLimitError("too many", status=429, retry_after_seconds=seconds)


async def answered(pace: Pace, clock: Clock, number: int, seconds: float = 1.0) -> None:
    """Have so many requests answered, as many at once as may be."""
    while number > 0:
        entered = []
        while number > 0 and pace.active < int(pace.level):
            entered.append(await pace.enter())
            number -= 1
        clock.now += seconds
        for one in entered:
            pace.left(one, None)


async def test_the_level_rises_with_answers_up_to_what_is_allowed(clock: Clock) -> None:
    pace = Pace(Limits(parallel=20), clock=clock)
    assert pace.level == 8
    await answered(pace, clock, 500)
    assert pace.level == 20


async def test_few_are_under_way_before_many_were_answered(clock: Clock) -> None:
    pace = Pace(clock=clock)
    await answered(pace, clock, 400, seconds=0.1)
    assert pace.level <= 0.05 * 400 + 1
    slow = Pace(clock=clock)
    await answered(slow, clock, 400, seconds=2.0)
    assert slow.level == 64


async def test_more_at_once_is_not_tried_where_answers_come_at_once(clock: Clock) -> None:
    pace = Pace(Limits(parallel=100), clock=clock)
    await answered(pace, clock, 5_000, seconds=0.002)
    assert pace.level <= 9


@pytest.mark.parametrize("error", [refused(1.0), ChatTimeoutError("silent")])
async def test_the_level_is_halved_once_for_all_that_were_under_way(clock: Clock, error: Any) -> None:
    pace = Pace(Limits(parallel=8), clock=clock)
    entered = [await pace.enter() for _ in range(8)]
    clock.now += 1
    for one in entered:
        pace.left(one, error)
    assert pace.level == 4


async def test_a_row_that_is_wrong_changes_no_level(clock: Clock) -> None:
    pace = Pace(clock=clock)
    pace.left(await pace.enter(), ResponseStatusError("no", status=400))
    assert pace.level == 8


async def test_what_the_service_asks_to_wait_is_waited_by_all(clock: Clock) -> None:
    pace = Pace(clock=clock)
    pace.left(await pace.enter(), refused(30.0))
    before = clock.now
    await asyncio.gather(pace.enter(), pace.enter())
    assert clock.now >= before + 30


async def test_without_a_word_the_wait_doubles(clock: Clock) -> None:
    pace = Pace(clock=clock)
    waits = []
    for _ in range(4):
        before = clock.now
        entered = await pace.enter()
        waits.append(round(entered - before))
        clock.now += 0.1
        pace.left(entered, refused())
    assert waits == [0, 1, 2, 4]


async def test_a_rate_is_learned_from_what_went_through(clock: Clock) -> None:
    """A window of a minute that allows 600: they went through in 6 s, and 54 s have to be waited."""
    pace = Pace(Limits(parallel=8), clock=clock)
    await answered(pace, clock, 600, seconds=0.08)
    pace.left(await pace.enter(), refused(1060.0 - clock.now))
    first = await pace.enter()
    pace.left(first, None)
    for _ in range(100):
        pace.left(last := await pace.enter(), None)
    assert 570 <= 100 / (last - first) * 60 <= 605


@pytest.mark.parametrize(
    "limits", [Limits(requests_per_minute=600), Limits(tokens_per_minute=6_000)], ids=["requests", "tokens"]
)
async def test_what_a_person_allows_a_minute_is_kept_to(clock: Clock, limits: Limits) -> None:
    pace = Pace(limits, clock=clock)
    first = await pace.enter(10)
    pace.left(first, None)
    for _ in range(100):
        pace.left(last := await pace.enter(10), None)
    assert 9.5 <= last - first <= 10.5


async def test_headers_that_say_nothing_is_left_are_waited_for(clock: Clock) -> None:
    pace = Pace(clock=clock)
    headers = {
        "x-ratelimit-limit-tokens": "1000",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-tokens": "7s",
    }
    entered = await pace.enter(5)
    pace.hear(200, headers)
    pace.left(entered, None)
    assert await pace.enter(5) >= entered + 7


async def test_what_little_is_left_is_spread_until_there_is_more(clock: Clock) -> None:
    pace = Pace(clock=clock)
    headers = {
        "x-ratelimit-limit-requests": "600",
        "x-ratelimit-remaining-requests": "60",
        "x-ratelimit-reset-requests": "30s",
    }
    pace.left(await pace.enter(), None)
    pace.hear(200, headers)
    first = await pace.enter()
    pace.left(first, None)
    for _ in range(20):
        pace.left(last := await pace.enter(), None)
    assert 9 <= last - first <= 11


async def test_limits_are_divided_among_workers() -> None:
    assert Limits(10, 600, 6_000).shared(4) == Limits(2, 150, 1_500)
    assert Limits(1).shared(4) == Limits(1)


async def test_one_that_is_given_up_frees_its_place(clock: Clock) -> None:
    pace = Pace(Limits(parallel=1), clock=clock)
    entered = await pace.enter()
    waiting = asyncio.create_task(pace.enter())
    await clock._sleep(0)
    assert not waiting.done()
    pace.left(entered, None, is_cancelled=True)
    await waiting
    assert pace.active == 1
