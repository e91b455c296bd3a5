"""What answers in the gateway."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any, Protocol, runtime_checkable

from g4f_magic.gateway.actions import Action
from g4f_magic.gateway.chat_request import ChatRequest
from g4f_magic.providers.listing import Sight


class Engine(Protocol):
    """Answers what the gateway is asked."""

    @property
    def name(self) -> str:
        """Return which engine it is: guide, local, upstream or script."""

    @property
    def label(self) -> str:
        """Return what answers, in a few words for the person."""

    async def models(self) -> list[str]:
        """Return the names of the models it has, the first being the one it answers with."""

    def reply(self, chat: ChatRequest) -> AsyncGenerator[Action]:
        """Yield the reply; a `Finish` near its end says that it is whole, a `Served` before it which model answers.

        Raises:
            ModelNotSupportedError: `chat.is_binding`, and it has no such model.
        """


@runtime_checkable
class LookingEngine(Engine, Protocol):
    """An engine of which it can be known whether it takes pictures."""

    async def sight(self, model: str) -> Sight:
        """Return what is known of a model, of an empty name the one it answers with.

        Raises:
            ChatError: whoever knows does not answer.
        """


@runtime_checkable
class RelayingEngine(Engine, Protocol):
    """An engine that speaks OpenAI's protocol itself: it takes its requests as they are, and `reply` takes all of `chat.body`."""

    def relay(self, chat: ChatRequest) -> AsyncGenerator[Action]:
        """Yield what is answered to `chat.body`, as `Relayed` values."""


@runtime_checkable
class EmbeddingEngine(Engine, Protocol):
    """An engine that may have models for embeddings."""

    async def embeddings(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what is answered to a request of OpenAI's protocol.

        Raises:
            ChatError: what answers has none.
        """
