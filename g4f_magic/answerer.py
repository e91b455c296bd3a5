"""The one shape of whoever answers: a service, a chain of them, a recorder around one, a player of recordings."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

from g4f_magic.ask import Ask
from g4f_magic.chunks import Chunk, Served
from g4f_magic.turn import Turn


class Answerer(Protocol):
    """Answers one question."""

    @property
    def who(self) -> Served:
        """Return who answers, as far as it is known before anybody is asked."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """Return the hosts on the way: what an error may name, and a recording must not."""

    def answer(self, turns: Sequence[Turn], ask: Ask) -> AsyncGenerator[Chunk]:
        """Yield who answers, a `Served`, and then the reply; nothing is sent before the second chunk is asked for.

        `turns` are all those before the question: how much of them goes along is the answerer's to say.

        Raises:
            ChatError: it failed.
        """
