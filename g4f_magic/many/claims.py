"""Which requests are under way in this process, so that two jobs that ask the same at once pay for it once. No I/O."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from g4f_magic.many.answer import Answer


class Claims:
    """Claims of all jobs that share one store of answers: whoever takes a request first asks it, the others wait."""

    def __init__(self) -> None:
        self._under_way: dict[bytes, asyncio.Future[Answer | None]] = {}
        self._came: dict[bytes, Answer] = {}
        """What came while several jobs ran: the others had looked before whether it is kept."""
        self.jobs = 0
        """Jobs that run."""
        self.answered = 0
        """How many answers came of all jobs so far: whether any came since somebody looked."""

    @contextmanager
    def job(self) -> Iterator[None]:
        """Be one of the jobs meanwhile."""
        self.jobs += 1
        try:
            yield
        finally:
            self.jobs -= 1
            if self.jobs <= 1:
                self._came.clear()

    async def taken(self, key: bytes) -> Answer | None:
        """Return what another job was answered meanwhile, once it was; None: it is the caller's to ask, who settles it.

        Only what is really being asked is waited for: a request that waits for its next try is nobody's.
        """
        loop = asyncio.get_running_loop()
        while True:
            if (came := self._came.get(key)) is not None:
                return came
            other = self._under_way.get(key)
            if other is None:
                self._under_way[key] = loop.create_future()
                return None
            if other.get_loop() is not loop:
                return None
            if (answer := await asyncio.shield(other)) is not None:
                return answer

    def settle(self, key: bytes, answer: Answer | None) -> None:
        """Tell what came of a request, and that it is under way no more."""
        if answer is not None:
            self.answered += 1
            if self.jobs > 1:
                self._came[key] = answer
        claim = self._under_way.get(key)
        if claim is not None and claim.get_loop() is asyncio.get_running_loop():
            del self._under_way[key]
            claim.set_result(answer)
