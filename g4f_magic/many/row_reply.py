"""What one row was answered, for code that takes rows as they come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from g4f_magic.many.answer import Answer, Outcome


@dataclass(frozen=True, slots=True)
class RowReply:
    """A row, and what came of it."""

    number: int
    """Counted from 0, as the rows came."""
    row: Any
    outcome: Outcome
    value: Any = None
    """A typed reply's value."""

    @property
    def reply(self) -> str | None:
        """Return the answer's text; None where there is none."""
        return self.outcome.reply if isinstance(self.outcome, Answer) else None

    @property
    def error(self) -> str | None:
        """Return why there is no answer; None where there is one."""
        return None if isinstance(self.outcome, Answer) else self.outcome.why

    @property
    def seconds(self) -> float | None:
        """Return how long the service took."""
        return self.outcome.seconds if isinstance(self.outcome, Answer) else None

    @property
    def tokens(self) -> int | None:
        """Return the tokens of both ways, where the service counted them."""
        return self.outcome.tokens if isinstance(self.outcome, Answer) else None
