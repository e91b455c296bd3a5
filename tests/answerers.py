"""Answerers for tests: what they say is given, and what they were sent is kept."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any

from g4f_magic.answering.redaction import redacted
from g4f_magic.ask import Ask, Bound
from g4f_magic.chunks import Chunk, Served
from g4f_magic.context import carried_with, context_of, messages_of
from g4f_magic.conversation import Conversation
from g4f_magic.running_turn import Reply
from g4f_magic.turn import GUIDE, Turn

Stream = Callable[[list[dict[str, Any]]], AsyncGenerator[Chunk]]


class Says:
    """Answers with what `stream` makes of the messages, as a service does."""

    hosts: tuple[str, ...] = ()

    def __init__(self, stream: Stream, provider: str = "koala", model: str = "", via: str = "") -> None:
        self.who = Served(provider, model, via)
        self._stream = stream

    def answer(self, turns: Sequence[Turn], ask: Ask) -> AsyncGenerator[Chunk]:
        context = context_of(turns, ask.bound, for_guide=self.who.via.startswith(GUIDE))
        who = Served(*self._name(), carried=carried_with(context, ask))
        return redacted(self._stream(messages_of(context, ask)), first=who)

    def _name(self) -> tuple[str, str, str]:
        return self.who.provider, self.who.model, self.who.via


def asked(
    conversation: Conversation,
    prompt: str,
    stream: Stream,
    *,
    slot: str = "",
    longest: int | None = None,
    is_kept: bool = True,
    via: str = "",
    system: str = "",
    bound: Bound | None = None,
) -> Reply:
    """Return the reply to a question, not yet sent."""
    ask = Ask(prompt=prompt, provider="koala", system=system, bound=bound or Bound())
    return conversation.ask(ask, Says(stream, via=via), slot=slot, longest=longest, is_kept=is_kept)
