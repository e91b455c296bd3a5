"""Many questions from Python code: a table in the end, or what comes as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from g4f_magic.ask import ask_of, typed, without_tools
from g4f_magic.attaching.finding import Finder
from g4f_magic.attaching.given import GivenNames
from g4f_magic.host import here
from g4f_magic.many import cluster
from g4f_magic.many.bill import Bill
from g4f_magic.many.cluster import client_of, is_dask
from g4f_magic.many.flow import AT_ONCE, Flow, IncomingRows
from g4f_magic.many.job import Wish, prepared, store_of, tape_of
from g4f_magic.many.pacing import Pace
from g4f_magic.many.progress import shown
from g4f_magic.many.reading import rows_of
from g4f_magic.many.row_reply import RowReply
from g4f_magic.many.rows import Records
from g4f_magic.many.template import template_of
from g4f_magic.many.who import who_answers
from g4f_magic.options import Options
from g4f_magic.session import Session


async def mapped(
    session: Session,
    rows: Any,
    prompt: str,
    options: Options,
    wish: Wish,
    names: Mapping[str, Any] | None,
    *,
    shows: bool | None = None,
    on: Any = None,
) -> Any:
    """Return the table of what was answered, asked `on` a cluster where one is given. With `shows` it is shown how the job stands; None: where somebody looks.

    Raises:
        RowsFailedError: rows have no answer.
        ChatError: nothing was asked.
    """
    client = client_of(on) if on is not None or is_dask(rows) else None
    if client is not None and is_dask(rows):
        if session.settings.mode_of(options.mode) == "live" and wish.first is None:
            return await cluster.mapped(session, rows, prompt, options, wish, client, names or {})
        rows = await asyncio.to_thread(rows.compute)
    if isinstance(rows, AsyncIterable):
        rows = [row async for row in _first(rows, wish.first)]
    job = await prepared(session, prompt, rows, options, wish, _finder(session, options, names), names)
    host = here()
    running = job.run() if client is None else cluster.run(job, client)
    if host.can_display or host.is_terminal if shows is None else shows:
        await shown(job, host, running)
    else:
        async with aclosing(running) as came:
            async for _ in came:
                pass
    table = job.table()
    if (failure := job.failure(table)) is not None:
        raise failure
    return table


async def streamed(
    session: Session, rows: Any, prompt: str, options: Options, wish: Wish, names: Mapping[str, Any] | None
) -> AsyncGenerator[RowReply]:
    """Yield each row with what came of it. Rows of a generator are taken when there is room for them.

    Raises:
        ChatError: nothing was asked.
    """
    incoming, names_of_columns, begun = await _incoming(rows, wish.first)
    ask = typed(ask_of(prompt, without_tools(options), session.settings), options, names or {})
    template = template_of(ask, names_of_columns, options.attached, _finder(session, options, names))
    mode = session.settings.mode_of(options.mode)
    who = None if mode == "replay" else await who_answers(session, options)
    tape = None if mode == "live" else tape_of(session, options, who)
    store, bill = store_of(session.settings), Bill.of(session)
    flow = Flow(incoming, begun, template, who, store, tape, bill, mode=mode, is_fresh=wish.is_fresh)
    async with aclosing(flow.replies(Pace(wish.limits))) as replies:
        async for one in replies:
            yield one


async def _incoming(data: Any, first: int | None) -> tuple[IncomingRows, Sequence[str], list[Any]]:
    """Return the rows, the names of their columns, and those rows that were read to know them."""
    if isinstance(data, AsyncIterable | Iterator):
        incoming = IncomingRows(data, first)
        begun = await incoming.take(AT_ONCE)
        return incoming, Records(begun).names, begun
    rows = rows_of(data, first)
    return IncomingRows.of_table(rows), rows.names, []


def _finder(session: Session, options: Options, names: Mapping[str, Any] | None) -> Any:
    if names is None:
        return None
    return lambda: Finder(GivenNames(names), ceiling=session.settings.share, detail=options.detail)


async def _first(rows: AsyncIterable[Any], first: int | None) -> AsyncIterator[Any]:
    number = 0
    async for row in rows:
        if first is not None and number >= first:
            return
        number += 1
        yield row
