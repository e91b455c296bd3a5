"""Steering what is sent: `%chat undo`, `redo`, `reset`, `fork`, `switch`, `restore`, `forget` and `notebook`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from g4f_magic.commands.choosing import numbered, revision_of, turn_of
from g4f_magic.commands.output import say
from g4f_magic.errors import InputError
from g4f_magic.grammar import Words
from g4f_magic.loop import questioning
from g4f_magic.notebook import named_key

if TYPE_CHECKING:
    from g4f_magic.session import Session


async def undo(session: Session, words: list[str]) -> None:
    """Take back the last thing that was done to the conversation."""
    Words("undo", words, most=0)
    step = session.history.undo(session.notebook, session.conversation().name)
    say(f"Taken back. {_stands(session)}" if step else "There is nothing to take back.")


async def redo(session: Session, words: list[str]) -> None:
    """Do again what was taken back; right after a reset, bring back what it emptied."""
    Words("redo", words, most=0)
    where = (session.notebook, session.conversation().name)
    step = session.history.redo(*where)
    if step is None and not session.conversation().turns:
        step = session.history.undo(*where)
        if step is not None and step.operation != "reset":
            session.history.redo(*where)
            step = None
    say(f"Done again. {_stands(session)}" if step else "There is nothing to do again.")


async def reset(session: Session, words: list[str]) -> None:
    """Empty the conversation in use."""
    Words("reset", words, most=0)
    name = session.conversation().name
    count = session.history.reset(session.notebook, name)
    say(
        f"The conversation `{name}` is empty; it had {numbered(count, 'turn')}. `%chat redo` brings them back."
    )


async def fork(session: Session, words: list[str]) -> None:
    """Go on from a turn in a conversation of its own."""
    given = Words("fork", words, least=1, most=2)
    last = turn_of(session, given.rest[1]).id if len(given.rest) == 2 else None
    session.history.fork(session.notebook, session.conversation().name, given.rest[0], last)
    session.conversation_name = given.rest[0]
    say(f"The conversation `{given.rest[0]}` is in use. {_stands(session)}")


async def switch(session: Session, words: list[str]) -> None:
    """Use another conversation, which need not exist yet."""
    given = Words("switch", words, least=1, most=1)
    session.conversation_name = given.rest[0]
    say(f"The conversation `{given.rest[0]}` is in use. {_stands(session)}")


async def restore(session: Session, words: list[str]) -> None:
    """Put an earlier revision of a turn back in its place."""
    given = Words("restore", words, least=2, most=2)
    revision = revision_of(session, turn_of(session, given.rest[0]), given.rest[1])
    session.history.restore(session.notebook, session.conversation().name, revision.id)
    say(f"Turn {given.rest[0]} has its revision {given.rest[1]} again.")


async def forget(session: Session, words: list[str]) -> None:
    """Delete for good: a turn with its revisions, a conversation, or all of the notebook."""
    given = Words("forget", words, flags=("--notebook", "--yes"), most=1)
    if bool(given.rest) == ("--notebook" in given.flags):
        raise InputError(
            "%chat forget does not say what", hint="Write %chat forget TURN, CONVERSATION or --notebook."
        )
    history, notebook, name = session.history, session.notebook, session.conversation().name
    names = [outline.name for outline in history.conversations(notebook)]
    is_sure = "--yes" in given.flags
    if not given.rest:
        _confirm("all conversations of this notebook", is_sure=is_sure)
        count = history.forget_notebook(notebook)
    elif given.rest[0] in names:
        _confirm(f"the conversation {given.rest[0]}", is_sure=is_sure)
        count = history.forget_conversation(notebook, given.rest[0])
    else:
        turn = turn_of(session, given.rest[0])
        _confirm(f"turn {given.rest[0]} with its earlier answers", is_sure=is_sure)
        revisions = history.revisions(notebook, name, turn.slot)
        count = history.forget_turns(notebook, [revision.id for revision in revisions])
    say(f"Forgotten for good: {numbered(count, 'turn')}. What stands in the notebook's outputs stays there.")


async def name_notebook(session: Session, words: list[str]) -> None:
    """Say which notebook this is, where the front end does not, or keep several under one name."""
    given = Words("notebook", words, least=1, most=1)
    session.enter_named(named_key(given.rest[0]))
    say(f"This notebook's history is the one called `{given.rest[0]}`. {_stands(session)}")


def _stands(session: Session) -> str:
    conversation = session.conversation()
    return f"`{conversation.name}` has {numbered(len(conversation.turns), 'turn')} now."


def _confirm(what: str, *, is_sure: bool) -> None:
    if is_sure:
        return
    try:
        with questioning():
            answer = input(f"Forget {what} for good? Write yes: ")
    except (EOFError, NotImplementedError, RuntimeError) as exc:
        # A notebook that a machine runs cannot be asked.
        raise InputError(f"nobody is there to confirm that {what} is forgotten", hint="Add --yes.") from exc
    if answer.strip().lower() not in ("y", "yes"):
        raise InputError("nothing was forgotten", hint="Answer yes, or add --yes.")


HELP = [
    ("%chat undo, %chat redo", "take back what was done to the conversation, and do it again"),
    ("%chat reset", "empty the conversation; %chat redo brings it back"),
    ("%chat fork NAME [TURN]", "go on from a turn in a conversation of its own"),
    ("%chat switch NAME", "use another conversation"),
    ("%chat restore TURN REVISION", "put an earlier answer back"),
    ("%chat forget TURN, CONVERSATION or --notebook", "delete for good"),
    ("%chat notebook NAME", "say which notebook's history this is"),
]
COMMANDS = {
    "undo": undo,
    "redo": redo,
    "reset": reset,
    "fork": fork,
    "switch": switch,
    "restore": restore,
    "forget": forget,
    "notebook": name_notebook,
}
