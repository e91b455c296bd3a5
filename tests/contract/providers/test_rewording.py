"""A request is put in the server's words where it asks for that: once, by itself, and remembered."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from g4f_magic import Chat
from g4f_magic.causes import Cause
from g4f_magic.chunks import Text
from g4f_magic.errors import ChatError
from g4f_magic.providers.openai import OpenAI
from g4f_magic.settings import Settings
from tests.contract.providers.openai_server import HELLO, delta, events, text_at
from tests.serving import served

WHOLE = events(delta("Hello", "stop"))


def openai(body: dict[str, Any]) -> Any:
    if "max_tokens" in body:
        return "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    if body.get("temperature") not in (None, 1):
        return "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported."
    return None


def old_server(body: dict[str, Any]) -> Any:
    return (
        "Unrecognized request argument supplied: max_completion_tokens"
        if "max_completion_tokens" in body
        else None
    )


def strict(body: dict[str, Any]) -> Any:
    extra = [name for name in ("stream_options", "max_completion_tokens") if name in body]
    return [{"loc": ["body", name], "msg": "Extra inputs are not permitted"} for name in extra] or None


def neither(body: dict[str, Any]) -> Any:
    for name in ("max_tokens", "max_completion_tokens"):
        if name in body:
            return f"Unsupported parameter: '{name}'"
    return None


def topsy(body: dict[str, Any]) -> Any:
    return None if "length" in body else "Unsupported parameter: 'max_tokens'. Use 'length' instead."


class Picky:
    """Refuses what its rule names, and answers else."""

    def __init__(self, rule: Any) -> None:
        self._rule = rule
        self.bodies: list[dict[str, Any]] = []

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.bodies.append(body)
        if (said := self._rule(body)) is not None:
            error = {"detail": said} if isinstance(said, list) else {"error": {"message": said}}
            return web.Response(status=400, text=json.dumps(error))
        return web.Response(body=WHOLE, headers={"Content-Type": "text/event-stream"})

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self.answer)
        async with served(app) as address:
            yield f"{address}/v1"


@pytest.mark.parametrize(
    ("rule", "given", "taken"),
    [
        (openai, {"max_tokens": 9}, {"max_completion_tokens": 9}),
        (old_server, {"max_completion_tokens": 9}, {"max_tokens": 9}),
        (strict, {"max_completion_tokens": 9}, {"max_tokens": 9}),
        (topsy, {"max_tokens": 9}, {"length": 9}),
    ],
)
async def test_a_name_that_is_refused_is_sent_by_its_other_name_once_and_remembered(
    rule: Any, given: dict[str, int], taken: dict[str, int]
) -> None:
    server = Picky(rule)
    async with server.running() as address:
        for _ in range(2):
            assert await text_at(OpenAI.at(address), **given) == "Hello"
    named = [{name: body[name] for name in {**given, **taken} if name in body} for body in server.bodies]
    assert named == [given, taken, taken]


async def test_what_one_model_wants_is_not_sent_to_another() -> None:
    server = Picky(lambda body: openai(body) if body["model"] == "o3" else None)
    async with server.running() as address:
        for model in ("o3", "gpt-4"):
            result = OpenAI.at(address).create_async_generator(model, HELLO, max_tokens=9)
            assert "".join([text async for text in result]) == "Hello"
    assert "max_tokens" in server.bodies[-1]


async def test_our_own_wish_for_a_count_is_dropped_where_it_is_refused() -> None:
    class Counting(OpenAI):
        counts_on_request = True

    server = Picky(strict)
    async with server.running() as address:
        for _ in range(2):
            assert await text_at(Counting.at(address)) == "Hello"
        with pytest.raises(ChatError, match="stream_options"):
            await text_at(Counting.at(address), stream_options={"include_usage": True, "more": 1})
    assert [("stream_options" in body) for body in server.bodies] == [True, False, False, True]


@pytest.mark.parametrize(
    "said",
    [
        "Your organization must be verified to stream this model. Please go to https://a.example and click on Verify.",
        "Unsupported value: 'stream' does not support true with this model. Supported values are: false.",
        "This model does not support streaming.",
        "Streaming is not supported for this model",
    ],
)
async def test_a_model_that_may_not_stream_is_asked_for_its_reply_whole(said: str) -> None:
    class Counting(OpenAI):
        counts_on_request = True

    server = Picky(lambda body: said if body.get("stream") else None)
    async with server.running() as address:
        for _ in range(2):
            assert await text_at(Counting.at(address)) == "Hello"
    assert [("stream" in body, "stream_options" in body) for body in server.bodies] == [
        (True, True),
        (False, False),
        (False, False),
    ]


@pytest.mark.parametrize(
    "said", ["Unsupported parameter: 'stream_options'", "stream_options is not supported"]
)
async def test_a_server_that_only_does_not_count_still_streams(said: str) -> None:
    class Counting(OpenAI):
        counts_on_request = True

    server = Picky(lambda body: said if "stream_options" in body else None)
    async with server.running() as address:
        assert await text_at(Counting.at(address)) == "Hello"
    assert server.bodies[-1]["stream"] is True


@pytest.mark.parametrize(
    "said",
    [
        "This model only support stream mode, please enable the stream parameter to access the model.",
        "parameter.enable_thinking must be set to false for non-streaming calls",
        "Non-streaming requests are not supported for this model",
        "stream must be true",
    ],
)
async def test_a_model_that_only_streams_is_asked_for_a_stream_where_a_whole_reply_was_wanted(
    said: str,
) -> None:
    server = Picky(lambda body: None if body["stream"] else said)
    async with server.running() as address:
        for _ in range(2):
            chunks = await OpenAI.at(address).whole("m", HELLO)
            assert "".join(chunk.text for chunk in chunks if isinstance(chunk, Text)) == "Hello"
    assert [body["stream"] for body in server.bodies] == [False, True, True]


async def test_a_server_that_takes_neither_says_so() -> None:
    server = Picky(neither)
    async with server.running() as address:
        for _ in range(2):
            with pytest.raises(ChatError, match="Unsupported parameter"):
                await text_at(OpenAI.at(address), max_tokens=9)
    assert len(server.bodies) == 4


async def test_what_the_person_asked_for_is_never_left_out() -> None:
    server = Picky(openai)
    async with server.running() as address:
        with pytest.raises(ChatError) as caught:
            await text_at(OpenAI.at(address), temperature=0.2, max_tokens=9)
    assert caught.value.cause is Cause.MODELS_PARAMETER
    assert "temperature" in caught.value.hint
    assert len(server.bodies) == 2


@pytest.mark.parametrize("name", ["messages", "model", "stream"])
async def test_the_question_itself_keeps_its_names(name: str) -> None:
    server = Picky(lambda body: f"Unsupported parameter: 'max_tokens'. Use '{name}' instead.")
    async with server.running() as address:
        with pytest.raises(ChatError):
            await text_at(OpenAI.at(address), max_tokens=9)
    assert len(server.bodies) == 1


async def test_a_recording_is_keyed_by_what_the_person_asked(tmp_path: Any) -> None:
    server = Picky(openai)
    file = str(tmp_path / "talk.jsonl")
    async with server.running() as address:
        for mode in ("record", "replay"):
            async with Chat(
                "openai",
                model="o3",
                base_url=address,
                max_tokens=9,
                settings=Settings(history="off", mode=mode, cassette=file),
            ) as chat:
                assert await chat.ask("Hello") == "Hello"
    assert len(server.bodies) == 2
