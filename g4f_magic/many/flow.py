"""Rows that come one by one, perhaps without an end: taken when there is room for them, answered in whatever order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Sequence
from contextlib import aclosing
from itertools import islice
from typing import Any

from g4f_magic.many.answer import Outcome, RowRequest, Unanswered
from g4f_magic.many.answer_store import AnswerStore
from g4f_magic.many.bill import Bill
from g4f_magic.many.columns import judged
from g4f_magic.many.pacing import Pace
from g4f_magic.many.request_key import keys_for, plain_key
from g4f_magic.many.row_reply import RowReply
from g4f_magic.many.rows import Rows, record_of
from g4f_magic.many.running import Runner
from g4f_magic.many.taped import Tape
from g4f_magic.many.template import Template
from g4f_magic.many.who import Who
from g4f_magic.schemas import schema_of
from g4f_magic.wire.pool import pooled

AT_ONCE = 64
"""Rows that are looked at together."""


class IncomingRows:
    """Rows as they come: of a table, of anything that can be iterated, or of what has to be awaited."""

    def __init__(self, data: Any, first: int | None) -> None:
        self._left = first
        self._error: Exception | None = None
        """What the rows raised behind those that were taken last."""
        self._rows: Any = aiter(data) if isinstance(data, AsyncIterable) else iter(data)

    @classmethod
    def of_table(cls, rows: Rows) -> IncomingRows:
        """Return the rows of a table."""
        return cls((rows.row(number) for number in range(rows.count)), None)

    async def take(self, most: int) -> list[Any]:
        """Return the next rows, none at the end; what they raise comes when those before it were taken."""
        if self._error is not None:
            raise self._error
        most = most if self._left is None else min(most, self._left)
        taken: list[Any] = []
        try:
            if isinstance(self._rows, Iterable):
                taken.extend(islice(self._rows, most))
            else:
                while len(taken) < most:
                    taken.append(await anext(self._rows))
        except StopAsyncIteration:
            pass
        except Exception as exc:  # whatever the person's own code raises
            if not taken:
                raise
            self._error = exc
        if self._left is not None:
            self._left -= len(taken)
        return taken


class Flow:
    """What rows ask, in their order; what is known already is told at once. A source of requests for one runner."""

    def __init__(
        self,
        incoming: IncomingRows,
        begun: Sequence[Any],
        template: Template,
        who: Who | None,
        store: AnswerStore,
        tape: Tape | None,
        bill: Bill,
        *,
        mode: str,
        is_fresh: bool,
    ) -> None:
        self._incoming = incoming
        self._begun = list(begun)
        self._template = template
        self._who = who
        self._schema = None if template.ask.schema is None else schema_of(template.ask.schema)
        self._key_of = keys_for(template.ask, who.served, who.place) if who else plain_key
        self._store = store
        self._tape = tape
        self._bill = bill
        self._mode = mode
        self._is_fresh = is_fresh
        self._ready: deque[RowRequest] = deque()
        self._asking: dict[bytes, list[tuple[int, Any]]] = {}
        self._known: deque[RowReply] = deque()
        self._told: list[tuple[RowRequest, Outcome | None]] = []
        self._recorded: set[bytes] = set()
        """Requests whose outcome is that of the recording."""
        self._number = 0
        self._lock = asyncio.Lock()
        self.runner: Runner | None = None

    async def next(self) -> RowRequest | None:
        """Return the next request that has no answer yet."""
        async with self._lock:
            while not self._ready:
                rows = self._begun or await self._incoming.take(AT_ONCE)
                self._begun = []
                if not rows:
                    return None
                await self._look_at(rows)
            return self._ready.popleft()

    async def replies(self, pace: Pace) -> AsyncGenerator[RowReply]:
        """Yield each row with what came of it.

        Raises:
            InputError: what came could not be recorded.
        """
        asking = _nobody if self._who is None else self._who.asking
        finds_out = self._who is not None and self._who.finds_out(self._template.ask.schema)
        claims = None if self._is_fresh else self._store.claims
        self.runner = runner = Runner(
            asking, self._store, pace, self._bill, finds_out=finds_out, claims=claims
        )
        try:
            async with pooled(pace.hear), aclosing(runner.outcomes(self)) as came:
                with self._store.claims.job():
                    async for request, outcome in came:
                        if self._tape is not None and self._who is not None:
                            self._told.append((request, None if request.key in self._recorded else outcome))
                        outcome, value = judged(self._schema, outcome)
                        for number, row in self._asking.pop(request.key, ()):
                            yield RowReply(number, row, outcome, value)
            if runner.ended_by is not None:
                raise runner.ended_by
        finally:
            if self._tape is not None and self._who is not None:
                self._tape.keep(sorted(self._told, key=lambda one: one[0].number), self._who.served)

    async def _look_at(self, rows: Sequence[Any]) -> None:
        new: dict[bytes, RowRequest] = {}
        for row in rows:
            number, self._number = self._number, self._number + 1
            request, why = self._request(number, row)
            if request is None:
                await self._tell(RowRequest(number, b"%d" % number, self._template.ask), why, [(number, row)])
            elif request.key in self._asking:
                self._asking[request.key].append((number, row))
            else:
                self._asking[request.key] = [(number, row)]
                new[request.key] = request
        known = {} if self._is_fresh or self._who is None else await self._store.kept(list(new))
        for key, request in new.items():
            outcome: Outcome | None = known.get(key)
            if outcome is None and (outcome := self._taped(request)) is not None:
                self._recorded.add(key)
            if outcome is None:
                self._ready.append(request)
            else:
                await self._tell(request, outcome, self._asking.get(key, []))

    def _request(self, number: int, row: Any) -> tuple[RowRequest | None, Unanswered]:
        text = self._template.prompt_of(record_of(row))
        if isinstance(text, Unanswered):
            return None, text
        return RowRequest(number, self._key_of(text), self._template.asked(text)), Unanswered("")

    def _taped(self, request: RowRequest) -> Outcome | None:
        if self._tape is None:
            return None
        is_played = self._mode == "replay" or (self._mode == "auto" and not self._is_fresh)
        found = self._tape.find(request.ask) if is_played else None
        if found is None and self._mode == "replay":
            return self._tape.missed(request.ask)
        if found is None:
            self._tape.check(request.ask)
        return found

    async def _tell(self, request: RowRequest, outcome: Outcome, rows: list[tuple[int, Any]]) -> None:
        self._asking[request.key] = rows
        if self.runner is not None:
            await self.runner.tell(request, outcome)


async def _nobody(ask: object) -> Sequence[Any]:
    raise AssertionError("nobody is asked where all comes from the recording")
