"""Models that answer by OpenAI's Responses API alone: how the provider `openai` finds out, asks and reads."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from g4f_magic import Chat
from g4f_magic.chunks import Chunk, Citations, Finish, Named, Reasoning, Text, ToolCall, Unshown, Usage
from g4f_magic.errors import BrokenOffError, ChatError
from g4f_magic.gateway import Gateway, UpstreamEngine
from g4f_magic.messages import Citation
from g4f_magic.providers import responses_request
from g4f_magic.providers.openai import OpenAI
from g4f_magic.providers.responses import ResponsesReader
from tests.contract.providers.openai_server import HELLO
from tests.gateway.raw import talk
from tests.serving import served

ONLY = {
    "error": {
        "message": "This model is only supported in v1/responses and not in v1/chat/completions.",
        "code": None,
    }
}
CALL = {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "f", "arguments": '{"a": 1}'}
SEALED = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAA"}
WHOLE = {
    "id": "resp_1",
    "object": "response",
    "status": "completed",
    "model": "m-2026",
    "output": [
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "so"}]},
        {
            "type": "message",
            "id": "msg_1",
            "role": "assistant",
            "content": [
                {
                    "type": "output_text",
                    "text": "Hello",
                    "annotations": [{"type": "url_citation", "url": "https://a.example", "title": "A"}],
                }
            ],
        },
    ],
    "usage": {"input_tokens": 3, "output_tokens": 4, "output_tokens_details": {"reasoning_tokens": 1}},
}
SAID = [
    *(Named("m-2026"), Reasoning("so"), Text("Hello"), Citations((Citation("https://a.example", "A"),))),
    *(Usage(3, 4), Finish("stop")),
]


def told(*values: dict[str, Any]) -> bytes:
    """Return events as the API writes them: each with its name and its number."""
    numbered = [{**value, "sequence_number": number} for number, value in enumerate(values)]
    return "".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in numbered).encode()


def delta(kind: str, text: str, item: str = "msg_1") -> dict[str, Any]:
    return {
        "type": f"response.{kind}.delta",
        "item_id": item,
        "output_index": 0,
        "content_index": 0,
        "delta": text,
    }


def ended(status: str = "completed", **more: Any) -> dict[str, Any]:
    return {"type": f"response.{status}", "response": {**WHOLE, "output": [], "status": status, **more}}


CREATED = {
    "type": "response.created",
    "response": {**WHOLE, "status": "in_progress", "output": [], "usage": None},
}
STREAM = told(
    CREATED,
    {
        "type": "response.output_item.added",
        "output_index": 0,
        "item": {"type": "reasoning", "id": "rs_1", "summary": []},
    },
    {"type": "response.reasoning_summary_part.added", "item_id": "rs_1", "summary_index": 0},
    delta("reasoning_summary_text", "so", "rs_1"),
    {"type": "response.output_item.done", "output_index": 0, "item": WHOLE["output"][0]},
    delta("output_text", "Hel"),
    delta("output_text", "lo"),
    {"type": "response.output_item.done", "output_index": 1, "item": WHOLE["output"][1]},
    {"type": "response.completed", "response": WHOLE},
)


class Service:
    """A service whose model does not answer chat completions; what it says by the newer API is written in the test."""

    def __init__(self, *bodies: bytes, refusal: Any = ONLY, status: int = 200) -> None:
        self._bodies = list(bodies)
        self._refusal, self._status = refusal, status
        self.asked: list[tuple[str, dict[str, Any]]] = []

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    async def answer(self, request: web.Request) -> web.Response:
        if request.method == "GET":
            return web.json_response({"data": [{"id": "m"}]})
        self.asked.append((request.path, await request.json()))
        if request.path.endswith("/chat/completions"):
            return web.json_response(self._refusal, status=404)
        if not self._bodies:
            raise web.HTTPNotFound
        body = self._bodies.pop(0) if len(self._bodies) > 1 else self._bodies[0]
        kind = "application/json" if body.startswith(b"{") else "text/event-stream"
        return web.Response(body=body, status=self._status, content_type=kind)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        async with served(self.answer) as address:
            yield f"{address}/v1"

    async def chunks(self, times: int = 1, **options: Any) -> list[Chunk]:
        async with self.running() as url:
            for _ in range(times):
                found = [
                    one async for one in OpenAI.at(url).create_async_generator("m", HELLO, **options).chunks()
                ]
        return found


@pytest.mark.parametrize("body", [STREAM, json.dumps(WHOLE).encode()], ids=["stream", "whole"])
async def test_a_model_of_the_newer_api_alone_is_asked_by_it_from_then_on(body: bytes) -> None:
    service = Service(body)
    chunks = await service.chunks(times=2)
    assert "".join(one.text for one in chunks if isinstance(one, Text)) == "Hello"
    assert [one for one in chunks if not isinstance(one, Text)] == [
        one for one in SAID if not isinstance(one, Text)
    ]
    assert service.paths == ["/v1/chat/completions", "/v1/responses", "/v1/responses"]
    assert service.asked[1][1] == {"model": "m", "input": HELLO, "stream": True, "store": False}


async def test_one_that_is_asked_for_a_whole_reply_gives_it() -> None:
    service = Service(json.dumps(WHOLE).encode())
    async with service.running() as url:
        assert await OpenAI.at(url).whole("m", HELLO) == SAID
    assert service.asked[1][1]["stream"] is False


@pytest.mark.parametrize(
    ("words", "is_turned"),
    [
        ("The model `m` is only available through the Responses API.", True),
        (
            "Function tools with reasoning_effort are not supported for m. Please use /v1/responses instead.",
            True,
        ),
        ("Unsupported api for model m", True),
        ("This model is not supported in the v1/responses endpoint.", False),
        ("This is not a chat model. Did you mean to use v1/completions?", False),
    ],
)
async def test_the_words_of_a_refusal_say_which_api_is_wanted(words: str, is_turned: bool) -> None:
    service = Service(STREAM, refusal={"error": {"message": words}})
    if is_turned:
        assert await service.chunks()
    else:
        with pytest.raises(ChatError):
            await service.chunks()
    assert ("/v1/responses" in service.paths) is is_turned


async def test_where_the_newer_api_is_not_there_the_first_refusal_is_told() -> None:
    service = Service()
    for _ in range(2):
        with pytest.raises(ChatError, match="only supported in v1/responses"):
            await service.chunks()
    assert service.paths == ["/v1/chat/completions", "/v1/responses"] * 2


async def test_a_refusal_by_the_newer_api_is_told_in_its_words() -> None:
    body = json.dumps({"error": {"message": "Unknown parameter: 'stop'.", "param": "stop"}}).encode()
    with pytest.raises(ChatError, match="Unknown parameter: 'stop'"):
        await Service(body, status=400).chunks(stop=["x"])


FUNCTION = {"name": "f", "parameters": {"type": "object"}}
OFFERED = {"type": "function", "function": FUNCTION}
CALLED = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"max_tokens": 9}, {"max_output_tokens": 9}),
        ({"max_completion_tokens": 9, "temperature": 0}, {"max_output_tokens": 9, "temperature": 0}),
        ({"reasoning_effort": "low"}, {"reasoning": {"effort": "low"}}),
        (
            {"reasoning": {"summary": "auto"}, "reasoning_effort": "low"},
            {"reasoning": {"effort": "low", "summary": "auto"}},
        ),
        ({"response_format": {"type": "json_object"}}, {"text": {"format": {"type": "json_object"}}}),
        (
            {
                "response_format": {"type": "json_schema", "json_schema": {"name": "s", "schema": {}}},
                "verbosity": "low",
            },
            {"text": {"format": {"type": "json_schema", "name": "s", "schema": {}}, "verbosity": "low"}},
        ),
        (
            {"tools": [OFFERED], "tool_choice": {"type": "function", "function": {"name": "f"}}},
            {
                "tools": [{"type": "function", "strict": False, **FUNCTION}],
                "tool_choice": {"type": "function", "name": "f"},
                "include": ["reasoning.encrypted_content"],
            },
        ),
        ({"stream_options": {"include_usage": True}, "stream": True}, {"stream": True}),
        ({"seed": 7, "stop": ["x"]}, {"seed": 7, "stop": ["x"]}),
    ],
    ids=str,
)
def test_what_is_asked_for_goes_on_by_the_names_of_the_newer_api(given: Any, sent: Any) -> None:
    body = responses_request.responses_body({"model": "m", "messages": HELLO, **given})
    assert body == {"model": "m", "input": HELLO, "store": False, **sent}


def test_messages_become_items() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:,", "detail": "low"}}
    thoughts = {"extra_content": {"reasoning_items": [SEALED]}}
    messages = [
        {"role": "system", "content": "Be."},
        {"role": "user", "content": [{"type": "text", "text": "Look"}, picture]},
        {"role": "assistant", "content": "Hm.", "tool_calls": [CALLED | thoughts]},
        {"role": "tool", "tool_call_id": "c1", "content": "4"},
    ]
    parts = [
        {"type": "input_text", "text": "Look"},
        {"type": "input_image", "image_url": "data:,", "detail": "low"},
    ]
    assert responses_request.responses_body({"model": "m", "messages": messages})["input"] == [
        *({"role": "system", "content": "Be."}, {"role": "user", "content": parts}),
        *({"role": "assistant", "content": "Hm."}, SEALED),
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "4"},
    ]


def read(*values: dict[str, Any], gives_calls: bool = True) -> list[Chunk]:
    reader = ResponsesReader("m-2026", gives_calls=gives_calls)
    return [*reader.feed(told(*values)), *(() if reader.ended else reader.close())]


def test_calls_come_at_the_end_with_the_thoughts_that_the_service_wants_back() -> None:
    done = [
        {"type": "response.output_item.done", "item": one}
        for one in (SEALED, CALL, CALL | {"id": "fc_2", "call_id": "c2"})
    ]
    chunks = read(*done, ended(output=[SEALED, CALL, CALL | {"id": "fc_2", "call_id": "c2"}]))
    extra = json.dumps({"reasoning_items": [SEALED]})
    assert chunks == [
        *(Usage(3, 4), ToolCall("c1", "f", '{"a": 1}', extra), ToolCall("c2", "f", '{"a": 1}')),
        Finish("tool_calls"),
    ]
    assert read(*done, ended(), gives_calls=False)[1] == Unshown(("a call of f", "a call of f"))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([ended("incomplete", incomplete_details={"reason": "max_output_tokens"})], "max_output_tokens"),
        ([ended("incomplete", incomplete_details={"reason": "content_filter"})], "content_filter"),
        ([delta("refusal", "No"), ended()], "refusal"),
        ([{"type": "keepalive"}, ended()], "stop"),
    ],
    ids=str,
)
def test_why_it_ended_is_told(values: list[dict[str, Any]], reason: str) -> None:
    assert read(CREATED, *values)[-1] == Finish(reason)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([ended("failed", error={"code": "server_error", "message": "fell over"})], "fell over"),
        ([{"type": "error", "code": "server_error", "message": "fell over", "param": None}], "fell over"),
        ([ended("cancelled")], "broke the reply off"),
        ([{"type": "", "choices": []}], "unknown form"),
        ([], "without its end mark"),
    ],
    ids=str,
)
def test_what_fails_is_an_error_after_what_was_said(values: list[dict[str, Any]], words: str) -> None:
    said: list[Chunk] = []

    def read_all() -> None:
        reader = ResponsesReader()
        said.extend(reader.feed(told(delta("output_text", "Hi"))))
        for chunk in (*reader.feed(told(*values)), *reader.close()):
            said.append(chunk)

    with pytest.raises(ChatError, match=words):
        read_all()
    assert said == [Text("Hi")]


async def test_a_stream_that_breaks_off_is_no_whole_reply_and_not_asked_for_again() -> None:
    service = Service(told(CREATED, delta("output_text", "Hi")))
    with pytest.raises(BrokenOffError):
        await service.chunks()
    assert service.paths == ["/v1/chat/completions", "/v1/responses"]


def test_words_that_no_piece_said_are_said_once() -> None:
    item = WHOLE["output"][1]
    done = {"type": "response.output_item.done", "item": item}
    for values in (
        [done, ended(output=[item])],
        [ended(output=[item])],
        [delta("output_text", "Hello"), done, ended()],
    ):
        assert [one for one in read(*values) if isinstance(one, Text)] == [Text("Hello")]


async def test_functions_of_the_notebook_are_called_by_it() -> None:
    def f(a: int) -> int:
        """Double it."""
        return 2 * a

    calls = told(
        CREATED, *({"type": "response.output_item.done", "item": one} for one in (SEALED, CALL)), ended()
    )
    service = Service(calls, STREAM)
    async with service.running() as url, Chat(url, model="m") as chat:
        reply = await chat.ask("Double 1", tools=[f], approve="f")
    assert reply == "Hello"
    assert service.paths == ["/v1/chat/completions", "/v1/responses", "/v1/responses"]
    back, call, result = service.asked[-1][1]["input"][-3:]
    assert back == SEALED
    assert call == {"type": "function_call", "call_id": "c1", "name": "f", "arguments": '{"a": 1}'}
    assert (result["type"], result["output"]) == ("function_call_output", "2")


@pytest.mark.parametrize("is_stream", [True, False])
async def test_a_client_of_chat_completions_is_answered_through_the_gateway(is_stream: bool) -> None:
    calls = told(
        CREATED, delta("output_text", "Hi"), {"type": "response.output_item.done", "item": CALL}, ended()
    )
    async with Service(calls).running() as url, Gateway(UpstreamEngine(url)) as gateway:
        body = {"model": "m", "messages": HELLO, "tools": [OFFERED], "stream": is_stream}
        reply = await talk(gateway, "/v1/chat/completions", body)
    lines = reply.body.decode().replace("data: [DONE]", "").split("\n\n")
    choices = [json.loads(line.removeprefix("data: "))["choices"][0] for line in lines if line.strip()]
    said = [one.get("delta") or one.get("message") or {} for one in choices]
    assert "".join(one.get("content") or "" for one in said) == "Hi"
    (call,) = [call for one in said for call in one.get("tool_calls", ())]
    assert (call["id"], call["function"]) == ("c1", {"name": "f", "arguments": '{"a": 1}'})
    assert is_stream or b'"completion_tokens_details":{"reasoning_tokens":1}' in reply.body
    assert choices[-1]["finish_reason"] == "tool_calls"


@pytest.mark.parametrize("make", [lambda text: {}, lambda text: {"reasoning": {"summary": "auto"}}])
async def test_our_own_gateway_is_read(make: Callable[[str], dict[str, Any]]) -> None:
    said = [
        {"reasoning_content": "so"},
        *({"content": "Hel"}, {"content": "lo"}),
        {"tool_calls": [{"index": 0, "id": "c1", "function": {"name": "f", "arguments": "{}"}}]},
    ]
    chunks = [{"choices": [{"index": 0, "delta": one, "finish_reason": None}]} for one in said]
    last = {
        "choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2},
    }

    async def answer(request: web.Request) -> web.Response:
        text = "".join(f"data: {json.dumps(one)}\n\n" for one in (*chunks, last))
        return web.Response(text=text, content_type="text/event-stream")

    async with served(answer) as address, Gateway(UpstreamEngine(f"{address}/v1", "m")) as gateway:
        provider = OpenAI.at(gateway.openai_base_url)
        options = {"tools": [OFFERED], **make("")}
        responses_request.remember(provider.url, {"model": "m", **options})
        result = provider.create_async_generator("m", HELLO, gives_calls=True, **options)
        found = [one async for one in result.chunks()]
        assert gateway.requests[-1].path == "/v1/responses"
    assert [one for one in found if not isinstance(one, ToolCall)] == [
        *(Reasoning("so"), Text("Hel"), Text("lo"), Usage(1, 2), Finish("tool_calls")),
    ]
    (call,) = [one for one in found if isinstance(one, ToolCall)]
    assert (call.id, call.name, call.arguments) == ("c1", "f", "{}")
