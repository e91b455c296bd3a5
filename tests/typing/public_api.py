"""What a type checker has to say of the public names. Checked by mypy, never run."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, assert_type

import g4f_magic
from g4f_magic import Chat, ChatPanel, ReplyText
from g4f_magic.chunks import Chunk
from g4f_magic.messages import Message
from g4f_magic.providers import get
from g4f_magic.providers.base import AsyncGeneratorProvider, AsyncResult
from g4f_magic.providers.koala import Koala
from g4f_magic.turn import Turn

assert_type(g4f_magic.__version__, str)


@dataclass
class Review:
    label: str


async def chats(chat: Chat) -> None:
    assert_type(await chat.ask("Hello"), ReplyText)
    assert_type(chat.ask_sync("Hello"), ReplyText)
    assert_type(await chat.ask("Judge it.", schema=Review), Review)
    assert_type(chat.ask_sync("Judge it.", schema=Review), Review)
    assert_type(await chat.ask("Judge it.", schema=Review, tools=[described]), Review)
    assert_type(await chat.ask("Judge it.", schema="label: good|bad"), Any)
    assert_type(await chat.ask("Judge all.", schema=Review, schema_many=True), Any)
    assert_type(chat.stream("Hello"), AsyncGenerator[Chunk])
    assert_type(chat.turns, tuple[Turn, ...])
    assert_type(chat.messages, tuple[Message, ...])
    assert_type(chat.fork(), Chat)
    assert_type(chat.undo(), bool)


@g4f_magic.describe(Turn)
def described(turn: Turn) -> str:
    return turn.id


async def panels(panel: ChatPanel) -> None:
    assert_type(await panel.ask("Hello"), ReplyText)
    assert_type(panel.stop(), bool)
    assert_type(panel.turns, tuple[Turn, ...])
    assert_type(panel.value, str)


async def providers(messages: list[dict[str, Any]]) -> None:
    assert_type(get("koala"), type[AsyncGeneratorProvider])
    assert_type(Koala.at("http://127.0.0.1:8000"), type[Koala])
    result = Koala.create_async_generator("", messages)
    assert_type(result, AsyncResult)
    assert_type(await result, AsyncResult)
    async for text in result:
        assert_type(text, str)
    assert_type(result.chunks(), AsyncGenerator[Chunk])
