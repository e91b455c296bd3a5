"""Parts of a job on the workers of a cluster: an answer is told as it comes, and of a part whose worker is lost the rest is asked.

Whoever asked hears of answers through a queue of the scheduler, which outlives workers. Dask runs the task of a lost
worker again by itself: such a run asks nothing, for it cannot know what was answered, and says so.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple
from uuid import uuid4

from g4f_magic.costing import Cost
from g4f_magic.many.answer import Answer, Outcome, Unanswered
from g4f_magic.many.partition import Signals

_MOST_LOSSES = 5
"""How often a part is asked for the rest of it. What kills so many workers may be the part."""
_WAKE = b""
"""Put there by whoever listens, so that what stands before it is heard at once."""

Work = tuple[Callable[..., Any], tuple[Any, ...]]
"""What a worker calls, with what; the signals come before that."""


Keep = Callable[["Report"], Awaitable[None]]


class Report(NamedTuple):
    """What came of some requests, and what was paid."""

    found: list[tuple[bytes, Outcome]]
    costs: list[Cost]


@dataclass(slots=True)
class Part:
    """Requests that one task asks; `work` gives what asks those of them that are left."""

    keys: Sequence[bytes]
    work: Callable[[Sequence[bytes]], Work]
    losses: int = 0
    signals: Signals = field(default_factory=lambda: Signals("", "", ""))


async def reports(client: Any, parts: Sequence[Part], keep: Keep) -> AsyncGenerator[Report]:
    """Yield what comes of parts, as it comes, once it is kept. Leaving early stops the workers; what they told is kept, too."""
    if not parts:
        return
    asked = _Asked(client, keep)
    await asked.open()
    try:
        for part in parts:
            asked.submit(part)
        async for report in asked.reports():
            yield report
    finally:
        await asked.close()


class _Asked:
    """All parts of one job."""

    def __init__(self, client: Any, keep: Keep) -> None:
        self._client = client
        self._keep = keep
        self._name = f"g4f_magic-{uuid4().hex}"
        self._queue: Any = None
        self._tasks: dict[asyncio.Task[Any], tuple[Part, Any]] = {}
        self._answered: set[bytes] = set()
        self._begun: list[str] = []

    async def open(self) -> None:
        """Make the queue."""
        from distributed import Queue

        if self._client.asynchronous:
            self._queue = await Queue(self._name, client=self._client)
        else:
            self._queue = await asyncio.to_thread(Queue, self._name, client=self._client)

    def submit(self, part: Part) -> None:
        """Have a worker ask what is left of a part."""
        left = [key for key in part.keys if key not in self._answered]
        if not left:
            return
        part.signals = Signals(self._name, f"{self._name}-{len(self._begun)}", f"{self._name}-over")
        self._begun.append(part.signals.begun)
        work, arguments = part.work(left)
        future = self._client.submit(work, part.signals, *arguments, pure=False)
        self._tasks[asyncio.ensure_future(result_of(self._client, future))] = (part, future)

    async def reports(self) -> AsyncGenerator[Report]:
        """Yield what comes until all parts have ended."""
        while self._tasks:
            listening = asyncio.ensure_future(self._heard())
            done: set[asyncio.Task[Any]] = set()
            try:
                done, _ = await asyncio.wait([listening, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
            finally:  # a thread may be listening: it ends with what it hears, which is kept however this ends
                if not listening.done():
                    await self._call(self._queue.put, _WAKE)
                ended = [task for task in done if task in self._tasks]
                told = await listening + (await self._waiting() if ended else [])
                for report in told:
                    await self._keep(report)
            for report in told:
                self._answered.update(key for key, one in report.found if isinstance(one, Answer))
            for report in [*told, *map(self._ended, ended)]:
                yield report

    def _ended(self, task: asyncio.Task[Any]) -> Report:
        """Return what a part ends with; of one whose worker was lost, have the rest asked."""
        from distributed import KilledWorker

        part, _ = self._tasks.pop(task)
        try:
            unanswered: list[tuple[bytes, Unanswered]] | None = task.result()
        except KilledWorker:
            unanswered = None
        if unanswered is not None:
            return Report([(key, one) for key, one in unanswered if key not in self._answered], [])
        part.losses += 1
        if part.losses <= _MOST_LOSSES:
            self.submit(part)
            return Report([], [])
        why = Unanswered("not asked: the workers that asked were lost, one after the other")
        return Report([(key, why) for key in part.keys if key not in self._answered], [])

    async def _heard(self) -> list[Report]:
        """Return what the workers told, once they did. Without a time-out, of which the scheduler would log a traceback."""
        first = await self._call(self._queue.get)
        return [*_opened([first]), *await self._waiting()]

    async def _waiting(self) -> list[Report]:
        return _opened(await self._call(self._queue.get, batch=True))

    async def close(self) -> None:
        """Stop what is under way, and leave nothing on the scheduler."""
        from distributed import Event

        futures = [future for _, future in self._tasks.values() if not future.done()]
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if futures:  # a task that runs is not ended by Dask: it looks whether it is over
            await self._call(Event(f"{self._name}-over", client=self._client).set)
            await self._call(self._client.cancel, futures)
            for report in await self._waiting():
                await self._keep(report)
        for name in self._begun:
            await self._call(Event(name, client=self._client).clear)
        if self._client.asynchronous:
            self._queue.close()
        else:
            await asyncio.to_thread(self._queue.close)

    async def _call(self, method: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
        if self._client.asynchronous:
            return await method(*arguments, **more)
        return await asyncio.to_thread(partial(method, *arguments, **more))


def _opened(told: Sequence[bytes]) -> list[Report]:
    return [_report(json.loads(one)) for one in told if one != _WAKE]


def _report(told: Any) -> Report:
    found, costs = told
    answers: list[tuple[bytes, Outcome]] = [(bytes.fromhex(key), Answer(**fields)) for key, fields in found]
    return Report(answers, [Cost(**fields) for fields in costs])


async def result_of(client: Any, future: Any) -> Any:
    """Return what a task gives, whichever loop its client runs on."""
    if client.asynchronous:
        return await future
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def tell(_: object) -> None:
        loop.call_soon_threadsafe(partial(_set, done))

    future.add_done_callback(tell)
    await done
    return await asyncio.to_thread(future.result)


def _set(done: asyncio.Future[None]) -> None:
    if not done.done():
        done.set_result(None)
