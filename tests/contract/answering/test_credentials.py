"""Where keys and cookies go, and where they do not: real requests to a server that is not their home."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from keyring.backend import KeyringBackend

import g4f_magic
from g4f_magic import Chat, providers, remarks, settings
from g4f_magic.answering import keys
from g4f_magic.answering.sign_in import destination_of
from g4f_magic.commands import login
from g4f_magic.errors import ChatError, InputError, MissingAuthError
from g4f_magic.providers import plugins
from g4f_magic.providers.base import AsyncGeneratorProvider
from g4f_magic.providers.freenetfly import FreeNetfly
from g4f_magic.providers.openai import OpenAI
from g4f_magic.providers.whiterabbitneo import WhiteRabbitNeo
from g4f_magic.secret import Secret
from g4f_magic.settings import Settings
from g4f_magic.subcommand import Given
from g4f_magic.wire.request import Request, Route
from g4f_magic.wire.transport import fetch_json
from tests.keyrings import keyring_in
from tests.serving import served

KEY = "sk-official-0123456789abcdef"


COOKIE = "session-4cookie-value"


EVENTS = b'data: {"choices": [{"delta": {"content": "Hello"}}]}\n\ndata: [DONE]\n\n'


class Elsewhere:
    """A server that is nobody's home, and what it was sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.place = ""

    @property
    def url(self) -> str:
        return f"http://{self.place}"

    async def answer(self, request: web.Request) -> web.Response:
        self.sent.append(f"{request.raw_path} {dict(request.headers)} {await request.text()}")
        if request.path.endswith("/models"):
            return web.json_response({"data": [{"id": "m"}]})
        if request.path == "/api/chat":
            return web.Response(text="Hello")
        return web.Response(body=EVENTS, content_type="text/event-stream")


@pytest.fixture
async def elsewhere() -> AsyncIterator[Elsewhere]:
    here = Elsewhere()
    async with served(here.answer) as address:
        here.place = address.removeprefix("http://")
        yield here


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "data_folder", lambda: tmp_path)
    monkeypatch.setattr(keys, "_asked", {})
    monkeypatch.setattr(remarks, "_said", set())
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "FREENETFLY_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def ring(tmp_path: Path) -> Iterator[KeyringBackend]:
    with keyring_in(tmp_path) as ours:
        yield ours


@pytest.fixture
def cookies(folder: Path) -> Path:
    lines = "\n".join(
        f"{domain}\tTRUE\t/\tTRUE\t0\tsession\t{COOKIE}"
        for domain in (".www.whiterabbitneo.com", "www.whiterabbitneo.com")
    )
    file = folder / "cookies" / "exported.txt"
    file.parent.mkdir()
    file.write_text(f"# Netscape HTTP Cookie File\n{lines}\n")
    return file


def chat(provider: str, **given: Any) -> Chat:
    return Chat(provider, settings=Settings(history="off", **given))


