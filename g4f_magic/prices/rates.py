"""What a model costs at a service, and money in words. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

Steps = tuple[float, ...]
"""Dollars for a million tokens; then pairs of a number of prompt tokens, and the price above it."""

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Rates:
    """What tokens cost, in dollars."""

    prompt: Steps | None
    completion: Steps | None
    per_request: float = 0.0

    def dollars(self, prompt_tokens: int, completion_tokens: int) -> float | None:
        """Return what so many tokens cost; None where a part of it is not known."""
        found = self.per_request
        for steps, tokens in ((self.prompt, prompt_tokens), (self.completion, completion_tokens)):
            if not tokens:
                continue
            if steps is None:
                return None
            found += tokens * _at(steps, prompt_tokens) / _MILLION
        return found


def _at(steps: Steps, prompt_tokens: int) -> float:
    price = steps[0]
    for start, above in zip(steps[1::2], steps[2::2], strict=False):
        if prompt_tokens > start:
            price = above
    return price


def money(dollars: float, *, is_estimated: bool = False) -> str:
    """Return an amount in words: `$0.00123`; never so round that it is nothing."""
    sign = "~" if is_estimated else ""
    if dollars == 0:
        return f"{sign}$0"
    if dollars < 0.000001:
        return f"{sign}under $0.000001"
    if dollars >= 1:
        return f"{sign}${dollars:,.2f}"
    whole, _, digits = format(Decimal(f"{dollars:.2e}"), "f").partition(".")
    return f"{sign}${whole}.{digits.rstrip('0').ljust(2, '0')}"
