"""Several services asked in turn: who does not answer gives way to the next, until the first piece of a reply.

After that piece nobody else is asked: texts of two services are never spliced.
"""

from __future__ import annotations

import math
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from g4f_magic.answerer import Answerer
from g4f_magic.ask import Ask
from g4f_magic.causes import Cause
from g4f_magic.chunks import Chunk, Notice, Reasoning, Served, Text, ToolCall
from g4f_magic.errors import (
    BrokenOffError,
    ChatError,
    ChatTimeoutError,
    InputError,
    MissingAuthError,
    ResponseStatusError,
    ServiceError,
    UnreachableError,
    WireError,
)
from g4f_magic.outcome import EMPTY, failure_in
from g4f_magic.turn import Turn

FIRST_COOLDOWN_SECONDS = 30.0
LONGEST_COOLDOWN_SECONDS = 600.0
LONGEST_ASKED_SECONDS = 3600.0
_THE_REQUESTS_OWN_FAULT = frozenset({400, 413, 422})
"""Statuses that say that the request is wrong: another service would only say so too. A cause counts before them."""

_TOLD_BY_STATUS = frozenset(
    {Cause.RATE_LIMITED, Cause.OVERLOADED, Cause.FAILED, Cause.TIMED_OUT, Cause.PERMISSION}
)


@dataclass(frozen=True, slots=True)
class Member:
    """One place of a chain: its name as it was written, and what makes it ready to be asked."""

    name: str
    make: Callable[[], Awaitable[Answerer]] = field(repr=False)


