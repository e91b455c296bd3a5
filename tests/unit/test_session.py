"""Putting the parts together: who is asked, where, and with what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from g4f_magic.chat import Chat
from g4f_magic.errors import InputError, MissingAuthError, ModelNotSupportedError
from g4f_magic.gateway import Gateway
from g4f_magic.options import Options
from g4f_magic.session import Session
from g4f_magic.settings import Settings
from g4f_magic.testing.script import SCRIPT_TEXT, ScriptEngine


@pytest.fixture
async def session(tmp_path: Path) -> AsyncIterator[Session]:
    session = Session(
        Settings(provider="koala", history="off", engine="script", cookies=str(tmp_path / "none"))
    )
    yield session
    await session.aclose()


async def ask(session: Session, prompt: str = "Hello", **options: Any) -> str:
    return await (await session.ask(prompt, Options(**options))).text()


async def test_a_provider_whose_site_is_gone_goes_to_the_gateway_and_says_so(session: Session) -> None:
    reply = await session.ask("Hello", Options(provider="KOALA"))
    assert await reply.text() == SCRIPT_TEXT
    assert (reply.turn.provider, reply.turn.via) == ("koala", "local gateway (script)")


@pytest.mark.parametrize("provider", ["koala", "darkai", "freenetfly", "aura"])
async def test_the_gateway_is_one_for_all(session: Session, provider: str) -> None:
    assert await ask(session, provider=provider) == SCRIPT_TEXT
    assert len((await session.gateway.started()).requests) == 1


@pytest.mark.parametrize("provider", ["whiterabbitneo", "openai"])
async def test_a_working_provider_goes_to_the_gateway_only_if_asked(session: Session, provider: str) -> None:
    assert await ask(session, provider=provider, is_local=True) == SCRIPT_TEXT


@pytest.mark.parametrize("provider", ["koala", "whiterabbitneo", "openai"])
async def test_the_gateway_of_a_cell_counts_before_the_host_of_the_settings(provider: str) -> None:
    async with Gateway(ScriptEngine("Elsewhere")) as other:
        session = Session(Settings(provider="koala", history="off", engine="script", base_url=other.base_url))
        try:
            assert await ask(session, provider=provider, is_local=True) == SCRIPT_TEXT
        finally:
            await session.aclose()
        assert other.requests == []


async def test_a_host_that_is_given_is_used_and_no_gateway_starts(session: Session) -> None:
    async with Gateway(ScriptEngine("Elsewhere")) as other:
        assert await ask(session, provider="koala", base_url=other.base_url) == "Elsewhere"
    assert session.gateway.running is None


async def test_an_unknown_provider_is_refused_with_the_nearest(session: Session) -> None:
    with pytest.raises(InputError) as caught:
        await ask(session, provider="kaola")
    assert "koala" in caught.value.hint


async def test_an_unknown_model_is_refused_before_the_gateway_starts(session: Session) -> None:
    with pytest.raises(ModelNotSupportedError):
        await ask(session, provider="darkai", model="gpt-4oo")
    assert session.gateway.running is None


@pytest.mark.parametrize(
    "options",
    [
        {"provider": "koala", "temperature": 0.5},
        {"provider": "aura", "params": {"top_p": 1}},
        {"provider": "aura", "model": "openchat"},
        {"provider": "koala", "cookies": "cookies.txt"},
        {"provider": "koala", "is_local": True, "base_url": "http://127.0.0.1:9"},
        {"provider": "koala", "base_url": "127.0.0.1:9"},
    ],
)
async def test_what_would_do_nothing_is_refused(session: Session, options: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        await ask(session, **options)


@pytest.mark.parametrize("prompt", ["", "  \n\t "])
async def test_an_empty_prompt_is_refused(session: Session, prompt: str) -> None:
    with pytest.raises(InputError, match="empty"):
        await ask(session, prompt)


async def test_missing_cookies_are_said_before_anything_is_sent(session: Session) -> None:
    with pytest.raises(MissingAuthError):
        await ask(session, provider="whiterabbitneo")
    assert session.conversation().turns == ()


async def test_parameters_arrive_under_the_services_names(session: Session) -> None:
    await ask(session, provider="freenetfly", temperature=0.25, params={"top_p": 0.5})
    body = (await session.gateway.started()).requests[-1].body
    assert (body["temperature"], body["top_p"]) == (0.25, 0.5)


async def test_the_settings_model_is_for_the_settings_provider_alone(session: Session) -> None:
    session.settings.provider, session.settings.model = "darkai", "gpt-4o"
    await ask(session)
    await ask(session, provider="freenetfly")
    models = [request.body["model"] for request in (await session.gateway.started()).requests]
    assert models == ["gpt-4o", "gpt-3.5-turbo"]


async def test_the_system_prompt_of_a_turn_takes_the_settings_place(session: Session) -> None:
    session.settings.system = "Always."
    await ask(session, provider="freenetfly", is_once=True)
    await ask(session, provider="freenetfly", is_once=True, system="Now.")
    await ask(session, provider="freenetfly", is_once=True, system="")
    sent = [request.body["messages"][0]["content"] for request in (await session.gateway.started()).requests]
    assert sent == ["Always.", "Now.", "Hello"]


async def test_the_gateway_starts_again_after_a_stop(session: Session) -> None:
    await ask(session)
    assert await session.gateway.stop()
    assert await ask(session) == SCRIPT_TEXT


async def test_chat_keeps_its_conversation_and_forks_it() -> None:
    async with Chat("koala", settings=Settings(history="off", engine="script")) as chat:
        answer = await chat.ask("Hello")
        assert (answer, answer.provider, answer.turn.status) == (SCRIPT_TEXT, "koala", "done")
        side = chat.fork()
        await side.ask("And?")
        assert [len(chat.turns), len(side.turns), len(side.messages)] == [1, 2, 4]
        assert side.undo()
        assert len(side.turns) == 1


def test_chat_works_where_nothing_can_be_awaited() -> None:
    chat = Chat("koala", settings=Settings(history="off", engine="script"))
    assert chat.ask_sync("Hello") == SCRIPT_TEXT
    assert chat.ask_sync("Again") == SCRIPT_TEXT
    assert len(chat.turns) == 2


async def test_a_fork_closes_nothing_of_its_parent() -> None:
    async with Chat("koala", settings=Settings(history="off", engine="script")) as chat:
        await chat.ask("One")
        async with chat.fork() as side:
            await side.ask("Two")
        assert [turn.prompt for turn in chat.turns] == ["One"]
        assert await chat.ask("!echo three")
        assert chat.turns[-1].carried_turns == 1
