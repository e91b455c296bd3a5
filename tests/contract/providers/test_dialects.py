"""OpenAI's protocol as servers really speak it, and what is said of each mistake in a set-up."""

from __future__ import annotations

import json
from typing import Any

import pytest

from g4f_magic.chunks import Chunk, Finish, Notice, Reasoning, Text, Usage
from g4f_magic.errors import (
    BrokenOffError,
    ChatError,
    InputError,
    RateLimitError,
    ServiceError,
    WireError,
)
from g4f_magic.gateway import Gateway
from g4f_magic.providers import get
from g4f_magic.providers.openai import OpenAI
from g4f_magic.testing.script import SCRIPT_TEXT, ScriptEngine
from tests.contract.providers.openai_server import (
    HELLO,
    USAGE,
    Server,
    chunks_of,
    collect,
    delta,
    events,
    text_at,
)

WHOLE = [Text("Hello"), Text(" there"), Usage(3, 2), Finish("stop")]


DIALECTS: dict[str, bytes] = {
    "llama-cpp-python": events(
        {"choices": [{"delta": {"role": "assistant"}, "finish_reason": None}]},
        delta("Hello"),
        delta(" there"),
        {"choices": [{"delta": {}, "finish_reason": "stop"}], "usage": USAGE},
    ),
    "llama-server": b": ping\n\n"
    + events(
        delta(None, role="assistant"),
        delta("Hello"),
        delta(" there"),
        {"choices": [{"delta": {}, "finish_reason": "stop"}]},
        {"choices": [], "usage": USAGE, "timings": {"prompt_n": 3}},
    ),
    "transformers serve": events(
        {"choices": [{"delta": {"role": "assistant"}}]},
        {"choices": [{"delta": {"content": "Hello"}}]},
        {"choices": [{"delta": {"content": " there"}}]},
        {"choices": [{"delta": {}, "finish_reason": "stop"}], "usage": USAGE},
        end="",
    ),
    "LiteLLM": events(
        delta("Hello", role="assistant"),
        delta(" there"),
        delta(None, "stop"),
        {"choices": [{"index": 0, "delta": {}}], "usage": USAGE},
    ),
    "litserve": events(
        {**delta("Hello"), "usage": None},
        {**delta(" there"), "usage": None},
        {**delta(None, "stop", role=None), "usage": USAGE},
    ),
    "CRLF and pings": events(delta("Hello"), delta(" there"), {**delta(None, "stop"), "usage": USAGE})
    .replace(b"\n", b"\r\n")
    .replace(b"data: [DONE]", b": ping - 2026\r\n\r\ndata: [DONE]"),
    "the older completions": events(
        {"choices": [{"text": "Hello"}]},
        {"choices": [{"text": " there", "finish_reason": "stop"}], "usage": USAGE},
    ),
    "choices null": events(
        {"choices": None}, delta("Hello"), delta(" there", "stop"), {"choices": None, "usage": USAGE}
    ),
    "no end mark and no blank line": events(
        delta("Hello"), delta(" there", "stop"), {"choices": [], "usage": USAGE}, end=""
    ).rstrip(b"\n"),
}


@pytest.mark.parametrize("server", DIALECTS)
async def test_the_reply_of_each_dialect_is_whole(server: str) -> None:
    assert await chunks_of(DIALECTS[server]) == WHOLE


async def test_one_json_body_though_a_stream_was_asked_for_is_read() -> None:
    body = {"choices": [{"message": {"content": "Hello there"}, "finish_reason": "stop"}], "usage": USAGE}
    for text in (json.dumps(body), "\ufeff\r\n " + json.dumps(body, indent=2)):
        chunks = await chunks_of(text.encode(), type="application/json")
        assert chunks == [Text("Hello there"), Usage(3, 2), Finish("stop")]


async def test_a_json_body_that_breaks_off_is_said() -> None:
    with pytest.raises(WireError):
        await chunks_of(b'{"choices": [{"message": {"content": "Hel', type="application/json")


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
async def test_what_a_model_thinks_is_apart(name: str) -> None:
    body = events({"choices": [{"delta": {name: "Hm", "content": None}}]}, delta("Yes", "stop"))
    assert await chunks_of(body) == [Reasoning("Hm"), Text("Yes"), Finish("stop")]


async def test_parts_of_a_content_are_told_apart() -> None:
    parts = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]},
        {"type": "text", "text": "Yes"},
    ]
    body = events(delta(parts, "stop"))
    assert await chunks_of(body) == [Reasoning("Hm"), Text("Yes"), Finish("stop")]