class Cooldowns:
    """Which services are left alone for a while: one that asked us to wait, or that failed several times in a row."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}
        self._failures: dict[str, int] = {}

    def seconds_left(self, name: str) -> float:
        """Return how long a service is still to be left alone."""
        return max(0.0, self._until.get(name, -math.inf) - self._clock())

    def answered(self, name: str) -> None:
        """Forget what a service did before: it works."""
        self._failures.pop(name, None)
        self._until.pop(name, None)

    def failed(self, name: str, error: ChatError) -> None:
        """Put a service to rest, if it asked for that, is out of credit, or failed more than once in a row.

        What only concerns the model or the question is not held against the service.
        """
        if error.cause is not None and not error.cause.is_the_services:
            return
        failures = self._failures[name] = self._failures.get(name, 0) + 1
        seconds = FIRST_COOLDOWN_SECONDS * 2.0 ** min(failures - 2, 10) if failures > 1 else 0.0
        seconds = min(seconds, LONGEST_COOLDOWN_SECONDS)
        asked = error.retry_after_seconds
        if error.cause is Cause.NO_CREDIT:
            asked = max(asked or 0.0, LONGEST_COOLDOWN_SECONDS)
        elif error.cause is Cause.RATE_LIMITED and asked is None:
            asked = FIRST_COOLDOWN_SECONDS
        seconds = max(seconds, min(asked or 0.0, LONGEST_ASKED_SECONDS))
        if seconds:
            self._until[name] = self._clock() + seconds


class Chain:
    """Services in the order in which they are asked."""

    def __init__(self, members: Sequence[Member], cooldowns: Cooldowns, hosts: tuple[str, ...] = ()) -> None:
        self._members = members
        self._cooldowns = cooldowns
        self.hosts = hosts

    @property
    def who(self) -> Served:
        """Return the names of all, in the order in which they are asked."""
        return Served(",".join(one.name for one in self._members))

    async def answer(self, turns: Sequence[Turn], ask: Ask) -> AsyncGenerator[Chunk]:
        """Yield who is asked, a notice for each that did not answer, who did, and its reply.

        Raises:
            ServiceError: none of them answered.
            ChatError: the reply failed after its first piece, or the request itself is wrong.
        """
        yield self.who
        failures: list[str] = []
        errors: list[ChatError] = []
        for member in self._awake(failures):
            reply = _Attempt(member)
            try:
                async with aclosing(reply.run(turns, ask, ", ".join(failures))) as chunks:
                    async for chunk in chunks:
                        yield chunk
                self._cooldowns.answered(member.name)
                return
            except ChatError as exc:
                if moves_on(exc):
                    self._cooldowns.failed(member.name, exc)
                if reply.is_begun or not moves_on(exc):
                    raise
                failures.append(f"{member.name} ({reason(exc)})")
                errors.append(exc)
                why = str(exc)
            yield Notice(f"{why} · asking the next one")
        raise none_answered(len(self._members), failures, errors)

    def _awake(self, failures: list[str]) -> list[Member]:
        """Return who is asked; who rests goes into `failures`. Where all rest, the first to wake is asked first."""
        left = {one.name: self._cooldowns.seconds_left(one.name) for one in self._members}
        if all(left.values()):
            return sorted(self._members, key=lambda one: left[one.name])
        failures += [f"{name} (rests {seconds:.0f} s)" for name, seconds in left.items() if seconds]
        return [one for one in self._members if not left[one.name]]


def none_answered(count: int, failures: list[str], errors: list[ChatError]) -> ServiceError:
    """Return the error for a chain of which none answered; where all had one cause, with what to do about it."""
    what = f"none of {count} services answered: {', '.join(failures)}"
    causes = {error.cause for error in errors}
    if len(failures) == len(errors) and len(causes) == 1 and causes != {None}:
        return ServiceError(what, hint=errors[-1].hint, diagnosis=errors[-1].diagnosis)
    return ServiceError(what, hint="%chat doctor tells what is wrong with each.")


class _Attempt:
    """One of the chain being asked."""

    def __init__(self, member: Member) -> None:
        self._member = member
        self.is_begun = False

    async def run(self, turns: Sequence[Turn], ask: Ask, after: str) -> AsyncGenerator[Chunk]:
        """Yield who answers before the first piece, and the reply; nothing but notices where there is none.

        Raises:
            ServiceError: the reply is empty.
        """
        answerer = await self._member.make()
        who = answerer.who
        held: list[Chunk] = []
        async with aclosing(answerer.answer(turns, ask)) as chunks:
            async for chunk in chunks:
                if isinstance(chunk, Served):
                    who = replace(chunk, carried=chunk.carried or who.carried)
                elif isinstance(chunk, Notice) or self.is_begun:
                    yield chunk
                elif isinstance(chunk, ToolCall) or (
                    isinstance(chunk, Text | Reasoning) and chunk.text.strip()
                ):
                    self.is_begun = True
                    yield replace(who, after=after)
                    for early in held:
                        yield early
                    yield chunk
                else:
                    held.append(chunk)
        if not self.is_begun:
            failure = failure_in(self._member.name, held)
            raise failure or ServiceError(f"{self._member.name}: {EMPTY}", hint="Try another provider.")


def moves_on(error: ChatError) -> bool:
    """Say whether another service may do what this one could not."""
    if error.cause is not None:
        return error.cause.moves_on
    match error:
        case ResponseStatusError():
            return error.status not in _THE_REQUESTS_OWN_FAULT
        case UnreachableError() | ChatTimeoutError() | BrokenOffError():
            return True
        case MissingAuthError() | ServiceError() | WireError():
            return True
        case _:
            return False


def reason(error: ChatError) -> str:
    """Return in a word or two why a service did not answer."""
    match error:
        case ResponseStatusError() if error.cause in _TOLD_BY_STATUS:
            return f"HTTP {error.status}"
        case ResponseStatusError() | ServiceError() | InputError() if error.cause is not None:
            return error.cause.word
        case ResponseStatusError():
            return f"HTTP {error.status}"
        case MissingAuthError():
            return "no valid key"
        case UnreachableError():
            return "no connection"
        case ChatTimeoutError():
            return "silent"
        case BrokenOffError():
            return "broke off"
        case WireError():
            return "no reply of its protocol"
        case ServiceError():
            return "empty reply" if str(error).endswith(EMPTY) else "an error"
        case _:
            return type(error).__name__
