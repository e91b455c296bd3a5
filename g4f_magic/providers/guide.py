"""The offline guide as what answers where no model is connected. It asks nobody, and is in no list of services."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any, ClassVar

from g4f_magic.chunks import Chunk, Finish, Text
from g4f_magic.guide import NOTHING_FOUND, answer_to
from g4f_magic.messages import Message, Messages, flatten_content
from g4f_magic.providers.base import AsyncGeneratorProvider, AsyncResult


class Guide(AsyncGeneratorProvider):
    """Says that no model is connected, and what to do."""

    says_who = False
    supports_message_history = True
    parameters: ClassVar[None] = None

    @classmethod
    def create_async_generator(
        cls, model: str, messages: Messages, step: str = NOTHING_FOUND, **kwargs: Any
    ) -> AsyncResult:
        """Return the guide's answer to `messages`; `step` is the sentence that says how to connect a model."""
        said = [Message(one["role"], flatten_content(one["content"])) for one in messages]

        async def stream() -> AsyncGenerator[Chunk]:
            yield Text(answer_to(said, step))
            yield Finish("stop")

        return AsyncResult(stream)
