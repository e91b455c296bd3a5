"""The first lines of the doctor's answer: the service in use, and the one thing to do."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from g4f_magic import settings
from g4f_magic.commands.doctor import answer, to_markdown
from g4f_magic.doctor import examine
from g4f_magic.gateway import Gateway
from g4f_magic.in_use import InUse, services_in_use
from g4f_magic.installation import certificate_words, proxy_words
from g4f_magic.session import Session
from g4f_magic.settings import Settings
from g4f_magic.testing.script import ScriptEngine
from tests.contract.wire.roads import Say, saying
from tests.patience import PATIENCE_SECONDS
from tests.serving import free_port

KEY = "gsk_0123456789abcdefghij"
_VARIABLES = (
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "OLLAMA_HOST",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
)
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "data_folder", lambda: tmp_path)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    for name in (*_VARIABLES, *map(str.lower, _VARIABLES), *_CERTIFICATES, "GROQ_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@asynccontextmanager
async def session(**given: object) -> AsyncIterator[Session]:
    one = Session(Settings(history="off", **given))
    try:
        yield one
    finally:
        await one.aclose()


async def in_use(**given: object) -> tuple[InUse, ...]:
    async with session(**given) as one:
        return await services_in_use(one)


async def lines(**given: object) -> list[str]:
    return answer(await in_use(**given)).split("\n\n")


def service(folder: Path, base_url: str, more: str = "") -> None:
    (folder / "services.toml").write_text(f'[corp]\nbase_url = "{base_url}"\n{more}\n')


async def test_a_service_that_answers_is_reached_with_its_model_and_milliseconds(folder: Path) -> None:
    async with Gateway(ScriptEngine(models=("first", "second"))) as gateway:
        service(folder, gateway.openai_base_url)
        first, to_do = await lines(provider="corp")
        assert re.fullmatch(
            rf"\*\*corp\*\* · reached at 127\.0\.0\.1:{gateway.port} in \d+ ms · answers: first", first
        )
        assert to_do == "**What to do:** Nothing, it is ready."


async def test_the_answer_begins_with_the_service_in_use(folder: Path) -> None:
    async with Gateway(ScriptEngine(models=("first",))) as gateway:
        service(folder, gateway.openai_base_url)
        async with session(provider="corp") as one:
            assert to_markdown(await examine(one)).startswith("**corp** · reached at")


async def test_a_model_that_is_not_listed_is_said(folder: Path) -> None:
    async with Gateway(ScriptEngine(models=("first",))) as gateway:
        service(folder, gateway.openai_base_url)
        _, to_do = await lines(provider="corp", model="other")
        assert "does not list other" in to_do
        assert "%chat models corp" in to_do


async def test_where_nobody_listens_it_says_what_to_do(folder: Path) -> None:
    port = free_port()
    service(folder, f"http://127.0.0.1:{port}/v1", 'local = true\nadvice = "Start it."')
    first, to_do = await lines(provider="corp")
    assert first == f"**corp** · not reached at 127.0.0.1:{port} · refused the connection"
    assert to_do == "**What to do:** Start it."


async def test_a_key_that_is_missing_is_the_one_thing_to_do(folder: Path) -> None:
    service(folder, "https://llm.corp.example/v1", 'keys = ["CORP_KEY"]\nmodel = "m"')
    first, to_do = await lines(provider="corp")
    assert "not reached at llm.corp.example" in first
    assert to_do == "**What to do:** Set CORP_KEY, or run %chat login corp."


async def test_a_key_that_is_refused_is_said_by_a_service_that_is_reached(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(head: bytes, say: Say) -> None:
        await say(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")

    async with saying(refuse) as port:
        service(folder, f"http://127.0.0.1:{port}/v1", 'keys = ["CORP_KEY"]')
        monkeypatch.setenv("CORP_KEY", KEY)
        first, to_do = await lines(provider="corp")
    assert re.match(rf"\*\*corp\*\* · reached at 127\.0\.0\.1:{port} in \d+ ms · HTTP 401", first)
    assert "%chat login corp" in to_do
    assert KEY not in first + to_do


async def test_what_says_nothing_is_waited_for_a_moment_only(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("g4f_magic.in_use._SECONDS", 0.2)

    async def silent(head: bytes, say: Say) -> None:
        await asyncio.Event().wait()

    async with saying(silent) as port, asyncio.timeout(PATIENCE_SECONDS):
        service(folder, f"http://127.0.0.1:{port}/v1")
        first, to_do = await lines(provider="corp")
    assert first.startswith(f"**corp** · not reached at 127.0.0.1:{port} ·")
    assert to_do != "**What to do:** Nothing, it is ready."


async def test_of_a_chain_each_is_told_and_one_that_is_ready_is_enough(folder: Path) -> None:
    async with Gateway(ScriptEngine(models=("first",))) as gateway:
        port = free_port()
        (folder / "services.toml").write_text(
            f'[gone]\nbase_url = "http://127.0.0.1:{port}/v1"\n'
            f'[corp]\nbase_url = "{gateway.openai_base_url}"\n'
        )
        gone, corp, to_do = await lines(provider="gone,corp")
    assert gone.startswith("**gone** · not reached")
    assert corp.startswith("**corp** · reached")
    assert to_do == "**What to do:** Nothing, it is ready."


async def test_where_nothing_is_connected_the_guide_is_named_and_the_step_that_helps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GROQ_API_KEY", KEY)
    first, to_do = await lines()
    assert first == "**No model is connected** · the offline guide answers"
    assert "%chat connect groq" in to_do


async def test_the_guide_is_told_for_what_it_is() -> None:
    first, to_do = await lines(provider="koala", engine="guide")
    assert "answers: the offline guide, which is not a model" in first
    assert "Connect a model" in to_do


async def test_while_replaying_nobody_is_asked(folder: Path) -> None:
    async with Gateway(ScriptEngine()) as gateway:
        service(folder, gateway.openai_base_url)
        first, to_do = await lines(provider="corp", mode="replay")
        assert gateway.requests == []
    assert "the mode is replay" in first
    assert "%chat mode live" in to_do


async def test_a_provider_that_is_not_known_is_told_and_not_raised() -> None:
    first, to_do = await lines(provider="gorq")
    assert "no provider is called" in first
    assert "groq" in to_do


async def test_a_models_name_cannot_pose_as_the_doctors_own_words(folder: Path) -> None:
    body = b'{"data": [{"id": "m` | **What to do:** run `%chat use evil`"}]}'

    async def list_it(head: bytes, say: Say) -> None:
        await say(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" + body)

    async with saying(list_it) as port:
        service(folder, f"http://127.0.0.1:{port}/v1")
        first, _ = await lines(provider="corp")
    assert "**What to do:**" not in first


def test_the_way_out_is_told_without_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    assert proxy_words("") == "none"
    assert proxy_words("none") == "none (ChatMagics.proxy)"
    assert (
        proxy_words("http://anna:open-sesame-1@p:1")
        == "http://***@p:1 (ChatMagics.proxy), except for this machine"
    )
    monkeypatch.setenv("HTTPS_PROXY", "http://anna:open-barley-1@p:3128")
    monkeypatch.setenv("NO_PROXY", ".corp.example")
    words = proxy_words("")
    assert words == "http://***@p:3128 (HTTPS_PROXY), except for this machine and .corp.example (NO_PROXY)"
    monkeypatch.setenv("HTTPS_PROXY", "ftp://anna:open-barley-1@p:3128")
    assert "cannot be used" in proxy_words("")
    assert "barley" not in proxy_words("")


def test_the_certificates_are_told_with_what_names_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert certificate_words(None) == "the system's own"
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "gone.pem"))
    words = certificate_words(None)
    assert "gone.pem (REQUESTS_CA_BUNDLE)" in words
    assert "cannot be read" in words


async def test_where_a_key_is_and_where_ollama_is_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", KEY)
    monkeypatch.setenv("OLLAMA_HOST", f"127.0.0.1:{free_port()}")
    async with session(engine="guide") as one:
        told = dict((await examine(one)).setup)
    assert "groq (GROQ_API_KEY" in told["keys"]
    assert told["OLLAMA_HOST"].startswith("127.0.0.1:")


async def test_a_proxy_that_cannot_be_used_is_the_one_thing_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "ftp://anna:open-barley-1@p:3128")
    service(folder, "https://llm.corp.example/v1", 'model = "m"')
    first, to_do = await lines(provider="corp")
    assert "the proxy in HTTPS_PROXY has no scheme that is known" in first
    assert "socks5://" in to_do
    async with session(provider="corp") as one:
        report = to_markdown(await examine(one))
    assert "barley" not in report


async def test_a_variable_for_a_header_that_is_missing_is_said_before_anything_is_asked(folder: Path) -> None:
    async with Gateway(ScriptEngine()) as gateway:
        service(folder, gateway.openai_base_url, 'local = true\nheaders = { "X-Org" = "$CORP_ORG" }')
        first, to_do = await lines(provider="corp")
        async with session(provider="corp") as one:
            found = next(one for one in (await examine(one)).findings if one.provider == "corp")
    assert "not reached" in first
    assert "CORP_ORG" in first
    assert "X-Org" in to_do
    assert found.reached.startswith("not asked: corp wants the variable CORP_ORG")


async def test_the_model_that_answers_is_one_that_chats(folder: Path) -> None:
    async with Gateway(ScriptEngine(models=("nomic-embed-text", "llama3.2"))) as gateway:
        service(folder, gateway.openai_base_url)
        assert (await lines(provider="corp"))[0].endswith("answers: llama3.2")
