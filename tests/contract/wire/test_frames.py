"""No frame of a failed chat holds a secret: what post-mortem debuggers, error trackers and rich would show."""

from __future__ import annotations

import asyncio
import json
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

import g4f_magic
from g4f_magic import Chat, remarks, settings
from g4f_magic.answering import keys
from g4f_magic.chunks import Text
from g4f_magic.errors import ChatError, InputError
from g4f_magic.providers import plugins
from g4f_magic.providers.base import AsyncGeneratorProvider, AsyncResult
from g4f_magic.providers.openai import OpenAI
from g4f_magic.settings import Settings
from tests.contract.wire.frames import errors_of, seen_in
from tests.serving import served

KEY = "sk-planted4variable-9f3a"
COOKIE = "planted8cookie-e41f=="
PASSWORD = "planted6proxy-c0de"
BASE = "planted3base-5eed"
OTHER = "planted1neverused-1dea"
BASIC = [b64encode(f"someone:{one}".encode()).decode() for one in (PASSWORD, BASE)]
PLANTED = [KEY, COOKIE, PASSWORD, BASE, OTHER, *BASIC]
ORDERS = [
    "401",
    "400",
    "429",
    "500",
    "html",
    "redirect",
    "reset",
    "cut",
    "event",
    "silent",
    "json",
    "gzip",
    "hangs",
]


async def answer(request: web.Request) -> web.StreamResponse:
    """Answer as the prompt says, and repeat all that came along."""
    body = (await request.read()).decode()
    sent = f"{dict(request.headers)} {request.path_qs} {KEY} {OTHER}"
    order = body.partition("do:")[2].partition('"')[0] or "json"
    headers = {"X-Sent": f"{KEY} {OTHER}"}
    match order:
        case "401" | "400" | "429" | "500":
            return web.Response(
                status=int(order), text=json.dumps({"error": {"message": sent}}), headers=headers
            )
        case "html":
            return web.Response(text=f"<html>{sent}", content_type="text/html", headers=headers)
        case "redirect":
            return web.Response(status=302, headers={"Location": f"http://a.invalid/?key={KEY}"})
        case "reset" | "hangs":
            if order == "hangs":
                await asyncio.sleep(30)
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
    gzip = {"Content-Encoding": "gzip"} if order == "gzip" else {}
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", **headers, **gzip})
    await response.prepare(request)
    for piece in (sent[:9], sent[9:40], sent[40:]):
        text = f"data: {json.dumps({'choices': [{'delta': {'content': piece}}]})}\n\n"
        await response.write((piece if request.path == "/api/chat" else text).encode())
    if order == "silent":
        await asyncio.sleep(30)
    if order == "event":
        await response.write(f"data: {json.dumps({'error': {'message': sent}})}\n\n".encode())
    if order in ("cut", "silent"):
        assert request.transport is not None
        request.transport.abort()
    await response.write(f"data: {{{sent}\n\n".encode())
    return response


@pytest.fixture
async def here() -> AsyncIterator[str]:
    async with served(answer, shutdown_timeout=0.1) as address:
        yield address.removeprefix("http://")


