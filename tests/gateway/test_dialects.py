"""The dialects on the wire, byte by byte."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.chunks import Finish, Reasoning, Text
from g4f_magic.errors import MissingAuthError, RateLimitError
from g4f_magic.gateway import ChatRequest, Gateway
from g4f_magic.gateway.actions import Action
from g4f_magic.gateway.dialects.darkai import conversation_of
from g4f_magic.messages import Message, Usage, format_prompt
from g4f_magic.testing.script import ScriptEngine
from tests.gateway.raw import SESSION, USER, ask, body_for, talk

ALL = ["koala", "darkai", "freenetfly", "aura", "whiterabbitneo", "openai"]


class Says:
    """An engine that does the actions it is given, and raises at the end what it is given to raise."""

    name = "says"
    label = "says"

    def __init__(self, *actions: Action, error: Exception | None = None) -> None:
        self._actions = actions
        self._error = error

    async def models(self) -> list[str]:
        return ["one", "two"]

    async def reply(self, ask: ChatRequest) -> AsyncGenerator[Action]:
        for action in self._actions:
            yield action
        if self._error is not None:
            raise self._error


HI = Says(Text("Hi “you”"), Usage(3, 2), Finish("stop"))


def events(body: bytes, end: str = "\n\n") -> list[Any]:
    """Return the JSON of each event."""
    lines = body.decode().split(end)
    return [json.loads(line.removeprefix("data: ")) for line in lines if line and "[DONE]" not in line]


async def test_koala_sends_json_strings() -> None:
    async with Gateway(HI) as gateway:
        reply = await ask(gateway, "koala")
    assert reply.headers["content-type"].startswith("text/event-stream")
    assert reply.body == 'data: "Hi “you”"\n\n'.encode()


async def test_koala_sends_objects_where_that_is_asked_for() -> None:
    async with Gateway(HI, variants={"koala-objects"}) as gateway:
        reply = await ask(gateway, "koala")
    assert events(reply.body) == [{"text": "Hi “you”"}]


async def test_koala_wants_input() -> None:
    async with Gateway(HI) as gateway:
        reply = await talk(gateway, "/api/gpt/", {"model": "gpt-4o-mini"})
    assert (reply.status, json.loads(reply.body)) == (400, {"error": "input is required"})


async def test_koalas_histories_become_one_conversation() -> None:
    body = {"input": "c", "inputHistory": ["a", "b"], "outputHistory": ["A", "B"], "model": "m"}
    async with Gateway(HI) as gateway:
        await talk(gateway, "/api/gpt/", body)
    asked = gateway.requests[0].chat
    assert [message.content for message in asked.messages] == ["a", "A", "b", "B", "c"]
    assert (asked.model, asked.prompt) == ("m", "c")


async def test_darkai_sends_its_events_with_crlf() -> None:
    async with Gateway(HI) as gateway:
        reply = await ask(gateway, "darkai")
    assert b"\n" not in reply.body.replace(b"\r\n", b"")
    assert [event["event"] for event in events(reply.body, "\r\n\r\n")] == [
        "begin-stream",
        "text-chunk",
        "final-response",
        "stream-end",
    ]
    assert events(reply.body, "\r\n\r\n")[1]["data"]["text"] == "Hi “you”"
    assert events(reply.body, "\r\n\r\n")[2]["data"]["message"] == "Hi “you”"


async def test_darkai_pings_while_nothing_is_said() -> None:
    heard = asyncio.Event()
    engine = ScriptEngine("Hi", pause=heard.wait)

    async with Gateway(engine, ping_seconds=0.01) as gateway:

        def until(reply: Any) -> bool:
            if b": ping\r\n\r\n" in reply.body:
                heard.set()
            return False

        reply = await ask(gateway, "darkai", until=until)
    assert reply.body.index(b"begin-stream") < reply.body.index(b": ping") < reply.body.index(b"text-chunk")
    assert reply.ending == "whole"


async def test_darkai_refuses_an_unknown_model_as_fastapi_does() -> None:
    async with Gateway(HI) as gateway:
        reply = await talk(gateway, "/chat", {"query": "Hi", "model": "gpt-9"})
    assert reply.status == 422
    assert json.loads(reply.body)["detail"][0]["loc"] == ["body", "model"]


async def test_darkai_reports_an_error_with_status_200() -> None:
    error = RateLimitError("busy", status=429, retry_after_seconds=9)
    async with Gateway(Says(error=error)) as gateway:
        reply = await ask(gateway, "darkai")
    assert reply.status == 200
    assert b'"event":"error"' in reply.body
    assert b'"detail":"busy"' in reply.body


contents = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), min_size=1).filter(
    lambda text: text.strip() and not text.startswith("Assistant:")
)
said = st.lists(st.tuples(st.sampled_from(["system", "user", "assistant"]), contents), min_size=2)


@given(said)
def test_darkais_prompt_is_read_back_as_the_conversation(messages: list[tuple[Any, str]]) -> None:
    prompt = format_prompt([{"role": role, "content": content} for role, content in messages])
    assert conversation_of(prompt) == tuple(Message(role, content) for role, content in messages)


@given(st.text().filter(lambda text: not text.rstrip().endswith("Assistant:")))
def test_a_text_without_roles_is_the_question(text: str) -> None:
    assert conversation_of(text) == (Message("user", text),)


async def test_openai_streams_role_content_finish_and_usage() -> None:
    path, body, _ = body_for("openai")
    async with Gateway(HI) as gateway:
        reply = await talk(gateway, path, body | {"stream_options": {"include_usage": True}})
    assert reply.body.endswith(b"data: [DONE]\n\n")
    first, text, last, usage = events(reply.body)
    assert first["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert text["choices"][0]["delta"] == {"content": "Hi “you”"}
    assert (last["choices"][0]["delta"], last["choices"][0]["finish_reason"]) == ({}, "stop")
    assert (usage["choices"], usage["usage"]["total_tokens"]) == ([], 5)
    assert len({event["id"] for event in events(reply.body)}) == 1


async def test_openai_sends_no_usage_unasked() -> None:
    async with Gateway(HI) as gateway:
        reply = await ask(gateway, "openai")
    assert b'"usage"' not in reply.body


async def test_freenetfly_sends_usage_unasked() -> None:
    async with Gateway(HI) as gateway:
        reply = await ask(gateway, "freenetfly")
    assert events(reply.body)[-1]["choices"] == []


async def test_openai_sends_reasoning_apart() -> None:
    async with Gateway(Says(Reasoning("hm"), Text("Yes"), Finish())) as gateway:
        reply = await ask(gateway, "openai")
    deltas = [event["choices"][0]["delta"] for event in events(reply.body)]
    assert {"reasoning_content": "hm"} in deltas


async def test_openai_answers_whole_without_stream() -> None:
    async with Gateway(HI) as gateway:
        reply = await talk(gateway, "/v1/chat/completions", {"model": "m", "messages": USER})
    answer = json.loads(reply.body)
    assert reply.headers["content-type"] == "application/json"
    assert answer["choices"][0]["message"] == {"role": "assistant", "content": "Hi “you”"}
    assert answer["usage"] == {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}


async def test_openai_lists_the_engines_models() -> None:
    async with Gateway(HI) as gateway:
        reply = await talk(gateway, "/v1/models", method="GET")
    assert [model["id"] for model in json.loads(reply.body)["data"]] == ["one", "two"]


@pytest.mark.parametrize(
    "body", [[], b"{", {"model": "m"}, {"messages": USER}, {"model": "m", "messages": []}]
)
async def test_openai_refuses_what_is_no_request(body: Any) -> None:
    async with Gateway(HI) as gateway:
        reply = await talk(gateway, "/v1/chat/completions", body)
    assert reply.status == 400
    assert json.loads(reply.body)["error"]["type"] == "invalid_request_error"


async def test_openai_has_its_own_form_for_an_engines_error() -> None:
    async with Gateway(Says(error=MissingAuthError("no key", hint="Set one."))) as gateway:
        reply = await ask(gateway, "openai")
    error = json.loads(reply.body)["error"]
    assert (reply.status, error["type"], error["message"]) == (
        401,
        "authentication_error",
        "no key (Set one.)",
    )


@pytest.mark.parametrize(("header", "status"), [({}, 401), ({"Authorization": "Bearer nk-1"}, 200)])
async def test_freenetfly_wants_its_code_where_that_is_asked_for(header: dict[str, str], status: int) -> None:
    path, body, _ = body_for("freenetfly")
    async with Gateway(HI, variants={"access-code"}) as gateway:
        reply = await talk(gateway, path, body, headers=header)
    assert reply.status == status
    assert (status == 200) or json.loads(reply.body) == {"error": True, "msg": "please go login"}


async def test_aura_sends_text_without_a_content_type() -> None:
    async with Gateway(HI) as gateway:
        reply = await ask(gateway, "aura")
    assert "content-type" not in reply.headers
    assert reply.body == "Hi “you”".encode()


async def test_aura_puts_an_error_into_the_status_line() -> None:
    async with Gateway(Says(error=MissingAuthError("no key\r\nX-Evil: 1 ü"))) as gateway:
        reply = await ask(gateway, "aura")
    assert reply.status_line == "HTTP/1.1 500 no key X-Evil: 1 ?"
    assert "x-evil" not in reply.headers


async def test_auras_prompt_is_the_system_message() -> None:
    path, body, _ = body_for("aura")
    async with Gateway(HI) as gateway:
        await talk(gateway, path, body | {"prompt": "Be brief"})
    asked = gateway.requests[0].chat
    assert asked.messages == (Message("system", "Be brief"), Message("user", "Hi"))
    assert (asked.model, asked.parameters["max_tokens"]) == ("openchat_3.6", 8192)


async def test_auras_page_sets_a_cookie_by_header_and_one_by_script() -> None:
    async with Gateway(HI) as gateway:
        reply = await talk(gateway, "/", method="GET")
    assert reply.headers["set-cookie"].startswith("session=")
    assert b'document.cookie = "visitor=' in reply.body


async def test_whiterabbitneo_wants_a_session() -> None:
    path, body, _ = body_for("whiterabbitneo")
    async with Gateway(HI) as gateway:
        reply = await talk(gateway, path, body, headers={"Cookie": "other=1"})
    assert (reply.status, reply.body) == (401, b"Unauthorized")


async def test_whiterabbitneo_sends_plain_text() -> None:
    async with Gateway(HI) as gateway:
        reply = await ask(gateway, "whiterabbitneo")
    assert reply.headers["content-type"].startswith("text/plain")
    assert reply.body == "Hi “you”".encode()


async def test_whiterabbitneo_sends_lines_where_that_is_asked_for() -> None:
    async with Gateway(HI, variants={"data-stream"}) as gateway:
        reply = await ask(gateway, "whiterabbitneo")
    assert reply.headers["x-experimental-stream-data"] == "true"
    assert reply.body == '0:"Hi “you”"\n'.encode()


async def test_a_body_of_neither_is_refused_where_two_share_a_path() -> None:
    async with Gateway(HI) as gateway:
        reply = await talk(gateway, "/api/chat", {"messages": USER}, headers=SESSION)
    assert reply.status == 400


@pytest.mark.parametrize("dialect", ALL)
async def test_an_error_after_the_first_text_never_ends_as_a_whole_reply(dialect: str) -> None:
    async with Gateway(Says(Text("Hi"), error=MissingAuthError("gone"))) as gateway:
        reply = await ask(gateway, dialect)
    assert reply.status == 200
    assert reply.ending == "cut" or b"gone" in reply.body
    assert b"[DONE]" not in reply.body
    assert b"stream-end" not in reply.body
