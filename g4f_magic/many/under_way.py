"""A job that goes on while other cells run: what stands in the variable of `--background`."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import Any

from g4f_magic.errors import ChatError
from g4f_magic.host.base import Host
from g4f_magic.loop import interruptible_here
from g4f_magic.many.job import Job
from g4f_magic.many.progress import shown


class RowsUnderWay:
    """Rows that are being asked. `await` it for the table; `table` is what is there now, `stop` ends it.

    Awaiting raises `RowsFailedError` where rows have no answer, as the cell would have. To interrupt a cell that awaits
    it ends the waiting, and not the job.
    """

    def __init__(self, job: Job, host: Host, *, is_told: bool = False) -> None:
        self._job = job
        self._error: ChatError | None = None
        self._task = asyncio.create_task(self._asked(host, is_told))

    @property
    def done(self) -> bool:
        """Say whether it has come to its end."""
        return self._task.done()

    @property
    def table(self) -> Any:
        """Return the table as it stands: rows without an answer say why."""
        return self._job.table()

    def stop(self) -> None:
        """Send nothing more; what came is kept."""
        self._task.cancel()

    async def settled(self) -> None:
        """Wait until nothing of it is under way any more, however it ended."""
        await asyncio.shield(asyncio.gather(self._task, return_exceptions=True))

    def __await__(self) -> Generator[Any, None, Any]:
        return self._result().__await__()

    def __repr__(self) -> str:
        job = self._job
        number, total = len(job.first_rows) - len(job.open_keys), len(job.first_rows)
        if not self.done:
            return f"<{number:,} of {total:,} requests answered, and it goes on: await it for the table>"
        return f"<{number:,} of {total:,} requests answered: await it for the table>"

    async def _result(self) -> Any:
        with interruptible_here("Stopped waiting. The rows go on; stop() ends them."):
            await self.settled()
        if self._error is not None:
            raise self._error
        table = self._job.table()
        failure = self._job.failure(table)
        if failure is not None:
            raise failure
        return table

    async def _asked(self, host: Host, is_told: bool) -> None:
        try:
            await shown(self._job, host, is_apart=True, is_told=is_told)
        except ChatError as exc:  # told to whoever awaits it
            self._error = exc
