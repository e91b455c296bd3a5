"""Errors that services report within a success: in a stream, before or after words came, or as a body without a reply."""

from __future__ import annotations

import json
from typing import Any

import pytest

from g4f_magic.causes import Cause
from g4f_magic.chunks import Chunk, Text
from g4f_magic.errors import BrokenOffError, ChatError, ServiceError
from g4f_magic.providers.openai import OpenAI
from g4f_magic.wire.error_words import said_in
from tests.contract.providers.openai_server import HELLO, Server, collect, delta, events
from tests.named import named


@pytest.fixture(autouse=True)
def _quick(quick_retries: list[float]) -> None:
    """No case waits before its next try."""


async def failing(body: bytes, *, type: str = "text/event-stream") -> tuple[ChatError, list[Chunk], Server]:  # noqa: A002
    server, chunks = Server(body, type=type), list[Chunk]()
    async with server.running() as address:
        result = OpenAI.at(f"{address}/v1").create_async_generator("m", HELLO)
        with pytest.raises(ChatError) as caught:
            await collect(result.chunks(), chunks)
    return caught.value, chunks, server


BODIES: dict[str, tuple[Any, Cause | None, str]] = {
    "siliconflow: code and msg": (
        {"code": 50000, "msg": "account balance not enough", "data": None},
        Cause.NO_CREDIT,
        "account balance not enough",
    ),
    "cloudflare: success false": (
        {"success": False, "errors": [{"code": 10000, "message": "Authentication error"}], "result": None},
        Cause.WRONG_KEY,
        "Authentication error",
    ),
    "minimax: base_resp": (
        {"base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}, "choices": None},
        Cause.NO_CREDIT,
        "insufficient balance",
    ),
    "baidu: error_code": (
        {"error_code": 18, "error_msg": "Open api qps request limit reached"},
        Cause.RATE_LIMITED,
        "qps",
    ),
    "google: a list": (
        [{"error": {"code": 400, "message": "API key not valid"}}],
        Cause.WRONG_KEY,
        "API key not valid",
    ),
    "a code in words": (
        {"code": "InvalidApiKey", "message": "Invalid API-key provided."},
        Cause.WRONG_KEY,
        "Invalid API-key",
    ),
    "status and message": (
        {"status": 449, "message": "You have exceeded the rate limit"},
        Cause.RATE_LIMITED,
        "rate limit",
    ),
    "error alone": ({"error": "model loading"}, Cause.LOADING, "model loading"),
    "detail": ({"detail": "something odd"}, None, "something odd"),
}


FORMS = [
    (name, form)
    for name in BODIES
    for form in ("body", "event", "bare line")
    if (name, form) != ("google: a list", "bare line")  # a bare line in a stream is an object
]


@pytest.mark.parametrize(("name", "form"), FORMS)
async def test_a_success_without_a_reply_says_why(name: str, form: str) -> None:
    value, cause, words = BODIES[name]
    text = json.dumps(value)
    body = {"body": text, "event": f"data: {text}\n\n", "bare line": f": ping\n\n{text}\n"}[form]
    error, chunks, server = await failing(body.encode())
    assert isinstance(error, ServiceError)
    assert words in str(error)
    assert error.cause is cause
    assert not [chunk for chunk in chunks if isinstance(chunk, Text)]
    assert len(server.bodies) == (3 if cause is not None and cause.may_pass else 1)


@pytest.mark.parametrize(
    ("event", "cause", "words"),
    [
        (
            "event: error\ndata: upstream timed out after 60s\n\n",
            Cause.TIMED_OUT,
            "upstream timed out after 60s",
        ),
        ('event: error\ndata: {"message": "Overloaded"}\n\n', Cause.OVERLOADED, "Overloaded"),
        (
            'event: error\ndata: {"type":"error","error":{"message":"slow down"}}\n\n',
            Cause.RATE_LIMITED,
            "slow down",
        ),
        ('{"error": {"message": "CUDA out of memory"}}\n', Cause.NO_MEMORY, "CUDA out of memory"),
        ('data: {"error": {"message": "it fell over"}}\n\n', None, "it fell over"),
        ('data: {"code": 1301, "message": "content filter"}\n\n', Cause.POLICY, "content filter"),
        (
            'error: {"code":400,"message":"the request exceeds the available context size"}\n\ndata: [DONE]\n\n',
            Cause.LONG_CONVERSATION,
            "the request exceeds the available context size",
        ),
        ("error: engine overloaded\n\n", Cause.OVERLOADED, "engine overloaded"),
        ("data: error: engine overloaded\n\ndata: [DONE]\n\n", Cause.OVERLOADED, "engine overloaded"),
        ("event: exception\ndata: it fell over\n\n", None, "it fell over"),
        (
            'event: response.failed\ndata: {"response":{"error":{"message":"it fell over"}}}\n\n',
            None,
            "it fell over",
        ),
        ("event: stream_error\n\n", None, "without saying which"),
        (
            'data: {"choices":[{"del\nevent: error\ndata: {"error":{"message":"read_error"}}\n\n',
            None,
            "read_error",
        ),
        ('data: {"error":{"message":"it fell over", "type"', None, "it fell over"),
        ('{\n  "error": {\n    "message": "it fell over"\n  }\n}\n', None, "it fell over"),
        (
            '[{\n  "error": {\n    "message": "it is overloaded"\n  }\n}\n]',
            Cause.OVERLOADED,
            "it is overloaded",
        ),
        ("Internal Server Error", Cause.FAILED, "Internal Server Error"),
        ("<html>\n<head><title>504 Gateway Time-out</title>\n", Cause.TIMED_OUT, "504 Gateway Time-out"),
        ("data: Traceback (most recent call last):\n\ndata: ValueError: no\n\n", None, "ValueError: no"),
        ('data: {"choices":[{"delta":{"error":{"message":"it fell over"}}}]}\n\n', None, "it fell over"),
        ('data: {"exception":"it fell over"}\n\ndata: [DONE]\n\n', None, "it fell over"),
        ('data: {"throttlingException":{"message":"slow down"}}\n\n', Cause.RATE_LIMITED, "slow down"),
        ('data: {"Response":{"Error":{"Code":"X","Message":"it fell over"}}}\n\n', None, "it fell over"),
        ('data: {"Choices":[],"ErrorMsg":{"Code":4001,"Msg":"it fell over"}}\n\n', None, "it fell over"),
        (
            'data: {"message":"Too many requests, please wait."}\n\ndata: [DONE]\n\n',
            Cause.RATE_LIMITED,
            "Too many requests",
        ),
    ],
)
async def test_an_error_after_words_breaks_the_reply_off_with_its_words(
    event: str, cause: Cause | None, words: str
) -> None:
    error, chunks, server = await failing(events(delta("Hello"), end=event))
    assert isinstance(error, BrokenOffError)
    assert words in str(error)
    assert error.cause is cause
    assert "is kept" in error.hint
    assert chunks[0] == Text("Hello")
    assert len(server.bodies) == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("Internal error: the widget is broken", "the widget is broken"),
        (": ping\n\nthe widget is broken\n", "the widget is broken"),
        ("upstream connect error or disconnect, reset reason: overflow", "upstream connect error"),
        ("data: Unauthorized\n\n", "Unauthorized"),
        ("data: the widget is broken\n\ndata: [DONE]\n\n", "the widget is broken"),
    ],
)
async def test_a_success_of_bare_words_says_them(body: str, words: str) -> None:
    error, chunks, _ = await failing(body.encode(), type="text/plain")
    assert words in str(error)
    assert not [chunk for chunk in chunks if isinstance(chunk, Text)]


