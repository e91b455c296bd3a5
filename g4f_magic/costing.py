"""What a turn took, told when it has settled: tokens that nobody counted, roughly, and what it cost. No I/O but for the prices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from g4f_magic.context import estimated_tokens
from g4f_magic.messages import Usage
from g4f_magic.visible import numbered

if TYPE_CHECKING:
    from g4f_magic.turn import Turn


FREE = "nobody"
"""Whose prices hold where nobody is charged: of what runs on this machine, or is asked without a key."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What one request took, as soon as that is known."""

    provider: str
    model: str
    prompt_tokens: int
    completion_tokens: int
    is_guessed: bool
    """The tokens were not counted by the service."""
    dollars: float | None
    """None: not known."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one turn took, or several that have all of this in common."""

    notebook: str
    """Its key; empty where no conversation holds the turn any more."""
    path: str
    """Of its file, as last seen; empty where it has none."""
    started_at: float
    provider: str
    model: str
    prompt_tokens: int
    completion_tokens: int
    is_guessed: bool
    """The tokens were not counted by the service."""
    dollars: float | None
    """None: not known."""
    source: str
    replies: int = 1
    is_of_rows: bool = False
    """They are answers to the rows of a table, and in no conversation."""


def costed(turn: Turn, *, seller: str, sent_tokens: int) -> Turn:
    """Return a settled turn with what it took; `sent_tokens` is roughly what was sent.

    A replay takes nothing, and neither does a request that failed before anything came, as far as we know.
    """
    if turn.source != "live" or turn.is_of_guide:
        return turn
    counted = turn.usage or Usage()
    has_come = bool(turn.steps) or turn.status == "done"
    if has_come and sent_tokens and None in (counted.prompt_tokens, counted.completion_tokens):
        said = estimated_tokens(turn.reply) + estimated_tokens(turn.reasoning)
        turn = replace(turn, guess=Usage(sent_tokens, said))
    tokens = turn.tokens
    if not seller or tokens.prompt_tokens is None or tokens.completion_tokens is None:
        return turn
    return replace(turn, dollars=0.0 if seller == FREE else _dollars(turn, seller))


def _dollars(turn: Turn, seller: str) -> float | None:
    from g4f_magic.prices import spent_of

    for model in filter(None, (turn.answering_model, turn.model)):
        found = spent_of(seller, model, turn.tokens).dollars
        if found is not None:
            return found
    return None


def spent_words(turn: Turn) -> list[str]:
    """Return in words what a turn took, as parts of the line under it: `1,234 tokens`, `$0.0012`; `~` for estimates."""
    if turn.source != "live" or turn.is_of_guide:
        return []
    tokens = turn.tokens
    total = (tokens.prompt_tokens or 0) + (tokens.completion_tokens or 0)
    if not total:
        return []
    is_estimated = turn.guess is not None
    words = [f"{'~' if is_estimated else ''}{numbered(total, 'token')}"]
    if turn.dollars:  # that nothing is charged need not be said with each reply
        from g4f_magic.prices import money

        words.append(money(turn.dollars, is_estimated=is_estimated))
    return words
