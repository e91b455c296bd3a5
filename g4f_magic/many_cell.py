"""`%%chat --each`: a cell that asks once for each row."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from g4f_magic.attaching.finding import Finder
from g4f_magic.attaching.lookup import NotThereError, value_at
from g4f_magic.attaching.path import path_of
from g4f_magic.attaching.source import NotebookSource
from g4f_magic.commands.output import say
from g4f_magic.errors import InputError
from g4f_magic.loop import interruptible
from g4f_magic.many.before import show_before
from g4f_magic.many.charges import expected_dollars
from g4f_magic.many.job import Job, Wish, prepared
from g4f_magic.many.pacing import Limits
from g4f_magic.many.progress import shown
from g4f_magic.many.under_way import RowsUnderWay
from g4f_magic.prices import money

if TYPE_CHECKING:
    from g4f_magic.grammar import ChatLine
    from g4f_magic.host.base import Host
    from g4f_magic.session import Session
    from g4f_magic.settings import Settings


async def ask_each(
    session: Session, line: ChatLine, prompt: str, host: Host, source: Callable[[], NotebookSource]
) -> Any:
    """Ask as the cell says, show how it stands, and return the table; None with `--dry-run`.

    The table is in the variable of `--out` however this ends, also when it is stopped. With `--background` what stands
    there, and is returned, is what gives the table: at once where somebody looks on, who sees the bar while other cells
    run; elsewhere it has ended by then, for a program that ends takes along what goes on beside it.

    Raises:
        InputError: something of what was asked for cannot be; nothing was sent.
        RowsFailedError: rows have no answer.
    """
    refuse_conversation(line)
    many = line.many
    if many.is_background and not line.out:
        raise InputError("--background wants a name for the table", hint="Add -o NAME; then: await NAME")
    if isinstance(
        earlier := host.names.get(line.out), RowsUnderWay
    ):  # run again: its rows would be asked twice
        earlier.stop()
        await earlier.settled()
    wish = Wish(many.first, many.is_fresh, many.keeps_going, Limits(parallel=many.parallel))
    data = rows_named(many.each, source())
    settings = session.settings

    def finder() -> Finder:
        return Finder(source(), ceiling=settings.share, detail=line.options.detail)

    if isinstance(data, Iterator):
        data = _told(data, many.each)
    job = await prepared(session, prompt, data, line.options, wish, finder, host.names)
    if line.is_dry_run:
        show_before(job, host, "Nothing was sent. ")
        return None
    is_told = confirm([job], host, settings)
    if many.is_background:
        return await _beside(job, host, line.out, is_told=is_told)
    return await _here(job, host, line.out, is_told=is_told)


async def _beside(job: Job, host: Host, out: str, *, is_told: bool) -> RowsUnderWay:
    """Ask beside other cells, and return what gives the table; it has ended where nobody looks on."""
    run = RowsUnderWay(job, host, is_told=is_told)
    host.names[out] = run
    await asyncio.sleep(0)  # its bar is shown while the cell still runs, so that it stands below it
    if not (host.cell.id and host.awaits):
        try:
            await run  # where nobody looks on, the cell fails of what fails
        finally:
            run.stop()
    return run


async def _here(job: Job, host: Host, out: str, *, is_told: bool) -> Any:
    """Ask while the cell runs, and return the table, which is in the variable however this ends."""
    table: Any = None
    try:
        await shown(job, host, is_told=is_told)
    finally:
        table = job.table()
        if out:
            host.names[out] = table
    failure = job.failure(table)
    if failure is not None:
        raise failure
    if not out:
        say("The table was not kept: `-o NAME` keeps it in a variable. Asking again costs nothing.")
    return table


def confirm(jobs: Sequence[Job], host: Host, settings: Settings) -> bool:
    """Ask the person before very much is sent; say whether that was so, and what would be sent is shown.

    Raises:
        InputError: they say no, or nobody can be asked.
    """
    jobs = [job for job in jobs if job.who is not None]
    number = sum(len(job.open_keys) for job in jobs)
    dollars = sum(expected_dollars(job) or 0.0 for job in jobs)
    is_many, is_dear = number > settings.ask_above, dollars > settings.ask_above_dollars
    if not jobs or not (is_many or is_dear):
        return False
    for job in jobs:
        show_before(job, host)
    cost = f", {money(dollars, is_estimated=True)}" if dollars else ""
    with interruptible():
        said = host.ask(f"Send {number:,} requests{cost}? [y/N] ")
    if said is not None and said.strip().lower() in ("y", "yes"):
        return True
    name, above = ("ask_above", number) if is_many else ("ask_above_dollars", math.ceil(dollars))
    what = (
        f"{number:,} requests would be sent{cost}, more than ChatMagics.{name} ({getattr(settings, name):,})"
    )
    raise InputError(
        f"{what}, and nobody was there to be asked" if said is None else f"{what}; nothing was sent",
        hint=f"Try a few with --first 20, or allow them: %config ChatMagics.{name} = {above}",
    )


def _told(rows: Iterator[Any], name: str) -> Iterator[Any]:
    """Yield rows; what they raise is told as the person's own.

    Raises:
        InputError: they raised something.
    """
    try:
        yield from rows
    except Exception as exc:  # whatever the person's own code raises
        raise InputError(
            f"the rows of --each {name} raised {type(exc).__name__}: {exc}",
            hint=f"Nothing was sent. A cell with list({name}) shows where.",
        ) from exc


def rows_named(name: str, source: NotebookSource) -> Any:
    """Return what `--each` names: a variable, what it holds, or an expression.

    Raises:
        InputError: it is not there.
    """
    path = path_of(name)
    if path is not None:
        try:
            return value_at(path, source.names)
        except NotThereError as exc:
            raise InputError(
                f"--each {name}: {exc}", hint="Name a data frame, a list or a generator."
            ) from None
    try:
        return source.evaluated(name)
    except Exception as exc:  # whatever the person's own code raises
        raise InputError(
            f"--each {name} raised {type(exc).__name__}",
            hint="It is evaluated in the notebook: try it in a cell of its own.",
        ) from None


def refuse_conversation(line: ChatLine) -> None:
    """Refuse what is said of a conversation, or of one reply.

    Raises:
        InputError: there is something.
    """
    options = line.options
    if options.conversation or options.context_turns is not None or options.context_tokens is not None:
        raise InputError(
            "with --each every row stands alone, outside of any conversation",
            hint="Leave -c and --context out.",
        )
    if any("-f" in one.names for one in line.given):
        raise InputError(
            "-f says how one reply is shown, and many rows make a table",
            hint='Leave it out. For columns of values: --schema "label: good|bad, why: str".',
        )
