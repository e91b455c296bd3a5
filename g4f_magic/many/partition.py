"""What a worker of a cluster does with its part of the rows: the same asynchronous loop as at home, in a task of its own.

Nothing of this is in the graph of tasks but what is asked: the worker looks up its own keys, and what it is answered goes
back to whoever asked, as it comes, who keeps it.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass
from typing import Any

from g4f_magic.ask import Ask
from g4f_magic.chunks import Served
from g4f_magic.costing import Cost
from g4f_magic.errors import ChatError, InputError, UnreachableError
from g4f_magic.many.answer import Answer, Outcome, RowRequest, Unanswered, said_of
from g4f_magic.many.columns import said_in, told_of
from g4f_magic.many.pacing import Limits, Pace
from g4f_magic.many.reading import rows_of
from g4f_magic.many.request_key import keys_for
from g4f_magic.many.running import Planned, Runner
from g4f_magic.many.template import Template
from g4f_magic.many.who import who_answers
from g4f_magic.options import Options
from g4f_magic.schemas import Schema
from g4f_magic.session import Session
from g4f_magic.settings import Settings
from g4f_magic.wire.pool import pooled

_TURN = threading.Lock()
"""One part at a time in each process: limits are divided among the workers, not among their threads."""

_EARLIER: dict[tuple[Served, str], Pace] = {}
"""The pace of the last part, by whom it asked: the next goes on at the level that it found."""


_LOOK_SECONDS = 0.5
"""How often a task looks whether it was stopped."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What all parts of a job share, as it travels: no key, no password."""

    options: Options
    settings: Mapping[str, Any]
    """Those that say who answers, and how it is reached."""
    ask: Ask
    served: Served
    place: str
    limits: Limits


@dataclass(frozen=True, slots=True)
class Signals:
    """How a task tells whoever asked, by names that the scheduler knows."""

    queue: str
    """Where answers go."""
    begun: str
    """The event of having begun."""
    over: str
    """The event of being stopped."""


def asked(
    signals: Signals, errand: Errand, texts: Mapping[bytes, str]
) -> list[tuple[bytes, Unanswered]] | None:
    """Ask each text, tell what is answered by the signals, and return which have no answer, and why.

    None: an earlier run of the same task has begun, on a worker that was lost. What that was answered is known to
    whoever asked, and not here: so nothing is asked.
    """
    from distributed import Event, Queue, get_client

    client = get_client()
    begun = Event(signals.begun, client=client)
    if begun.is_set():
        return None
    begun.set()
    queue = Queue(signals.queue, client=client)
    try:
        with _TURN:
            return asyncio.run(_asked(_Told(queue, Event(signals.over, client=client)), errand, texts))
    finally:
        queue.close()


class _Told:
    """Has answers kept by telling whoever asked."""

    def __init__(self, queue: Any, over: Any) -> None:
        self._queue = queue
        self._over = over
        self._look_at = 0.0

    async def keep(self, answers: Sequence[tuple[bytes, Answer]], costs: Sequence[Cost] = ()) -> None:
        """Tell of them; when this returns the scheduler has them.

        Raises:
            UnreachableError: it is gone.
            InputError: nobody wants them any more.
        """
        found = [(key.hex(), asdict(answer)) for key, answer in answers]
        told = json.dumps([found, [asdict(one) for one in costs]]).encode()
        try:
            await asyncio.to_thread(self._queue.put, told)
            is_over = await self._is_over()
        except Exception as exc:  # whatever Dask raises of a scheduler that is gone
            raise UnreachableError("the scheduler of the cluster cannot be reached") from exc
        if is_over:
            raise InputError("it was stopped", hint="")

    async def _is_over(self) -> bool:
        """Say whether it was stopped, as far as was looked: now and then, as each answer waits for this."""
        if (now := time.monotonic()) < self._look_at:
            return False
        self._look_at = now + _LOOK_SECONDS
        return bool(await asyncio.to_thread(self._over.is_set))


async def _asked(store: _Told, errand: Errand, texts: Mapping[bytes, str]) -> list[tuple[bytes, Unanswered]]:
    settings = Settings(history="off", **errand.settings)
    session = Session(settings)
    pace = Pace(errand.limits)
    if (earlier := _EARLIER.get((errand.served, errand.place))) is not None:
        pace.go_on_from(earlier)
    _EARLIER[errand.served, errand.place] = pace
    left = {key: Unanswered("not asked: the service stopped answering") for key in texts}
    try:
        who = await who_answers(session, errand.options)
        template = Template(errand.ask, ())
        requests = [
            RowRequest(number, key, template.asked(text)) for number, (key, text) in enumerate(texts.items())
        ]
        async with pooled(pace.hear):
            runner = Runner(who.asking, store, pace, finds_out=who.finds_out(errand.ask.schema))
            async with aclosing(runner.outcomes(Planned(requests))) as came:
                async for request, outcome in came:
                    if isinstance(outcome, Answer):
                        del left[request.key]
                    else:
                        left[request.key] = Unanswered(outcome.why)
            if runner.ended_by is not None:
                why = Unanswered(f"not asked: {runner.ended_by}")
                left = {key: why if one.why.startswith("not asked") else one for key, one in left.items()}
    except ChatError as exc:
        left = dict.fromkeys(left, Unanswered(said_of(exc)))
    finally:
        await session.aclose()
    return list(left.items())


def keys_in(part: Any, template: Template, errand: Errand) -> list[bytes | Unanswered]:
    """Return what each row of a part asks, by its key; or why it asks nothing."""
    key_of = keys_for(errand.ask, errand.served, errand.place)
    found: list[bytes | Unanswered] = []
    rows = rows_of(_listed(part))
    for number in range(rows.count):
        text = template.prompt_of(rows.fields(number))
        found.append(key_of(text) if isinstance(text, str) else text)
    return found


def asked_of_part(
    signals: Signals, part: Any, template: Template, errand: Errand, wanted: frozenset[bytes]
) -> list[tuple[bytes, Unanswered]] | None:
    """Ask those requests of a part that are wanted, as `asked` does."""
    keys = keys_in(part, template, errand)
    rows = rows_of(_listed(part))
    texts = {
        key: template.render(rows.fields(number))
        for number, key in enumerate(keys)
        if isinstance(key, bytes) and key in wanted
    }
    return asked(signals, errand, texts)


def laid(part: Any, outcomes: Sequence[Outcome], values: Sequence[Any], schema: Schema | None) -> Any:
    """Return a part with what came of its rows."""
    return rows_of(_listed(part)).with_columns({**said_in(outcomes, values, schema), **told_of(outcomes)})


def _listed(part: Any) -> Any:
    """Return a part of a bag, which may be an iterator, as a list."""
    return part if hasattr(part, "columns") or isinstance(part, list) else list(part)
