"""What a real model does, asked by our own provider and through the gateway."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from typing import Any
from urllib.parse import quote

import pytest

from g4f_magic.chunks import Chunk, Finish, Named, Text
from g4f_magic.errors import MissingAuthError, ResponseStatusError
from g4f_magic.gateway import Gateway, UpstreamEngine
from g4f_magic.messages import Usage
from g4f_magic.providers.openai import OpenAI
from tests.gateway.raw import Reply, body_for, talk
from tests.model.llama import CONTEXT_TOKENS, Llama

HELLO = [{"role": "user", "content": "Say hello."}]
PATH = "/v1/chat/completions"
LONG = "word " * (2 * CONTEXT_TOKENS)
PERSON = {
    "type": "json_schema",
    "json_schema": {
        "name": "person",
        "schema": {
            "type": "object",
            "properties": {"age": {"type": "integer", "minimum": 1, "maximum": 99}},
            "required": ["age"],
            "additionalProperties": False,
        },
    },
}


async def chunks_of(llama: Llama, messages: Any = HELLO, **given: Any) -> list[Chunk]:
    given = {"api_key": llama.key, "max_tokens": 8, "temperature": 0, **given}
    result = OpenAI.at(llama.base_url).create_async_generator("", messages, **given)
    async with aclosing(result.chunks()) as chunks:
        return [chunk async for chunk in chunks]


def text_of(chunks: list[Chunk]) -> str:
    return "".join(chunk.text for chunk in chunks if isinstance(chunk, Text))


def ending(chunks: list[Chunk]) -> str | None:
    return next(chunk.reason for chunk in chunks if isinstance(chunk, Finish))


async def test_it_streams_counts_its_tokens_and_says_its_name(llama: Llama) -> None:
    chunks = await chunks_of(llama, stream_options={"include_usage": True})
    assert len([chunk for chunk in chunks if isinstance(chunk, Text)]) > 1
    counted = next(chunk for chunk in chunks if isinstance(chunk, Usage))
    assert (counted.prompt_tokens or 0) > 3
    assert counted.completion_tokens == 8
    named = next(chunk.model for chunk in chunks if isinstance(chunk, Named))
    assert named.startswith("SmolLM2")


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
async def test_a_limit_holds_and_is_told(llama: Llama, name: str) -> None:
    chunks = await chunks_of(llama, **{"max_tokens": None, name: 3}, stream_options={"include_usage": True})
    assert ending(chunks) == "length"
    assert next(chunk for chunk in chunks if isinstance(chunk, Usage)).completion_tokens == 3


async def test_a_schema_is_kept(llama: Llama) -> None:
    chunks = await chunks_of(llama, response_format=PERSON, max_tokens=30)
    assert json.loads(text_of(chunks)).keys() == {"age"}


async def test_of_two_choices_one_is_read(llama: Llama) -> None:
    alone = await chunks_of(llama)
    of_two = await chunks_of(llama, n=2)
    assert text_of(of_two) == text_of(alone)  # at temperature 0 both choices say the same


async def test_several_at_once_do_not_mix(llama: Llama) -> None:
    numbers = range(11, 15)
    asked = [{**PERSON, "json_schema": {"name": "n", "schema": {"const": number}}} for number in numbers]
    replies = await asyncio.gather(*(chunks_of(llama, response_format=one) for one in asked))
    assert [int(text_of(chunks)) for chunks in replies] == list(numbers)


async def test_leaving_ends_the_computation(llama: Llama) -> None:
    result = OpenAI.at(llama.base_url).create_async_generator(
        "", HELLO, api_key=llama.key, max_tokens=400, ignore_eos=True
    )
    async with aclosing(result.chunks()) as chunks:
        async for chunk in chunks:
            if isinstance(chunk, Text):
                break
    await llama.until_idle()


async def test_a_conversation_that_is_too_long_is_said_so(llama: Llama) -> None:
    with pytest.raises(ResponseStatusError) as caught:
        await chunks_of(llama, [{"role": "user", "content": LONG}])
    assert "conversation is too long" in caught.value.hint
    assert LONG[:50] not in str(caught.value)


async def test_a_wrong_key_is_said_so(llama: Llama) -> None:
    with pytest.raises(MissingAuthError):
        await chunks_of(llama, api_key="another-key-1")


async def test_it_lists_its_model(llama: Llama) -> None:
    assert [name for name in await OpenAI.at(llama.base_url).list_models(llama.key) if "SmolLM2" in name]


async def test_it_says_that_its_model_takes_no_pictures(llama: Llama) -> None:
    assert (await OpenAI.at(llama.base_url).sight("", llama.key)).sees is False


async def through(llama: Llama, body: dict[str, Any]) -> Reply:
    body = {"model": "", "messages": HELLO, "max_tokens": 8, "temperature": 0, **body}
    async with Gateway(UpstreamEngine(llama.base_url, api_key=llama.key)) as gateway:
        return await talk(gateway, PATH, body)


def events(reply: Reply) -> list[Any]:
    return [json.loads(line[6:]) for line in reply.body.decode().split("\n\n") if line.startswith("data: {")]


async def test_the_gateway_passes_its_stream_on(llama: Llama) -> None:
    told = events(await through(llama, {"stream": True, "stream_options": {"include_usage": True}}))
    assert {"SmolLM2" in event["model"] for event in told} == {True}
    assert (told[-1]["choices"], told[-1]["usage"]["completion_tokens"]) == ([], 8)
    assert [event["choices"][0]["finish_reason"] for event in told[:-1]][-1] == "length"


async def test_the_gateway_passes_two_choices_and_their_logprobs_on(llama: Llama) -> None:
    answer = json.loads((await through(llama, {"n": 2, "max_tokens": 2, "logprobs": True})).body)
    assert [choice["index"] for choice in answer["choices"]] == [0, 1]
    assert all(len(choice["logprobs"]["content"]) == 2 for choice in answer["choices"])


@pytest.mark.parametrize("is_stream", [True, False])
async def test_the_gateway_passes_a_schema_on(llama: Llama, is_stream: bool) -> None:
    body = {"response_format": PERSON, "max_tokens": 30, "stream": is_stream}
    reply = await through(llama, body)
    if is_stream:
        said = "".join(event["choices"][0]["delta"].get("content") or "" for event in events(reply))
    else:
        said = json.loads(reply.body)["choices"][0]["message"]["content"]
    assert json.loads(said).keys() == {"age"}


async def test_the_gateway_passes_its_errors_on(llama: Llama) -> None:
    reply = await through(llama, {"messages": [{"role": "user", "content": LONG}]})
    error = json.loads(reply.body)["error"]
    assert (reply.status, error["type"]) == (400, "exceed_context_size_error")
    assert "context" in error["message"]


async def test_the_gateway_knows_its_model_by_its_name_with_slashes(llama: Llama) -> None:
    async with Gateway(UpstreamEngine(llama.base_url, api_key=llama.key)) as gateway:
        listed = json.loads((await talk(gateway, "/v1/models", method="GET")).body)["data"]
        name = listed[0]["id"]
        one = await talk(gateway, f"/v1/models/{quote(name, safe='')}", method="GET")
        other = await talk(gateway, PATH, {"model": "gpt-4o", "messages": HELLO})
    assert json.loads(one.body)["id"] == name
    assert (other.status, json.loads(other.body)["error"]["code"]) == (404, "model_not_found")


async def test_an_old_protocol_is_answered_by_it(llama: Llama) -> None:
    async with Gateway(UpstreamEngine(llama.base_url, api_key=llama.key)) as gateway:
        path, body, headers = body_for("whiterabbitneo", "Say hello.")
        reply = await talk(gateway, path, {**body, "max_tokens": 4}, headers=headers)
    assert reply.body
    assert "SmolLM2" in reply.headers["x-g4f-model"]


async def test_who_leaves_the_gateway_ends_the_computation(llama: Llama) -> None:
    body = {"model": "", "messages": HELLO, "stream": True, "max_tokens": 400, "ignore_eos": True}
    async with Gateway(UpstreamEngine(llama.base_url, api_key=llama.key)) as gateway:
        await talk(gateway, PATH, body, until=lambda reply: len(reply.pieces) > 3)
        await llama.until_idle()
