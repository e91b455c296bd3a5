"""No key, cookie or password gets into a file; what looks like one in a prompt is warned of."""

from __future__ import annotations

import json
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from g4f_magic.cassette.secret_scan import secret_kinds
from g4f_magic.chat import Chat
from g4f_magic.errors import ChatError
from g4f_magic.gateway import Gateway
from g4f_magic.options import Options
from g4f_magic.session import Session
from g4f_magic.settings import Settings
from g4f_magic.testing.script import ScriptEngine
from tests.serving import served

Answer = Callable[[web.Request], Awaitable[web.Response]]

KEYS = [
    "My key is sk-proj-abcdefghijklmnopqrstuvwx",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "AKIAIOSFODNN7EXAMPLE",
    "xoxb-123456789012-abcdefghij",
    "hf_abcdefghijklmnopqrstuvwxyz",
    "AIzaSyA1234567890abcdefghijklmnopqrstuv",
    "glpat-abcdefghij0123456789",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc",
    "-----BEGIN RSA PRIVATE KEY-----",
    "Authorization: Bearer abcdef0123456789abcdef",
    "postgres://me:secret@db.example/x",
    "password: hunter2hunter2",
    "api_key = '0123456789abcdef'",
    "a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4",
]
PLAIN = [
    "What is the password policy of a bank?",
    "How do I set an API key?",
    "Explain tokens: what is a token of a tokenizer?",
    "See https://example.org/a-long-path-that-says-much/and-more?query=value",
    "def password(self): return self._password",
    "The skeleton key, sk-8 and ask-me-anything-about-it",
    "Internationalization-and-localization of antidisestablishmentarianism",
]
PLANTED = [
    "sk-planted-in-environment",
    "planted-cookie-value",
    "planted-proxy-password",
    "planted-in-a-header",
]


@pytest.mark.parametrize("text", KEYS)
def test_what_looks_like_a_key_is_noticed(text: str) -> None:
    assert secret_kinds(f"Hello, {text} is it")


@pytest.mark.parametrize("text", PLAIN)
def test_what_only_speaks_of_keys_is_not(text: str) -> None:
    assert secret_kinds(text) == []


@pytest.mark.parametrize("mode", ["record", "auto"])
async def test_a_key_in_a_prompt_is_warned_of_before_it_is_recorded(tmp_path: Path, mode: str) -> None:
    cassette = tmp_path / "a.chat.jsonl"
    settings = Settings(mode=mode, cassette=str(cassette), history="off")
    async with (
        Gateway(ScriptEngine()) as gateway,
        Chat("koala", settings=settings, base_url=gateway.base_url) as chat,
    ):
        said: list[str] = []
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            async for chunk in chat.stream(KEYS[0]):
                assert not cassette.exists()
                said.append(getattr(chunk, "text", ""))
        said += [str(warning.message) for warning in caught]
    assert any("looks like an API key" in text for text in said)
    assert cassette.exists()


async def _leaking(request: web.Request) -> web.Response:
    """Answer with headers and cookies that hold what was planted."""
    line = {"choices": [{"delta": {"content": "Hello"}, "finish_reason": "stop"}]}
    return web.Response(
        text=f"data: {json.dumps(line)}\n\ndata: [DONE]\n\n",
        content_type="text/event-stream",
        headers={"X-Key": PLANTED[3], "Set-Cookie": f"session={PLANTED[1]}", "Authorization": PLANTED[0]},
    )


async def _refusing(request: web.Request) -> web.Response:
    """Refuse, and repeat what was sent along as some servers do."""
    key = request.headers.get("Authorization", "")
    return web.json_response(
        {"error": {"message": f"the key {key} is wrong"}}, status=401, headers={"X-Key": PLANTED[3]}
    )


@asynccontextmanager
async def service(answer: Answer) -> AsyncIterator[str]:
    """Run a service, which also does as a proxy, and give its host and port."""
    application = web.Application()
    application.router.add_post("/{path:.*}", answer)
    async with served(application) as address:
        yield address.removeprefix("http://")


WAYS = {
    "a key": {"provider": "openai", "base_url": "http://{here}/v1"},
    "a password in the URL": {"provider": "koala", "base_url": f"http://user:{PLANTED[2]}@{{here}}"},
    "a password of a proxy": {
        "provider": "openai",
        "base_url": "http://service.invalid/v1",
        "proxy": f"http://user:{PLANTED[2]}@{{here}}",
    },
}


@pytest.mark.parametrize("answer", [_leaking, _refusing], ids=["answered", "refused"])
@pytest.mark.parametrize("way", WAYS)
async def test_nothing_secret_is_in_any_file_that_is_written(
    way: str, answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", PLANTED[0])
    monkeypatch.setenv("G4F_MAGIC_HISTORY", str(tmp_path / "history.sqlite"))
    cassette = tmp_path / "a.chat.jsonl"
    async with service(answer) as here:
        options: dict[str, Any] = {name: text.format(here=here) for name, text in WAYS[way].items()}
        if options["provider"] == "openai":
            secret = {"user_password": PLANTED[2], "session_cookie": PLANTED[1]}
            options |= {"model": "m", "params": {**secret, "top_p": 0.5}}
        settings = Settings(mode="record", cassette=str(cassette), record_errors=True)
        async with Chat(settings=settings, **options) as chat:
            chat._session.notebook.enter_named("name:test")
            with (
                nullcontext()
                if answer is _leaking and way != "a password in the URL"
                else suppress(ChatError)
            ):
                await chat.ask("Hello")
    written = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert {"a.chat.jsonl", "history.sqlite"} <= set(written)
    found = [
        (name, text) for name, content in written.items() for text in PLANTED if text.encode() in content
    ]
    assert found == []
    for host in (b"127.0.0.1", b"service.invalid"):
        assert host not in written["a.chat.jsonl"]


async def test_who_asked_is_warned_and_not_who_looks_first(tmp_path: Path) -> None:
    async with Gateway(ScriptEngine()) as gateway:
        settings = Settings(mode="auto", cassette=str(tmp_path / "a.chat.jsonl"), history="off")
        one, other = (Session(settings) for _ in range(2))
        reply = await one.ask(KEYS[0], Options(provider="koala", base_url=gateway.base_url))
        await reply.text()
        await (await other.ask("Hello", Options(provider="koala", base_url=gateway.base_url))).text()
        assert not other.untold()
        assert "looks like an API key" in " ".join(one.untold())
        for session in (one, other):
            await session.aclose()
