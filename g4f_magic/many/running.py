"""Asking many at once: requests are taken as they come, paced, retried, and kept before anybody is told of an answer."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from itertools import count
from typing import Protocol

from g4f_magic.answering.budget import CHARGED
from g4f_magic.ask import Ask
from g4f_magic.causes import Cause
from g4f_magic.chunks import Chunk, Finish, Named, Served, Text, Usage
from g4f_magic.context import estimated_tokens
from g4f_magic.errors import (
    BrokenOffError,
    ChatError,
    ChatTimeoutError,
    InputError,
    MissingAuthError,
    UnfitReplyError,
    UnreachableError,
)
from g4f_magic.many.answer import Answer, Outcome, RowRequest, Unanswered, said_of
from g4f_magic.many.bill import Bill
from g4f_magic.many.claims import Claims
from g4f_magic.many.collector import old_objects_spared
from g4f_magic.many.pacing import Pace, is_too_many
from g4f_magic.many.writing import Keeping, Writing, room_beside
from g4f_magic.outcome import failure_in
from g4f_magic.providers.retrying import may_pass

Asking = Callable[[Ask], Awaitable[Sequence[Chunk]]]
"""Asks one question once, and gives the chunks of its reply."""

WAITS = (0.5, 2.0, 8.0)
"""Seconds before each further try of a request that failed for a reason that may pass."""
_MOST_REFUSALS = 30
"""How often one request is sent again that was refused because of how much was asked."""
_LONGEST_ASKED_SECONDS = 900.0
"""A service that wants to be left alone for longer ends the run."""
_GIVE_UP_AFTER = 20
"""Requests that fail one after the other, with no answer in between, end the run: the service is gone."""


class Source(Protocol):
    """Gives what is to be asked."""

    async def next(self) -> RowRequest | None:
        """Return the next request; None where there is no more."""


class Planned:
    """A source of requests that are known before."""

    def __init__(self, requests: Iterable[RowRequest]) -> None:
        self._requests = iter(requests)

    async def next(self) -> RowRequest | None:
        """Return the next request; None where there is no more."""
        return next(self._requests, None)


class Runner:
    """One run: what it was asked and what came is its own, and it is used once."""

    def __init__(
        self,
        asking: Asking,
        store: Keeping,
        pace: Pace,
        bill: Bill | None = None,
        *,
        finds_out: bool = False,
        claims: Claims | None = None,
    ) -> None:
        """`finds_out`: it is not known in which way the service takes such a request, so one is asked first.

        `claims` are those of other jobs, too, which may ask the same at the same time; None: it asks all by itself.
        """
        self._asking = asking
        self._bill = bill or Bill()
        self._claims = claims or Claims()
        self.pace = pace
        self.pace.is_alone = finds_out
        self._later: list[tuple[float, int, int, int, RowRequest]] = []
        self._number = count()
        self._came: asyncio.Queue[tuple[RowRequest, Outcome] | None] = asyncio.Queue()
        self._most_untaken = 2 * pace.most
        self._is_taken = asyncio.Event()
        self._is_taken.set()
        self._writing = Writing(store, self._bill, self._kept, room=room_beside(pace.most))
        self._failed_in_a_row = 0
        self._has_answer = False
        self._raised: Exception | None = None
        """What taking a request raised: it is told when those before it have come to their end."""
        self.ended_by: ChatError | None = None
        """Why it ended before all was asked: the service is gone, or the disk is full."""

    async def outcomes(self, requests: Source) -> AsyncGenerator[tuple[RowRequest, Outcome]]:
        """Yield each request with what came of it, as it comes; `requests` are taken one by one, when there is room.

        Leaving early ends what is under way. An answer was kept before it is yielded.
        """
        workers = [asyncio.create_task(self._work(requests)) for _ in range(self.pace.most)]
        ending = asyncio.create_task(self._end(workers))
        with old_objects_spared():
            try:
                while (one := await self._came.get()) is not None:
                    if self._came.qsize() < self._most_untaken:
                        self._is_taken.set()
                    yield one
                await ending
            finally:
                for task in (*workers, ending):
                    task.cancel()
                await asyncio.gather(*workers, ending, return_exceptions=True)
                await self._writing.settle()

    def untaken(self) -> list[tuple[RowRequest, Outcome]]:
        """Return what came and was kept, and was not yielded because whoever took it left."""
        found = []
        while not self._came.empty():
            if (one := self._came.get_nowait()) is not None:
                found.append(one)
        return found

    async def _end(self, workers: Sequence[asyncio.Task[None]]) -> None:
        try:
            await asyncio.gather(*workers)
            await self._writing.settle()
            if self._raised is not None:
                raise self._raised
        finally:
            self._came.put_nowait(None)

    async def _work(self, requests: Source) -> None:
        CHARGED.set(self._bill.note)  # in this task alone
        while self.ended_by is None and (taken := await self._next(requests)) is not None:
            tries, refusals, request = taken
            if (known := await self._claims.taken(request.key)) is not None:
                await self.tell(request, known)
                continue
            error: ChatError | None = None
            answer: Answer | None = None
            try:
                answer, error = await self._asked(request)
            finally:
                if answer is None:
                    self._claims.settle(request.key, None)
            if answer is not None or error is not None:
                await self._settle(request, answer, error, tries, refusals)

    async def _asked(self, request: RowRequest) -> tuple[Answer | None, ChatError | None]:
        """Ask when it may be asked, and return the answer, or why there is none; neither where nobody is asked any more."""
        tokens = estimated_tokens(request.ask.text)
        entered = await self.pace.enter(tokens)
        if self.pace.is_open:
            self.pace.left(entered, None, is_cancelled=True)
            return None, None
        error: ChatError | None = None
        answer: Answer | None = None
        cancelled = True
        try:
            answer = answer_in(await self._asking(request.ask), self.pace.now() - entered)
            cancelled = False
        except ChatError as exc:
            error, cancelled = exc, False
        finally:
            if answer is not None or isinstance(error, UnfitReplyError | ChatTimeoutError):
                self.pace.is_alone = False
            over = (answer.tokens or tokens) - tokens if answer is not None else 0
            self.pace.left(entered, error, tokens_over=over, is_cancelled=cancelled)
        return answer, error

    async def _settle(
        self, request: RowRequest, answer: Answer | None, error: ChatError | None, tries: int, refusals: int
    ) -> None:
        """Keep an answer and tell of it; have a request that failed wait for its next try, or tell why it failed."""
        if answer is not None:
            self._failed_in_a_row, self._has_answer = 0, True
            await self._writing.keep(request, answer)
            await self._is_taken.wait()
            return
        assert error is not None  # noqa: S101  # one of the two
        if is_too_many(error) and refusals < _MOST_REFUSALS:
            if (error.retry_after_seconds or 0.0) > _LONGEST_ASKED_SECONDS:
                self._end_with(error)
            else:
                self._put_off(0.0, tries, refusals + 1, request)
                return
        elif may_pass(error) and not is_too_many(error) and tries < len(WAITS):
            self._put_off(max(WAITS[tries], error.retry_after_seconds or 0.0), tries + 1, refusals, request)
            return
        self._failed_in_a_row += 1
        if self._is_over(error):
            self._end_with(error)
        await self.tell(request, Unanswered(said_of(error), error=error))

    async def tell(self, request: RowRequest, outcome: Outcome) -> None:
        """Yield this, too, and return when there is room for more: whoever takes slowly is not run over."""
        self._tell(request, outcome)
        await self._is_taken.wait()

    def _tell(self, request: RowRequest, outcome: Outcome) -> None:
        self._came.put_nowait((request, outcome))
        if self._came.qsize() >= self._most_untaken:
            self._is_taken.clear()

    def _kept(self, request: RowRequest, answer: Answer, failure: ChatError | None) -> None:
        """Tell of an answer, now that it is on disk, or that it cannot be."""
        if failure is not None:
            self._end_with(failure)
        self._claims.settle(request.key, answer)
        self._tell(request, answer)

    def _end_with(self, error: ChatError) -> None:
        """Send nothing more; what is under way comes to its end."""
        self.ended_by = self.ended_by or error
        self.pace.open()

    def _is_over(self, error: ChatError) -> bool:
        """Say whether nothing more will be answered, as far as can be told."""
        if isinstance(error, MissingAuthError) or error.cause in (Cause.NO_CREDIT, Cause.WRONG_KEY):
            return True
        if isinstance(error, InputError):
            return True  # nothing was sent: a budget is spent, for one
        if self._failed_in_a_row < _GIVE_UP_AFTER:
            return False
        is_gone = isinstance(error, UnreachableError | ChatTimeoutError | BrokenOffError) or may_pass(error)
        return is_gone or not self._has_answer

    def _put_off(self, seconds: float, tries: int, refusals: int, request: RowRequest) -> None:
        heapq.heappush(self._later, (self.pace.now() + seconds, next(self._number), tries, refusals, request))

    async def _next(self, requests: Source) -> tuple[int, int, RowRequest] | None:
        """Return the next request with how often it was tried and refused: one whose time has come, else a new one."""
        while True:
            now = self.pace.now()
            if self._later and self._later[0][0] <= now:
                _, _, tries, refusals, request = heapq.heappop(self._later)
                return tries, refusals, request
            new = await self._new(requests)
            if new is not None:
                return 0, 0, new
            if not self._later:
                return None
            await asyncio.sleep(self._later[0][0] - now)

    async def _new(self, requests: Source) -> RowRequest | None:
        if self._raised is not None:
            return None
        try:
            return await requests.next()
        except Exception as exc:  # the person's own rows, too
            self._raised = exc
            return None


def answer_in(chunks: Sequence[Chunk], seconds: float) -> Answer:
    """Return the answer that a reply's chunks are.

    Raises:
        ServiceError: they are none: no words, or broken off by the service.
    """
    texts: list[str] = []
    provider = model = ""
    usage, finish = Usage(), None
    for chunk in chunks:
        match chunk:
            case Text(text):
                texts.append(text)
            case Usage():
                usage = chunk
            case Finish(reason):
                finish = reason
            case Named(name):
                model = name
            case Served(name):
                provider = name
            case _:
                pass
    reply = "".join(texts)
    if finish != "stop" or not reply.strip():
        failure = failure_in(provider, chunks)
        if failure is not None:
            raise failure
    return Answer(
        reply, provider, model, usage.prompt_tokens, usage.completion_tokens, finish, round(seconds, 3)
    )
