"""`%chat gateway`: start, stop, and what answers in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from g4f_magic.commands.output import as_text, say
from g4f_magic.subcommand import Given, Group

if TYPE_CHECKING:
    from g4f_magic.session import Session


COMMANDS = Group("The local gateway", topic="models")


@COMMANDS.entry(
    "gateway",
    "the local gateway, and what answers in it",
    takes="[start|stop|status]",
    is_waiting=True,
)
async def steer(session: Session, given: Given) -> None:
    """Start or stop the local gateway, or say how it stands."""
    match given.word().lower():
        case "start":
            gateway = await session.gateway.started()
            say(f"The local gateway runs; {as_text(gateway.engine.label)} answers in it.")
        case "stop":
            say(
                "The local gateway has stopped."
                if await session.gateway.stop()
                else "The local gateway did not run."
            )
        case _:
            running = session.gateway.running
            say(
                f"The local gateway runs; {as_text(running.engine.label)} answers in it."
                if running
                else "The local gateway is not running. It starts when it is first needed, or with `%chat gateway start`."
            )