@pytest.fixture
async def refusing() -> AsyncIterator[str]:
    """A proxy that wants another password."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.fixture(autouse=True)
def planted(here: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "data_folder", lambda: tmp_path)
    monkeypatch.setattr(keys, "_asked", {})
    monkeypatch.setattr(remarks, "_said", set())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HERE_API_KEY", KEY)
    monkeypatch.setenv("NEVER_USED_TOKEN", OTHER)
    (tmp_path / "services.toml").write_text(
        f'[here]\nbase_url = "http://{here}/v1"\nkeys = ["HERE_API_KEY"]\nmodel = "m"\n'
    )
    (tmp_path / "cookies").mkdir()
    (tmp_path / "cookies" / "own.txt").write_text(f"127.0.0.1\tFALSE\t/\tFALSE\t0\tsession\t{COOKIE}\n")


async def failure_of(work: Awaitable[object]) -> BaseException:
    try:
        await work
    except (ChatError, asyncio.CancelledError, RuntimeError) as exc:
        return exc
    raise AssertionError("it did not fail")


def check(error: BaseException) -> None:
    found = {
        (place, value)
        for place, text in seen_in(error)
        for value in PLANTED
        if value in text and not place.startswith(__file__)  # the frames of who calls are theirs
    }
    assert not found
    assert len(list(errors_of(error))) == 1, "what it came of came along"


def chat(provider: str, **given: Any) -> Chat:
    return Chat(provider, settings=Settings(history="off"), timeout_seconds=0.5, **given)


WAYS: dict[str, Callable[[str], dict[str, Any]]] = {
    "a key": lambda here: {"provider": "here"},
    "a chain": lambda here: {"provider": "here,here"},
    "cookies": lambda here: {"provider": "whiterabbitneo", "base_url": f"http://{here}"},
    "a base URL's password": lambda here: {
        "provider": "openai",
        "model": "m",
        "base_url": f"http://someone:{BASE}@{here}/v1?{'x' * 80}",
    },
    "a proxy's password": lambda here: {
        "provider": "openai",
        "model": "m",
        "base_url": "http://service.invalid/v1",
        "proxy": f"http://someone:{PASSWORD}@{here}/?{'x' * 80}",
    },
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("way", WAYS)
async def test_a_reply_that_fails_shows_no_secret(
    here: str, way: str, order: str, quick_retries: list[float]
) -> None:
    async with chat(**WAYS[way](here)) as one:
        try:
            await one.ask(f"Please do:{order}")
        except ChatError as exc:
            check(exc)
        else:
            assert way == "cookies"  # its bytes are text as they stand
            assert order in ("json", "event", "gzip", "cut", "silent", "html")


@pytest.mark.parametrize("order", ["silent", "hangs"])
@pytest.mark.parametrize("way", WAYS)
async def test_one_that_is_cancelled_shows_none(here: str, way: str, order: str) -> None:
    given = {**WAYS[way](here), "timeout_seconds": 30}
    async with Chat(settings=Settings(history="off"), **given) as one:
        task = asyncio.create_task(one.ask(f"Please do:{order}"))
        await asyncio.wait({task}, timeout=0.3)
        task.cancel()
        check(await failure_of(task))


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_refuses(refusing: str, scheme: str) -> None:
    one = chat(
        "openai",
        model="m",
        base_url=f"{scheme}://service.invalid/v1",
        proxy=f"http://someone:{PASSWORD}@{refusing}",
    )
    check(await failure_of(one.ask("Hi")))


@pytest.mark.parametrize(
    "proxy", ["socks5://someone:{}@127.0.0.1:9", "http://someone:{}@127.0.0.1:9", "x://a:{}@b"]
)
async def test_a_proxy_that_is_not_there(proxy: str) -> None:
    one = chat("openai", model="m", base_url="http://service.invalid/v1", proxy=proxy.format(PASSWORD))
    check(await failure_of(one.ask("Hi")))


@pytest.mark.parametrize(
    "url", ["http://service.invalid/v1", "https://{}/v1", "http://127.0.0.1:9/v1", "http://[::1"]
)
@pytest.mark.parametrize("kind", ["key", "password"])
async def test_a_host_that_cannot_be_reached(here: str, url: str, kind: str) -> None:
    place = url.format(here)
    if kind == "password":
        place = place.replace("://", f"://someone:{BASE}@")
    error = await failure_of(_direct(place, KEY if kind == "key" else None))
    check(error)


async def _direct(base_url: str, api_key: str | None = None) -> list[str]:
    key, api_key = (g4f_magic.secret.Secret(api_key) if api_key else None), None
    moved, base_url = OpenAI.at(base_url), ""
    result = moved.create_async_generator("m", [{"role": "user", "content": "do:cut"}], api_key=key)
    async with aclosing(result):
        return [text async for text in result]


async def test_a_provider_that_is_called_directly(here: str) -> None:
    check(await failure_of(_direct(f"http://{here}/v1", KEY)))


async def test_a_list_of_models(here: str) -> None:
    key = g4f_magic.secret.Secret(KEY)
    check(await failure_of(OpenAI.at(f"http://{here}/v1").list_models(key)))
    check(await failure_of(OpenAI.at(f"http://someone:{BASE}@{here}/v1").list_models()))


@pytest.mark.parametrize("kind", ["function", "class", "result"])
async def test_a_providers_own_code(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask(messages: Any, model: str = "", api_key: Any = None) -> AsyncIterator[str]:
        value = api_key.reveal()
        yield value
        raise RuntimeError(f"no {value}")

    def result(cls: type, model: str, messages: Any, **kwargs: Any) -> AsyncResult:
        async def chunks() -> AsyncIterator[Text]:
            async for text in ask(messages, model, kwargs["api_key"]):
                yield Text(text)

        return AsyncResult(chunks)  # type: ignore[arg-type]

    ask.key_variables = ("HERE_API_KEY",)  # type: ignore[attr-defined]
    body: dict[str, Any] = {"key_variables": ("HERE_API_KEY",), "url": "https://own.example"}
    made: Any = ask
    if kind == "class":
        made = type("Own", (), {**body, "create_async_generator": staticmethod(ask)})
    if kind == "result":
        made = type("Own", (AsyncGeneratorProvider,), {**body, "create_async_generator": classmethod(result)})
    g4f_magic.provider("own")(made)
    try:
        error = await failure_of(chat("own").ask("Hi"))
    finally:
        plugins.forget("own")
    check(error)
    assert "RuntimeError: no ***" in str(error)


def test_a_key_that_is_given_as_an_option() -> None:
    given = {"api_key": KEY}
    with pytest.raises(InputError, match="api_key") as caught:
        Chat("openai", **given)
    given.clear()
    check(caught.value)


@pytest.mark.parametrize("order", ["401", "cut"])
@pytest.mark.usefixtures("here")
async def test_code_that_cannot_await(order: str) -> None:
    error = await failure_of(asyncio.to_thread(chat("here").ask_sync, f"Please do:{order}"))
    check(error)
    assert ("401" in str(error)) is (order == "401")


async def test_what_another_raises_is_said_in_short() -> None:
    @g4f_magic.provider
    async def verbose(messages: Any) -> AsyncIterator[str]:
        yield "a"
        raise RuntimeError(f"a\nb {KEY} {'c' * 100_000}")

    try:
        error = await failure_of(chat("verbose").ask("Hi"))
    finally:
        plugins.forget("verbose")
    check(error)
    assert str(error).startswith("verbose: RuntimeError: a b *** ccc")
    assert len(str(error)) < 700


async def test_a_file_of_cookies_that_errs(tmp_path: Path) -> None:
    (tmp_path / "cookies" / "own.txt").write_text(
        f"x\tTRUE\t/\tTRUE\t0\tsession\t{COOKIE}\nnonsense {COOKIE}\n"
    )
    check(await failure_of(chat("whiterabbitneo").ask("Hi")))


async def test_a_certificate_that_is_not_accepted(tmp_path: Path) -> None:
    assert ssl.OPENSSL_VERSION
    (tmp_path / "ca.pem").write_text(f"no certificate {OTHER}")
    one = Chat(
        "here",
        settings=Settings(history="off", ca_file=str(tmp_path / "ca.pem"), base_url="https://127.0.0.1:9"),
    )
    check(await failure_of(one.ask("Hi")))