@pytest.mark.parametrize(
    "value",
    [
        {"error": {"message": "it fell over", "code": 500}},
        {"error": "it fell over"},
        {"detail": "it fell over"},
        {"object": "error", "message": "it fell over"},
        {"type": "error", "error": {"type": "overloaded_error", "message": "it fell over"}},
        {"choices": [{"delta": {}, "finish_reason": "error", "error": {"message": "it fell over"}}]},
    ],
)
async def test_an_error_inside_the_stream_is_one_with_its_words(value: dict[str, Any]) -> None:
    with pytest.raises(BrokenOffError, match="it fell over"):
        await chunks_of(events(delta("Hello"), value))
    with pytest.raises(ServiceError, match="it fell over"):
        await chunks_of(events(value))


async def test_a_stream_with_neither_end_mark_nor_reason_broke_off() -> None:
    with pytest.raises(BrokenOffError):
        await chunks_of(events(delta("Hello"), end=""))


async def test_chat_completions_too_much_is_taken_off() -> None:
    server = Server(DIALECTS["LiteLLM"])
    async with server.running() as address:
        assert await text_at(OpenAI.at(f"{address}/v1/chat/completions/")) == "Hello there"
    assert server.paths == ["/v1/chat/completions"]


async def test_tokens_are_asked_for_where_a_preset_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(DIALECTS["LiteLLM"])
    async with server.running() as address:
        for name in ("groq", "mistral"):
            await text_at(get(name).at(f"{address}/v1"), api_key="k")
    assert [body.get("stream_options") for body in server.bodies] == [{"include_usage": True}, None]


@pytest.mark.parametrize(
    "listed",
    [
        {"object": "list", "data": [{"id": "one"}, {"id": "two"}]},
        [{"id": "one"}, {"id": "two"}],
        {"models": [{"name": "one"}, "two"]},
        {"data": [{"id": "models/one"}, {"id": "models/two"}]},
        {"data": [{"id": "one"}, {"id": "t\x1b]0;pwned\x07"}, {"id": "t\u202ewo"}, {"id": "two"}]},
    ],
)
async def test_models_are_listed_in_each_form(listed: Any) -> None:
    async with Server(json.dumps(listed).encode(), type="application/json").running() as address:
        assert await OpenAI.at(f"{address}/v1").list_models() == ["one", "two"]


@pytest.mark.parametrize("listed", [{}, {"data": None}, [5], "x", {"data": [{"title": "one"}]}])
async def test_what_is_no_list_of_models_is_said(listed: Any) -> None:
    async with Server(json.dumps(listed).encode(), type="application/json").running() as address:
        with pytest.raises(InputError, match="not a list of models"):
            await OpenAI.at(f"{address}/v1").list_models()


async def test_a_busy_service_is_asked_again_and_that_is_shown(
    quick_retries: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("g4f_magic.providers.retrying._jitter", lambda low, high: high)
    async with Gateway(ScriptEngine(behaviour="503")) as gateway:
        provider = get("freenetfly").at(gateway.base_url)
        chunks: list[Chunk] = []
        with pytest.raises(ChatError, match="503"):
            await collect(provider.create_async_generator("", HELLO).chunks(), chunks)
        assert len(gateway.requests) == 5
    assert quick_retries == [2.5, 5.0, 10.0, 20.0]
    notices = [chunk.text for chunk in chunks if isinstance(chunk, Notice)]
    assert [text.rpartition(" · ")[2] for text in notices] == [
        "waiting 2 s before try 2 of 5",
        "waiting 5 s before try 3 of 5",
        "waiting 10 s before try 4 of 5",
        "waiting 20 s before try 5 of 5",
    ]


async def test_it_waits_as_long_as_the_service_asks(quick_retries: list[float]) -> None:
    async with Gateway(ScriptEngine(behaviour="429")) as gateway:
        with pytest.raises(RateLimitError):
            await text_at(OpenAI.at(gateway.openai_base_url))
    assert quick_retries == [7.0, 7.0]


async def test_a_long_wait_is_left_to_the_person(quick_retries: list[float]) -> None:
    async with Gateway(ScriptEngine(behaviour="402")) as gateway:
        with pytest.raises(RateLimitError):
            await text_at(OpenAI.at(gateway.openai_base_url))
        assert len(gateway.requests) == 1
    assert quick_retries == []


async def test_what_was_delivered_is_not_asked_for_again(quick_retries: list[float]) -> None:
    async with Gateway(ScriptEngine(behaviour="cut-off")) as gateway:
        with pytest.raises(BrokenOffError):
            await text_at(OpenAI.at(gateway.openai_base_url))
        assert len(gateway.requests) == 1
    assert quick_retries == []


async def test_a_second_try_may_succeed(quick_retries: list[float]) -> None:
    async with Gateway(ScriptEngine(behaviour="503")) as busy, Gateway(ScriptEngine()) as well:
        provider = OpenAI.at(busy.openai_base_url)
        chunks = provider.create_async_generator("m", HELLO).chunks()
        first = await anext(chunks)
        await chunks.aclose()
        assert isinstance(first, Notice)
        assert await text_at(OpenAI.at(well.openai_base_url)) == SCRIPT_TEXT
