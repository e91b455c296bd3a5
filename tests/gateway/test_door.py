"""Who may come in."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

import pytest

from g4f_magic.errors import InputError, UnreachableError
from g4f_magic.gateway import Gateway, GuideEngine, delivery, incoming, server
from g4f_magic.gateway.routes import BODY_LIMIT_BYTES
from g4f_magic.testing.script import ScriptEngine
from tests.gateway.raw import USER, ask, body_for, talk
from tests.gateway.test_stopping import Endless
from tests.patience import PATIENCE_SECONDS


async def test_it_listens_on_loopback_with_a_token_of_its_own() -> None:
    async with Gateway(ScriptEngine()) as first, Gateway(ScriptEngine()) as second:
        assert first.base_url.startswith("http://127.0.0.1:")
        assert len(first.token) >= 20
        assert first.token != second.token


@pytest.mark.parametrize("prefix", ["", "/wrong", "/%00", "/%C3%BC"])
@pytest.mark.parametrize("path", ["/chat", "/api/gpt/", "/api/chat", "/v1/chat/completions", "/", "/nothing"])
async def test_without_the_token_there_is_nothing(prefix: str, path: str) -> None:
    async with Gateway(ScriptEngine()) as gateway:
        reply = await talk(gateway, prefix + path, {}, with_token=False)
        assert reply.status in (401, 404)
        assert json.loads(reply.body)["error"]["code"] in ("invalid_api_key", "not_found")
        assert gateway.requests == []


@pytest.mark.parametrize(
    "header",
    [
        {"Authorization": "Bearer abc"},
        {"Authorization": "bearer abc"},
        {"Authorization": "BEARER   abc  "},
        {"api-key": "abc"},
        {"X-API-Key": " abc "},
        {"Authorization": "Bearer none", "api-key": "abc"},
    ],
    ids=str,
)
async def test_a_client_of_openai_may_give_the_token_as_its_key(header: dict[str, str]) -> None:
    body = {"model": "m", "messages": USER}
    async with Gateway(ScriptEngine("Hi"), token="abc") as gateway:
        reply = await talk(gateway, "/v1/chat/completions", body, headers=header, with_token=False)
    assert reply.status == 200


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"Authorization": "Bearer abd"},
        {"Authorization": "Basic abc"},
        {"Authorization": "abc"},
        {"api-key": "ABC"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer ü"},
    ],
    ids=str,
)
async def test_a_wrong_key_is_said_as_openai_says_it(header: dict[str, str]) -> None:
    async with Gateway(ScriptEngine("Hi"), token="abc") as gateway:
        reply = await talk(gateway, "/v1/models", method="GET", headers=header, with_token=False)
        assert gateway.requests == []
    error = json.loads(reply.body)["error"]
    assert (reply.status, error["type"], error["code"]) == (401, "authentication_error", "invalid_api_key")
    assert reply.headers["www-authenticate"] == "Bearer"
    assert "abc" not in reply.body.decode()


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1:1", "127.0.0.1.evil:{port}", ""]
)
async def test_a_foreign_name_that_points_here_is_refused(host: str) -> None:
    path, body, _ = body_for("koala")
    async with Gateway(ScriptEngine()) as gateway:
        reply = await talk(gateway, path, body, headers={"Host": host.format(port=gateway.port)})
    assert reply.status in (400, 421)


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST"])
async def test_every_loopback_name_is_its_own(name: str) -> None:
    path, body, _ = body_for("koala")
    async with Gateway(ScriptEngine()) as gateway:
        reply = await talk(gateway, path, body, headers={"Host": f"{name}:{gateway.port}"})
    assert reply.status == 200


@pytest.mark.parametrize("dialect", ["koala", "openai", "aura"])
async def test_no_page_of_another_origin_may_read_an_answer(dialect: str) -> None:
    async with Gateway(ScriptEngine()) as gateway:
        reply = await ask(gateway, dialect)
    assert not [name for name in reply.headers if name.startswith("access-control")]
    assert "server" not in reply.headers


async def test_a_body_above_the_limit_is_refused() -> None:
    async with Gateway(ScriptEngine()) as gateway:
        reply = await talk(gateway, "/api/gpt/", b" " * (BODY_LIMIT_BYTES + 1))
    assert reply.status == 413


async def test_a_body_of_five_megabytes_is_read() -> None:
    async with Gateway(ScriptEngine()) as gateway:
        await ask(gateway, "koala", "x" * 5_000_000)
        assert len(gateway.requests[0].chat.prompt) == 5_000_000


@pytest.mark.parametrize("token", ["", "a/b", "a b", "ü"])
async def test_a_token_that_cannot_stand_in_a_path_is_refused(token: str) -> None:
    with pytest.raises(InputError):
        Gateway(ScriptEngine(), token=token)


@pytest.mark.parametrize("header", ["Authorization", "api-key", "X-API-Key"])
async def test_no_key_is_noted(header: str) -> None:
    key = "Bearer abc-secret" if header == "Authorization" else "abc-secret"
    async with Gateway(GuideEngine(0), token="abc-secret") as gateway:
        await talk(
            gateway,
            "/v1/chat/completions",
            {"model": "guide", "messages": USER},
            headers={header: key},
            with_token=False,
        )
        received = gateway.requests[0]
    assert "abc-secret" not in str(received.headers)


async def test_an_unknown_variant_is_refused() -> None:
    with pytest.raises(InputError, match="no variant 'koalas'"):
        Gateway(ScriptEngine(), variants=["koalas"])


async def test_a_port_that_is_taken_is_said_so() -> None:
    async with Gateway(ScriptEngine()) as first:
        second = Gateway(ScriptEngine(), port=first.port)
        with pytest.raises(UnreachableError, match="cannot listen"):
            await second.start()
        assert not second.is_running


@pytest.mark.parametrize(("engine", "is_kept"), [(ScriptEngine(), True), (GuideEngine(0), False)])
async def test_secrets_are_noted_for_tests_alone(engine: Any, is_kept: bool) -> None:
    async with Gateway(engine) as gateway:
        await ask(gateway, "whiterabbitneo")
        received = gateway.requests[0]
    assert ("cookie" in received.headers) is is_kept
    assert "a=b==" not in repr(received)
    assert (received.path, received.dialect) == ("/api/chat", "whiterabbitneo")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://localhost"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1.evil.example:{port}"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://koala.sh", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://koala.sh", "origin": "https://evil.example"},
        {"Sec-Fetch-Site": "none", "sec-fetch-site": "cross-site"},
    ],
    ids=str,
)
async def test_another_page_gets_nothing_even_with_the_token(headers: dict[str, str]) -> None:
    path, body, _ = body_for("openai")
    async with Gateway(ScriptEngine()) as gateway:
        sent = {name: value.format(port=gateway.port) for name, value in headers.items()}
        reply = await talk(gateway, path, body, headers=sent)
        assert (reply.status, gateway.requests) == (403, [])


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
async def test_its_own_page_may_ask(name: str) -> None:
    path, body, _ = body_for("openai")
    async with Gateway(ScriptEngine()) as gateway:
        sent = {"Origin": f"http://{name}:{gateway.port}", "Sec-Fetch-Site": "same-origin"}
        assert (await talk(gateway, path, body, headers=sent)).status == 200


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://lab.example:{port}", 200),
        ("https://lab.example:{port}", 200),  # behind a proxy that adds TLS
        ("http://evil.example:{port}", 403),
        ("http://localhost:{port}", 403),
        ("http://lab.example", 403),
        ("null", 403),
    ],
)
async def test_where_others_may_reach_it_a_page_of_the_same_host_alone_may_ask(
    origin: str, status: int
) -> None:
    path, body, _ = body_for("openai")
    async with Gateway(ScriptEngine(), host="0.0.0.0") as gateway:  # that is what is tried
        sent = {"Host": f"lab.example:{gateway.port}", "Origin": origin.format(port=gateway.port)}
        assert (await talk(gateway, path, body, headers=sent)).status == status


@pytest.mark.parametrize("head", ["", "POST / HTTP/1.1\r\nHost: x\r\n"])
async def test_a_connection_without_a_whole_head_is_closed(
    head: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "IDLE_SECONDS", 0.2)
    async with Gateway(ScriptEngine()) as gateway:
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        try:
            writer.write(head.encode())
            assert await asyncio.wait_for(reader.read(), PATIENCE_SECONDS) == b""
        finally:
            writer.close()


async def test_a_body_that_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "BODY_SECONDS", 0.2)
    async with Gateway(ScriptEngine()) as gateway:
        headers = {"Content-Length": "1000"}
        reply = await talk(gateway, "/v1/chat/completions", b'{"model": ', headers=headers)
        assert (reply.status, gateway.requests) == (408, [])


async def test_a_reader_that_reads_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "STALL_SECONDS", 0.2)
    engine = Endless("x" * 65536)
    path, body, _ = body_for("openai")
    async with Gateway(engine) as gateway:
        with socket.create_connection(("127.0.0.1", gateway.port)) as deaf:
            deaf.setblocking(False)
            data = json.dumps(body).encode()
            head = f"POST /{gateway.token}{path} HTTP/1.1\r\nHost: 127.0.0.1:{gateway.port}\r\nContent-Length: {len(data)}"
            deaf.sendall(f"{head}\r\n\r\n".encode() + data)
            await asyncio.wait_for(engine.closed.wait(), PATIENCE_SECONDS)