async def test_cookies_go_to_no_base_url_and_that_is_said(
    elsewhere: Elsewhere, cookies: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        await Chat("whiterabbitneo", base_url=elsewhere.url, settings=Settings(history="off")).ask("Hi")
        await Chat("whiterabbitneo", base_url=elsewhere.url, cookies=str(cookies)).ask("Hi")
    assert len(elsewhere.sent) == 2
    assert COOKIE not in str(elsewhere.sent)
    assert [record.message for record in caplog.records] == [
        f"No cookies were sent to {elsewhere.place}: those of www.whiterabbitneo.com belong to that host, over https."
    ]


@pytest.mark.usefixtures("cookies")
async def test_cookies_go_nowhere_from_a_class_that_is_pointed_elsewhere(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WhiteRabbitNeo, "url", elsewhere.url)
    own = type("Own", (WhiteRabbitNeo,), {})
    for provider in (WhiteRabbitNeo, own, type("Again", (own,), {"url": elsewhere.url})):
        assert [
            text async for text in provider.create_async_generator("", [{"role": "user", "content": "Hi"}])
        ]
    assert len(elsewhere.sent) == 3
    assert COOKIE not in str(elsewhere.sent)


@pytest.mark.usefixtures("cookies")
@pytest.mark.parametrize(
    ("url", "has_cookies"),
    [
        ("https://www.whiterabbitneo.com", True),
        ("https://WWW.whiterabbitneo.com:443/app", True),
        ("http://www.whiterabbitneo.com", False),
        ("https://www.whiterabbitneo.com:8443", False),
        ("https://www.whiterabbitneo.com.", False),
        ("https://a.www.whiterabbitneo.com", False),
        ("https://me@www.whiterabbitneo.com", False),
        ("https://www.whiterabbitneo.com\\@elsewhere.example", False),
    ],
)
def test_cookies_go_home_by_https(url: str, has_cookies: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WhiteRabbitNeo, "url", url)
    assert bool(WhiteRabbitNeo.own_cookies()) is has_cookies


async def test_cookies_of_the_host_that_is_asked_are_its_own(elsewhere: Elsewhere, folder: Path) -> None:
    (folder / "own.txt").write_text(f"127.0.0.1\tFALSE\t/\tFALSE\t0\tsession\t{COOKIE}\n")
    await Chat("whiterabbitneo", base_url=elsewhere.url, cookies=str(folder / "own.txt")).ask("Hi")
    assert f"session={COOKIE}" in str(elsewhere.sent)


@pytest.mark.parametrize("spec", ["freenetfly", "freenetfly,koala", "koala,freenetfly"])
@pytest.mark.parametrize("attribute", ["url", "api_endpoint"])
async def test_a_key_does_not_follow_a_class_that_is_moved(
    elsewhere: Elsewhere, spec: str, attribute: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FREENETFLY_API_KEY", KEY)
    monkeypatch.setattr(FreeNetfly, attribute, elsewhere.url + ("/x" if attribute != "url" else ""))
    monkeypatch.setattr(providers.get("koala"), "api_endpoint", "http://127.0.0.1:9/")
    async with chat(spec) as one:
        assert await one.ask("Hi") == "Hello"
    assert KEY not in str(elsewhere.sent)


async def test_a_subclass_does_not_take_the_key_along(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    for body in ({"url": elsewhere.url}, {"url": elsewhere.url, "name": "mine"}):
        mine = type("Mine", (OpenAI,), body)
        for provider in (mine, type("Again", (mine,), {"retry_seconds": ()}), OpenAI.at(elsewhere.url)):
            assert [
                text
                async for text in provider.create_async_generator("m", [{"role": "user", "content": "Hi"}])
            ]
            assert await provider.list_models() == ["m"]
    assert len(elsewhere.sent) == 12
    assert KEY not in str(elsewhere.sent)


async def test_a_class_that_names_its_key_is_its_home(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINE_KEY", KEY)
    mine = type("Mine", (OpenAI,), {"url": elsewhere.url, "key_variables": ("MINE_KEY",)})
    assert await mine.list_models() == ["m"]
    assert f"Bearer {KEY}" in str(elsewhere.sent)


@pytest.mark.parametrize("is_ours", [True, False])
async def test_a_class_of_others_that_is_pointed_elsewhere_is_given_no_key(
    elsewhere: Elsewhere, is_ours: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTHERS_KEY", KEY)
    given: list[object] = []

    async def ask(messages: Any, model: str = "", api_key: Secret | None = None) -> AsyncIterator[str]:
        given.append(api_key)
        yield "Hello"

    base: tuple[type, ...] = (AsyncGeneratorProvider,) if is_ours else ()
    body = {
        "url": "https://others.example",
        "key_variables": ("OTHERS_KEY",),
        "create_async_generator": staticmethod(ask),
    }
    others = type("Others", base, body)
    g4f_magic.provider("others")(others)
    moved = type("Moved", (others,), {"url": elsewhere.url})
    g4f_magic.provider("moved")(moved)
    try:
        for name in ("others", "moved"):
            await chat(name).ask("Hi")
        others.url = elsewhere.url  # type: ignore[attr-defined]
        await chat("others").ask("Hi")
    finally:
        plugins.forget("others")
        plugins.forget("moved")
    assert [isinstance(key, Secret) for key in given] == [True, False, False]


async def test_a_variables_host_draws_no_key_out_of_the_keyring(
    elsewhere: Elsewhere,
    ring: KeyringBackend,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", f"{elsewhere.url}/v1")
    ring.set_password(keys.KEYRING_SERVICE, "openai", KEY)
    with caplog.at_level(logging.WARNING):
        await chat("openai").ask("Hi")
    assert KEY not in str(elsewhere.sent)
    assert caplog.records[0].message.endswith(f"If this one wants a key: %chat login {elsewhere.place}")
    ring.set_password(keys.KEYRING_SERVICE, elsewhere.place, "opensesame-2")
    monkeypatch.setattr(keys, "_asked", {})
    await chat("openai").ask("Hi")
    assert "Bearer opensesame-2" in elsewhere.sent[-1]


async def test_a_variables_host_draws_no_key_out_of_a_file(
    elsewhere: Elsewhere, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", f"{elsewhere.url}/v1")
    (folder / ".env").write_text(f"OPENAI_API_KEY={KEY}\n")
    await chat("openai").ask("Hi")
    assert KEY not in str(elsewhere.sent)


@pytest.mark.parametrize("host", ["https://corp.example/v1", "corp.example", "http://127.0.0.1:9"])
def test_a_files_host_keeps_its_key_from_every_other(folder: Path, host: str) -> None:
    (folder / ".env").write_text(f"OPENAI_API_KEY={KEY}\nOPENAI_BASE_URL={host}\n")
    asked = destination_of(OpenAI, "openai")
    assert keys.find("openai", OpenAI.key_variables, folder, asked) is None


async def test_a_files_key_goes_to_the_host_that_the_file_names(elsewhere: Elsewhere, folder: Path) -> None:
    (folder / ".env").write_text(f"OPENAI_API_KEY={KEY}\nOPENAI_BASE_URL={elsewhere.url}/v1\n")
    await Chat("openai", base_url=f"{elsewhere.url}/v1", settings=Settings(history="off")).ask("Hi")
    assert f"Bearer {KEY}" in str(elsewhere.sent)


@pytest.mark.parametrize("settings", [{"base_url": "{}/v1"}, {}])
async def test_a_key_of_the_environment_follows_no_setting(
    elsewhere: Elsewhere, settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    given = {name: value.format(elsewhere.url) for name, value in settings.items()}
    options = {} if given else {"base_url": f"{elsewhere.url}/v1"}
    async with Chat("openai", settings=Settings(history="off", **given), **options) as one:
        await one.ask("Hi")
    assert KEY not in str(elsewhere.sent)


async def test_the_gateways_server_is_sent_no_official_key(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    async with chat("koala", engine="upstream", upstream=f"{elsewhere.url}/v1") as one:
        assert await one.ask("Hi") == "Hello"
    assert elsewhere.sent
    assert KEY not in str(elsewhere.sent)


async def test_a_stored_key_stays_with_the_host_that_its_name_stood_for(
    elsewhere: Elsewhere, ring: KeyringBackend, folder: Path
) -> None:
    ring.set_password(keys.KEYRING_SERVICE, "groq", KEY)
    (folder / "services.toml").write_text(f'[groq]\nbase_url = "{elsewhere.url}/v1"\nmodel = "m"\n')
    await chat("groq").ask("Hi")
    assert KEY not in str(elsewhere.sent)
    assert login._name("login", Given(("groq",))) == elsewhere.place


async def test_the_wire_itself_sends_no_credential_to_another_host(elsewhere: Elsewhere) -> None:
    bound = Secret(f"Bearer {KEY}", homes=frozenset({"https://api.openai.com"}))
    for given in ({"headers": {"Authorization": bound}}, {"cookies": {"session": bound}}):
        with pytest.raises(InputError, match="of another host"):
            await fetch_json(Request(url=f"{elsewhere.url}/models", body={}, **given), Route())  # type: ignore[arg-type]
    assert elsewhere.sent == []


async def test_a_key_given_by_hand_goes_where_it_is_given_for(elsewhere: Elsewhere) -> None:
    assert await OpenAI.at(elsewhere.url).list_models(KEY) == ["m"]
    assert f"Bearer {KEY}" in str(elsewhere.sent)


async def test_a_key_from_a_file_beside_the_notebook_is_named_once(
    elsewhere: Elsewhere, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "services.toml").write_text(
        f'[corp]\nbase_url = "{elsewhere.url}/v1"\nmodel = "m"\nkeys = ["CORP_KEY"]\n'
    )
    (folder / ".env").write_text(f"CORP_KEY={KEY}\n")
    with caplog.at_level(logging.WARNING):
        await chat("corp").ask("Hi")
        await chat("corp").ask("Hi")
    assert f"Bearer {KEY}" in str(elsewhere.sent)
    assert [record.message for record in caplog.records] == [
        "The key of corp came from .env beside the notebook (CORP_KEY)."
    ]


async def test_a_host_in_doubt_is_given_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    for url in ("https://api.openai.com./v1", "https://me:pw@api.openai.com/v1"):
        assert not OpenAI.at(url).key_for(None)
    assert OpenAI.key_for(None).homes == {"https://api.openai.com"}
    with pytest.raises(ChatError):
        await fetch_json(
            Request(
                url="https://api.openai.com./v1", headers={"Authorization": OpenAI.key_for(None)}, body={}
            ),
            Route(),
        )


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_is_told_its_own_password_and_no_key_of_a_tunnel(scheme: str) -> None:
    heard: list[bytes] = []

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.close()

    server = await asyncio.start_server(hear, "127.0.0.1", 0)
    async with server:
        proxy = f"http://someone:pass-4word@127.0.0.1:{server.sockets[0].getsockname()[1]}"
        request = Request(
            url=f"{scheme}://service.invalid/v1",
            headers={"Authorization": Secret(f"Bearer {KEY}"), "X-Own": Secret(KEY)},
            cookies={"session": COOKIE},
            userinfo=None,
            body={},
        )
        with pytest.raises(ChatError):
            await fetch_json(request, Route(proxy=proxy))
    said = heard[0].decode()
    assert said.count("Basic c29tZW9uZTpwYXNzLTR3b3Jk") == said.count("Proxy-Authorization") == 1
    assert said.startswith("CONNECT " if scheme == "https" else "GET ")
    # What is not encrypted, a proxy can read.
    assert (KEY in said, COOKIE in said) == (scheme == "http", scheme == "http")


@pytest.mark.parametrize("place", ["environment", "file"])
async def test_a_key_of_another_host_is_said_to_be_one(
    place: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if place == "file":
        (folder / ".env").write_text(
            f"OPENAI_API_KEY={KEY}\nOPENAI_BASE_URL=https://me:pass4word@corp.example/v1\n"
        )
    else:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("OPENAI_BASE_URL", "https://me:pass4word@corp.example/v1")
    async with Chat("openai", base_url="https://api.openai.com/v1", settings=Settings(history="off")) as one:
        with pytest.raises(MissingAuthError) as caught:
            await one.ask("Hi")
    assert "names: https://***@corp.example/v1. Or run %chat login openai." in caught.value.hint
