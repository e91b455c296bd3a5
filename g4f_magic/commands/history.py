"""`%chat history`, `%chat reset` and their kin: what was said, and steering what is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from g4f_magic.commands.output import say

if TYPE_CHECKING:
    from g4f_magic.session import Session


async def show_history(session: Session, words: list[str]) -> None:
    """Show the turns of the conversation in use."""
    turns = session.conversation().turns
    if not turns:
        say("Nothing was said in this conversation yet.")
        return
    parts = []
    for number, turn in enumerate(turns, 1):
        quoted = "\n".join(f"> {line}" for line in turn.prompt.strip().splitlines())
        status = "" if turn.status == "done" else f" · {turn.status}"
        parts.append(f"**{number}** · {turn.provider}{status}\n\n{quoted}\n\n{turn.reply}")
    say("\n\n---\n\n".join(parts))


async def reset(session: Session, words: list[str]) -> None:
    """Empty the conversation in use."""
    conversation = session.conversation()
    count = session.history.reset(session.notebook, conversation.name)
    say(f"The conversation `{conversation.name}` is empty; it had {count} turns.")


HELP = [
    ("%chat history", "what was said"),
    ("%chat reset", "empty the conversation"),
]
COMMANDS = {"history": show_history, "reset": reset}
