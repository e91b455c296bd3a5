"""What clients of the Responses API are told by a gateway that has a model behind it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from g4f_magic.gateway import Gateway, GuideEngine
from tests.gateway.raw import Reply, talk
from tests.gateway.service import DONE, Service, choice, event
from tests.gateway.test_relay import REFUSED, before
from tests.patience import PATIENCE_SECONDS

PATH = "/v1/responses"
COUNTS = {
    "prompt_tokens": 1,
    "completion_tokens": 2,
    "total_tokens": 3,
    "prompt_tokens_details": {"cached_tokens": 1},
    "completion_tokens_details": {"reasoning_tokens": 2},
}
USAGE = event({"choices": [], "usage": COUNTS})
CALL = {"index": 0, "id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
TOOL = {"type": "function", "name": "f", "parameters": {"type": "object"}}
THINKS = choice({"reasoning_content": "so"})
SAYS = (choice({"content": "Hel"}), choice({"content": "lo"}))
CALLS = (choice({"tool_calls": [CALL]}), choice({}, "tool_calls"))


async def ask(service: Service, **body: Any) -> Reply:
    async with before(service) as gateway:
        return await talk(gateway, PATH, {"model": "theirs", "input": "Hi", **body})


def events(reply: Reply) -> list[dict[str, Any]]:
    """Return the events of a stream, which are named twice and numbered without a gap."""
    found = []
    for block in reply.body.decode().removesuffix("\n\n").split("\n\n"):
        name, data = block.split("\n")
        found.append(json.loads(data.removeprefix("data: ")))
        assert name == f"event: {found[-1]['type']}"
    assert [one["sequence_number"] for one in found] == list(range(len(found)))
    return found


def kinds(told: list[dict[str, Any]]) -> list[str]:
    return [one["type"].removeprefix("response.") for one in told]


PART = ["output_item.added", "content_part.added"]
END = ["content_part.done", "output_item.done"]


async def test_a_reply_is_told_in_its_order_and_once_more_as_a_whole() -> None:
    told = events(await ask(Service(THINKS, *SAYS, *CALLS, USAGE, DONE), stream=True, tools=[TOOL]))
    assert kinds(told) == [
        *("created", "in_progress", *PART, "reasoning_text.delta", "reasoning_text.done", *END),
        *(*PART, "output_text.delta", "output_text.delta", "output_text.done", *END),
        *("output_item.added", "output_item.done"),  # what the service wants back with its call
        *(
            "output_item.added",
            "function_call_arguments.delta",
            "function_call_arguments.done",
            "output_item.done",
        ),
        "completed",
    ]
    first, last = told[0]["response"], told[-1]["response"]
    assert (first["status"], first["output"], first["model"]) == ("in_progress", [], "theirs")
    assert last["output"] == [one["item"] for one in told if one["type"] == "response.output_item.done"]
    assert [item["type"] for item in last["output"]] == ["reasoning", "message", "reasoning", "function_call"]
    assert last["output"][1]["content"][0]["text"] == "Hello"
    assert last["output"][3].items() >= {"call_id": "c1", "name": "f", "arguments": '{"a": 1}'}.items()
    assert (last["status"], last["usage"]["total_tokens"], last["tools"]) == ("completed", 3, [TOOL])
    for place, item in enumerate(last["output"]):
        of_item = [one for one in told if one.get("item_id") == item["id"]]
        assert {one["output_index"] for one in of_item} <= {place}


async def test_a_whole_response_says_the_same() -> None:
    reply = await ask(Service(THINKS, *SAYS, *CALLS, USAGE, DONE), tools=[TOOL])
    response = json.loads(reply.body)
    assert reply.headers["content-type"] == "application/json"
    assert [item["type"] for item in response["output"]] == [
        "reasoning",
        "message",
        "reasoning",
        "function_call",
    ]
    assert response["status"] == "completed"
    assert response["usage"] == {
        "input_tokens": 1,
        "output_tokens": 2,
        "total_tokens": 3,
        "input_tokens_details": {"cached_tokens": 1},
        "output_tokens_details": {"reasoning_tokens": 2},
    }


async def test_thoughts_stand_where_a_client_looks_that_asks_for_summaries() -> None:
    reasoning = {"summary": "auto"}
    told = events(await ask(Service(THINKS, choice({}, "stop"), DONE), stream=True, reasoning=reasoning))
    summary = [f"reasoning_summary_{name}" for name in ("part.added", "text.delta", "text.done", "part.done")]
    assert kinds(told)[2:-1] == ["output_item.added", *summary, "output_item.done"]
    assert told[-1]["response"]["output"][0]["summary"] == [{"type": "summary_text", "text": "so"}]


@pytest.mark.parametrize("is_stream", [True, False])
async def test_a_model_that_thinks_aloud_thinks_here(is_stream: bool) -> None:
    said = (
        choice({"content": "<think>\nso"}),
        choice({"content": "\n</think>\nHello"}),
        choice({}, "stop"),
        DONE,
    )
    reply = await ask(Service(*said), stream=is_stream)
    response = events(reply)[-1]["response"] if is_stream else json.loads(reply.body)
    thought, said_so = response["output"]
    assert (thought["type"], thought["content"][0]["text"].strip()) == ("reasoning", "so")
    assert said_so["content"][0]["text"] == "Hello"


@pytest.mark.parametrize("is_stream", [True, False])
@pytest.mark.parametrize(
    ("reason", "why"), [("length", "max_output_tokens"), ("content_filter", "content_filter")]
)
async def test_a_reply_that_is_cut_is_incomplete(reason: str, why: str, is_stream: bool) -> None:
    reply = await ask(Service(*SAYS, choice({}, reason), DONE), stream=is_stream)
    response = events(reply)[-1]["response"] if is_stream else json.loads(reply.body)
    assert (response["status"], response["incomplete_details"]) == ("incomplete", {"reason": why})
    assert response["output"][0]["status"] == "incomplete"


async def test_a_reply_without_words_is_a_whole_one() -> None:
    told = events(await ask(Service(choice({}, "stop"), DONE), stream=True))
    assert kinds(told) == ["created", "in_progress", "completed"]
    assert (told[0]["response"]["status"], told[2]["response"]["output"]) == ("in_progress", [])


async def test_what_a_reply_is_drawn_from_comes_with_its_text() -> None:
    cited = event(
        {
            "citations": ["https://a.example/b"],
            "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}],
        }
    )
    told = events(await ask(Service(*SAYS, cited, DONE), stream=True))
    (annotation,) = told[-1]["response"]["output"][0]["content"][0]["annotations"]
    assert (annotation["type"], annotation["url"]) == ("url_citation", "https://a.example/b")
    assert "output_text.annotation.added" in kinds(told)


async def test_a_custom_tool_and_one_of_a_namespace_are_called_by_their_own_names() -> None:
    calls = [
        CALL | {"function": {"name": "patch", "arguments": '{"input": "+1"}'}},
        CALL | {"index": 1, "id": "c2", "function": {"name": "n__f", "arguments": "{}"}},
    ]
    service = Service(choice({"tool_calls": calls}), choice({}, "tool_calls"), DONE)
    tools = [{"type": "custom", "name": "patch"}, {"type": "namespace", "name": "n", "tools": [TOOL]}]
    told = events(await ask(service, stream=True, tools=tools))
    patch, function = told[-1]["response"]["output"]
    assert (patch["type"], patch["name"], patch["input"]) == ("custom_tool_call", "patch", "+1")
    assert (function["type"], function["namespace"], function["name"]) == ("function_call", "n", "f")
    assert "custom_tool_call_input.delta" in kinds(told)


async def test_one_goes_on_from_a_response_with_what_it_said() -> None:
    service = Service(*SAYS, *CALLS, DONE)
    async with before(service) as gateway:
        first = json.loads(
            (await talk(gateway, PATH, {"model": "theirs", "input": "Hi", "instructions": "Be"})).body
        )
        told = {"type": "function_call_output", "call_id": "c1", "output": "4"}
        body = {"model": "theirs", "input": [told], "previous_response_id": first["id"]}
        await talk(gateway, PATH, body)
        said = [{"type": "item_reference", "id": item["id"]} for item in first["output"]]
        await talk(
            gateway, PATH, {"model": "theirs", "input": [{"role": "user", "content": "Hi"}, *said, told]}
        )
        shown = await talk(gateway, f"{PATH}/{first['id']}", b"", method="GET")
        deleted = await talk(gateway, f"{PATH}/{first['id']}", b"", method="DELETE")
        after = await talk(gateway, PATH, body)
        gone = await talk(gateway, f"{PATH}/{first['id']}", b"", method="GET")
    call = {name: value for name, value in CALL.items() if name != "index"}
    conversation = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "4"},
    ]
    assert [sent["messages"] for sent in service.sent[1:]] == [conversation] * 2
    assert json.loads(shown.body) == first
    assert json.loads(deleted.body)["deleted"] is True
    assert (after.status, json.loads(after.body)["error"]["code"]) == (400, "previous_response_not_found")
    assert gone.status == 404


async def test_what_is_not_to_be_stored_is_not() -> None:
    async with before(Service(*SAYS, choice({}, "stop"), DONE)) as gateway:
        reply = await talk(gateway, PATH, {"model": "theirs", "input": "Hi", "store": False})
        shown = await talk(gateway, f"{PATH}/{json.loads(reply.body)['id']}", b"", method="GET")
    assert (json.loads(reply.body)["store"], shown.status) == (False, 404)


async def test_a_limit_goes_by_the_name_that_the_server_wants() -> None:
    words = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    service = Service(json.dumps({"error": {"message": words, "param": "max_tokens"}}).encode(), status=400)
    reply = await ask(service, max_output_tokens=9)
    assert [("max_tokens" in sent, sent.get("max_completion_tokens")) for sent in service.sent] == [
        (True, None),
        (False, 9),
    ]
    assert reply.status == 400


@pytest.mark.parametrize("is_stream", [True, False])
async def test_a_servers_refusal_comes_before_the_stream_in_its_words(is_stream: bool) -> None:
    body = json.dumps({"error": REFUSED}).encode()
    service = Service(body, status=429, headers={"Content-Type": "application/json", "Retry-After": "7"})
    reply = await ask(service, stream=is_stream)
    assert (reply.status, json.loads(reply.body)) == (429, {"error": {**REFUSED, "param": "input"}})
    assert reply.headers["retry-after"] == "7"


BROKEN = [
    (*SAYS,),
    (*SAYS, event({"error": {"message": "fell over", "code": 500}})),
    (*SAYS, choice({}, "error"), DONE),
]


@pytest.mark.parametrize("parts", BROKEN)
async def test_a_stream_that_breaks_off_has_failed(parts: tuple[bytes, ...]) -> None:
    async with before(Service(*parts)) as gateway:
        told = events(await talk(gateway, PATH, {"model": "theirs", "input": "Hi", "stream": True}))
        response = told[-1]["response"]
        shown = await talk(gateway, f"{PATH}/{response['id']}", b"", method="GET")
    assert kinds(told)[-4:] == ["output_text.done", *END, "failed"]
    assert (response["status"], response["output"][0]["status"]) == ("failed", "incomplete")
    assert response["error"]["message"]
    assert shown.status == 404


@pytest.mark.parametrize("parts", BROKEN)
async def test_a_whole_response_that_breaks_off_is_an_error(parts: tuple[bytes, ...]) -> None:
    reply = await ask(Service(*parts))
    assert reply.status == 502
    assert json.loads(reply.body)["error"]["message"]


@pytest.mark.parametrize("is_stream", [True, False])
async def test_half_of_a_surrogate_pair_hurts_nobody(is_stream: bool) -> None:
    said = (choice({"content": "\ud83d"}), choice({"content": "\ude00"}, "stop"), DONE)
    reply = await ask(Service(*said), instructions="\ud800", metadata={"\ud800": "a"}, stream=is_stream)
    response = events(reply)[-1]["response"] if is_stream else json.loads(reply.body)
    assert response["output"][0]["content"][0]["text"] == "\N{GRINNING FACE}"


async def test_names_of_ours_in_a_request_are_the_servers_and_change_nothing_here() -> None:
    own = {
        "proxy": "http://127.0.0.1:1",
        "api_key": "theirs",
        "timeout": 0.001,
        "gives_calls": False,
        "connector": 1,
    }
    service = Service(*SAYS, choice({}, "stop"), DONE)
    assert (await ask(service, **own)).status == 200
    assert service.sent[0].items() >= own.items()


async def test_a_client_that_leaves_stops_the_server_and_nobody_else() -> None:
    service = Service()
    service.goes_on = True
    async with before(service) as gateway:
        body = {"model": "theirs", "input": "Hi", "stream": True}
        other = asyncio.create_task(talk(gateway, PATH, body, until=lambda reply: len(reply.pieces) > 90))
        await talk(gateway, PATH, body, until=lambda reply: len(reply.pieces) > 2)
        await asyncio.wait_for(service.left.wait(), PATIENCE_SECONDS)
        assert len((await other).pieces) > 90


@pytest.mark.parametrize(
    ("asked", "param"),
    [
        ({"tools": [TOOL]}, "tools"),
        ({"text": {"format": {"type": "json_object"}}}, "text.format"),
        ({"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "data:,"}]}]}, "input"),
        ({"guided_regex": "[a-z]"}, "guided_regex"),
    ],
)
async def test_the_guide_refuses_by_the_names_of_this_api(asked: dict[str, Any], param: str) -> None:
    async with Gateway(GuideEngine()) as gateway:
        reply = await talk(gateway, PATH, {"model": "", "input": "Hi", **asked})
    error = json.loads(reply.body)["error"]
    assert (reply.status, error["param"]) == (400, param)
    assert param in error["message"]
    assert "messages" not in error["message"]


async def test_embeddings_are_those_of_the_server_or_refused() -> None:
    body = {"model": "theirs", "input": ["Hi"]}
    async with before(Service()) as gateway:
        without = await talk(gateway, "/v1/embeddings", body)
        unnamed = await talk(gateway, "/v1/embeddings", {"input": "Hi"})
    async with Gateway(GuideEngine()) as gateway:
        of_guide = await talk(gateway, "/v1/embeddings", body)
    errors = [json.loads(reply.body)["error"] for reply in (without, unnamed, of_guide)]
    assert [reply.status for reply in (without, unnamed, of_guide)] == [404, 400, 400]
    assert errors[1]["param"] == "model"
    assert "has no embeddings" in errors[2]["message"]
