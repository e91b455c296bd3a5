"""`%chat connect` over real HTTP: one line, and what a person has answers here and in every notebook."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from g4f_magic import settings
from g4f_magic.commands import run
from g4f_magic.errors import ChatError, InputError, MissError
from g4f_magic.options import Options
from g4f_magic.providers import connections
from g4f_magic.providers.connections import DefaultService
from g4f_magic.session import Session
from g4f_magic.settings import Settings
from tests.contract.answering.test_choosing import Models
from tests.serving import free_port

KEY = "corp-0123456789abcdefghij"
_VARIABLES = ("OLLAMA_HOST", "OPENAI_API_KEY", "OPENAI_BASE_URL", "GROQ_API_KEY", "CORP_KEY")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "data_folder", lambda: tmp_path / "data")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    for name in _VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
async def session() -> AsyncIterator[Session]:
    one = Session(Settings(history="off"))
    yield one
    await one.aclose()


async def said(session: Session, line: str, capsys: pytest.CaptureFixture[str]) -> str:
    await run(line, session)
    return " ".join(capsys.readouterr().out.replace("`", "").split())


async def answered(session: Session, **options: str) -> tuple[str, str, str]:
    """Return what a question that names nobody is answered with, by whom and by which model."""
    reply = await session.ask("Hello", Options(**options))
    text = await reply.text()
    return text, reply.turn.provider, reply.turn.model


async def test_an_address_is_asked_and_answers_here_and_in_every_notebook(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Models("nomic-embed-text", "llama3.2").running() as address:
        told = await said(session, f"connect {address}", capsys)
        assert "llama3.2" in told
        assert "answers from now on, here and in every notebook. %chat disconnect undoes that." in told
        assert (await answered(session))[::2] == ("I am llama3.2", "llama3.2")
        another = Session(Settings(history="off"))
        assert (await answered(another))[0] == "I am llama3.2"
        await another.aclose()


@pytest.mark.parametrize("engine", ["guide", "local", "script"])
async def test_an_engine_that_was_set_here_gives_way_to_who_is_connected(
    session: Session, capsys: pytest.CaptureFixture[str], engine: str
) -> None:
    session.settings.engine = engine
    async with Models("llama3.2").running() as address:
        await said(session, f"connect {address}", capsys)
        assert (await answered(session))[0] == "I am llama3.2"
        assert (await answered(session, provider="koala"))[0] == "I am llama3.2"


@pytest.mark.parametrize("ending", ["", "/", "/v1", "/v1/", "/v1/chat/completions"])
@pytest.mark.parametrize("scheme", ["http://", ""])
async def test_an_address_is_understood_as_people_write_it(
    session: Session, capsys: pytest.CaptureFixture[str], scheme: str, ending: str
) -> None:
    async with Models("llama").running() as address:
        place = address.removeprefix("http://").removesuffix("/v1")
        await said(session, f"connect {scheme}{place}{ending}", capsys)
        assert (await answered(session))[0] == "I am llama"


async def test_a_model_that_is_named_is_taken_and_a_name_is_given(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Models("one", "two").running() as address:
        await said(session, f"connect {address} two --name Desk", capsys)
        assert connections.connection() == DefaultService("desk", "two")
        assert await answered(session) == ("I am two", "desk", "two")
        assert (await answered(session, model="one"))[0] == "I am one"
        assert (await answered(session, provider="desk:one"))[0] == "I am one"


async def test_what_was_used_here_before_gives_way(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    await said(session, "use koala", capsys)
    async with Models("llama").running() as address:
        await said(session, f"connect {address}", capsys)
        assert (await answered(session))[0] == "I am llama"


async def test_disconnecting_says_who_answers_now_and_keeps_the_server(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    session.settings.engine = "guide"
    async with Models("llama").running() as address:
        await said(session, f"connect {address} --name desk", capsys)
        told = await said(session, "disconnect", capsys)
        assert told.startswith("desk is disconnected. No model is connected: the offline guide answers.")
        assert connections.connection() is None
        assert (await answered(session, provider="desk"))[0] == "I am llama"
    assert (await said(session, "disconnect", capsys)).startswith("Nothing was connected.")


async def test_the_same_address_is_one_service(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    async with Models("one", "two").running() as address:
        await said(session, f"connect {address} one --name desk", capsys)
        await said(session, f"connect {address} two", capsys)
    assert connections.connection() == DefaultService("desk", "two")
    assert connections.services_file().read_text().count("base_url") == 1


async def test_a_server_that_needs_a_key_says_how_and_nothing_is_kept(
    session: Session, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Guarded().running() as address:
        with pytest.raises(ChatError, match="401") as raised:
            await run(f"connect {address}", session)
        assert "--key-env VARIABLE" in raised.value.hint
        assert not connections.services_file().exists()
        monkeypatch.setenv("CORP_KEY", KEY)
        told = await said(session, f"connect {address} --key-env CORP_KEY", capsys)
        assert (await answered(session))[0] == "I am llama"
    assert KEY not in told + connections.services_file().read_text()
    assert 'keys = ["CORP_KEY"]' in connections.services_file().read_text()


async def test_a_key_on_the_line_is_refused_and_not_repeated(session: Session) -> None:
    for line in (
        f"connect http://127.0.0.1:9/v1 --key-env sk-{KEY}",
        f"connect http://127.0.0.1:9/v1?api_key={KEY}",
        f"connect http://anna:{KEY}@127.0.0.1:9/v1",
    ):
        with pytest.raises(InputError) as raised:
            await run(line, session)
        assert KEY not in f"{raised.value} {raised.value.hint}"
    assert not connections.services_file().exists()


async def test_a_variable_that_is_not_set_is_said(session: Session) -> None:
    with pytest.raises(InputError, match="is not set"):
        await run("connect http://127.0.0.1:9/v1 --key-env NO_SUCH_VARIABLE", session)


async def test_a_server_without_a_model_is_not_connected(session: Session) -> None:
    async with Models("nomic-embed-text").running() as address:
        server = f"connect {address}"
        connections.connect(DefaultService("groq"))
        async with Models().running() as empty:
            with pytest.raises(InputError, match="no model"):
                await run(f"connect {empty}", session)
        assert connections.connection() == DefaultService("groq")
        await run(server, session)  # where names alone speak against it, the server decides


async def test_where_nobody_listens_nothing_changes(session: Session) -> None:
    with pytest.raises(ChatError) as raised:
        await run(f"connect http://127.0.0.1:{free_port()}", session)
    assert raised.value.hint
    assert connections.connection() is None


async def test_a_connected_server_that_is_down_is_said_and_nobody_else_answers(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Models("llama").running() as address:
        await said(session, f"connect {address} --name desk", capsys)
    with pytest.raises(ChatError, match=r"127\.0\.0\.1") as raised:
        await answered(session)
    assert "%chat disconnect" in raised.value.hint


async def test_a_preset_without_its_key_says_how_to_give_one(session: Session) -> None:
    with pytest.raises(ChatError, match="groq needs a key") as raised:
        await run("connect groq", session)
    assert "%chat login groq" in raised.value.hint
    assert connections.connection() is None


@pytest.mark.parametrize("target", ["koala", "darkai", "auto", "guide", "grok"])
async def test_what_cannot_be_connected_says_so(session: Session, target: str) -> None:
    with pytest.raises(InputError) as raised:
        await run(f"connect {target}", session)
    assert raised.value.hint


@pytest.mark.parametrize("name", ["koala", "auto", "local", "default", "a b", "a:b", "a,b", ""])
async def test_names_of_our_own_and_what_is_no_name_are_refused(session: Session, name: str) -> None:
    with pytest.raises(InputError):
        await run(f"connect http://127.0.0.1:9/v1 --name '{name}'", session)


async def test_use_takes_an_address_too(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    async with Models("llama").running() as address, Models("other").running() as other:
        await said(session, f"use {address}", capsys)
        assert (await answered(session))[0] == "I am llama"
        assert (await answered(session, provider=other))[0] == "I am other"
        assert not connections.services_file().exists()


async def test_base_url_leaves_other_providers_alone(session: Session) -> None:
    async with Models("llama").running() as address:
        session.settings.base_url = address
        assert (await answered(session))[0] == "I am llama"
        with pytest.raises(ChatError, match="groq"):
            await answered(session, provider="groq")


async def test_a_recording_does_not_ask_who_is_connected(
    session: Session, capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    session.settings.cassette = str(folder / "talk.chat.jsonl")
    async with Models("llama").running() as address:
        await said(session, f"connect {address}", capsys)
        session.settings.mode = "record"
        await answered(session, is_once=True)  # type: ignore[arg-type]
    connections.disconnect()
    session.settings.mode = "replay"
    assert (await answered(session, is_once=True))[0] == "I am llama"  # type: ignore[arg-type]
    with pytest.raises(MissError):
        await answered(session, provider="koala", is_once=True)  # type: ignore[arg-type]


class Guarded(Models):
    """A server that wants a key."""

    def __init__(self) -> None:
        super().__init__("llama")

    async def list(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return web.json_response({"error": {"message": "no key"}}, status=401)
        return await super().list(request)
