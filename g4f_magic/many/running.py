"""Asking many at once: requests are taken as they come, paced, retried, and kept before anybody is told of an answer."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import suppress
from itertools import count
from typing import Protocol

from g4f_magic.answering.budget import CHARGED
from g4f_magic.ask import Ask
from g4f_magic.causes import Cause
from g4f_magic.chunks import Chunk, Finish, Named, Served, Text, Usage
from g4f_magic.context import estimated_tokens
from g4f_magic.costing import Cost
from g4f_magic.errors import (
    BrokenOffError,
    ChatError,
    ChatTimeoutError,
    InputError,
    MissingAuthError,
    UnreachableError,
)
from g4f_magic.many.answer import Answer, Outcome, Request, Unanswered
from g4f_magic.many.bill import Bill
from g4f_magic.many.collector import old_objects_spared
from g4f_magic.many.pacing import Pace, is_too_many
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

    async def next(self) -> Request | None:
        """Return the next request; None where there is no more."""


class Keeping(Protocol):
    """Keeps answers, and what was paid."""

    async def keep(self, answers: Sequence[tuple[bytes, Answer]], costs: Sequence[Cost] = ()) -> None:
        """Have them kept when this returns.

        Raises:
            ChatError: they could not be.
        """


class Runner:
    """One run: what it was asked and what came is its own, and it is used once."""

    def __init__(self, asking: Asking, store: Keeping, pace: Pace, bill: Bill | None = None) -> None:
        self._asking = asking
        self._bill = bill or Bill()
        self.pace = pace
        self._later: list[tuple[float, int, int, int, Request]] = []
        self._number = count()
        self._came: asyncio.Queue[tuple[Request, Outcome] | None] = asyncio.Queue(2 * pace.most)
        self._writing = _Writing(store, self._bill)
        self._failed_in_a_row = 0
        self._has_answer = False
        self.ended_by: ChatError | None = None
        """Why it ended before all was asked: the service is gone, or the disk is full."""

    async def outcomes(self, requests: Source) -> AsyncGenerator[tuple[Request, Outcome]]:
        """Yield each request with what came of it, as it comes; `requests` are taken one by one, when there is room.

        Leaving early ends what is under way. An answer was kept before it is yielded.
        """
        workers = [asyncio.create_task(self._work(requests)) for _ in range(self.pace.most)]
        ending = asyncio.create_task(self._end(workers))
        with old_objects_spared():
            try:
                while (one := await self._came.get()) is not None:
                    yield one
                await ending
            finally:
                for task in (*workers, ending):
                    task.cancel()
                await asyncio.gather(*workers, ending, return_exceptions=True)
                await self._writing.settle()

    async def _end(self, workers: Sequence[asyncio.Task[None]]) -> None:
        try:
            await asyncio.gather(*workers)
        except Exception:
            await self._came.put(None)
            raise
        await self._came.put(None)  # and not when it is cancelled: then nobody makes room any more

    async def _work(self, requests: Source) -> None:
        CHARGED.set(self._bill.note)  # in this task alone
        while self.ended_by is None and (taken := await self._next(requests)) is not None:
            tries, refusals, request = taken
            tokens = estimated_tokens(request.ask.text)
            entered = await self.pace.enter(tokens)
            if self.pace.is_open:
                self.pace.left(entered, None, is_cancelled=True)
                return
            error: ChatError | None = None
            answer: Answer | None = None
            cancelled = True
            try:
                answer = answer_in(await self._asking(request.ask), self.pace.now() - entered)
                cancelled = False
            except ChatError as exc:
                error, cancelled = exc, False
            finally:
                over = (answer.tokens or tokens) - tokens if answer is not None else 0
                self.pace.left(entered, error, tokens_over=over, is_cancelled=cancelled)
            await self._settle(request, answer, error, tries, refusals)

    async def _settle(
        self, request: Request, answer: Answer | None, error: ChatError | None, tries: int, refusals: int
    ) -> None:
        """Keep an answer and tell of it; have a request that failed wait for its next try, or tell why it failed."""
        if answer is not None:
            self._failed_in_a_row, self._has_answer = 0, True
            if (failure := await self._writing.keep(request.key, answer)) is not None:
                self._end_with(failure)
            await self.tell(request, answer)
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

    async def tell(self, request: Request, outcome: Outcome) -> None:
        """Yield this, too, as soon as there is room: whoever takes slowly is not run over."""
        await self._came.put((request, outcome))

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

    def _put_off(self, seconds: float, tries: int, refusals: int, request: Request) -> None:
        heapq.heappush(self._later, (self.pace.now() + seconds, next(self._number), tries, refusals, request))

    async def _next(self, requests: Source) -> tuple[int, int, Request] | None:
        """Return the next request with how often it was tried and refused: one whose time has come, else a new one."""
        while True:
            now = self.pace.now()
            if self._later and self._later[0][0] <= now:
                _, _, tries, refusals, request = heapq.heappop(self._later)
                return tries, refusals, request
            new = await requests.next()
            if new is not None:
                return 0, 0, new
            if not self._later:
                return None
            await asyncio.sleep(self._later[0][0] - now)


_GATHER_SECONDS = 0.005
"""For so long answers are gathered before they are written together: a turn of the disk's thread costs more than a row."""


class _Writing:
    """Writes what comes together while the disk is busy: each answer waits for its own to be there."""

    def __init__(self, store: Keeping, bill: Bill) -> None:
        self._store = store
        self._bill = bill
        self._waiting: list[tuple[bytes, Answer, asyncio.Future[ChatError | None]]] = []
        self._task: asyncio.Task[None] | None = None

    async def keep(self, key: bytes, answer: Answer) -> ChatError | None:
        """Write an answer; return why it could not be written, None where it was."""
        written: asyncio.Future[ChatError | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((key, answer, written))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write())
        return await asyncio.shield(written)

    async def settle(self) -> None:
        """Wait until all that came is written, also what was cancelled meanwhile, and what failed and was paid."""
        while self._task is not None and not self._task.done():
            await asyncio.shield(self._task)
        if costs := self._bill.take():
            with suppress(ChatError):  # the store has them until a disk takes them
                await self._store.keep((), costs)

    async def _write(self) -> None:
        while self._waiting:
            await asyncio.sleep(_GATHER_SECONDS)
            taken, self._waiting = self._waiting, []
            failure: ChatError | None = None
            try:
                await self._store.keep([(key, answer) for key, answer, _ in taken], self._bill.take())
            except ChatError as exc:
                failure = exc
            for _, _, written in taken:
                if not written.done():
                    written.set_result(failure)


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


def said_of(error: ChatError) -> str:
    """Return an error in one line, as it stands in a row."""
    return " ".join(f"{type(error).__name__}: {error}".split())
