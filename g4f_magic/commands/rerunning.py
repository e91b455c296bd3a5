"""`%chat rerun`: answers that are older than what they build on, asked again in order."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from g4f_magic.commands.output import as_text, say
from g4f_magic.errors import InputError
from g4f_magic.host import here
from g4f_magic.subcommand import Given, Group
from g4f_magic.visible import numbered, shortened

if TYPE_CHECKING:
    from g4f_magic.options import Options
    from g4f_magic.session import Session
    from g4f_magic.turn import Turn

COMMANDS = Group("Asking again", topic="conversation")


@COMMANDS.entry(
    "rerun", "ask again, in order, what was answered before something above changed", is_waiting=True
)
async def rerun(session: Session, given: Given) -> None:
    """Ask again, in order, each question of the conversation that was answered before an answer above it changed.

    An answer that this kernel showed is renewed in its own cell; others stand here. The answers of before are kept:
    `%chat restore` brings them back.
    """
    done: set[str] = set()
    while True:
        stale = [turn for turn in session.older.turns() if turn.slot not in done]
        if not stale:
            break
        done.add(stale[0].slot)
        await _again(session, stale[0], len(done))
    if not done:
        say("No answer is older than what it builds on.")
    else:
        say(f"Asked again: {numbered(len(done), 'question')}. `%chat restore` brings earlier answers back.")


async def _again(session: Session, turn: Turn, number: int) -> None:
    """Ask a turn's question again, at its place."""
    from g4f_magic import renderers

    host = here()
    say(f"{number}. {as_text(_short(turn.prompt))}")
    place = session.older.marks.shown(turn)
    source = session.front.source if session.front is not None else None
    reply = await session.ask(turn.prompt, _options(session, turn), slot=turn.slot, source=source)
    if reply.turn.source == "live" and reply.turn.via != turn.via:
        raise InputError(
            f"this question went {_way(turn)} and would go {_way(reply.turn)} now",
            hint="Run its cell again: what its first line says is not kept.",
        )
    renderer = renderers.choose(settings=session.settings, host=host, keeps_others=True, place=place)
    renderer.begin(reply.turn)
    try:
        async with aclosing(reply):
            async for chunk in reply:
                renderer.show(chunk)
    finally:
        renderer.settle(reply.turn)
        session.last = reply.turn
        session.older.show(reply.turn, renderer)


def _way(turn: Turn) -> str:
    return f"via {turn.via}" if turn.via else f"straight to {turn.provider}"


def _options(session: Session, turn: Turn) -> Options:
    """Return the options of a turn: whom it asked, with what, and what went along."""
    from g4f_magic.options import Options

    ask = turn.ask
    return Options(
        provider=ask.provider,
        model=ask.model,
        system=ask.system or None,
        params=dict(ask.parameters),
        conversation=session.conversation().name,
        attached=tuple(one.name for one in ask.attachments if one.origin == "with"),
        # What another's file names is not looked for here.
        tools=ask.tools if turn.source != "imported" else (),
    )


def _short(prompt: str) -> str:
    line = " ".join(prompt.split())
    return shortened(line, 80)
