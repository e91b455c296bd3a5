"""What one reply took: tokens and money, as they were counted or else estimated."""

from __future__ import annotations

from dataclasses import dataclass

from g4f_magic.messages import Usage
from g4f_magic.prices.catalogue import newest_prices


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens, and dollars where their price is known."""

    prompt_tokens: int
    completion_tokens: int
    dollars: float | None
    is_estimated: bool
    """Not counted by the service."""

    @property
    def tokens(self) -> int:
        """Return those of both ways."""
        return self.prompt_tokens + self.completion_tokens


def spent_of(
    seller: str, model: str, usage: Usage | None, *, prompt_tokens: int = 0, completion_tokens: int = 0
) -> Spent:
    """Return what a reply took that `seller` sold; `prompt_tokens` and `completion_tokens` are estimates.

    What the service counted stands in their place.
    """
    counted = (None, None) if usage is None else (usage.prompt_tokens, usage.completion_tokens)
    asked = prompt_tokens if counted[0] is None else counted[0]
    said = completion_tokens if counted[1] is None else counted[1]
    rates = newest_prices().rates(seller, model) if seller else None
    dollars = None if rates is None else rates.dollars(asked, said)
    return Spent(asked, said, dollars, is_estimated=None in counted)


def is_free(seller: str, *, is_here: bool, has_key: bool) -> bool:
    """Say whether nobody is charged: it runs on this machine, or is asked without a key."""
    return not seller and (is_here or not has_key)
