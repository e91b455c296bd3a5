"""What may be spent: checked before each request, which is refused whole and never trimmed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import assert_never

from g4f_magic.chunks import (
    Chunk,
    Citations,
    Finish,
    Named,
    Notice,
    Reasoning,
    Rethought,
    Served,
    Text,
    ToolCall,
    ToolResult,
    Unfit,
    Unshown,
)
from g4f_magic.context import size_bytes, tokens_of_bytes
from g4f_magic.costing import Charge
from g4f_magic.errors import InputError
from g4f_magic.messages import Usage

USUAL_REPLY_TOKENS = 1_000
"""What a reply is taken for before it is asked, where nothing bounds it."""


class Spending:
    """What a kernel spent so far, in dollars, and what requests that are under way may cost."""

    def __init__(self) -> None:
        self.dollars = 0.0
        self.held = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """What requests to one service cost, and how much they may."""

    spending: Spending
    provider: str = ""
    """Who is asked, as the line under a reply names it."""
    seller: str = ""
    model: str = ""
    is_free: bool = False
    """Nobody is charged: it runs on this machine, or is asked without a key."""
    of_kernel: float | None = None
    """The most dollars that the kernel may spend."""
    of_cell: float | None = None
    """The most that one question may cost."""

    def expected(self, sent_tokens: int, most_tokens: int | None, who: str) -> float:
        """Return what a request may cost, in dollars.

        Raises:
            InputError: that is more than is left, or is not known where a budget is to be kept.
        """
        if self.is_free or not (self.seller or self._is_limited):
            return 0.0
        reply = USUAL_REPLY_TOKENS if most_tokens is None else most_tokens
        dollars = self.dollars(Usage(sent_tokens, reply))
        if not self._is_limited:
            return dollars or 0.0
        if dollars is None:
            raise InputError(
                f"{who}: what {self.model or 'the model'} costs there is not known, so no budget can be kept",
                hint="Leave the budget out here, or ask a service whose prices are known: %chat prices.",
            )
        from g4f_magic.prices import money

        left = self._left()
        if dollars > left:
            raise InputError(
                f"{who}: this may cost {money(dollars, is_estimated=True)} (~{sent_tokens:,} tokens, and a reply of up"
                f" to {reply:,}), and {money(max(0.0, left))} of the budget is left",
                hint="Nothing was sent. Raise --budget or ChatMagics.budget, ask for less, or bound it: --max-tokens.",
            )
        return dollars

    def dollars(self, usage: Usage, model: str = "") -> float | None:
        """Return what those tokens cost; None where that is not known."""
        if self.is_free or not self.seller:
            return 0.0 if self.is_free else None
        from g4f_magic.prices import spent_of

        found = (spent_of(self.seller, one, usage).dollars for one in filter(None, (model, self.model)))
        return next((one for one in found if one is not None), None)

    @property
    def _is_limited(self) -> bool:
        return self.of_kernel is not None or self.of_cell is not None

    def _left(self) -> float:
        limits = [] if self.of_cell is None else [self.of_cell]
        if self.of_kernel is not None:
            limits.append(self.of_kernel - self.spending.dollars - self.spending.held)
        return min(limits)


CHARGED: ContextVar[Callable[[Charge], None] | None] = ContextVar("charged", default=None)
"""Is told of each request that is asked here, whatever comes of it: what no turn holds is counted there."""


@contextmanager
def held(tariff: Tariff, dollars: float) -> Iterator[None]:
    """Count what a request may cost among what is not left, as long as it is under way."""
    tariff.spending.held += dollars
    try:
        yield
    finally:
        tariff.spending.held -= dollars


async def metered(
    chunks: AsyncGenerator[Chunk], tariff: Tariff, *, expected: float, sent_tokens: int
) -> AsyncGenerator[Chunk]:
    """Yield the chunks of a reply, and add what it cost to what was spent, however it ends."""
    meter = Meter(tariff, sent_tokens)
    chunk: Chunk | None = None
    try:
        with held(tariff, expected):
            async with aclosing(chunks):
                async for chunk in chunks:
                    meter.take(chunk)
                    yield chunk
    finally:
        chunk = None  # a traceback shows what stands here: the reply as it came, before secrets are masked
        meter.close()


class Meter:
    """Counts what one request takes."""

    def __init__(self, tariff: Tariff, sent_tokens: int) -> None:
        self._tariff = tariff
        self._sent_tokens = sent_tokens
        self._size_bytes = 0
        self._usage: Usage | None = None
        self._model = ""

    def take(self, chunk: Chunk) -> None:
        """Look at the next chunk."""
        match chunk:
            case Text(text) | Reasoning(text):
                self._size_bytes += size_bytes(text)
            case ToolCall(_, name, arguments):
                self._size_bytes += size_bytes(name) + size_bytes(arguments)
            case Usage():
                self._usage = chunk
            case Named(model):
                self._model = model
            case (
                Served()
                | Notice()
                | Finish()
                | Rethought()
                | Unfit()
                | Citations()
                | Unshown()
                | ToolResult()
            ):
                pass
            case _:
                assert_never(chunk)

    def close(self) -> None:
        """Add what it cost; a request of which nothing came cost nothing, as far as we know."""
        counted = self._usage or Usage()
        if not self._size_bytes and self._usage is None:
            return
        sent = self._sent_tokens if counted.prompt_tokens is None else counted.prompt_tokens
        said = counted.completion_tokens
        said = tokens_of_bytes(self._size_bytes) if said is None else said
        tariff = self._tariff
        dollars = tariff.dollars(Usage(sent, said), self._model)
        tariff.spending.dollars += dollars or 0.0
        if (charged := CHARGED.get()) is not None:
            is_guessed = None in (counted.prompt_tokens, counted.completion_tokens)
            model = self._model or tariff.model
            charged(Charge(tariff.provider, model, sent, said, is_guessed, dollars))
