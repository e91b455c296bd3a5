"""How many requests are under way, and how fast they follow each other: a level that a service itself sets.

Congestion control as in TCP (AIMD): up by one with each answer until something stands in the way, halved when the
service says "too many" or falls silent, up by one for each full round after that. Beside it stands a rate, for services
that allow so many requests or tokens a minute: it is told by their headers, or learned from what went through before
they refused. What a service asks to wait is waited, by all.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from g4f_magic.errors import ChatError, ChatTimeoutError, RateLimitError, UnreachableError
from g4f_magic.wire.waiting import seconds_of

MOST_AT_ONCE = 64
"""Requests under way where nobody says how many may be."""
_FIRST_LEVEL = 8
_ROUNDS_A_SECOND = 2_500
"""More than so many answers in a second are not worth a higher level: what takes the time then is this side."""
_SHARE, _SHARE_OF_GIVEN = 0.05, 0.5
"""Of the answers so far, that may be under way while no limit was met: so many are refused at once where one is.
More where a person says how many may be."""
_SHARE_OF_SLOW, _SLOW_SECONDS = 0.25, 1.0
"""And more of a service that takes its time: else it would be long before its level is found."""
_LONGEST_PAUSE_SECONDS = 60.0
_MARGIN = 0.97
"""Of a rate that was learned: what stays under it is not refused."""
_LEARN_FROM = 5
"""Answers that tell a rate."""
_RISE, _RISE_SECONDS = 1.02, 30.0
_LOOK_SECONDS = 0.25
"""How long is waited at a time: the run may end meanwhile."""
_LATE_SECONDS = 0.25
"""So much time that went by unused is made up for: a loop wakes late."""
_FEW_LEFT = 0.2
"""Of a limit: from here on what is left is spread over the time until it is lifted."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a person allows at most; None: what the service allows."""

    parallel: int | None = None
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None

    def shared(self, among: int) -> Limits:
        """Return the part of one of several workers."""
        return Limits(
            None if self.parallel is None else max(1, self.parallel // among),
            None if self.requests_per_minute is None else self.requests_per_minute / among,
            None if self.tokens_per_minute is None else self.tokens_per_minute / among,
        )


class Pace:
    """The pace of one run. `enter` before each request, and `left` after it."""

    def __init__(
        self, limits: Limits = Limits(), *, clock: Callable[[], float] = time.monotonic
    ) -> None:  # a value
        self.most = limits.parallel or MOST_AT_ONCE
        self.level = float(min(self.most, _FIRST_LEVEL))
        self.active = 0
        self.paused_until = 0.0
        self._clock = clock
        self.is_open = False
        """Whether nobody is asked any more."""
        self.is_alone = False
        """One at a time: what is found out by the first is not found out by all at once."""
        self._gate = asyncio.Lock()
        self._room: asyncio.Future[None] | None = None
        self._answers = 0
        self._share = _SHARE if limits.parallel is None else _SHARE_OF_GIVEN
        self._is_rising = True
        """No limit was met yet."""
        self._cut_at = 0.0
        self._backoff = 1.0
        self._requests = _Rate(_a_second(limits.requests_per_minute))
        self._tokens = _Rate(_a_second(limits.tokens_per_minute))
        self._most_requests = _a_second(limits.requests_per_minute)
        self._period_from = 0.0
        self._period_answers = 0
        self._raised_at = 0.0

    async def enter(self, tokens: int = 0) -> float:
        """Wait until a request of about so many tokens may be sent, and return the time at which it is."""
        if self._gate.locked() or not self._has_room() or self._wait(tokens) > 0:
            async with self._gate:  # one waits for the time to come, the others for it
                while True:
                    if self.is_open:
                        break
                    if not self._has_room():
                        self._room = asyncio.get_running_loop().create_future()
                        await self._room
                    elif (wait := self._wait(tokens)) > 0:
                        await asyncio.sleep(min(wait, _LOOK_SECONDS))
                    else:
                        break
        now = self._clock()
        self._period_from = self._period_from or now
        self.active += 1
        self._requests.take(1, now)
        self._tokens.take(tokens, now)
        return now

    def go_on_from(self, earlier: Pace) -> None:
        """Begin at the level and the rate that an earlier run with the same service came to."""
        self.level = min(float(self.most), earlier.level)
        self.paused_until = earlier.paused_until
        self._answers = earlier._answers
        self._is_rising = earlier._is_rising
        if not self._most_requests:
            self._requests.set(earlier._requests.per_second, self._clock())

    def open(self) -> None:
        """Let all through who wait: nobody is asked any more."""
        self.is_open = True
        if self._room is not None and not self._room.done():
            self._room.set_result(None)

    def now(self) -> float:
        """Return the time by the clock of this pace, in seconds."""
        return self._clock()

    def left(
        self, entered: float, error: ChatError | None, *, tokens_over: int = 0, is_cancelled: bool = False
    ) -> None:
        """Take note of what came of a request: an answer (None), why there is none, or that it was given up here.

        `tokens_over` are those that it took beyond what was thought.
        """
        self.active -= 1
        now = self._clock()
        self._tokens.take(max(0, tokens_over), now)
        if is_cancelled:
            pass
        elif error is None:
            self._answered(now, now - entered)
        elif is_too_many(error):
            self._refused(entered, now, error.retry_after_seconds)
        elif isinstance(error, ChatTimeoutError | UnreachableError):
            self._cut(entered, now)
        if self._room is not None and not self._room.done() and self._has_room():
            self._room.set_result(None)

    def hear(self, status: int, headers: Mapping[str, str]) -> None:
        """Take note of what a reply's headers say of limits: how much is left, and when it is more again."""
        now = self._clock()
        for kind, rate, ahead in (("requests", self._requests, self.active), ("tokens", self._tokens, 0)):
            told = _told(headers, kind)
            if told is None:
                continue
            limit, left, seconds = told
            if left <= max(0, ahead - 1) or left <= 0:
                self.paused_until = max(self.paused_until, now + min(seconds, _LONGEST_PAUSE_SECONDS))
            elif limit and left < _FEW_LEFT * limit and seconds > 0:
                rate.set(left / seconds, now)
            elif limit:
                rate.set(self._most_requests if kind == "requests" else None, now)

    def _has_room(self) -> bool:
        return self.active < (1 if self.is_alone else int(self.level))

    def _wait(self, tokens: int) -> float:
        now = self._clock()
        return max(
            self.paused_until - now, self._requests.wait(now), self._tokens.wait(now) if tokens else 0.0
        )

    def _answered(self, now: float, seconds: float) -> None:
        self._period_answers += 1
        self._backoff = 1.0
        self._answers += 1
        ceiling = _ROUNDS_A_SECOND * seconds
        if self._is_rising:
            share = max(self._share, min(_SHARE_OF_SLOW, seconds / _SLOW_SECONDS * _SHARE_OF_SLOW))
            ceiling = min(ceiling, share * self._answers)
        if self.level < min(self.most, max(_FIRST_LEVEL, ceiling)):
            self.level = min(self.most, self.level + (1.0 if self._is_rising else 1.0 / self.level))
        rate = self._requests
        if rate.per_second is not None and not self._most_requests and now - self._raised_at > _RISE_SECONDS:
            self._raised_at = now
            rate.set(rate.per_second * _RISE, now)

    def _refused(self, entered: float, now: float, asked: float | None) -> None:
        """Wait as long as the service asks, or longer each time; and learn how fast it lets requests through."""
        is_first = self._cut(entered, now)
        if asked is None:
            asked = self._backoff
            if is_first:
                self._backoff = min(_LONGEST_PAUSE_SECONDS, 2 * self._backoff)
        until = now + asked
        if is_first and self._period_answers >= _LEARN_FROM:
            learned = _MARGIN * self._period_answers / max(until - self._period_from, 0.001)
            self._requests.set(min(learned, self._most_requests or learned), now)
            self._raised_at = now
        elif is_first and self._requests.per_second is not None:
            self._requests.set(self._requests.per_second * 0.9, now)
        if is_first:
            self._period_from, self._period_answers = until, 0
        self.paused_until = max(self.paused_until, until)

    def _cut(self, entered: float, now: float) -> bool:
        """Halve the level, once for all that were under way at that time; say whether it was."""
        if entered < self._cut_at:
            return False
        self._cut_at = now
        self._is_rising = False
        self.level = max(1.0, self.level / 2)
        return True


class _Rate:
    """So much a second; what was taken ahead of its time has to be waited for."""

    def __init__(self, per_second: float | None) -> None:
        self.per_second = per_second
        self._free_at = 0.0

    def set(self, per_second: float | None, now: float) -> None:
        """Go on at another rate, or at none."""
        self.per_second = per_second
        self._free_at = max(self._free_at, now) if per_second else 0.0

    def wait(self, now: float) -> float:
        """Return how long it is until something may be taken."""
        return max(0.0, self._free_at - now) if self.per_second else 0.0

    def take(self, number: int, now: float) -> None:
        """Take so many."""
        if self.per_second and number:
            self._free_at = max(self._free_at, now - _LATE_SECONDS) + number / self.per_second


def is_too_many(error: ChatError) -> bool:
    """Say whether a service refused because of how much it was asked, and will answer later."""
    from g4f_magic.causes import Cause

    return isinstance(error, RateLimitError) and error.cause is not Cause.NO_CREDIT


def _a_second(per_minute: float | None) -> float | None:
    return per_minute / 60 if per_minute else None


_FORMS = ("x-ratelimit-{1}-{0}", "anthropic-ratelimit-{0}-{1}", "ratelimit-{1}")


def _told(headers: Mapping[str, str], kind: str) -> tuple[float, float, float] | None:
    """Return a limit, what is left of it, and in how many seconds it is more again; None where the headers say nothing."""
    for form in _FORMS:
        left = headers.get(form.format(kind, "remaining"))
        if left is None or (kind == "tokens" and form == _FORMS[-1]):
            continue
        seconds = seconds_of(headers.get(form.format(kind, "reset"), ""))
        try:
            return (
                float(headers.get(form.format(kind, "limit"), "0").split(",")[0]),
                float(left),
                seconds or 0.0,
            )
        except ValueError:
            continue
    return None
