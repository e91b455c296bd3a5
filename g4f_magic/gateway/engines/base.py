"""What answers in the gateway."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Protocol

from g4f_magic.gateway.ask import Ask
from g4f_magic.gateway.moves import Move


class Engine(Protocol):
    """Answers what the gateway is asked."""

    @property
    def name(self) -> str:
        """Return which engine it is: guide, upstream or script."""

    @property
    def label(self) -> str:
        """Return what answers, in a few words for the person."""

    async def models(self) -> list[str]:
        """Return the names of the models it has, the first being the one it answers with."""

    def reply(self, ask: Ask) -> AsyncGenerator[Move]:
        """Yield the reply; a `Finish` near its end says that it is whole."""
