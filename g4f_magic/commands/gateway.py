"""`%chat gateway`: start, stop, and what answers in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from g4f_magic.commands.output import say
from g4f_magic.errors import InputError

if TYPE_CHECKING:
    from g4f_magic.session import Session


async def steer(session: Session, words: list[str]) -> None:
    """Start or stop the local gateway, or say how it stands."""
    match words:
        case ["start"]:
            gateway = await session.gateway()
            say(f"The local gateway runs; {gateway.engine.label} answers in it.")
        case ["stop"]:
            say("The local gateway has stopped." if await session.stop_gateway() else "It did not run.")
        case [] | ["status"]:
            running = session.running_gateway
            say(
                f"The local gateway runs; {running.engine.label} answers in it."
                if running
                else "The local gateway does not run; it starts at its first use, or with `%chat gateway start`."
            )
        case _:
            raise InputError(
                f"%chat gateway does not know {' '.join(words)!r}",
                hint="Write %chat gateway start, stop or status.",
            )
