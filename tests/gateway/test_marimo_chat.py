"""What answers marimo's own chat: the page's messages and the conversation are one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from g4f_magic import Chat
from g4f_magic.in_marimo import answering
from g4f_magic.reply import ReplyText
from g4f_magic.settings import Settings
from g4f_magic.turn import Turn


def messages(*texts: str) -> list[Any]:
    """Return what the page holds: what was asked, and an answer after each but the last."""
    found = []
    for text in texts:
        found += [
            SimpleNamespace(role="user", content=text),
            SimpleNamespace(role="assistant", content="..."),
        ]
    return found[:-1]


@pytest.fixture
def chat() -> Chat:
    return Chat("koala", settings=Settings(history="off", engine="script"))


async def said(chat: Chat, *texts: str) -> str:
    return "".join([piece async for piece in answering(chat)(messages(*texts), {})])


async def test_it_streams_and_the_conversation_goes_on(chat: Chat) -> None:
    async with chat:
        assert "jumps over" in await said(chat, "One")
        await said(chat, "One", "Two")
        assert [turn.prompt for turn in chat.turns] == ["One", "Two"]


async def test_what_is_cleared_on_the_page_is_not_sent_any_more(chat: Chat) -> None:
    async with chat:
        for number in range(1, 4):
            await said(chat, *("One", "Two", "Three")[:number])
        await said(chat, "One", "Another")
        assert [turn.prompt for turn in chat.turns] == ["One", "Another"]
        await said(chat, "Anew")
        assert [turn.prompt for turn in chat.turns] == ["Anew"]


async def test_a_failure_is_two_lines_in_the_page(chat: Chat) -> None:
    async with chat:
        text = await said(chat, "!401")
    assert text.strip().startswith("**MissingAuthError:**")
    assert len(text.strip().splitlines()) == 2


def test_a_reply_is_shown_as_cleaned_html() -> None:
    turn = Turn.plain(id="a", slot="a", prompt="p", provider="p", model="m", started_at=0.0)
    kind, html = ReplyText(turn)._mime_()
    assert kind == "text/html"
    from tests.turns import changed

    _, html = ReplyText(changed(turn, reply="**b** <img src=x onerror=alert(1)>"))._mime_()
    assert "<strong>b</strong>" in html
    assert "<img" not in html
