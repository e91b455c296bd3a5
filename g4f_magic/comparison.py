"""One question asked of several at once: each reply is a turn of its own, and all are revisions of one slot.

The first is the conversation's turn, unless nothing came of it and something of another; the person may keep another.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from typing import NamedTuple, Protocol
from uuid import uuid4

from g4f_magic.answerer import Answerer
from g4f_magic.ask import Ask
from g4f_magic.chunks import Chunk, Reasoning, Text
from g4f_magic.errors import ChatError
from g4f_magic.running_turn import Keeper, Reply, RunningTurn, refuse_within
from g4f_magic.turn import Turn


class Contender(NamedTuple):
    """One column: what is asked, and who answers."""

    ask: Ask
    answerer: Answerer


class ComparisonKeeper(Keeper, Protocol):
    """What a comparison needs of the conversation that it is asked in."""

    def began_beside(self, running: RunningTurn) -> None:
        """Keep a turn that begins as a revision of its slot, where another one stands."""

    def settled_beside(self, running: RunningTurn) -> None:
        """Keep how such a turn ended."""

    def stand_in(self, turn: Turn) -> None:
        """Let another revision be the turn of a slot that was just asked, and tell of it."""


class Comparison:
    """Replies on their way at once."""

    def __init__(
        self,
        conversation: ComparisonKeeper | None,
        asked: Sequence[Contender],
        slot: str = "",
        longest: int | None = None,
    ) -> None:
        identity = uuid4().hex
        self._conversation = conversation
        self._slot = slot or identity
        self._columns = [
            None if conversation is None else _Column(conversation, is_first=not number)
            for number in range(len(asked))
        ]
        self.replies = tuple(
            Reply(column, ask, answerer, self._slot, longest, identity)
            for column, (ask, answerer) in zip(self._columns, asked, strict=True)
        )
        self.first_seconds: list[float | None] = [None] * len(asked)
        """After how long the first word of each came."""
        self.errors: dict[int, ChatError] = {}
        """How those failed that did, by the number of their column."""

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Return the turns as they stand, in the order of the columns."""
        return tuple(reply.turn for reply in self.replies)

    @property
    def kept(self) -> Turn:
        """Return the turn that the conversation goes on from."""
        return first_said(self.turns)

    async def run(self, show: Callable[[int, Chunk], None], settled: Callable[[int], None]) -> None:
        """Ask all and tell of each chunk, by the number of its column, and of each that has ended; wait for all of them.

        One that fails is noted in `errors`. However this ends, all turns are settled.
        """
        try:
            async with self._alone():
                await self._run(show, settled)
        finally:  # also of those that only waited for their turn
            for reply in self.replies:
                await reply.aclose()

    async def _run(self, show: Callable[[int, Chunk], None], settled: Callable[[int], None]) -> None:
        self._begin()
        tasks = [
            asyncio.create_task(self._pump(number, show, settled)) for number in range(len(self.replies))
        ]
        try:
            await asyncio.gather(*tasks)
        finally:
            try:
                await _ended(tasks)
            finally:
                for reply in self.replies:
                    await reply.aclose()
                self._choose()

    def _alone(self) -> AbstractAsyncContextManager[None]:
        if self._conversation is None:
            return nullcontext()
        refuse_within(self._conversation)
        return self._conversation.queue(asyncio.get_running_loop())

    def _begin(self) -> None:
        """Keep all turns in the order of the columns, told of the same turns before them."""
        before = () if self._conversation is None else self._conversation.before(self._slot)
        for column, reply in zip(self._columns, self.replies, strict=True):
            if column is not None:
                column.turns = before
            reply.begin()

    async def _pump(
        self, number: int, show: Callable[[int, Chunk], None], settled: Callable[[int], None]
    ) -> None:
        reply, started = self.replies[number], time.monotonic()
        try:
            async with aclosing(reply):
                async for chunk in reply:
                    if self.first_seconds[number] is None and _is_word(chunk):
                        self.first_seconds[number] = time.monotonic() - started
                    show(number, chunk)
        except ChatError as exc:
            self.errors[number] = exc
        finally:
            settled(number)

    def _choose(self) -> None:
        """Let the first be the turn that something came of."""
        kept = self.kept
        if self._conversation is not None and kept is not self.turns[0]:
            self._conversation.stand_in(kept)


def first_said(turns: Sequence[Turn]) -> Turn:
    """Return the turn of a comparison that the conversation goes on from at first: the first that something came of."""
    return next((turn for turn in turns if turn.is_said), turns[0])


class _Column:
    """The conversation as one of the replies sees it: its turn to be asked has come, with all the others."""

    def __init__(self, line: ComparisonKeeper, *, is_first: bool) -> None:
        self._line = line
        self._is_first = is_first
        self.turns: tuple[Turn, ...] = ()

    @property
    def is_watched(self) -> bool:
        return self._is_first and self._line.is_watched

    def queue(self, loop: asyncio.AbstractEventLoop) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    def before(self, slot: str = "") -> tuple[Turn, ...]:
        return self.turns

    def began(self, running: RunningTurn) -> None:
        if self._is_first:
            self._line.began(running)
        else:
            self._line.began_beside(running)

    def flush(self, turn_id: str, *, reply: str, reasoning: str) -> None:
        self._line.flush(turn_id, reply=reply, reasoning=reasoning)

    def settled(self, running: RunningTurn) -> None:
        if self._is_first:
            self._line.settled(running)
        else:
            self._line.settled_beside(running)

    def tell(self, turn: Turn, chunk: Chunk | None) -> None:
        self._line.tell(turn, chunk)


def _is_word(chunk: Chunk) -> bool:
    return isinstance(chunk, Text | Reasoning) and bool(chunk.text.strip())


async def _ended(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Stop what still runs, and wait for its clean-up; a second interrupt orphans nothing."""
    for task in tasks:
        task.cancel()
    was_cancelled = False
    while waiting := [task for task in tasks if not task.done()]:
        try:
            await asyncio.wait(waiting)
        except asyncio.CancelledError:
            was_cancelled = True
    if was_cancelled:
        raise asyncio.CancelledError
