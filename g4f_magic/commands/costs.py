"""`%chat cost` and `%chat prices`: what was spent, and what services charge."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from g4f_magic.commands.output import as_text, say, table
from g4f_magic.errors import InputError
from g4f_magic.messages import date_of
from g4f_magic.subcommand import Given, Group

if TYPE_CHECKING:
    from g4f_magic.costing import Cost
    from g4f_magic.session import Session

COMMANDS = Group("What it costs", topic="models")
_MOST_ROWS = 200
_NOTHING = "free"
PUBLISHED = (
    "https://raw.githubusercontent.com/pydantic/genai-prices/refs/heads/main/prices/new_data/v2/data.json"
)
"""Where genai-prices publishes its data."""

_BY: dict[str, Callable[[Cost], str]] = {
    "notebook": lambda one: (
        Path(one.path).name if one.path else one.notebook.partition(":")[2] or "no notebook"
    ),
    "day": lambda one: date_of(one.started_at).partition(" ")[0] or "no day",
    "model": lambda one: one.model or "not named",
    "service": lambda one: one.provider or "not named",
}


@COMMANDS.entry(
    "cost", "what was spent: here, or of all notebooks by one of four", takes="[notebook|day|model|service]"
)
async def show_cost(session: Session, given: Given) -> None:
    """Show what was spent. Without a word: in this notebook, by model; with one: in all notebooks, by notebook, day, model or service.

    It counts what the history keeps, earlier answers included, and what the rows of --each and chat.map took, also those
    that failed; replays took nothing. A sign ~ marks what is estimated.
    What runs on this machine, or is asked without a key, is free. Where no price is known, that is said, and nothing is counted.
    """
    by = given.word()
    kept = [one for one in session.history.costs() if one.source == "live" and one.provider != "guide"]
    found = [*kept, *await _of_rows(session, kept)]
    if not by:
        found = [one for one in found if one.notebook == session.notebook.key]
    rows = _rows(found, by or "model")
    where = "In all notebooks" if by else "In this notebook"
    say(
        f"{where}: {_sum(found)}." if found else f"{where} nothing was asked of a service yet.",
        *([table([by or "model", "replies", "tokens", "cost"], rows)] if found else []),
        f"{_spent(session)}{_limit(session)}",
        _dated(),
    )


async def _of_rows(session: Session, kept: Iterable[Cost]) -> list[Cost]:
    """Return what rows of tables took, each notebook where it was seen last, as in `kept`."""
    from g4f_magic.many.job import store_of

    paths = {one.notebook: one.path for one in kept if one.path}
    found = await store_of(session.settings).costs()
    return [replace(one, path=paths.get(one.notebook, one.path)) for one in found]


def _rows(found: Iterable[Cost], by: str) -> list[tuple[str, ...]]:
    groups: dict[str, list[Cost]] = {}
    for one in found:
        groups.setdefault(_BY[by](one), []).append(one)
    ordered = (
        sorted(groups.items(), key=lambda item: item[0], reverse=True)
        if by == "day"
        else sorted(groups.items(), key=lambda item: -sum(one.dollars or 0 for one in item[1]))
    )
    return [
        (as_text(name), f"{_replies(each):,}", _tokens(each), as_text(_dollars(each)))
        for name, each in ordered[:_MOST_ROWS]
    ]


def _sum(found: list[Cost]) -> str:
    number, of_rows = _replies(found), _replies(one for one in found if one.is_of_rows)
    took = f"{_tokens(found)} tokens in {number:,} repl{'y' if number == 1 else 'ies'}"
    if of_rows:
        took += f" ({of_rows:,} to rows of tables)"
    if all(one.dollars is None for one in found):
        return f"{took}; what they cost is not known"
    dollars = _dollars(found)
    return f"{took}, at no charge" if dollars == _NOTHING else f"{dollars} for {took}"


def _replies(found: Iterable[Cost]) -> int:
    return sum(one.replies for one in found)


def _tokens(found: Iterable[Cost]) -> str:
    each = list(found)
    sign = "~" if any(one.is_guessed for one in each) else ""
    return f"{sign}{sum(one.prompt_tokens + one.completion_tokens for one in each):,}"


def _dollars(found: Iterable[Cost]) -> str:
    """Return the sum of what is known, and of how many replies it is not."""
    from g4f_magic.prices import money

    each = list(found)
    known = [one for one in each if one.dollars is not None]
    unknown = _replies(each) - _replies(known)
    if not known:
        return "not known"
    charged = [one for one in known if one.dollars]
    is_estimated = any(one.is_guessed for one in charged)
    total = (
        money(sum(one.dollars or 0.0 for one in charged), is_estimated=is_estimated) if charged else _NOTHING
    )
    return f"{total}, and {unknown:,} not known" if unknown else total


def _spent(session: Session) -> str:
    from g4f_magic.prices import money

    dollars = session.services.spending.dollars
    if not dollars:
        return "This kernel has spent nothing, as far as prices are known."
    return f"This kernel has spent {money(dollars)}, as far as prices are known."


def _limit(session: Session) -> str:
    from g4f_magic.prices import money

    limit = session.settings.budget
    return "" if limit is None else f" Its budget is {money(limit)}."


def _dated() -> str:
    from g4f_magic.prices import newest_prices

    found = newest_prices()
    return f"Prices of {found.models:,} models as of {found.date} ({as_text(found.source)}); `%chat prices --fresh` gets newer ones."


@COMMANDS.entry(
    "prices",
    "what models cost; --fresh gets newer prices",
    takes="[SERVICE] [MODEL] [--fresh]",
    is_waiting=True,
)
async def show_prices(session: Session, given: Given) -> None:
    """Show what a model costs, in dollars for a million tokens, and how old the prices are: `%chat prices openai gpt-4o-mini`.

    They are published data that is shipped with the package (genai-prices, MIT). `--fresh` gets them anew from its
    repository, or from the address in G4F_MAGIC_PRICES_URL, and keeps them in the data folder.
    """
    if "--fresh" in given:
        await _refresh(session)
    parts = [_dated()]
    if service := given.word():
        parts.append(_of_model(session, service, given.word(1)))
    say(*parts)


def _of_model(session: Session, service: str, model: str) -> str:
    from g4f_magic import providers
    from g4f_magic.prices import newest_prices

    name, provider = providers.resolve(service)
    seller = newest_prices().seller(provider.url)
    model = model or str(getattr(provider, "default_model", ""))
    rates = newest_prices().rates(seller, model) if seller else None
    if rates is None:
        return f"What {as_text(model or 'a model')} costs at {as_text(name)} is not known."
    each = [(word, steps) for word, steps in (("prompt", rates.prompt), ("reply", rates.completion)) if steps]
    told = ", ".join(f"${steps[0]:g} for a million tokens of the {word}" for word, steps in each)
    more = f", and ${rates.per_request:g} for each request" if rates.per_request else ""
    return f"**{as_text(model)}** at {as_text(name)}: {told}{more}."


async def _refresh(session: Session) -> None:
    from g4f_magic import disk
    from g4f_magic.prices import compact, forget
    from g4f_magic.settings import environment, prices_file
    from g4f_magic.wire.request import Request, Route
    from g4f_magic.wire.transport import fetch_json

    url = environment("G4F_MAGIC_PRICES_URL") or PUBLISHED
    route = Route(
        idle_seconds=20.0,
        total_seconds=60.0,
        proxy=session.settings.proxy or None,
        ca_file=session.settings.ca_path,
    )
    published = await fetch_json(Request(url=url, headers={}, body={}), route)
    if isinstance(published, dict):
        published = published.get("providers")
    text = compact(published, date=datetime.now().strftime("%Y-%m-%d"), source="genai-prices")
    try:
        disk.make_folder(prices_file().parent)
        disk.write(prices_file(), text.encode())
    except OSError as exc:
        raise InputError(f"the prices cannot be kept: {exc.strerror}", hint="Those at hand stay.") from exc
    forget()
