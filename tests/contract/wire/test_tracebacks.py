"""What Python itself prints of an error: the whole chain of causes, to a terminal or a log."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator
from typing import Any

import pytest

import g4f_magic
from g4f_magic import Chat
from g4f_magic.errors import ChatError
from g4f_magic.providers import plugins

PASSWORD = "s3cretPassw0rd99"
TITLE = "\x1b]0;pwned\x07"


async def printed(chat: Chat) -> str:
    with pytest.raises(ChatError) as caught:
        await chat.ask("Hello")
    return "".join(traceback.format_exception(caught.value))


@pytest.fixture
async def refusing() -> AsyncIterator[str]:
    """A proxy that wants another password, and says so to a terminal."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 407 No{TITLE}\r\nContent-Length: 0\r\n\r\n".encode())
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxys_password_is_in_no_traceback(refusing: str, scheme: str) -> None:
    chat = Chat(
        "openai",
        model="m",
        base_url=f"{scheme}://service.invalid/v1",
        proxy=f"http://a:{PASSWORD}@{refusing}",
    )
    shown = await printed(chat)
    assert "407" in shown
    assert PASSWORD not in shown
    assert TITLE not in shown


async def test_what_a_providers_code_raised_is_shown_and_steers_nothing() -> None:
    @g4f_magic.provider
    async def shouting(messages: list[dict[str, Any]]) -> AsyncIterator[str]:
        yield "a"
        raise RuntimeError(f"no {TITLE}")

    shown = await printed(Chat("shouting"))
    plugins.forget("shouting")
    assert "RuntimeError: no ␛]0;pwned␇" in shown
    assert TITLE not in shown
