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
    """Return a report as Markdown tables."""
    head = ["provider", "key", "reached", "last success", "last error", "what to do"]
    rows = [
        (f"`{one.provider}`", one.key, one.reached, one.last_success, one.last_error, one.advice)
        for one in report.findings
    ]
    parts = [table(head, rows)]
    if report.broken:
        parts.append(table(["cannot be used", "why"], report.broken.items()))
    parts.append(table(["set-up", ""], report.setup))
    parts.append(table(["part", "version"], report.parts))
    return "\n\n".join(parts)
