"""What a person means: which turn or column, and in which front end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from g4f_magic.errors import InputError
from g4f_magic.turn import Turn
from g4f_magic.visible import make_visible

if TYPE_CHECKING:
    from g4f_magic.session import FrontEnd, Session


def turn_of(session: Session, word: str) -> Turn:
    """Return the turn of a number in `%chat history`; negative numbers count from the end.

    Raises:
        InputError: there is none.
    """
    turns = session.conversation().turns
    return turns[_index(word, len(turns), "turn", "%chat history shows them with their numbers.")]


def revision_of(session: Session, turn: Turn, word: str) -> Turn:
    """Return a revision of a turn, by its number.

    Raises:
        InputError: there is none.
    """
    revisions = session.conversation().revisions(turn.slot)
    return revisions[_index(word, len(revisions), "revision", "%chat history --all shows them.")]


def column_of(columns: Sequence[Turn], word: str) -> int:
    """Return which column of a comparison is meant, counted from 0: by its number, or by the name of who answered.

    Raises:
        InputError: there is none, or several have that name.
    """
    if not columns:
        raise InputError(
            "that turn was asked alone", hint="%%chat -p groq,ollama --compare asks several at once."
        )
    if not word.lstrip("-").isdecimal():
        named = [
            place
            for place, one in enumerate(columns)
            if word.lower() in (one.ask.provider, f"{one.ask.provider}:{one.ask.model}".lower())
        ]
        if len(named) == 1:
            return named[0]
    return _index(word, len(columns), "column", "They are counted from the left: %chat keep 2.")


def front_of(session: Session) -> FrontEnd:
    """Return the notebook's own way to ask and to show.

    Raises:
        InputError: there is none; code runs outside of a notebook.
    """
    if session.front is None:
        raise InputError("there is no notebook here", hint="This is for a cell: %load_ext g4f_magic first.")
    return session.front


def offer(front: FrontEnd, code: str) -> bool:
    """Offer code of a reply as the next cell, and say whether that can be done here.

    Raises:
        InputError: signs in it do not show, and it would run as other code than it looks.
    """
    code = code.replace("\r\n", "\n")
    if make_visible(code) != code:
        raise InputError(
            "that code holds signs that do not show, so it is not put into a cell",
            hint="%chat show -1 shows where they are.",
        )
    return front.offer(code)


def _index(word: str, count: int, noun: str, hint: str) -> int:
    if not count:
        raise InputError("nothing has been asked in this conversation yet", hint="Ask something first.")
    try:
        number = int(word)
    except ValueError as exc:
        raise InputError(f"{word!r} is not the number of a {noun}", hint=hint) from exc
    if 1 <= number <= count:
        return number - 1
    if -count <= number < 0:
        return count + number
    others = "there is one" if count == 1 else f"there are {count}"
    raise InputError(f"there is no {noun} {number}; {others}", hint=hint)
