"""What services want to have back with the calls of an answer: thoughts, signatures, ids of one form; or none of them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import pytest
from aiohttp import web

from g4f_magic import Chat
from g4f_magic.errors import ChatError
from g4f_magic.turn import ToolCall
from tests.completions import Completions, completions
from tests.contract.tools.serving import in_turn, service
from tests.contract.tools.shop import BOTH, lookup
from tests.contract.tools.streams import event, openai, words

Refuses: TypeAlias = Callable[[list[dict[str, Any]]], str | None]

_CALL = {"index": 0, "id": "call_0", "type": "function"}
_ASKED = {"tool_calls": [{**_CALL, "function": {"name": "lookup", "arguments": '{"item": "tea"}'}}]}


def thinking(*deltas: dict[str, Any]) -> str:
    return "".join(map(event, deltas)) + event(_ASKED) + event({}, "tool_calls") + "data: [DONE]\n\n"


@asynccontextmanager
async def picky(streams: list[str], refuses: Refuses) -> AsyncIterator[Completions]:
    """Run a service that answers each request that it does not refuse with the next of the streams."""
    given = in_turn(streams)

    def answer() -> web.Response:
        said = refuses(server.bodies[-1]["messages"])
        return web.json_response({"error": {"message": said}}, status=400) if said else given()

    async with completions(answer) as server:
        yield server


def assistant(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in messages if one["role"] == "assistant"]


async def test_thoughts_go_back_with_the_calls_after_them() -> None:
    streams = [thinking({"reasoning_content": "The price"}, {"reasoning_content": " first."}), words("3.")]
    async with service([*streams, words("Yes.")]) as server, Chat(server.url, model="m") as chat:
        await chat.ask("What does tea cost?", tools=[lookup])
        await chat.ask("Sure?", tools=[lookup])
    for body in server.bodies[1:]:
        assert body["messages"][1]["reasoning_content"] == "The price first."
    assert "reasoning_content" not in server.bodies[2]["messages"][3]


async def test_thoughts_of_a_reply_without_calls_stay_here() -> None:
    stream = event({"reasoning_content": "Hm."}) + words("Hello.")
    async with service([stream]) as server, Chat(server.url, model="m") as chat:
        await chat.ask("Hello", tools=[lookup])
        await chat.ask("Hello", tools=[lookup])
    assert "Hm." not in json.dumps(server.bodies[1])


@pytest.mark.parametrize(
    ("deltas", "field", "blocks"),
    [
        (
            [
                {"reasoning_details": [{"type": "reasoning.text", "text": "The", "index": 0, "format": "f"}]},
                {"reasoning_details": [{"type": "reasoning.text", "text": " price", "index": 0}]},
                {"reasoning_details": [{"type": "reasoning.text", "signature": "sig", "index": 0}]},
                {"reasoning_details": [{"type": "reasoning.encrypted", "data": "abc", "id": "call_0", "index": 1}]},
            ],
            "reasoning_details",
            [
                {"type": "reasoning.text", "text": "The price", "index": 0, "format": "f", "signature": "sig"},
                {"type": "reasoning.encrypted", "data": "abc", "id": "call_0", "index": 1},
            ],
        ),
        (
            [
                {"thinking_blocks": [{"type": "thinking", "thinking": "The", "signature": None}]},
                {"thinking_blocks": [{"type": "thinking", "thinking": " price", "signature": None}]},
                {"thinking_blocks": [{"type": "thinking", "thinking": "", "signature": "Eq"}]},
                {"thinking_blocks": [{"type": "redacted_thinking", "data": "x"}]},
            ],
            "thinking_blocks",
            [
                {"type": "thinking", "thinking": "The price", "signature": "Eq"},
                {"type": "redacted_thinking", "data": "x"},
            ],
        ),
    ],
)  # fmt: skip
async def test_blocks_of_thoughts_go_back_as_they_came(
    deltas: list[dict[str, Any]], field: str, blocks: list[dict[str, Any]]
) -> None:
    async with service([thinking(*deltas), words("3.")]) as server, Chat(server.url, model="m") as chat:
        await chat.ask("What does tea cost?", tools=[lookup])
    assert server.bodies[1]["messages"][1][field] == blocks


async def test_blocks_that_are_too_much_are_not_kept_in_part() -> None:
    blocks = [{"type": "reasoning.encrypted", "data": "x" * 1_000, "index": at} for at in range(100)]
    stream = thinking({"reasoning_details": blocks})
    async with service([stream, words("3.")]) as server, Chat(server.url, model="m") as chat:
        reply = await chat.ask("What does tea cost?", tools=[lookup])
    assert "reasoning_details" not in server.bodies[1]["messages"][1]
    assert [one.extra for one in reply.turn.steps if isinstance(one, ToolCall)] == [""]


def wants_thoughts(messages: list[dict[str, Any]]) -> str | None:
    lacking = any("reasoning_content" not in one for one in assistant(messages))
    return "The `reasoning_content` in the thinking mode must be passed back to the API." if lacking else None


def wants_thoughts_of_calls(messages: list[dict[str, Any]]) -> str | None:
    lacking = [
        at for at, one in enumerate(messages) if "tool_calls" in one and "reasoning_content" not in one
    ]
    said = "thinking is enabled but reasoning_content is missing in assistant tool call message at index"
    return f"{said} {lacking[0]}" if lacking else None


def wants_signatures(messages: list[dict[str, Any]]) -> str | None:
    calls = [call for one in messages for call in one.get("tool_calls", ())]
    lacking = any("extra_content" not in call for call in calls)
    return "Function call is missing a thought_signature in functionCall parts." if lacking else None


def takes_none(field: str, said: str) -> Refuses:
    return lambda messages: said if f'"{field}"' in json.dumps(messages) else None


def wants_short_ids(messages: list[dict[str, Any]]) -> str | None:
    ids = [call["id"] for one in messages for call in one.get("tool_calls", ())]
    long = [one for one in ids if len(one) != 9 or not one.isalnum()]
    told = {one["tool_call_id"] for one in messages if one["role"] == "tool"}
    if not told <= set(ids):
        return "tool result's tool id not found"
    return f"Tool call id was {long[0]} but must be a-z, A-Z, 0-9, with a length of 9." if long else None


THOUGHT = thinking({"reasoning_content": "Hm."})
SIGNED = thinking().replace('"type": "function"', '"type": "function", "extra_content": {"google": {"a": 1}}')


@pytest.mark.parametrize(
    ("first", "refuses"),
    [
        (openai(BOTH), wants_thoughts),
        (openai(BOTH), wants_thoughts_of_calls),
        (openai(BOTH), wants_signatures),
        (openai(BOTH), wants_short_ids),
        (THOUGHT, takes_none("reasoning_content", "messages.1.assistant.reasoning_content: Extra inputs are not permitted")),
        (THOUGHT, takes_none("reasoning_content", "messages.1.assistant.reasoning_content: property 'messages.1.assistant.reasoning_content' is unsupported")),
        (THOUGHT, takes_none("reasoning_content", "Unknown parameter: 'messages[1].reasoning_content'.")),
        (SIGNED, takes_none("extra_content", "messages.1.assistant.tool_calls.0.extra_content: Extra inputs are not permitted")),
    ],
    ids=["thoughts", "thoughts of calls", "signatures", "short ids", "Mistral", "Cerebras", "OpenAI", "no signatures"],
)  # fmt: skip
async def test_messages_are_sent_in_the_form_that_a_service_asks_for_and_that_is_remembered(
    first: str, refuses: Refuses
) -> None:
    streams = [first, words("5 in all."), first, words("Still 5.")]
    async with picky(streams, refuses) as server, Chat(server.url, model="m") as chat:
        assert await chat.ask("What do they cost?", tools=[lookup]) == "5 in all."
        asked = len(server.bodies)
        assert await chat.ask("And now?", tools=[lookup]) == "Still 5."
    assert (asked, len(server.bodies)) == (3, 5)


async def test_a_service_that_wants_what_cannot_be_given_says_so() -> None:
    said = "The `reasoning_content` in the thinking mode must be passed back to the API."
    async with (
        picky([openai(BOTH)], lambda messages: said if assistant(messages) else None) as server,
        Chat(server.url, model="m") as chat,
    ):
        with pytest.raises(ChatError, match="must be passed back"):
            await chat.ask("What do they cost?", tools=[lookup])
    assert len(server.bodies) == 3
