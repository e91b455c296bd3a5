"""The turn that a provider's stream becomes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from g4f_magic import Chat
from g4f_magic.chunks import Chunk, Reasoning, Text
from g4f_magic.errors import ChatError
from g4f_magic.settings import Settings
from g4f_magic.turn import Turn
from tests.contract.providers.openai_server import Server


def whole(message: dict[str, Any], finish: str | None = "stop", **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    return {"object": "chat.completion", "choices": [choice], **more}


def texts_of(chunks: Sequence[Chunk]) -> str:
    return "".join(chunk.text for chunk in chunks if isinstance(chunk, Text))


def thoughts_of(chunks: Sequence[Chunk]) -> str:
    return "".join(chunk.text for chunk in chunks if isinstance(chunk, Reasoning))


async def turn_of(body: bytes, *, model: str = "m", type: str = "text/event-stream", **options: Any) -> Turn:  # noqa: A002
    """Return the turn that a conversation keeps of a reply."""
    async with Server(body, type=type).running() as address:
        chat = Chat(
            "openai", settings=Settings(history="off"), base_url=f"{address}/v1", model=model, **options
        )
        async with chat:
            with suppress(ChatError):
                await chat.ask("Hello")
            return chat.turns[-1]
