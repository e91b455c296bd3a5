"""`%chat doctor`: what works, what does not, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from g4f_magic.commands.output import as_text, say, table
from g4f_magic.renderers.provenance import shown_name
from g4f_magic.subcommand import Given, Group

if TYPE_CHECKING:
    from g4f_magic.doctor import Report
    from g4f_magic.in_use import InUse
    from g4f_magic.session import Session

COMMANDS = Group("What works", topic="models")
_SHORT = 24


@COMMANDS.entry(
    "doctor",
    "does it answer, and if not, what to do; with --online, all services are asked",
    takes="[--online]",
    is_waiting=True,
)
async def show(session: Session, given: Given) -> None:
    """Show whether the model in use answers, and what to do if it does not; then all other services, keys and versions.

    Nothing secret is shown. Services outside of this machine are asked with `--online` alone.
    """
    from g4f_magic.doctor import examine

    say(to_markdown(await examine(session, is_online="--online" in given)))


def to_markdown(report: Report) -> str:
    """Return a report as Markdown: the service in use first. A column in which nothing would stand is left out.

    Of services that are not set up the names are enough: `%chat providers` says what each needs.
    """
    found = [one for one in report.findings if not one.is_unused]
    others = [f"`{one.provider}`" for one in report.findings if one.is_unused]
    columns = {
        "provider": [f"`{one.provider}`" for one in found],
        "key": [_unbroken(one.key) for one in found],
        "reached": [_unbroken(as_text(one.reached)) for one in found],
        "what to do": [as_text(one.advice) for one in found],
        "last success": [one.last_success for one in found],
        "last error": [as_text(one.last_error) for one in found],
    }
    shown = {head: values for head, values in columns.items() if any(values)}
    parts = [answer(report.in_use), table(["set-up", ""], _cells(report.setup))]
    if found:
        parts.append(table(list(shown), zip(*shown.values(), strict=True)))
    if others:
        parts.append(f"Not set up: {', '.join(others)}. `%chat providers` says what each of them needs.")
    if report.broken:
        parts.append(table(["cannot be used", "why"], _cells(report.broken.items())))
    parts.append(table(["part", "version"], report.parts))
    return "\n\n".join(parts)


def answer(in_use: Sequence[InUse]) -> str:
    """Return the lines that a report begins with: each service in use, and the one thing to do."""
    lines = [_line(one) for one in in_use]
    to_do = next((one for one in in_use if one.is_ready), in_use[0]).advice
    return "\n\n".join([*lines, f"**What to do:** {to_do}"])


def _line(one: InUse) -> str:
    if one.provider == "guide":
        return "**No model is connected** · the offline guide answers"
    place = f" at {as_text(one.place)}" if one.place else ""
    took = f" in {one.milliseconds} ms" if one.milliseconds is not None else ""
    reached = f"reached{place}{took}" if one.is_reached else f"not reached{place}"
    answers = f"answers: {as_text(one.model)}" if one.model else ""
    facts = " · ".join(filter(None, [reached, answers, as_text(one.problem)]))
    return f"**{as_text(shown_name(one.provider))}** · {facts}"


def _unbroken(text: str) -> str:
    """Return Markdown that stays on one line where it is short: beside a long advice a column would become a word wide."""
    return text.replace(" ", "&nbsp;") if len(text) <= _SHORT else text


def _cells(rows: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(as_text(name), as_text(text)) for name, text in rows]