async def test_an_error_before_any_word_is_tried_again_where_that_may_help() -> None:
    error, chunks, server = await failing(b"event: error\ndata: the server is busy, try again in 3s\n\n")
    assert error.retry_after_seconds == 3
    assert len(server.bodies) == 3
    assert len(chunks) == 2


@pytest.mark.parametrize(
    "value",
    [
        {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2}},
        {"id": "x", "object": "chat.completion.chunk", "choices": [], "prompt_filter_results": []},
        {
            "choices": [{"index": 0, "delta": {"content": "", "error": None}}],
            "error": None,
            "code": 0,
            "msg": "success",
        },
        {"choices": [], "status": "success", "message": "begun"},
        {"choices": [], "error": {"message": "", "code": None}, "errors": []},
        {"status": "processing", "message": "searching the web"},
        {"error": False, "exception": None, "err": "", "data": {"detail": "searching"}, "isError": False},
    ],
)
async def test_what_is_no_error_is_none(value: Any) -> None:
    server = Server(events(value, delta("Hello", "stop")))
    async with server.running() as address:
        result = OpenAI.at(f"{address}/v1").create_async_generator("m", HELLO)
        assert [text async for text in result] == ["Hello"]


WORDS = "the widget is broken"
PLACES: list[Any] = [
    {
        "errors": [{"code": "model_not_supported", "message": WORDS, "more_info": "https://x y"}],
        "trace": "abc",
        "status_code": 404,
    },
    {"fault": {"faultstring": WORDS, "detail": {"errorcode": "policies.x"}}},
    {"errors": [{"message": WORDS, "extensions": {"code": "BAD"}}], "data": None},
    {"error": {"code": "X", "message": {"lang": "en", "value": WORDS}}},
    {"error": {"details": {"message": WORDS}}},
    {"errorMessage": WORDS, "errorType": "Runtime.X"},
    {"Error": {"Code": "X", "Message": WORDS}},
    {"Response": {"Error": {"Code": "AuthFailure", "Message": WORDS}, "RequestId": "1"}},
    {"ResponseMetadata": {"RequestId": "1", "Error": {"Code": "X", "Message": WORDS}}},
    {"header": {"code": 10013, "message": WORDS, "sid": "x"}},
    {"data": {"error": {"message": WORDS}}},
    {"result": {"error": WORDS}},
    {
        "error": {
            "errors": [{"domain": "global", "reason": "required", "message": WORDS}],
            "code": 400,
            "message": WORDS,
        }
    },
    {"body": '{"error":{"message":"the widget is broken"}}'},
    {"message": '[{"message":"the widget is broken"}]'},
    {"detail": {"error": {"message": WORDS}}},
    {"detail": {"message": WORDS, "code": 1}},
    {"detail": [WORDS]},
    {"error": [WORDS]},
    {"errors": WORDS},
    {"errors": [WORDS, WORDS]},
    {"errors": {"model": [WORDS]}},
    {"err": {"msg": WORDS}},
    {"error": {"raw": WORDS}},
    {"error": {"body": {"message": WORDS}}},
    {"error": {"error_msg": WORDS}},
    {"error_message": WORDS},
    {"ErrorMessage": WORDS},
    {"exception": {"message": WORDS}},
    {"status": {"message": WORDS, "code": 3}},
    {"error": {"innererror": {"message": WORDS}, "code": "x"}},
    {"error": {"message": "Bad Request", "innererror": {"message": WORDS}}},
    {"error": "invalid_request", "error_description": WORDS},
    {"title": WORDS},
    {"title": "Error", "description": WORDS},
    {"statusText": WORDS},
    {"error": {"status": "failed", "description": WORDS}},
    {"success": False, "message": WORDS},
    {"success": False, "error": {"code": 1, "info": WORDS}},
    {"ok": False, "description": WORDS},
    {
        "type": "urn:x",
        "title": "Unprocessable Entity",
        "status": 422,
        "violations": [{"field": "model", "message": WORDS}],
    },
    {"meta": {"msg": WORDS, "code": 400}},
    [WORDS],
    [[{"error": {"message": WORDS}}]],
    '"the widget is broken"',
    'data: {"error":{"message":"the widget is broken"}}\n\n',
    "HTTP error: the widget is broken",
    "<Error><Message>the widget is broken</Message></Error>",
    "<html><head><title>the widget is broken</title>",
    "{'error': {'message': 'the widget is broken'}}",
    '{"error":"{\\"error\\":\\"the widget is broken\\"}"}',
    {"code": "500", "reason": WORDS},
    {"error": {"reasons": [WORDS]}},
    {"failure": WORDS},
    {"fail": {"reason": WORDS}},
    {"msg": {"text": WORDS}},
]


def test_the_words_are_found_wherever_they_stand() -> None:
    for value in PLACES:
        with named(value):
            assert WORDS in said_in(value)


@pytest.mark.parametrize("value", [value for value in PLACES if isinstance(value, dict | list)])
async def test_a_whole_body_of_words_and_no_reply_says_them(value: Any) -> None:
    error, chunks, _ = await failing(json.dumps(value).encode(), type="application/json")
    assert isinstance(error, ServiceError)
    assert WORDS in str(error)
    assert chunks == []
