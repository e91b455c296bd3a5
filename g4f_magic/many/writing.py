"""Answers on their way to the disk: written together, told of when they are there, and only so many at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from g4f_magic.costing import Cost
from g4f_magic.errors import ChatError
from g4f_magic.many.answer import Answer, RowRequest
from g4f_magic.many.bill import Bill

_GATHER_SECONDS = 0.005
"""For so long answers are gathered before they are written together: a turn of the disk's thread costs more than a row."""
_FEW, _PART = 16, 4


class Keeping(Protocol):
    """Keeps answers, and what was paid."""

    async def keep(self, answers: Sequence[tuple[bytes, Answer]], costs: Sequence[Cost] = ()) -> None:
        """Have them kept when this returns.

        Raises:
            ChatError: they could not be.
        """


def room_beside(most: int) -> int:
    """Return how many answers may wait for the disk beside `most` requests under way; a killed process loses them, too.

    None where few are under way: that nothing but those is lost counts more there than the disk's few milliseconds.
    """
    return max(0, most - _FEW) // _PART


@dataclass(slots=True)
class _Waiting:
    request: RowRequest
    answer: Answer
    goes_on: asyncio.Future[None] | None = None
    """Of whoever brought it, and has to wait."""

    def let_go(self) -> None:
        if self.goes_on is not None and not self.goes_on.done():
            self.goes_on.set_result(None)


class Writing:
    """Writes what comes together while the disk is busy, and tells `kept` of each answer afterwards.

    Whoever brings an answer goes on at once as long as no more than `room` wait for the disk, else when its own is there.
    """

    def __init__(
        self,
        store: Keeping,
        bill: Bill,
        kept: Callable[[RowRequest, Answer, ChatError | None], None],
        *,
        room: int,
    ) -> None:
        self._store = store
        self._bill = bill
        self._kept = kept
        self._room = room
        self._waiting: list[_Waiting] = []
        self._being_written = 0
        self._task: asyncio.Task[None] | None = None

    async def keep(self, request: RowRequest, answer: Answer) -> None:
        """Have an answer written."""
        one = _Waiting(request, answer)
        self._waiting.append(one)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write())
        if self._being_written + len(self._waiting) > self._room:
            one.goes_on = asyncio.get_running_loop().create_future()
            await one.goes_on

    async def settle(self) -> None:
        """Wait until all that came is written, also what was cancelled meanwhile, and what failed and was paid."""
        while (task := self._task) is not None:
            await asyncio.shield(task)
            if self._task is task:  # else another began meanwhile
                break
        if costs := self._bill.take():
            with suppress(ChatError):  # the store has them until a disk takes them
                await self._store.keep((), costs)

    async def _write(self) -> None:
        while self._waiting:
            if self._room:
                await asyncio.sleep(_GATHER_SECONDS)
            taken, self._waiting = self._waiting, []
            self._being_written = len(taken)
            try:
                failure = await self._written(taken)
                for one in taken:
                    self._kept(one.request, one.answer, failure)
            finally:  # whatever happened, nobody waits for ever
                self._being_written = 0
                for one in (*taken, *islice(self._waiting, self._room)):
                    one.let_go()

    async def _written(self, some: Sequence[_Waiting]) -> ChatError | None:
        try:
            await self._store.keep([(one.request.key, one.answer) for one in some], self._bill.take())
        except ChatError as exc:
            return exc
        return None
