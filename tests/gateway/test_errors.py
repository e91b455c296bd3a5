"""What goes wrong is told in OpenAI's form, on every path and by every method."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from g4f_magic.chunks import Text
from g4f_magic.errors import (
    InputError,
    ModelNotSupportedError,
    RateLimitError,
    ResponseStatusError,
    UnreachableError,
)
from g4f_magic.gateway import ChatRequest, Gateway, GuideEngine
from g4f_magic.gateway.actions import Action
from g4f_magic.gateway.routes import BODY_LIMIT_BYTES
from g4f_magic.testing.script import ScriptEngine
from tests.gateway.raw import SESSION, USER, Reply, body_for, talk

CHAT = "/v1/chat/completions"
HELLO = {"model": "guide", "messages": USER}


def error_in(reply: Reply) -> dict[str, Any]:
    assert reply.headers["content-type"] == "application/json"
    error: dict[str, Any] = json.loads(reply.body)["error"]
    assert error.keys() == {"message", "type", "param", "code"}
    assert all(error[name] for name in ("message", "type", "code"))
    return error


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize(
    "path",
    [
        *("/v1/completions", "/v1/responses/compact/x", "/v1/images/generations", "/v1", "/v1/"),
        *("/chat/completions", "/nothing", "/v1/chat/completions/", "/api/nothing"),
    ],
)
@pytest.mark.parametrize("with_token", [True, False])
async def test_an_unknown_path_says_what_is_there(path: str, method: str, with_token: bool) -> None:
    async with Gateway(GuideEngine(0)) as gateway:
        key = {"Authorization": f"Bearer {gateway.token}"}
        reply = await talk(gateway, path, {}, method=method, headers=key, with_token=with_token)
        assert gateway.token not in reply.body.decode()
    error = error_in(reply)
    assert reply.status == 404
    if with_token or path.startswith("/v1/"):
        assert error["code"] == "unknown_url"
        assert f"{method} {path}." in error["message"]
        assert "/v1/chat/completions" in error["message"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", CHAT, "POST"),
        ("PUT", CHAT, "POST"),
        ("GET", "/v1/responses", "POST"),
        ("POST", "/v1/responses/resp_1", "DELETE,GET,HEAD"),
        ("GET", "/v1/embeddings", "POST"),
        ("POST", "/v1/models", "GET,HEAD"),
        ("DELETE", "/v1/models/guide", "GET,HEAD"),
        ("GET", "/api/gpt/", "POST"),
        ("GET", "/chat", "POST"),
        ("PUT", "/api/chat", "POST"),
        ("POST", "/health", "GET,HEAD"),
    ],
)
async def test_a_wrong_method_says_which_is_right(method: str, path: str, allowed: str) -> None:
    async with Gateway(GuideEngine(0)) as gateway:
        reply = await talk(gateway, path, {}, method=method)
    assert (reply.status, error_in(reply)["code"]) == (405, "method_not_allowed")
    assert reply.headers["allow"].replace(" ", "") == allowed


@pytest.mark.parametrize(
    "body", [b"{", b"", b"[1]", b'"text"', b"\xff", b"[" * 200_000, b"NaN", b"9" * 9_999]
)
async def test_a_body_that_is_no_object_is_said(body: bytes) -> None:
    async with Gateway(GuideEngine(0)) as gateway:
        replies = [await talk(gateway, path, body) for path in (CHAT, "/v1/responses", "/v1/embeddings")]
    assert {(reply.status, error_in(reply)["code"]) for reply in replies} == {(400, "invalid_json")}


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({"model": "guide"}, "messages", "missing_required_parameter"),
        ({"model": "guide", "messages": "Hi"}, "messages", "invalid_type"),
        ({"model": "guide", "messages": []}, "messages", "invalid_type"),
        ({"model": "guide", "messages": [{"content": "Hi"}]}, "messages", "invalid_type"),
        ({"messages": USER}, "model", "missing_required_parameter"),
        ({"model": 4, "messages": USER}, "model", "invalid_type"),
    ],
)
async def test_what_is_missing_is_named(body: dict[str, Any], param: str, code: str) -> None:
    async with Gateway(GuideEngine(0)) as gateway:
        reply = await talk(gateway, CHAT, body)
    error = error_in(reply)
    assert (reply.status, error["param"], error["code"]) == (400, param, code)


@pytest.mark.parametrize("path", [CHAT, "/v1/responses", "/v1/embeddings", "/chat", "/api/chat"])
async def test_a_body_above_the_limit_is_said(path: str) -> None:
    async with Gateway(GuideEngine(0)) as gateway:
        reply = await talk(gateway, path, b" " * (BODY_LIMIT_BYTES + 1))
    assert (reply.status, error_in(reply)["code"]) == (413, "request_too_large")


class Fails:
    """An engine with a fault."""

    name = label = "fails"

    def __init__(self, error: Exception, *actions: Action) -> None:
        self._error = error
        self._actions = actions

    async def models(self) -> list[str]:
        raise self._error

    async def reply(self, ask: ChatRequest) -> AsyncGenerator[Action]:
        for action in self._actions:
            yield action
        raise self._error


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (UnreachableError("nobody there", hint="Start it."), 502, "upstream_error"),
        (RateLimitError("busy", status=429), 429, "rate_limit_exceeded"),
        (RateLimitError("no credit", status=402), 402, "insufficient_quota"),
        (ZeroDivisionError("the secret of the engine"), 500, "server_error"),
    ],
)
@pytest.mark.parametrize("path", [CHAT, "/v1/responses", "/v1/models", "/v1/models/x"])
async def test_an_engines_fault_has_a_status_and_a_code(
    error: Exception, status: int, code: str, path: str
) -> None:
    async with Gateway(Fails(error)) as gateway:
        body = HELLO if path == CHAT else {"model": "guide", "input": "Hi"}
        reply = await talk(gateway, path, body, method="GET" if "models" in path else "POST")
    assert (reply.status, error_in(reply)["code"]) == (status, code)
    assert b"secret" not in reply.body


async def test_a_model_that_an_engine_has_not_is_no_fault_of_its_own() -> None:
    async with Gateway(Fails(ModelNotSupportedError("no such model"))) as gateway:
        reply = await talk(gateway, CHAT, HELLO)
    assert (reply.status, error_in(reply)["code"], error_in(reply)["param"]) == (
        404,
        "model_not_found",
        "model",
    )


@pytest.mark.parametrize("path", ["/v1/models", "/v1/models/x"])
@pytest.mark.parametrize(
    "error", [InputError("no list"), ResponseStatusError("HTTP 404", status=404)], ids=["no list", "404"]
)
async def test_a_server_without_a_list_is_no_fault_of_the_client(error: Exception, path: str) -> None:
    async with Gateway(Fails(error)) as gateway:
        reply = await talk(gateway, path, b"", method="GET")
    assert (reply.status, error_in(reply)["code"]) == (502, "upstream_error")


async def test_a_fault_after_the_first_text_breaks_the_reply_off() -> None:
    async with Gateway(Fails(ZeroDivisionError("oh"), Text("Hi"))) as gateway:
        reply = await talk(gateway, CHAT, {**HELLO, "stream": True})
    assert (reply.status, reply.ending) == (200, "cut")
    assert b"[DONE]" not in reply.body


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Host": "evil.example"}, 421, "misdirected_request"),
        ({"Origin": "https://evil.example"}, 403, "permission_denied"),
        ({"Sec-Fetch-Site": "cross-site"}, 403, "permission_denied"),
    ],
)
@pytest.mark.parametrize("path", [CHAT, "/health", "/nothing"])
async def test_who_may_not_come_in_is_told_in_json(
    headers: dict[str, str], status: int, code: str, path: str
) -> None:
    async with Gateway(GuideEngine(0)) as gateway:
        reply = await talk(gateway, path, HELLO, headers=headers)
    assert (reply.status, error_in(reply)["code"]) == (status, code)
    assert not [name for name in reply.headers if name.startswith("access-control")]


@pytest.mark.parametrize("with_token", [True, False])
async def test_a_sign_of_life_needs_no_token_and_tells_nothing(with_token: bool) -> None:
    async with Gateway(GuideEngine(0)) as gateway:
        reply = await talk(gateway, "/health", b"", method="GET", with_token=with_token)
    assert (reply.status, json.loads(reply.body)) == (200, {"status": "ok"})


@pytest.mark.parametrize("path", ["/v1/models", "/v1/models/guide", "/health"])
async def test_head_has_no_body(path: str) -> None:
    async with Gateway(GuideEngine(0)) as gateway:
        reply = await talk(gateway, path, b"", method="HEAD")
    assert (reply.status, reply.body, reply.ending) == (200, b"", "whole")
    assert int(reply.headers["content-length"]) > 0


async def test_options_names_the_methods_and_allows_no_page() -> None:
    async with Gateway(GuideEngine(0)) as gateway:
        reply = await talk(gateway, CHAT, b"", method="OPTIONS")
        page = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
        preflight = await talk(gateway, CHAT, b"", method="OPTIONS", headers=page)
        nothing = await talk(gateway, "/v1/nothing", b"", method="OPTIONS")
    assert (reply.status, reply.headers["allow"]) == (204, "OPTIONS, POST")
    assert (preflight.status, nothing.status) == (403, 404)
    assert not [name for name in preflight.headers if name.startswith("access-control")]


SCHEMA = {"type": "json_schema", "json_schema": {"name": "s", "schema": {"type": "object"}}}
PICTURE = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}]
UNCARRIED = [
    ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools"),
    ({"functions": [{"name": "f"}]}, "functions"),
    ({"tool_choice": "required"}, "tool_choice"),
    ({"response_format": SCHEMA}, "response_format"),
    ({"response_format": {"type": "json_object"}}, "response_format"),
    ({"n": 2}, "n"),
    ({"logprobs": True}, "logprobs"),
    ({"top_logprobs": 3}, "top_logprobs"),
    ({"audio": {"voice": "a"}}, "audio"),
    ({"modalities": ["text", "audio"]}, "modalities"),
    ({"messages": PICTURE}, "messages[0].content[0]"),
    ({"messages": [{"role": "tool", "tool_call_id": "c", "content": "4"}]}, "messages[0].role"),
    ({"messages": [*USER, {"role": "assistant", "tool_calls": [{"id": "c"}]}]}, "messages[1].tool_calls"),
]


@pytest.mark.parametrize(("asked", "param"), UNCARRIED, ids=str)
@pytest.mark.parametrize("engine", [GuideEngine(0), ScriptEngine()], ids=["guide", "script"])
async def test_what_text_alone_cannot_carry_is_refused_by_name(
    engine: Any, asked: dict[str, Any], param: str
) -> None:
    async with Gateway(engine) as gateway:
        reply = await talk(gateway, CHAT, {**HELLO, **asked})
    error = error_in(reply)
    assert (reply.status, error["param"]) == (400, param)
    assert error["code"] in ("unsupported_parameter", "unsupported_content")


@pytest.mark.parametrize("dialect", ["koala", "darkai", "freenetfly", "aura", "whiterabbitneo"])
@pytest.mark.parametrize(("asked", "param"), UNCARRIED[:-3], ids=str)
async def test_an_old_protocol_refuses_it_too(dialect: str, asked: dict[str, Any], param: str) -> None:
    path, body, headers = body_for(dialect)
    async with Gateway(GuideEngine(0)) as gateway:
        reply = await talk(gateway, path, {**body, **asked}, headers=headers)
    assert reply.status == 400
    assert f"'{param}'" in reply.body.decode() + reply.status_line


@pytest.mark.parametrize("dialect", ["freenetfly", "aura", "whiterabbitneo"])
async def test_a_picture_is_not_dropped_on_the_way(dialect: str) -> None:
    path, body, headers = body_for(dialect)
    async with Gateway(GuideEngine(0)) as gateway:
        reply = await talk(gateway, path, {**body, "messages": PICTURE}, headers=headers or SESSION)
    assert reply.status == 400
    assert "image_url" in reply.body.decode() + reply.status_line


@pytest.mark.parametrize(
    "asked",
    [
        {
            "temperature": 0.1,
            "top_p": 0.5,
            "max_tokens": 9,
            "max_completion_tokens": 9,
            "seed": 1,
            "stop": "x",
        },
        {"presence_penalty": 1, "frequency_penalty": 1, "logit_bias": {"1": 1}, "user": "u", "store": False},
        {"n": 1, "tools": [], "tool_choice": "auto", "response_format": {"type": "text"}, "logprobs": False},
        {
            "tools": None,
            "n": None,
            "response_format": None,
            "parallel_tool_calls": True,
            "top_logprobs": None,
        },
        {"stream_options": {"include_usage": True}, "stream": True, "reasoning_effort": "low"},
    ],
)
async def test_a_simple_client_is_answered_by_the_guide(asked: dict[str, Any]) -> None:
    async with Gateway(GuideEngine(0)) as gateway:
        reply = await talk(gateway, CHAT, {**HELLO, **asked})
    assert reply.status == 200


async def test_what_the_guide_does_not_know_is_refused_by_name() -> None:
    async with Gateway(GuideEngine(0)) as gateway:
        reply = await talk(gateway, CHAT, {**HELLO, "guided_regex": "[a-z]"})
    assert (reply.status, error_in(reply)["param"]) == (400, "guided_regex")


@pytest.mark.parametrize("model", ["gpt-4o", "guide-2"])
async def test_the_guide_answers_for_no_model(model: str) -> None:
    async with Gateway(GuideEngine(0)) as gateway:
        reply = await talk(gateway, CHAT, {**HELLO, "model": model})
    error = error_in(reply)
    assert (reply.status, error["code"], error["param"]) == (404, "model_not_found", "model")
    assert "--upstream" in error["message"]


@pytest.mark.parametrize("model", ["guide", ""])
@pytest.mark.parametrize("is_stream", [True, False])
async def test_the_guide_goes_by_its_own_name(model: str, is_stream: bool) -> None:
    async with Gateway(GuideEngine(0)) as gateway:
        reply = await talk(gateway, CHAT, {**HELLO, "model": model, "stream": is_stream})
    bodies = reply.body.decode().replace("data: [DONE]", "").replace("data: ", "").split("\n\n")
    assert {json.loads(body)["model"] for body in bodies if body.strip()} == {"guide"}


@pytest.mark.parametrize("dialect", ["koala", "darkai", "freenetfly", "aura", "whiterabbitneo"])
async def test_an_old_protocol_says_who_really_answered(dialect: str) -> None:
    path, body, headers = body_for(dialect)
    async with Gateway(GuideEngine(0)) as gateway:
        reply = await talk(gateway, path, body, headers=headers)
    assert reply.status == 200
    assert reply.headers["x-g4f-model"] == "guide"
    assert b'"model":"gpt' not in reply.body
