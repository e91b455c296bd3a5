"""What OpenAI's clients ask and are told through a gateway that has a model behind it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from g4f_magic.gateway import Gateway, UpstreamEngine
from g4f_magic.gateway.engines import upstream
from tests.gateway.raw import USER, Reply, talk
from tests.gateway.service import DONE, Service, choice, event, running
from tests.patience import PATIENCE_SECONDS

PATH = "/v1/chat/completions"
ASKS: dict[str, Any] = {
    "max_completion_tokens": 9,
    "max_tokens": 9,
    "stop": ["\n\n"],
    "seed": 7,
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
    "tool_choice": {"type": "function", "function": {"name": "f"}},
    "parallel_tool_calls": False,
    "response_format": {"type": "json_schema", "json_schema": {"name": "s", "schema": {"type": "object"}}},
    "n": 2,
    "logprobs": True,
    "top_logprobs": 3,
    "logit_bias": {"50256": -100},
    "user": "somebody",
    "reasoning_effort": "low",
    "presence_penalty": 0.5,
    "frequency_penalty": -0.5,
    "temperature": 0,
    "top_p": 1,
    "metadata": {"a": "b"},
    "guided_regex": "[a-z]+",
    "chat_template_kwargs": {"enable_thinking": False},
    "cache_prompt": None,
}
SAID = [
    USER[0]
    | {"content": [{"type": "text", "text": "Hi"}, {"type": "image_url", "image_url": {"url": "data:"}}]},
    {"role": "assistant", "content": None, "tool_calls": [{"id": "c", "type": "function", "function": {}}]},
    {"role": "tool", "tool_call_id": "c", "content": "4"},
]


@asynccontextmanager
async def before(service: Service, **options: Any) -> AsyncIterator[Gateway]:
    async with running(service), Gateway(UpstreamEngine(service.base_url, **options)) as gateway:
        yield gateway


async def ask(service: Service, **body: Any) -> Reply:
    async with before(service) as gateway:
        return await talk(gateway, PATH, {"model": "theirs", "messages": USER, **body})


def events(reply: Reply) -> list[Any]:
    return [
        json.loads(line[6:]) for line in reply.body.decode().split("\n\n") if line and "[DONE]" not in line
    ]


@pytest.mark.parametrize("is_stream", [True, False])
async def test_whatever_a_client_asks_for_arrives_as_it_was_sent(is_stream: bool) -> None:
    service = Service(choice({"content": "Hi"}, "stop"), DONE)
    body = {"model": "theirs", "messages": SAID, "stream": is_stream, **ASKS}
    async with before(service) as gateway:
        await talk(gateway, PATH, body)
    assert service.sent == [body]


async def test_nothing_is_asked_for_that_the_client_did_not_ask_for() -> None:
    service = Service(choice({"content": "Hi"}, "stop"), DONE)
    await ask(service, stream=True)
    assert service.sent[0].keys() == {"model", "messages", "stream"}


async def test_neither_the_gateways_token_nor_a_clients_header_goes_on() -> None:
    service = Service(choice({"content": "Hi"}, "stop"), DONE)
    body = {"model": "theirs", "messages": USER, "stream": True}
    async with before(service, api_key="upstream-key-1") as gateway:
        key = {"Authorization": f"Bearer {gateway.token}"}
        await talk(gateway, PATH, body, headers=key, with_token=False)
    assert service.keys == ["Bearer upstream-key-1"]


async def test_deltas_of_tools_choices_logprobs_and_thoughts_come_back_as_they_were_said() -> None:
    call = {"index": 0, "id": "c1", "type": "function", "function": {"name": "f", "arguments": ""}}
    first = {"role": "assistant", "content": "B"}
    said = [
        {"index": 0, "delta": {"role": "assistant", "content": None}, "finish_reason": None},
        {"index": 1, "delta": first, "finish_reason": None, "logprobs": {"content": []}},
        {"index": 0, "delta": {"reasoning_content": "hm"}, "finish_reason": None},
        {"index": 0, "delta": {"tool_calls": [call]}, "finish_reason": None},
        {"index": 0, "delta": {"refusal": "No"}, "finish_reason": None},
        {"index": 1, "delta": {}, "finish_reason": "content_filter"},
        {"index": 0, "delta": {}, "finish_reason": "tool_calls", "stop_reason": 7},
    ]
    shared = {"id": "x", "object": "chat.completion.chunk", "created": 5, "model": "their-model"}
    sent = [{**shared, "system_fingerprint": "fp", "choices": [one]} for one in said]
    reply = await ask(Service(*map(event, sent), DONE), stream=True)
    assert events(reply) == sent
    assert reply.body.endswith(DONE)
    assert reply.body.count(b"[DONE]") == 1


@pytest.mark.parametrize("is_stream", [True, False])
async def test_half_of_a_surrogate_pair_comes_back_as_it_was_said(is_stream: bool) -> None:
    service = Service(choice({"content": "\ud83d"}), choice({"content": "\ude00"}, "stop"), DONE)
    assert b'"\\ud83d' in (await ask(service, stream=is_stream)).body


async def test_a_whole_completion_comes_back_as_it_was_said() -> None:
    completion = {
        "id": "x",
        "object": "chat.completion",
        "created": 5,
        "model": "their-model",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "A"}, "finish_reason": "length"},
            {"index": 1, "message": {"role": "assistant", "content": "B"}, "finish_reason": "stop"},
        ],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3, "details": {"cached": 1}},
        "timings": {"predicted_ms": 1.5},
    }
    reply = await ask(Service(json.dumps(completion).encode(), headers={"Content-Type": "application/json"}))
    assert json.loads(reply.body) == completion
    assert reply.headers["content-type"] == "application/json"


async def test_what_a_server_left_out_is_filled_in() -> None:
    reply = await ask(
        Service(event({"choices": [{"delta": {"content": "Hi"}}]}), choice({}, "stop")), stream=True
    )
    first, last = events(reply)
    assert first["id"].startswith("chatcmpl-")
    assert (first["object"], first["model"]) == ("chat.completion.chunk", "theirs")
    delta = {"role": "assistant", "content": "Hi"}  # clients keep no message without a role
    assert first["choices"] == [{"index": 0, "delta": delta, "finish_reason": None}]
    assert last["choices"] == [{"index": 0, "delta": {}, "finish_reason": "stop"}]
    assert reply.body.endswith(DONE)


CLOSING = {
    "object": "chat.completion",
    "choices": [
        {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hello world"}}
    ],
}


async def test_a_closing_frame_does_not_say_the_reply_again() -> None:
    service = Service(choice({"content": "Hello"}), choice({"content": " world"}), event(CLOSING))
    reply = await ask(service, stream=True)
    said = [event["choices"][0] for event in events(reply)]
    assert "".join(one["delta"].get("content") or "" for one in said) == "Hello world"
    assert said[-1] == {"index": 0, "delta": {}, "finish_reason": "stop"}


async def test_a_message_beside_each_delta_is_left_out() -> None:
    service = Service(
        choice({"content": "Hello"}, message={"content": "Hello"}),
        choice({"content": " world"}, "stop", message={"content": "Hello world"}),
        DONE,
    )
    assert b'"message"' not in (await ask(service, stream=True)).body


async def test_a_whole_completion_in_place_of_a_stream_becomes_one() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    body = {"model": "theirs", "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]}
    reply = await ask(Service(json.dumps(body).encode()), stream=True)
    assert events(reply)[0]["choices"][0]["delta"]["tool_calls"] == [{"index": 0, **call}]
    assert reply.body.endswith(DONE)


async def test_a_stream_in_place_of_a_whole_completion_becomes_one() -> None:
    name = {"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a"'}}
    service = Service(
        choice({"role": "assistant", "content": ""}),
        choice({"content": "Hel"}),
        choice({"content": "lo", "reasoning_content": "hm"}),
        choice({"content": "B"}, index=1),
        choice({"tool_calls": [name]}),
        choice({"tool_calls": [{"index": 0, "function": {"arguments": ": 1}"}}]}),
        choice({}, "tool_calls"),
        choice({}, "length", index=1),
        event({"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}}),
        DONE,
    )
    answer = json.loads((await ask(service)).body)
    first, second = answer["choices"]
    assert first["message"] == {
        "role": "assistant",
        "content": "Hello",
        "reasoning_content": "hm",
        "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}],
    }
    assert (second["message"]["content"], second["finish_reason"]) == ("B", "length")
    assert (answer["object"], answer["usage"]["total_tokens"]) == ("chat.completion", 3)


USAGE = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}


@pytest.mark.parametrize("options", [{}, {"stream_options": {"include_usage": False}}])
async def test_usage_is_not_sent_unasked(options: dict[str, Any]) -> None:
    last = event({"model": "theirs", "choices": [], "usage": USAGE})
    reply = await ask(Service(choice({"content": "Hi"}, "stop"), last, DONE), stream=True, **options)
    assert b"usage" not in reply.body
    assert [len(event["choices"]) for event in events(reply)] == [1]


async def test_usage_comes_where_it_is_asked_for() -> None:
    last = event({"model": "theirs", "choices": [], "usage": USAGE})
    service = Service(choice({"content": "Hi"}, "stop"), last, DONE)
    reply = await ask(service, stream=True, stream_options={"include_usage": True})
    assert (events(reply)[-1]["choices"], events(reply)[-1]["usage"]) == ([], USAGE)
    assert service.sent[0]["stream_options"] == {"include_usage": True}


REFUSED = {
    "message": "Too long.\nReduce it.",
    "type": "their_type",
    "param": "messages",
    "code": "context_length_exceeded",
}


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 429, 500, 503])
@pytest.mark.parametrize("is_stream", [True, False])
async def test_a_servers_own_error_comes_back_in_its_words(status: int, is_stream: bool) -> None:
    body = json.dumps({"error": REFUSED}).encode()
    service = Service(body, status=status, headers={"Content-Type": "application/json", "Retry-After": "7"})
    reply = await ask(service, stream=is_stream)
    assert (reply.status, json.loads(reply.body)) == (status, {"error": REFUSED})
    assert reply.headers["retry-after"] == "7"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"detail": "Not here"}', "Not here"),
        (b'{"error": "Just words"}', "Just words"),
        (b"<html>nginx</html>", "HTTP 400"),
        (b"", "HTTP 400"),
    ],
)
async def test_an_error_of_another_form_is_put_into_openais(body: bytes, words: str) -> None:
    reply = await ask(Service(body, status=400, headers={"Content-Type": "application/json"}))
    error = json.loads(reply.body)["error"]
    assert words in error["message"]
    assert (reply.status, error["type"], error["code"]) == (400, "invalid_request_error", "invalid_request")


@pytest.mark.parametrize(
    "form", ['"key": "%s"', '"error": {"message": "no: %s", "code": "%s", "type": "%s"}']
)
async def test_a_key_that_a_server_repeats_is_not_passed_on(form: str) -> None:
    key = "opensesame-1234"
    service = Service(f"{{{form.replace('%s', key)}}}".encode(), status=401)
    async with before(service, api_key=key) as gateway:
        reply = await talk(gateway, PATH, {"model": "theirs", "messages": USER})
    assert reply.status == 401
    assert key not in reply.body.decode()
    assert json.loads(reply.body)["error"]["type"]


@pytest.mark.parametrize(
    "parts",
    [
        (choice({"content": "Hi"}),),
        (choice({"content": "Hi"}), event({"error": {"message": "fell over", "code": 500}})),
        (choice({"content": "Hi"}), b'event: error\ndata: {"error": "fell over"}\n\n'),
    ],
)
async def test_a_stream_that_breaks_off_never_ends_as_a_whole_one(parts: tuple[bytes, ...]) -> None:
    reply = await ask(Service(*parts), stream=True)
    assert events(reply)[0]["choices"][0]["delta"] == {"role": "assistant", "content": "Hi"}
    assert events(reply)[-1]["error"]["message"]
    assert b"[DONE]" not in reply.body


@pytest.mark.parametrize("is_stream", [True, False])
@pytest.mark.parametrize(
    ("words", "status"),
    [("Your credit balance is too low", 402), ("Rate limit reached", 429), ("fell over", 502)],
)
async def test_an_error_with_status_200_is_one(words: str, status: int, is_stream: bool) -> None:
    reply = await ask(Service(json.dumps({"error": {"message": words}}).encode()), stream=is_stream)
    assert reply.status == status
    assert words in json.loads(reply.body)["error"]["message"]


async def test_a_half_completion_is_an_error() -> None:
    reply = await ask(Service(b'{"choices": [{"message": {"content": "He'))
    assert (reply.status, json.loads(reply.body)["error"]["code"]) == (502, "upstream_error")


async def test_a_whole_completion_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upstream, "MOST_WHOLE_BYTES", 100_000)
    service = Service()
    service.goes_on = True
    reply = await ask(service)
    assert (reply.status, json.loads(reply.body)["error"]["type"]) == (502, "server_error")


@pytest.mark.parametrize("is_stream", [True, False])
async def test_a_client_that_leaves_stops_the_server_at_once(is_stream: bool) -> None:
    service = Service()
    service.goes_on = True
    async with before(service) as gateway:
        body = {"model": "theirs", "messages": USER, "stream": is_stream}
        asking = asyncio.create_task(talk(gateway, PATH, body, until=lambda reply: len(reply.pieces) > 2))
        if is_stream:
            await asking
        else:
            while not service.sent:
                await asyncio.sleep(0)
            asking.cancel()
        await asyncio.wait_for(service.left.wait(), PATIENCE_SECONDS)


@pytest.mark.parametrize("offered", [None, []])
async def test_a_model_that_was_named_is_listed_where_the_server_has_no_list(
    offered: list[str] | None,
) -> None:
    service = Service(choice({"content": "Hi"}, "stop"), DONE)
    service.names = offered
    async with before(service, model="org/own") as gateway:
        listed = await talk(gateway, "/v1/models", method="GET")
        one = await talk(gateway, "/v1/models/org%2Fown", method="GET")
        same = await talk(gateway, "/v1/models/org/own", method="GET")
        other = await talk(gateway, "/v1/models/org/other", method="GET")
        await talk(gateway, PATH, {"model": "org/own", "messages": USER})
    assert [model["id"] for model in json.loads(listed.body)["data"]] == ["org/own"]
    assert json.loads(one.body) == json.loads(same.body)
    assert (json.loads(one.body)["id"], json.loads(one.body)["object"]) == ("org/own", "model")
    assert (other.status, json.loads(other.body)["error"]["code"]) == (404, "model_not_found")
    assert service.sent[0]["model"] == "org/own"


async def test_a_server_without_a_list_knows_its_models_itself() -> None:
    service = Service(choice({"content": "Hi"}, "stop"), DONE)
    service.names = None
    async with before(service) as gateway:
        listed = await talk(gateway, "/v1/models", method="GET")
        await talk(gateway, PATH, {"model": "whatever", "messages": USER})
    assert (listed.status, json.loads(listed.body)["error"]["code"]) == (502, "upstream_error")
    assert service.sent[0]["model"] == "whatever"


async def test_the_model_in_the_header_is_the_one_that_answers() -> None:
    named = event({"model": "modèle/β", "choices": [{"index": 0, "delta": {"content": "Hi"}}]})
    reply = await ask(Service(named, choice({}, "stop"), DONE), stream=True)
    assert reply.headers["x-g4f-model"] == "mod%C3%A8le/%CE%B2"
    assert events(reply)[0]["model"] == "modèle/β"


@pytest.mark.parametrize("count", [2, 5, 12])
@pytest.mark.parametrize("first", [0, 1])
async def test_an_index_that_counts_frames_goes_out_as_that_of_one_answer(first: int, count: int) -> None:
    said = [choice({"content": f"{number} "}, None, first + number) for number in range(count)]
    service = Service(*said, choice({}, "stop", first + count), DONE)
    found = [one for value in events(await ask(service, stream=True)) for one in value["choices"]]
    assert "".join(one["delta"].get("content", "") for one in found) == "".join(f"{n} " for n in range(count))
    assert {one["index"] for one in found} == {0}
    assert found[-1]["finish_reason"] == "stop"


async def test_answers_side_by_side_go_out_as_they_are() -> None:
    said = [choice({"content": f"{number}{index}"}, None, index) for number in range(3) for index in range(3)]
    ends = [choice({}, "stop", index) for index in range(3)]
    found = [
        one
        for value in events(await ask(Service(*said, *ends, DONE), stream=True))
        for one in value["choices"]
    ]
    texts = ["".join(one["delta"].get("content", "") for one in found if one["index"] == i) for i in range(3)]
    assert texts == ["001020", "011121", "021222"]


@pytest.mark.parametrize("with_token", [True, False])
async def test_a_slash_too_many_leads_to_the_same(with_token: bool) -> None:
    async with before(Service(choice({"content": "Hi"}, "stop"), DONE)) as gateway:
        asked: dict[str, Any] = {
            "headers": {"Authorization": f"Bearer {gateway.token}"},
            "with_token": with_token,
        }
        body = {"model": "theirs", "messages": USER}
        assert (await talk(gateway, "/v1//chat/completions", body, **asked)).status == 200
        assert b"theirs" in (await talk(gateway, "/v1//models", method="GET", **asked)).body
        assert (await talk(gateway, "/v1//models", method="GET", with_token=False)).status == 401
