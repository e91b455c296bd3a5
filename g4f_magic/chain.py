"""Several services asked in turn: who does not answer gives way to the next, until the first piece of a reply.

After that piece nobody else is asked: texts of two services are never spliced.
"""

from __future__ import annotations

import math
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from g4f_magic.chunks import Chunk, Notice, Reasoning, Served, Text
from g4f_magic.conversation import Stream
from g4f_magic.errors import (
    BrokenOffError,
    ChatError,
    ChatTimeoutError,
    MissingAuthError,
    RateLimitError,
    ResponseStatusError,
    ServiceError,
    UnreachableError,
    WireError,
)

FIRST_REST_SECONDS = 30.0
LONGEST_REST_SECONDS = 600.0
LONGEST_ASKED_SECONDS = 3600.0
_NO_CREDIT = 402
_THE_REQUESTS_OWN_FAULT = frozenset({400, 413, 422})
"""Statuses that say that the request is wrong: another service would only say so too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One service, ready to be asked."""

    provider: str
    stream: Stream = field(repr=False)
    model: str = ""
    via: str = ""
    hosts: tuple[str, ...] = field(default=(), repr=False)
    """The hosts on the way there, as an error may name them."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One place of a chain: its name as it was written, and what makes it ready."""

    name: str
    link: Callable[[], Awaitable[Link]] = field(repr=False)


class Rests:
    """Which services rest: after one that asked us to wait, or that failed several times in a row."""

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
        """Put a service to rest, if it asked for that, or failed more than once in a row."""
        failures = self._failures[name] = self._failures.get(name, 0) + 1
        seconds = FIRST_REST_SECONDS * 2.0 ** min(failures - 2, 10) if failures > 1 else 0.0
        seconds = min(seconds, LONGEST_REST_SECONDS)
        if isinstance(error, RateLimitError):
            asked = error.retry_after_seconds
            if asked is None:
                asked = LONGEST_REST_SECONDS if error.status == _NO_CREDIT else FIRST_REST_SECONDS
            seconds = max(seconds, min(asked, LONGEST_ASKED_SECONDS))
        if seconds:
            self._until[name] = self._clock() + seconds


class Chain:
    """Services in the order in which they are asked."""

    def __init__(self, candidates: Sequence[Candidate], rests: Rests) -> None:
        self._candidates = candidates
        self._rests = rests

    async def stream(self, messages: list[dict[str, Any]]) -> AsyncGenerator[Chunk]:
        """Yield the reply of the first that answers: a notice for each that did not, who it is, and the reply.

        Raises:
            ServiceError: none of them answered.
            ChatError: the reply failed after its first piece, or the request itself is wrong.
        """
        failures: list[str] = []
        for candidate in self._awake(failures):
            reply = _Attempt(candidate)
            try:
                async with aclosing(reply.run(messages, ", ".join(failures))) as chunks:
                    async for chunk in chunks:
                        yield chunk
                self._rests.answered(candidate.name)
                return
            except ChatError as exc:
                if moves_on(exc):
                    self._rests.failed(candidate.name, exc)
                if reply.is_begun or not moves_on(exc):
                    raise
                failures.append(f"{candidate.name} ({reason(exc)})")
                why = str(exc)
            yield Notice(f"{why} · asking the next one")
        raise ServiceError(
            f"none of {len(self._candidates)} services answered: {', '.join(failures)}",
            hint="%chat doctor tells what is wrong with each.",
        )

    def _awake(self, failures: list[str]) -> list[Candidate]:
        """Return who is asked; who rests goes into `failures`. Where all rest, the first to wake is asked first."""
        left = {one.name: self._rests.seconds_left(one.name) for one in self._candidates}
        if all(left.values()):
            return sorted(self._candidates, key=lambda one: left[one.name])
        failures += [f"{name} (rests {seconds:.0f} s)" for name, seconds in left.items() if seconds]
        return [one for one in self._candidates if not left[one.name]]


class _Attempt:
    """One of the chain being asked."""

    def __init__(self, candidate: Candidate) -> None:
        self._candidate = candidate
        self.is_begun = False

    async def run(self, messages: list[dict[str, Any]], after: str) -> AsyncGenerator[Chunk]:
        """Yield who answers before the first piece, and the reply; nothing but notices where there is none.

        Raises:
            ServiceError: the reply is empty.
        """
        link = await self._candidate.link()
        model, via = link.model, link.via
        held: list[Chunk] = []
        async with aclosing(link.stream(messages)) as chunks:
            async for chunk in chunks:
                if isinstance(chunk, Served):
                    model, via = chunk.model, chunk.via
                elif isinstance(chunk, Notice) or self.is_begun:
                    yield chunk
                elif isinstance(chunk, Text | Reasoning) and chunk.text.strip():
                    self.is_begun = True
                    yield Served(link.provider, model, via, after)
                    for early in held:
                        yield early
                    yield chunk
                else:
                    held.append(chunk)
        if not self.is_begun:
            raise ServiceError(f"{self._candidate.name}: the reply is empty", hint="Try another provider.")


def moves_on(error: ChatError) -> bool:
    """Say whether another service may do what this one could not."""
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
            return "empty reply" if "empty" in str(error) else "an error"
        case _:
            return type(error).__name__
