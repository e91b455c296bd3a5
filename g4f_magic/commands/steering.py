"""Steering what is sent: `%chat undo`, `redo`, `reset`, `fork`, `switch`, `restore` and `forget`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from g4f_magic.commands.choosing import column_of, revision_of, turn_of
from g4f_magic.commands.output import as_text, say
from g4f_magic.errors import InputError
from g4f_magic.host import here
from g4f_magic.known import conversations_of
from g4f_magic.loop import interruptible
from g4f_magic.subcommand import Given, Group, always
from g4f_magic.visible import numbered

if TYPE_CHECKING:
    from g4f_magic.session import Session
    from g4f_magic.turn import Turn


COMMANDS = Group("Steering what is sent", topic="conversation")


def _undo(session: Session, given: Given) -> bool:
    return session.conversation().undo()


@COMMANDS.entry("undo", "undo the last change to the conversation", effect=_undo)
async def undo(session: Session, given: Given) -> None:
    """Take back the last thing that was done to the conversation."""
    is_done = _undo(session, given)
    say(f"Undone. {_stands(session)}" if is_done else "There is nothing to undo.")


def _redo(session: Session, given: Given) -> bool:
    return session.conversation().redo()


@COMMANDS.entry("redo", "redo what was undone", effect=_redo)
async def redo(session: Session, given: Given) -> None:
    """Do again what was taken back; right after a reset, bring back what it emptied."""
    is_done = _redo(session, given)
    say(f"Redone. {_stands(session)}" if is_done else "There is nothing to redo.")


def _reset(session: Session, given: Given) -> int:
    return session.conversation().reset()


@COMMANDS.entry("reset", "empty the conversation; %chat undo restores it", effect=_reset)
async def reset(session: Session, given: Given) -> None:
    """Empty the conversation in use."""
    count, name = _reset(session, given), session.conversation_name
    if not count:
        say(f"The conversation `{name}` was empty already.")
        return
    say(f"The conversation `{name}` is empty. `%chat undo` restores its {numbered(count, 'turn')}.")


def _fork(session: Session, given: Given) -> None:
    last = turn_of(session, given.word(1)).id if given.word(1) else None
    name = session.conversation(given.word()).name
    session.conversation().fork(name, last)
    session.conversation_name = name


@COMMANDS.entry(
    "fork",
    "continue from a turn in a conversation of its own",
    takes="NAME [TURN]",
    offers={"NAME": conversations_of},
    effect=_fork,
)
async def fork(session: Session, given: Given) -> None:
    """Go on from a turn in a conversation of its own; the one that it began with stays as it is."""
    _fork(session, given)
    say(_uses(session))


def _switch(session: Session, given: Given) -> None:
    session.conversation_name = session.conversation(given.word()).name


@COMMANDS.entry(
    "switch",
    "use another conversation",
    takes="NAME",
    offers={"NAME": conversations_of},
    effect=_switch,
)
async def switch(session: Session, given: Given) -> None:
    """Use another conversation, which need not exist yet."""
    _switch(session, given)
    say(_uses(session))


def _restore(session: Session, given: Given) -> Turn:
    revision = revision_of(session, turn_of(session, given.word()), given.word(1))
    session.conversation().restore(revision.id)
    return revision


@COMMANDS.entry("restore", "restore an earlier answer", takes="TURN REVISION", effect=_restore)
async def restore(session: Session, given: Given) -> None:
    """Put an earlier revision of a turn back in its place."""
    session.older.show_kept(_restore(session, given))
    say(f"Turn {given.word()} has its revision {given.word(1)} again.")


def _keep(session: Session, given: Given) -> tuple[int, Turn]:
    """Keep a column, and return its number, counted from 0, and its turn."""
    conversation = session.conversation()
    turn = turn_of(session, given.word(1)) if given.word(1) else _last_compared(session)
    columns = conversation.columns(turn)
    number = column_of(columns, given.word())
    conversation.restore(columns[number].id)
    return number, columns[number]


def _last_compared(session: Session) -> Turn:
    found = next((turn for turn in reversed(session.conversation().turns) if turn.compared), None)
    if found is None:
        raise InputError(
            "nothing was compared in this conversation", hint="%%chat -p groq,ollama --compare asks several."
        )
    return found


@COMMANDS.entry("keep", "go on from another column of --compare", takes="COLUMN [TURN]", effect=_keep)
async def keep(session: Session, given: Given) -> None:
    """Let a column of `%%chat --compare`, by its number or its provider, be the turn that later cells go on from.

    It is the last cell that compared, or the turn of that number. The others stay: `%chat history --all` shows them.
    """
    number, turn = _keep(session, given)
    session.older.show_kept(turn)
    who = " · ".join(filter(None, (turn.provider, turn.model)))
    say(f"Kept: column {number + 1}, {as_text(who)}. Later cells go on from it.")


@COMMANDS.entry(
    "forget",
    "delete for good",
    takes="[TURN|CONVERSATION] [--notebook] [--older AGE] [--yes]",
    unsettles=always,
)
async def forget(session: Session, given: Given) -> None:
    """Delete for good: a turn with its revisions, a conversation, all of the notebook; with `--older 90d` what is older.

    That is of all notebooks: what was written last before so many days (`d`), weeks (`w`), months (`m`) or years (`y`).
    """
    if [bool(given.words), "--notebook" in given, "--older" in given].count(True) != 1:
        raise InputError(
            "%chat forget does not say what",
            hint="Write %chat forget TURN, CONVERSATION, --notebook or --older 90d.",
        )
    names = [outline.name for outline in session.conversations.outlines()]
    is_sure = "--yes" in given
    if "--older" in given:
        days = _days(given.options["--older"])
        confirm(f"what was said in any notebook more than {days:g} days ago", is_sure=is_sure)
        count = session.conversations.forget_older(days)
    elif not given.words:
        confirm("all conversations of this notebook", is_sure=is_sure)
        count = session.conversations.forget()
    elif given.word() in names:
        confirm(f"the conversation {given.word()}", is_sure=is_sure)
        count = session.conversations.forget(given.word())
    else:
        turn = turn_of(session, given.word())
        confirm(f"turn {given.word()} with its earlier answers", is_sure=is_sure)
        count = session.conversation().forget(turn.slot)
    say(f"Forgotten for good: {numbered(count, 'turn')}. What stands in the notebook's outputs stays there.")


def _days(age: str) -> float:
    """Return how many days `90d`, `6w`, `3m` or `1y` are.

    Raises:
        InputError: it is no age.
    """
    match = re.fullmatch(r"(\d{1,4})([dwmy]?)", age.strip().lower())
    if match is None or not int(match[1]):
        raise InputError(f"{age!r} is not an age", hint="Write it as 90d, 6w, 3m or 1y.")
    return int(match[1]) * {"": 1, "d": 1, "w": 7, "m": 30, "y": 365}[match[2]]


def _uses(session: Session) -> str:
    conversation = session.conversation()
    count = len(conversation.turns)
    holds = f"has {numbered(count, 'turn')}" if count else "is empty"
    others = "" if count else " `%chat conversations` shows the others."
    return f"Cells and panel go on in the conversation `{conversation.name}`, which {holds}.{others}"


def _stands(session: Session) -> str:
    conversation = session.conversation()
    return f"`{conversation.name}` has {numbered(len(conversation.turns), 'turn')} now."


def confirm(what: str, *, is_sure: bool) -> None:
    """Ask the person whether something is to be forgotten.

    Raises:
        InputError: they say no, or nobody is there to be asked.
    """
    if is_sure:
        return
    with interruptible():
        answer = here().ask(f"Forget {what} for good? Write yes: ")
    if answer is None:  # a notebook that a machine runs
        raise InputError(f"nobody is there to confirm that {what} is forgotten", hint="Add --yes.")
    if answer.strip().lower() not in ("y", "yes"):
        raise InputError("nothing was forgotten", hint="Answer yes, or add --yes.")
