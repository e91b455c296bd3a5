"""Rows beyond one machine, with Dask: one task for each part of them, limits divided, answers kept by whoever asked.

`on=client` sends the prompts of any rows; a Dask data frame or bag stays where it is, and its prompts are made there.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import partial
from typing import Any

from g4f_magic.ask import Ask, ask_of, typed, without_tools
from g4f_magic.chunks import Served
from g4f_magic.errors import InputError, MissingAuthError, RowsFailedError
from g4f_magic.many import partition
from g4f_magic.many.answer import Answer, Outcome, RowRequest, Unanswered
from g4f_magic.many.bill import Bill
from g4f_magic.many.columns import check_names, judged
from g4f_magic.many.job import Job, Wish, failed_words, store_of
from g4f_magic.many.on_workers import Part, Report, Work, reports, result_of
from g4f_magic.many.pacing import Limits
from g4f_magic.many.partition import Errand
from g4f_magic.many.template import Template, template_of
from g4f_magic.many.who import who_answers
from g4f_magic.options import Options
from g4f_magic.schemas import Schema, schema_of
from g4f_magic.session import Session

MOST_ROWS_A_TASK = 500
"""So that every worker has some until the end, and one that comes later gets some, too."""
_TASKS_A_WORKER = 4
_SETTINGS = (
    *("provider", "model", "base_url", "chains", "timeout_seconds", "engine", "upstream", "upstream_model"),
    *("local_models", "ca_file", "proxy"),
)


def is_dask(data: Any) -> bool:
    """Say whether rows are spread over a cluster."""
    return type(data).__module__.partition(".")[0] in ("dask", "dask_expr") and hasattr(data, "to_delayed")


def client_of(on: Any) -> Any:
    """Return the client that is given, or the one that there is.

    Raises:
        InputError: Dask is not installed, or no cluster is connected.
    """
    try:
        from distributed import Client, default_client
    except ImportError:
        raise InputError(
            "a cluster needs the package distributed", hint="%pip install 'g4f-magic[dask]'"
        ) from None
    if on is not None:
        if not isinstance(on, Client):
            raise InputError(f"on={type(on).__name__} is not a client of Dask", hint="Give on=Client(...).")
        return on
    with suppress(ValueError):
        return default_client()
    raise InputError(
        "the rows are Dask's, and no cluster is connected", hint="Make one first: client = Client()."
    )


async def run(job: Job, client: Any) -> AsyncGenerator[tuple[RowRequest, Outcome]]:
    """Ask on a cluster what a job has no answer to, and yield what comes, as it comes.

    Raises:
        InputError: what came could not be kept.
    """
    if job.who is None or not (wanted := job.open_keys):
        job.record()
        return
    errand = errand_of(
        job.session, job.options, job.template.ask, job.who.served, job.who.place, job.wish.limits
    )
    workers = len(client.scheduler_info()["workers"]) or 1
    errand = replace(errand, limits=errand.limits.shared(workers))
    size = max(1, min(MOST_ROWS_A_TASK, -(-len(wanted) // (workers * _TASKS_A_WORKER))))

    def work(left: Sequence[bytes]) -> Work:
        return partition.asked, (errand, {key: job.request(key).ask.text for key in left})

    parts = [Part(wanted[start : start + size], work) for start in range(0, len(wanted), size)]
    try:
        async with aclosing(reports(client, parts, partial(_keep, job.session))) as came:
            async for report in came:
                for key, outcome in report.found:
                    job.note(key, outcome)
                    yield job.request(key), outcome
    finally:
        job.record()


async def mapped(
    session: Session,
    data: Any,
    prompt: str,
    options: Options,
    wish: Wish,
    client: Any,
    names: Mapping[str, Any],
) -> Any:
    """Return a Dask data frame or bag with what was answered; its parts stay where they are.

    Raises:
        RowsFailedError: rows have no answer.
        ChatError: nothing was asked.
    """
    ask = typed(ask_of(prompt, without_tools(options), session.settings), options, names)
    parts = list(client.compute(data.to_delayed()))
    begun = await result_of(client, client.submit(_columns_of, parts[0])) if parts else []
    template = template_of(ask, begun, (), None)
    served, place = await _who(session, options)
    schema = None if ask.schema is None else schema_of(ask.schema)
    check_names(schema)
    travelling = Template(_plain(ask), template.parts)
    errand = errand_of(session, options, ask, served, place, wish.limits)
    errand = replace(errand, limits=errand.limits.shared(len(client.scheduler_info()["workers"]) or 1))
    keys: list[list[bytes | Unanswered]] = [
        await result_of(client, client.submit(partition.keys_in, part, travelling, errand)) for part in parts
    ]
    distinct = list(dict.fromkeys(key for part in keys for key in part if isinstance(key, bytes)))
    outcomes: dict[bytes, Outcome] = {}
    if not wish.is_fresh:
        outcomes.update(await store_of(session.settings).kept(distinct))
    asked: list[Part] = []
    taken = set(outcomes)
    for part, its in zip(parts, keys, strict=True):
        wanted = frozenset(key for key in its if isinstance(key, bytes)) - taken
        taken |= wanted
        if wanted:
            asked.append(Part(list(wanted), partial(_work, part, travelling, errand)))
    async with aclosing(reports(client, asked, partial(_keep, session))) as came:
        async for report in came:
            outcomes.update(report.found)
    table, failed = _laid(client, data, parts, keys, outcomes, schema)
    if failed and not wish.keeps_going:
        total = sum(map(len, keys))
        raise RowsFailedError(
            failed_words(len(failed), total, failed[0]),
            table=table,
            hint="The others are in the table. Run it again: only what is missing is asked.",
        )
    return table


def _work(part: Any, template: Template, errand: Errand, left: Sequence[bytes]) -> Work:
    return partition.asked_of_part, (part, template, errand, frozenset(left))


def _laid(
    client: Any,
    data: Any,
    parts: Sequence[Any],
    keys: Sequence[Sequence[bytes | Unanswered]],
    outcomes: Mapping[bytes, Outcome],
    schema: Schema | None,
) -> tuple[Any, list[str]]:
    """Return the table, made where its parts are, and why rows of it have no answer."""
    failed: list[str] = []
    made = []
    plain = None if schema is None else dict(schema)
    for part, its in zip(parts, keys, strict=True):
        judgements = [judged(schema, outcomes[one] if isinstance(one, bytes) else one) for one in its]
        told, values = [one for one, _ in judgements], [value for _, value in judgements]
        failed += [one.why for one in told if isinstance(one, Unanswered) and one.is_failure]
        of_json = None if plain is None else schema_of(plain)
        made.append(client.submit(partition.laid, part, told, values, of_json, pure=False))
    if hasattr(data, "columns"):
        import dask.dataframe

        return dask.dataframe.from_delayed(made, verify_meta=False), failed
    import dask.bag

    # A bag would let go what it is made of, were it not for what is wrapped around it.
    return dask.bag.from_delayed([dask.delayed(one) for one in made]), failed


def errand_of(
    session: Session, options: Options, ask: Ask, served: Served, place: str, limits: Limits
) -> Errand:
    """Return what travels: what is asked, of whom; a password in an address stays behind."""
    settings = {name: getattr(session.settings, name) for name in _SETTINGS}
    told = {name: (str(one) if isinstance(one, str) else one) for name, one in settings.items()}
    travelling = replace(options, schema=None, attached=())
    return Errand(travelling, told, _plain(ask), served, place, limits)


def _plain(ask: Ask) -> Ask:
    """Return a question whose schema is plain JSON: a class of the person's own need not be where workers are."""
    return ask if ask.schema is None else replace(ask, schema=dict(ask.schema))


async def _who(session: Session, options: Options) -> tuple[Served, str]:
    """Return who answers, and where; the key for it may be with the workers alone."""
    try:
        who = await who_answers(session, options)
    except MissingAuthError:
        named = session.services.named(await session.services.resolved(options))[0]
        provider = session.services.at_its_host(named.name, named.provider, options)
        return Served(named.name, named.model), provider.url
    return who.served, who.place


async def _keep(session: Session, report: Report) -> None:
    """Keep what came: answers are written by whoever asked."""
    answers = [(key, one) for key, one in report.found if isinstance(one, Answer)]
    if answers or report.costs:
        bill = Bill.of(session)
        await store_of(session.settings).keep(answers, [bill.taken_over(one) for one in report.costs])


def _columns_of(part: Any) -> list[str]:
    from g4f_magic.many.reading import rows_of

    return list(rows_of(part if hasattr(part, "columns") else list(part)).names)
