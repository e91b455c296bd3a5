"""What came of one request: an answer, or why there is none. Values, without I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from g4f_magic.ask import Ask
from g4f_magic.errors import ChatError, UnfitReplyError
from g4f_magic.visible import shortened

_MOST_SAID = 300
"""Characters of a reply that did not fit, as they stand in its row."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, as it is kept."""

    reply: str
    provider: str = ""
    model: str = ""
    """The service's own name of the model that answered, where that is not the one that was asked for."""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    finish: str | None = None
    seconds: float = 0.0

    @property
    def tokens(self) -> int | None:
        """Return the tokens of both ways, as the service counted them; None where it counted none."""
        counted = [one for one in (self.prompt_tokens, self.completion_tokens) if one is not None]
        return sum(counted) if counted else None


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Why there is no answer, in words for the person."""

    why: str
    is_failure: bool = True
    """Else there was nothing to ask: the row is empty."""
    error: ChatError | None = None


Outcome: TypeAlias = Answer | Unanswered


@dataclass(frozen=True, slots=True)
class RowRequest:
    """What one or several rows ask: `number` is the first of them, counted from 0."""

    number: int
    key: bytes
    ask: Ask


def said_of(error: ChatError) -> str:
    """Return an error in one line, as it stands in a row; of a reply that did not fit, with what it said."""
    told = f"{type(error).__name__}: {error}"
    if isinstance(error, UnfitReplyError) and (text := " ".join(error.text.split())):
        told += f"; it said: {shortened(text, _MOST_SAID)}"
    return " ".join(told.split())
