"""`%%chat --compare --each`: each row is asked of several, a column of the table each, and how often they agree."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from g4f_magic.attaching.finding import Finder
from g4f_magic.commands.output import as_text, say, table
from g4f_magic.errors import ChatError, InputError, RowsFailedError
from g4f_magic.many.before import show_before
from g4f_magic.many.columns import said_in
from g4f_magic.many.job import Job, Wish, prepared
from g4f_magic.many.pacing import Limits
from g4f_magic.many.progress import shown
from g4f_magic.many_cell import confirm, refuse_conversation, rows_named
from g4f_magic.side_by_side.agreement import Agreement, agreement_of, percent
from g4f_magic.side_by_side.columns import Column, columns_of
from g4f_magic.visible import numbered

if TYPE_CHECKING:
    from g4f_magic.attaching.source import NotebookSource
    from g4f_magic.grammar import ChatLine, CompareOptions
    from g4f_magic.host.base import Host
    from g4f_magic.session import Session

AGREE = "agree"
"""The column that says of each row whether all columns say the same."""


async def ask_each_of_all(
    session: Session,
    line: ChatLine,
    beside: CompareOptions,
    prompt: str,
    host: Host,
    source: Callable[[], NotebookSource],
) -> Any:
    """Ask each row of all, show how it stands and how often they agree, and return the table; None with `--dry-run`.

    The table is in the variable of `--out` however this ends, also when it is stopped.

    Raises:
        InputError: something of what was asked for cannot be; nothing was sent.
        RowsFailedError: of no column all rows have an answer.
    """
    refuse_conversation(line)
    if line.many.is_background:
        raise InputError("--background and --compare do not go together", hint="Leave one of them out.")
    columns = columns_of(line.options, beside.providers, beside.models, session.settings)
    jobs, errors = await _prepared(session, line, columns, prompt, host, source)
    if line.is_dry_run:
        for column, job in jobs.items():
            show_before(job, host, f"{column}: nothing was sent. ")
        return None
    is_told = confirm(list(jobs.values()), host, session.settings)
    say("Columns, in this order: " + ", ".join(as_text(name) for name in jobs))
    made: Any = None
    try:
        await asyncio.gather(*(shown(job, host, is_told=is_told) for job in jobs.values()))
    finally:
        made = _table(jobs, errors)
        if line.out:
            host.names[line.out] = made
    failures = errors | {
        name: failure for name, job in jobs.items() if (failure := job.failure(made)) is not None
    }
    _tell(jobs, failures)
    if len(failures) == len(columns):
        raise RowsFailedError(
            "none of the columns is whole: "
            + "; ".join(f"{name}: {error}" for name, error in failures.items()),
            table=made,
            hint="What was answered is in the table. Run it again: only what is missing is asked.",
        )
    if not line.out:
        say("The table was not kept: `-o NAME` keeps it in a variable. Asking again costs nothing.")
    return made


async def _prepared(
    session: Session,
    line: ChatLine,
    columns: Sequence[Column],
    prompt: str,
    host: Host,
    source: Callable[[], NotebookSource],
) -> tuple[dict[str, Job], dict[str, ChatError]]:
    """Return the job of each column by its name, and why there is none.

    Raises:
        ChatError: nobody can be asked at all.
    """
    many = line.many
    data = rows_named(many.each, source())
    if isinstance(data, Iterator):  # it gives its rows once
        data = list(islice(data, many.first))

    def finder() -> Finder:
        return Finder(source(), ceiling=session.settings.share, detail=line.options.detail)

    jobs: dict[str, Job] = {}
    errors: dict[str, ChatError] = {}
    for column in columns:
        wish = Wish(many.first, many.is_fresh, many.keeps_going, Limits(parallel=many.parallel))
        try:
            job = await prepared(session, prompt, data, column.options, wish, finder, host.names)
        except InputError:
            raise
        except ChatError as exc:
            errors[column.name] = exc
            continue
        jobs[column.name] = job
    if not jobs:
        raise next(iter(errors.values()))
    return jobs, errors


def _said(job: Job) -> dict[str, list[Any]]:
    """Return what came of a job's rows: `reply`, or the fields of typed replies."""
    outcomes = [job.outcome(number) for number in range(job.rows.count)]
    values = [None if key is None else job.values.get(key) for key in job.keys]
    return said_in(outcomes, values, job.schema)


def _by_column(jobs: Mapping[str, Job]) -> dict[str, list[Any]]:
    """Return for each column what each row is answered, as one value."""
    found: dict[str, list[Any]] = {}
    for name, job in jobs.items():
        said = _said(job)
        rows = list(zip(*said.values(), strict=True))
        plain = [
            row[0] if len(said) == 1 else None if set(row) == {None} else list(row)
            for row in map(_hashable, rows)
        ]
        found[name] = [_normal(value) for value in plain]
    return found


def _hashable(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(
        value if value is None or isinstance(value, str | int | float) else repr(value) for value in row
    )


def _normal(value: Any) -> Any:
    """Return a reply as it counts for agreement: blanks at its ends tell nothing."""
    return value.strip() if isinstance(value, str) else value


def _table(jobs: Mapping[str, Job], errors: Mapping[str, ChatError]) -> Any:
    """Return the rows with a column for each who was asked (of records, for each of its fields), and whether they agree."""
    job = next(iter(jobs.values()))
    count = job.rows.count
    found: dict[str, list[Any]] = {}
    for name, one in jobs.items():
        said = _said(one)
        found |= {name if len(said) == 1 else f"{name}.{field}": values for field, values in said.items()}
        why = [getattr(one.outcome(number), "why", None) for number in range(count)]
        if any(why):
            found[f"{name}.error"] = why
    for name, error in errors.items():
        found[f"{name}.error"] = [str(error)] * count
    rows = list(zip(*_by_column(jobs).values(), strict=True))
    found[AGREE] = [
        None if len(row) < 2 or None in row else all(one == row[0] for one in row) for row in rows
    ]
    return job.rows.with_columns(found)


def _tell(jobs: Mapping[str, Job], failures: Mapping[str, ChatError]) -> None:
    """Say how often they agree, and of which column rows have no answer."""
    texts = [f"**{as_text(name)}**: {as_text(str(error))}" for name, error in failures.items()]
    if len(jobs) > 1:
        texts.append(_agreement_told(agreement_of(_by_column(jobs))))
    if texts:
        say(*texts)


def _agreement_told(found: Agreement) -> str:
    rows = f"{numbered(found.compared, 'row')} that all answered"
    said = f"All agree in **{percent(found.same, found.compared)} %** of the {rows}."
    if len(found.pairs) < 2:
        return said
    lines = [
        (as_text(one), as_text(other), f"{percent(same, compared)} %", f"{compared:,}")
        for (one, other), (same, compared) in found.pairs.items()
    ]
    return f"{said}\n\n{table(['', '', 'agree', 'rows'], lines)}"
