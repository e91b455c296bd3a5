"""What is done about each cause: tried again, waited for, handed to the next of a chain, left alone."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from g4f_magic import Chat, settings
from g4f_magic.causes import Cause
from g4f_magic.errors import ChatError, ServiceError
from g4f_magic.providers.openai import OpenAI
from g4f_magic.settings import Settings
from tests.contract.providers.openai_server import delta, events, text_at
from tests.contract.wire.error_bodies import CASES
from tests.serving import served


class Failing:
    """Fails as it is told, and answers once it has failed so often."""

    def __init__(
        self, status: int = 200, body: bytes = b"", *, headers: dict[str, str] | None = None, times: int = 99
    ) -> None:
        self._status, self._body, self._headers, self._times = status, body, headers or {}, times
        self.asked = 0

    async def answer(self, request: web.Request) -> web.Response:
        self.asked += 1
        if self.asked <= self._times:
            return web.Response(status=self._status, body=self._body, headers=self._headers)
        body = events(delta("Hello", "stop"))
        return web.Response(body=body, headers={"Content-Type": "text/event-stream"})

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self.answer)
        async with served(app) as address:
            yield f"{address}/v1"


@pytest.fixture
def toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "data_folder", lambda: tmp_path)
    return tmp_path / "services.toml"


def error_body(message: str, **more: Any) -> bytes:
    return json.dumps({"error": {"message": message, **more}}).encode()


@pytest.mark.parametrize("name", CASES)
async def test_only_what_may_pass_is_tried_again(name: str, quick_retries: list[float]) -> None:
    case = CASES[name]
    server = Failing(case.status, case.sent)
    async with server.running() as address:
        with pytest.raises(ChatError) as caught:
            await text_at(OpenAI.at(address))
    asked = caught.value.retry_after_seconds or 0
    may_pass = case.cause is not None and case.cause.may_pass and asked <= 60
    is_asked_whole = caught.value.diagnosis.parameter == "stream"
    assert server.asked == (3 if may_pass else 1) + is_asked_whole
    assert all(waited >= asked for waited in quick_retries)


@pytest.mark.parametrize("status", [501, 505, 511])
async def test_what_a_server_cannot_do_is_not_tried_again(status: int, quick_retries: list[float]) -> None:
    server = Failing(status, b"<html><head><title>Sign in</title></head></html>")
    async with server.running() as address:
        with pytest.raises(ChatError):
            await text_at(OpenAI.at(address))
    assert (server.asked, quick_retries) == (1, [])


@pytest.mark.parametrize("name", CASES)
async def test_a_chain_moves_on_where_another_may_do_it(name: str, toml: Path) -> None:
    case = CASES[name]
    first, second = Failing(case.status, case.sent), Failing(times=0)
    moves_on = case.status not in (400, 413, 422) if case.cause is None else case.cause.moves_on
    async with first.running() as one, second.running() as two:
        toml.write_text(f'[one]\nbase_url = "{one}"\nmodel = "m"\n[two]\nbase_url = "{two}"\nmodel = "m"\n')
        async with Chat("one,two", settings=Settings(history="off")) as chat:
            try:
                await chat.ask("Hello")
            except ChatError as exc:
                assert exc.cause is case.cause
            assert second.asked == int(moves_on)
            assert not moves_on or chat.turns[-1].provider == "two"


@pytest.mark.parametrize(
    ("status", "headers", "body", "waits"),
    [
        (429, {}, CASES["gemini: the minute's"].sent, [26.0, 26.0]),
        (429, {"Retry-After-Ms": "1500"}, b"slow down", [1.5, 1.5]),
        (
            429,
            {"X-RateLimit-Remaining-Requests": "0", "X-RateLimit-Reset-Requests": "12s"},
            b"",
            [12.0, 12.0],
        ),
        (503, {"Retry-After": "9"}, b"", [9.0, 9.0]),
        (429, {}, error_body("Please try again in 20s."), [20.0, 20.0]),
        (429, {"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"}, b"", []),
        (429, {"Retry-After": "86400"}, b"", []),
    ],
)
async def test_what_a_service_asks_for_is_waited_for_or_told(
    quick_retries: list[float], status: int, headers: dict[str, str], body: bytes, waits: list[float]
) -> None:
    server = Failing(status, body, headers=headers)
    async with server.running() as address:
        with pytest.raises(ChatError) as caught:
            await text_at(OpenAI.at(address))
    assert quick_retries == waits
    assert "Try again in" in caught.value.hint


@pytest.mark.parametrize(
    ("value", "requests"),
    [
        *((value, 3) for value in ("Fri, 31 Dec 99999 23:59:59 GMT", "nan", "-3", "soon")),
        *((value, 1) for value in ("inf", "1e999", "9" * 60)),
    ],
)
async def test_an_absurd_wait_is_no_other_error(
    quick_retries: list[float], value: str, requests: int
) -> None:
    server = Failing(429, b"slow down", headers={"Retry-After": value})
    async with server.running() as address:
        with pytest.raises(ChatError) as caught:
            await text_at(OpenAI.at(address))
    assert caught.value.cause is Cause.RATE_LIMITED
    assert server.asked == requests
    assert [wait <= 60 for wait in quick_retries] == [True] * (requests - 1)


async def test_a_service_without_credit_is_left_alone_for_long(toml: Path) -> None:
    case = CASES["openai: insufficient_quota"]
    first, second = Failing(case.status, case.sent), Failing(times=0)
    async with first.running() as one, second.running() as two:
        toml.write_text(f'[one]\nbase_url = "{one}"\nmodel = "m"\n[two]\nbase_url = "{two}"\nmodel = "m"\n')
        async with Chat("one,two", settings=Settings(history="off")) as chat:
            vias = [(await chat.ask("Hello")).turn.via for _ in range(3)]
    assert first.asked == 1
    assert vias[0] == "fallback after one (no credit)"
    assert vias[1].startswith("fallback after one (rests 600 s")


async def test_where_all_of_a_chain_fail_alike_it_is_told_what_to_do(toml: Path) -> None:
    case = CASES["openai: context"]
    first, second = Failing(case.status, case.sent), Failing(case.status, case.sent)
    async with first.running() as one, second.running() as two:
        toml.write_text(f'[one]\nbase_url = "{one}"\nmodel = "m"\n[two]\nbase_url = "{two}"\nmodel = "m"\n')
        async with Chat("one,two", settings=Settings(history="off")) as chat:
            for _ in range(2):
                with pytest.raises(ServiceError, match=r"one \(conversation too long\), two") as caught:
                    await chat.ask("Hello")
    assert "--context" in caught.value.hint
    assert (first.asked, second.asked) == (2, 2)


@pytest.mark.parametrize("provider", ["koala", "darkai", "aura"])
@pytest.mark.parametrize(
    "name", ["anthropic: credit", "openai: both", "openai: no model", "gemini: location"]
)
async def test_a_failure_behind_our_own_gateway_is_told_once(provider: str, name: str) -> None:
    case = CASES[name]
    server = Failing(case.status, case.sent)
    async with server.running() as address:
        given = Settings(history="off", engine="upstream", upstream=address, upstream_model="m")
        async with Chat(provider, settings=given) as chat:
            with pytest.raises(ChatError) as caught:
                await chat.ask("Hello")
    place = address.removeprefix("http://").removesuffix("/v1")
    assert str(caught.value).startswith(f"{place}: HTTP {case.status}: ")
    assert str(caught.value).count("127.0.0.1") == 1
    assert case.hint in caught.value.hint
    assert caught.value.hint not in str(caught.value)
    assert caught.value.cause is case.cause
