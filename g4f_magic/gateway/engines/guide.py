"""The offline guide as an engine: what is asked in any protocol is told that no model is connected."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator

from g4f_magic.chunks import Finish, Served, Text
from g4f_magic.errors import ModelNotSupportedError
from g4f_magic.gateway.actions import Action
from g4f_magic.gateway.chat_request import ChatRequest
from g4f_magic.guide import answer_to
from g4f_magic.providers.listing import Sight


class GuideEngine:
    """The same conversation always gets the same reply. `delay_seconds` passes after each word."""

    name = "guide"
    label = "guide"

    def __init__(self, delay_seconds: float = 0.0) -> None:
        self.delay_seconds = delay_seconds

    async def models(self) -> list[str]:
        """Return its only name."""
        return ["guide"]

    async def sight(self, model: str) -> Sight:
        """Return that it takes no pictures."""
        return Sight(False)

    async def reply(self, chat: ChatRequest) -> AsyncGenerator[Action]:
        """Yield the reply word by word."""
        if chat.is_binding and chat.model not in ("", self.name):
            raise ModelNotSupportedError(
                f"no model {chat.model[:200]!r} is connected to the gateway",
                hint="What answers in it is the offline guide, by the name 'guide'. "
                "To connect a model: %chat connect in a notebook, or give serve an --upstream URL.",
            )
        yield Served(self.name, self.name)
        is_watched = chat.parameters.get("stream", True)
        for word in re.findall(r"\S+\s*|\s+", answer_to(chat.messages)):
            yield Text(word)
            if self.delay_seconds and is_watched:
                await asyncio.sleep(self.delay_seconds)
        yield Finish("stop")
