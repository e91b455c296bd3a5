"""`%chat answers`: what is kept of rows that were asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from g4f_magic.commands.output import as_text, say
from g4f_magic.commands.steering import confirm
from g4f_magic.subcommand import Given, Group

if TYPE_CHECKING:
    from g4f_magic.session import Session

COMMANDS = Group("Rows of a table", topic="conversation")


@COMMANDS.entry(
    "answers",
    "the kept answers of --each: how many; --forget deletes them",
    takes="[--forget] [--yes]",
    is_waiting=True,
)
async def answers(session: Session, given: Given) -> None:
    """Say how many answers of rows are kept, and where; with `--forget` delete them all, those of other notebooks too.

    They are what `%%chat --each` and `chat.map` were answered, so that nothing is asked and paid twice. Each is found by a
    hash of what was sent; the prompts are not kept with them. What was paid for them stays in `%chat cost`.
    """
    from g4f_magic.many.job import store_of

    store = store_of(session.settings)
    where = (
        "in memory, as long as this kernel runs" if store.file is None else f"in {as_text(str(store.file))}"
    )
    if "--forget" not in given:
        say(f"{await store.count():,} answers of rows are kept {where}.")
        return
    confirm("all kept answers of rows", is_sure="--yes" in given)
    say(
        f"Forgotten for good: {await store.forget():,} answers of rows. What stands in tables stays there, and what was paid in %chat cost."
    )
