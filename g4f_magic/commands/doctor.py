"""`%chat doctor`: what works, what does not, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from g4f_magic.commands.output import say, table
from g4f_magic.grammar import Words

if TYPE_CHECKING:
    from g4f_magic.doctor import Report
    from g4f_magic.session import Session

HELP = (
    (
        "%chat doctor [--online]",
        "each provider: key, reachable or not, what to do; asks outside only if told",
    ),
)


async def show(session: Session, words: list[str]) -> None:
    """Show what is found."""
    from g4f_magic.doctor import examine

    given = Words("doctor", words, flags=("--online",), most=0)
    say(to_markdown(await examine(session, is_online="--online" in given.flags)))


def to_markdown(report: Report) -> str:
    """Return a report as Markdown tables; a column in which nothing would stand is left out."""
    found = report.findings
    columns = {
        "provider": [f"`{one.provider}`" for one in found],
        "key": [one.key for one in found],
        "reached": [one.reached for one in found],
        "last success": [one.last_success for one in found],
        "last error": [one.last_error for one in found],
        "what to do": [one.advice for one in found],
    }
    shown = {head: values for head, values in columns.items() if any(values)}
    parts = [table(list(shown), zip(*shown.values(), strict=True))]
    if report.broken:
        parts.append(table(["cannot be used", "why"], report.broken.items()))
    parts.append(table(["set-up", ""], report.setup))
    parts.append(table(["part", "version"], report.parts))
    return "\n\n".join(parts)
