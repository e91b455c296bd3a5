"""How a job stands, shown in one output: a bar and a few replies, or a line of text. What it costs a page grows with the time alone.

An update has a bounded length, and when the next one comes is a matter of the clock: at most four in a second, some ten in
the first ten seconds, then one every five seconds. However many rows are asked meanwhile, the page gets the same.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field

from g4f_magic.endings import Ending, ending_of
from g4f_magic.host.base import Host, Output
from g4f_magic.many.answer import Answer, Outcome, RowRequest, Unanswered
from g4f_magic.many.before import show_before
from g4f_magic.many.charges import Charges
from g4f_magic.many.job import Job
from g4f_magic.renderers.escaping import escaped
from g4f_magic.visible import make_visible, shortened

LEAST_SECONDS = 0.25
MOST_SECONDS = 5.0
"""Between two updates: nobody should ask whether it still goes on."""
_SHARE = 0.5
"""Of the time so far, that is waited until then: a job that has just begun is shown often, and a long one does not flicker."""
_LOG_SECONDS = 15.0
"""Between two lines of a log, which keeps them all."""
_LATEST = 3
_SHORT = 90


@dataclass(slots=True)
class Standing:
    """How a job stands."""

    total: int
    """Distinct requests."""
    held: int = 0
    """Of these, those that were answered before."""
    is_replay: bool = False
    """All comes from the recording."""
    answered: int = 0
    failed: int = 0
    cut: int = 0
    """Of the answers, those that ended at a length limit."""
    tokens: int = 0
    cost: Callable[[], str] = lambda: ""
    """What it cost so far, in words; empty where that is not known."""
    started_at: float = field(default_factory=lambda: time.monotonic())
    waits_until: Callable[[], float] = lambda: 0.0
    """Until when the service asked to be left alone, by the same clock."""
    ending: str = ""
    """What is said at the end besides, in a line."""
    latest: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=_LATEST))

    def note(self, number: int, outcome: Outcome) -> None:
        """Take note of what came of a request; `number` is its row, counted from 0."""
        if isinstance(outcome, Answer):
            self.answered += 1
            self.tokens += outcome.tokens or 0
            self.cut += is_cut(outcome)
            self.latest.append((number, outcome.reply[: 4 * _SHORT]))
        else:
            self.failed += 1

    @property
    def done(self) -> int:
        """Return how many requests are done with."""
        return self.held + self.answered + self.failed

    @property
    def seconds(self) -> float:
        """Return for how long it has been asking."""
        return time.monotonic() - self.started_at

    def line(self, *, is_over: bool = False) -> str:
        """Return it in one line."""
        asked = self.answered + self.failed
        seconds = max(self.seconds, 0.001)
        parts = [f"{self.done:,} of {self.total:,} {'request' if self.total == 1 else 'requests'}"]
        if self.held:
            parts.append(f"{self.held:,} {'recorded' if self.is_replay else 'answered before'}")
        if asked and (self.answered or not is_over):
            parts.append(f"{asked / seconds:,.1f} a second")
        if self.failed:
            parts.append(f"{self.failed:,} failed")
        if self.cut:
            parts.append(f"{self.cut:,} cut at the length limit")
        if self.tokens:
            parts.append(f"{self.tokens:,} tokens")
        if cost := self.cost():
            parts.append(cost)
        if is_over:
            parts += [_in_words(seconds)] if asked and not self.is_replay else []
        elif (wait := self.waits_until() - time.monotonic()) > 1:
            parts.append(f"waiting {_in_words(wait)}, as the service asks")
        elif not asked and seconds > 1:
            parts.append(f"no answer yet, for {_in_words(seconds)}")
        elif asked:
            parts.append(f"{_in_words((self.total - self.done) * seconds / asked)} left")
        return " · ".join(parts)


async def shown(
    job: Job,
    host: Host,
    running: AsyncGenerator[tuple[RowRequest, Outcome]] | None = None,
    *,
    is_apart: bool = False,
    is_told: bool = False,
) -> None:
    """Run a job, by itself or as `running` does, and show before what it asks, and how it stands.

    `is_told`: what it asks was shown already. One that runs apart from its cell says at its end, too, that rows have no answer: no cell fails of it.
    """
    standing = Standing(
        len(job.first_rows),
        held=job.held,
        is_replay=job.who is None,
        failed=sum(isinstance(one, Unanswered) for one in job.outcomes.values()),
        cut=sum(isinstance(one, Answer) and is_cut(one) for one in job.outcomes.values()),
        waits_until=lambda: job.pace.paused_until,
    )
    if not is_told:
        show_before(job, host, is_whole=False)
    charges = Charges(job)
    standing.cost = charges.in_words
    with Progress(host, standing).running():
        try:
            async with aclosing(running or job.run()) as came:
                async for request, outcome in came:
                    charges.note(outcome)
                    standing.note(request.number, outcome)
        finally:
            if is_apart and (failed := len(job.failed())):
                why = job.outcome(job.failed()[0])
                standing.ending = (
                    f"{failed:,} rows have no answer: {why.why if isinstance(why, Unanswered) else ''}"
                )


class Progress:
    """Shows how a job stands while it runs."""

    def __init__(self, host: Host, standing: Standing) -> None:
        self._host = host
        self._standing = standing
        self._output: Output | None = host.output() if host.can_update else None
        self._shown = ""
        self._is_line_open = False
        self.paints = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Show it now, again and again inside, and once more at the end."""
        self._paint(is_over=False)
        ticking = asyncio.create_task(self._tick())
        try:
            yield
        finally:
            ticking.cancel()
            self.settle()

    def settle(self) -> None:
        """Show how it ended."""
        if self._output is not None:
            self._paint(is_over=True)
            return
        line = self._standing.line(is_over=True)
        if self._is_line_open:
            line = f"\r\x1b[2K{line}"
        print(line, flush=True)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(self._pause())
            if self._output is not None:
                self._paint(is_over=False)
            elif self._host.is_terminal:
                width = shutil.get_terminal_size().columns - 1  # what wraps could not be written over
                print(f"\r\x1b[2K{self._standing.line()[:width]}", end="", flush=True)
                self._is_line_open = True
            elif not self._host.can_display:
                print(self._standing.line(), flush=True)

    def _pause(self) -> float:
        if self._output is None and not self._host.is_terminal:
            return _LOG_SECONDS
        return max(LEAST_SECONDS, min(_SHARE * self._standing.seconds, MOST_SECONDS))

    def _paint(self, *, is_over: bool) -> None:
        if self._output is None:
            return
        line = self._standing.line(is_over=is_over)
        if is_over or line != self._shown:
            self._shown = line
            self.paints += 1
            text = self._text(line) if is_over else line  # what shows no HTML is told the rest at the end
            self._output.show({"text/html": self._html(line), "text/plain": make_visible(text)})

    def _text(self, line: str) -> str:
        after = [self._standing.ending] if self._standing.ending else []
        return "\n".join(
            [
                line,
                *after,
                *(f"  {number}: {_short(text)}" for number, text in self._standing.latest),
            ]
        )

    def _html(self, line: str) -> str:
        standing = self._standing
        part = standing.done / max(standing.total, 1)
        failed = standing.failed / max(standing.total, 1)
        bar = (
            '<div style="height:6px;border-radius:3px;background:rgba(128,128,128,.25);overflow:hidden;display:flex">'
            f'<div style="width:{100 * (part - failed):.1f}%;background:#3b82f6"></div>'
            f'<div style="width:{100 * failed:.1f}%;background:#dc2626"></div></div>'
        )
        rows = (
            f'<br><span style="opacity:.6">{number}</span> {escaped(_short(text))}'
            for number, text in standing.latest
        )
        ending = f"<br><strong>{escaped(standing.ending)}</strong>" if standing.ending else ""
        told = f"{escaped(line)}{ending}{''.join(rows)}"
        return f'<div style="max-width:60em" role="status">{bar}{told}</div>'


def is_cut(answer: Answer) -> bool:
    """Say whether an answer ended at a length limit."""
    return ending_of(answer.finish) is Ending.LIMIT


def _short(text: str) -> str:
    line = " ".join(text.split())
    return shortened(line, _SHORT)


def _in_words(seconds: float) -> str:
    if seconds < 0.1:
        return "under 0.1 s"
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 100 * 60 else f"{seconds / 3600:.1f} h"
