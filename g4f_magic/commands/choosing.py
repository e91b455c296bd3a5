"""Which turn a person means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from g4f_magic.errors import InputError
from g4f_magic.turn import Turn

if TYPE_CHECKING:
    from g4f_magic.session import Session


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
