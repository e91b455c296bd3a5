"""Typed replies from servers that speak each way: with a schema, with JSON alone, in words; and that pass it over."""

from __future__ import annotations

import json
import pickle
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from g4f_magic import Chat, providers
from g4f_magic.answering.known_ways import ways_in
from g4f_magic.answering.service import Service
from g4f_magic.ask import Ask
from g4f_magic.chunks import Served, Text, Unfit
from g4f_magic.errors import InputError, RateLimitError, ResponseStatusError, UnfitReplyError
from g4f_magic.gateway import Gateway
from g4f_magic.providers.model_cache import ModelCache
from g4f_magic.renderers.provenance import provenance
from g4f_magic.schemas import schema_of
from g4f_magic.settings import Settings
from g4f_magic.testing.script import ScriptEngine
from tests.completions import Answer, Completions, completions

LINE = "label: good|bad, why: str"
FITS = '{"label": "good", "why": "so"}'
VALUE = {"label": "good", "why": "so"}


@dataclass
class Review:
    label: str
    why: str = ""


@pytest.fixture
async def server() -> AsyncIterator[Completions]:
    async with completions(FITS) as server:
        yield server


def chat_of(server: Completions, **options: Any) -> Chat:
    settings = Settings(history="off", **options)
    return Chat("openai", base_url=server.url, model="m", settings=settings)


def refusal(words: str, status: int = 400) -> web.Response:
    return web.json_response({"error": {"message": words}}, status=status)


def kind(body: dict[str, Any]) -> str:
    return str(body.get("response_format", {}).get("type", "words"))


def taking(server: Completions, *kinds: str, words: str, status: int = 400) -> Callable[[], Answer]:
    """Return the answers of a server that takes only those ways."""
    return lambda: FITS if kind(server.bodies[-1]) in kinds else refusal(words, status)


async def test_a_server_is_asked_with_the_schema(server: Completions) -> None:
    async with chat_of(server) as chat:
        value = await chat.ask("Judge it.", schema=LINE)
        assert value == VALUE
        assert value.turn.reply == FITS
        assert chat.turns[-1].ask.schema is not None
    (body,) = server.bodies
    sent = body["response_format"]["json_schema"]
    assert sent["strict"] is True
    assert sent["schema"]["properties"]["label"]["enum"] == ["good", "bad"]
    assert body["messages"][-1]["content"] == "Judge it."


@pytest.mark.parametrize(
    ("kinds", "words", "status", "ways"),
    [
        (
            ("json_object", "words"),
            "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
            400,
            ["json_schema", "json_object"],
        ),
        (("json_object", "words"), "This response_format type is unavailable now", 400, ["json_schema", "json_object"]),
        (("json_object", "words"), "'response_format.type' must be in ['text', 'json_object']", 422, ["json_schema", "json_object"]),
        (("words",), "Unrecognized request argument supplied: response_format", 400, ["json_schema", "json_object", "words"]),
        (("words",), "<400> InternalError.Algo.InvalidParameter: Json mode response is not supported when enable_thinking is true", 400, ["json_schema", "json_object", "words"]),
        (("json_object", "words"), "output_format: Extra inputs are not permitted", 400, ["json_schema", "json_object"]),
        (("words",), "No endpoints found that can handle the requested parameters. To learn more, visit: https://a.example", 404, ["json_schema", "words"]),
        (("words",), "model does not support structured outputs", 400, ["json_schema", "json_object", "words"]),
        (("json_object",), "Unknown name \"additionalProperties\" at 'generation_config.response_schema'", 400, ["json_schema", "json_object"]),
        (("words",), "Bad Request", 400, ["json_schema", "words"]),
        (("words",), "not implemented", 501, ["json_schema", "words"]),
        (("words",), "Internal Server Error", 500, ["json_schema", "json_schema", "json_schema", "words"]),
    ],
)  # fmt: skip
async def test_what_a_server_refuses_is_tried_once_and_remembered(
    server: Completions,
    kinds: tuple[str, ...],
    words: str,
    status: int,
    ways: list[str],
    quick_retries: list[float],
) -> None:
    server.answer = taking(server, *kinds, words=words, status=status)
    async with chat_of(server) as chat:
        assert await chat.ask("Judge it.", schema=LINE) == VALUE
        assert list(map(kind, server.bodies)) == ways
        assert '"enum":["good","bad"]' in server.contents[-1]
        assert await chat.ask("And this?", schema=LINE) == VALUE
    assert list(map(kind, server.bodies)) == [*ways, ways[-1]]


class Mood(Enum):
    GOOD = "good"
    BAD = "bad"


@pytest.mark.parametrize(
    ("schema", "reply", "value"),
    [(Mood, "good", Mood.GOOD), ("bool", True, True), ("str|none", None, None)],
    ids=["enum", "bool", "none"],
)
async def test_the_turn_of_a_value_that_can_carry_none_is_the_last_of_the_chat(
    server: Completions, schema: Any, reply: Any, value: Any
) -> None:
    text = json.dumps({"value": reply})
    server.answer = lambda: text
    async with chat_of(server) as chat:
        assert chat.last is None
        assert await chat.ask("Judge it.", schema=schema) is value
        assert not hasattr(value, "turn")
        assert chat.last is not None
        assert (chat.last.prompt, chat.last.reply, chat.last.status) == ("Judge it.", text, "done")
        assert chat.last == chat.turns[-1]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"delta": {"refusal": "I cannot assist with that."}, "finish_reason": "stop"}, "the model refused"),
        ({"delta": {"content": "I cannot assist with that."}, "finish_reason": "refusal"}, "the model refused"),
        ({"delta": {"content": "I cannot"}, "finish_reason": "content_filter"}, "held back by the service's filter"),
    ],
)  # fmt: skip
async def test_a_refusal_is_told_as_one_and_not_asked_again(
    said: dict[str, Any], why: str, server: Completions
) -> None:
    body = f"data: {json.dumps({'choices': [{'index': 0, **said}]})}\n\ndata: [DONE]\n\n"
    server.answer = lambda: web.Response(text=body, content_type="text/event-stream")
    async with chat_of(server) as chat:
        with pytest.raises(UnfitReplyError, match=f"no typed reply: {why}") as caught:
            await chat.ask("Judge it.", schema=LINE)
        assert chat.turns[-1].reply == caught.value.text
    assert caught.value.text.startswith("I cannot")
    assert len(server.bodies) == 1


async def test_what_a_server_refused_is_known_in_the_next_kernel(server: Completions) -> None:
    server.answer = taking(server, "words", words="Unrecognized request argument supplied: response_format")
    for _ in range(2):
        async with chat_of(server) as chat:
            assert await chat.ask("Judge it.", schema=LINE) == VALUE
        ways_in.cache_clear()
    assert list(map(kind, server.bodies)) == ["json_schema", "json_object", "words", "words"]


async def test_a_refused_schema_is_remembered_for_that_schema_alone(server: Completions) -> None:
    def answer() -> Answer:
        asked = server.bodies[-1].get("response_format", {})
        if "pattern" in json.dumps(asked):
            return refusal("Invalid schema for response_format 'reply': 'pattern' is not permitted.")
        return '{"a": "x"}'

    server.answer = answer
    odd = {"type": "object", "properties": {"a": {"type": "string", "pattern": "x"}}, "required": ["a"]}
    async with chat_of(server) as chat:
        for schema in (odd, "a: str", odd):
            assert await chat.ask("Judge it.", schema=schema) == {"a": "x"}
    assert list(map(kind, server.bodies)) == ["json_schema", "json_object", "json_schema", "json_object"]


@pytest.mark.parametrize(
    ("words", "status", "error"),
    [
        ("Rate limit reached", 429, RateLimitError),
        ("maximum context length is 10 tokens", 400, ResponseStatusError),
    ],
)
async def test_another_failure_is_told_as_it_is(
    server: Completions, words: str, status: int, error: type[Exception], quick_retries: list[float]
) -> None:
    server.answer = lambda: refusal(words, status)
    async with chat_of(server) as chat:
        with pytest.raises(error, match="HTTP"):
            await chat.ask("Judge it.", schema=LINE)
    assert set(map(kind, server.bodies)) == {"json_schema"}


async def test_where_no_way_helps_the_first_refusal_is_told(server: Completions) -> None:
    server.answer = lambda: refusal(f"Bad Request no. {len(server.bodies)}")
    async with chat_of(server) as chat:
        with pytest.raises(ResponseStatusError, match=r"no\. 1"):
            await chat.ask("Judge it.", schema=LINE)


async def test_what_does_not_fit_is_asked_for_once_more_with_what_was_wrong(server: Completions) -> None:
    answers = iter(['{"label": "meh", "why": "so"}', FITS, FITS])
    server.answer = lambda: next(answers)
    async with chat_of(server) as chat:
        chunks = [chunk async for chunk in chat.stream("Judge it.", schema=LINE)]
        turn = chat.turns[-1]
        assert turn.reply == FITS
        assert "meh" in turn.repaired
        assert "asked twice" in provenance(turn)
        assert await chat.ask("And this?", schema=LINE) == VALUE
    before = [isinstance(chunk, Unfit) for chunk in chunks].index(True)
    assert "".join(chunk.text for chunk in chunks[before:] if isinstance(chunk, Text)) == FITS
    said = [message["content"] for message in server.bodies[1]["messages"]]
    assert said[1] == '{"label": "meh", "why": "so"}'
    assert 'label: "meh" is not one of "good", "bad"' in said[2]
    # It took the schema and did not keep to it: from then on it is told in words, too.
    assert '"enum":["good","bad"]' in server.contents[-1]
    assert kind(server.bodies[-1]) == "json_schema"


async def test_after_two_that_do_not_fit_the_text_is_kept(server: Completions) -> None:
    server.answer = "I would rather not."
    async with chat_of(server) as chat:
        with pytest.raises(UnfitReplyError) as caught:
            await chat.ask("Judge it.", schema=LINE)
        assert caught.value.text == "I would rather not."
        assert caught.value.hint
        assert chat.turns[-1].status == "broken"
        assert chat.turns[-1].reply == "I would rather not."
    assert len(server.bodies) == 2


async def test_a_reply_that_was_cut_is_not_asked_for_once_more(server: Completions) -> None:
    def cut() -> web.Response:
        choice = {"index": 0, "message": {"content": '{"label": "go'}, "finish_reason": "length"}
        return web.json_response({"choices": [choice]})

    server.answer = cut
    async with chat_of(server) as chat:
        with pytest.raises(UnfitReplyError) as caught:
            await chat.ask("Judge it.", schema=LINE)
        assert "--max-tokens" in caught.value.hint
    assert len(server.bodies) == 1


async def test_what_two_answers_counted_is_counted_together(server: Completions) -> None:
    answers = iter(["no", FITS])

    def counted() -> web.Response:
        choice = {"index": 0, "message": {"content": next(answers)}, "finish_reason": "stop"}
        return web.json_response(
            {"choices": [choice], "usage": {"prompt_tokens": 10, "completion_tokens": 3}}
        )

    server.answer = counted
    async with chat_of(server) as chat:
        value = await chat.ask("Judge it.", schema=LINE)
    assert (value.turn.usage.prompt_tokens, value.turn.usage.completion_tokens) == (20, 6)


async def test_a_dataclass_and_many(server: Completions) -> None:
    async with chat_of(server) as chat:
        one = await chat.ask("Judge it.", schema=Review)
        assert (one, isinstance(one, Review)) == (Review("good", "so"), True)
        assert server.bodies[-1]["response_format"]["json_schema"]["name"] == "Review"
        server.answer = f'{{"items": [{FITS}, {FITS}]}}'
        many = await chat.ask("Judge all.", schema=Review, schema_many=True)
        assert many == [one, one]
        assert many.turn.reply == server.answer


async def test_a_schema_that_cannot_be_asks_nobody(server: Completions) -> None:
    async with chat_of(server) as chat:
        for bad in ("label: strng", {"type": "frob"}, "Nowhere", 5):
            with pytest.raises(InputError):
                await chat.ask("Judge it.", schema=bad)
    assert not server.bodies


async def test_a_recording_holds_the_answer_that_fits_and_gives_the_value(
    server: Completions, tmp_path: Any
) -> None:
    answers = iter(["no", FITS])
    server.answer = lambda: next(answers)
    cassette = str(tmp_path / "a.chat.jsonl")
    async with chat_of(server, cassette=cassette, mode="record") as chat:
        assert await chat.ask("Judge it.", schema=Review) == Review("good", "so")
    async with chat_of(server, cassette=cassette, mode="replay") as chat:
        value = await chat.ask("Judge it.", schema=Review)
        assert value == Review("good", "so")
        assert value.turn.source == "replayed"
        with pytest.raises(InputError):
            await chat.ask("Judge it.", schema=LINE)
    assert len(server.bodies) == 2


async def test_a_failure_that_was_recorded_is_replayed_with_its_text(
    server: Completions, tmp_path: Any
) -> None:
    server.answer = "I would rather not."
    for mode in ("record", "replay"):
        async with chat_of(server, cassette=str(tmp_path / "a.jsonl"), mode=mode, record_errors=True) as chat:
            with pytest.raises(UnfitReplyError) as caught:
                await chat.ask("Judge it.", schema=LINE)
            assert caught.value.text == "I would rather not."
            assert "it is not JSON" in str(caught.value)
            assert pickle.loads(pickle.dumps(caught.value)).text == "I would rather not."
    assert len(server.bodies) == 2


async def test_what_never_fits_is_not_recorded(server: Completions, tmp_path: Any) -> None:
    server.answer = "no"
    cassette = tmp_path / "a.chat.jsonl"
    async with chat_of(server, cassette=str(cassette), mode="record") as chat:
        with pytest.raises(UnfitReplyError):
            await chat.ask("Judge it.", schema=LINE)
    assert not cassette.exists() or "Judge it." not in cassette.read_text("utf-8")


@pytest.mark.parametrize("name", ["aura", "darkai", "freenetfly", "koala", "whiterabbitneo"])
async def test_services_without_a_way_are_asked_in_words(name: str, tmp_path: Path) -> None:
    async with Gateway(ScriptEngine(FITS)) as gateway:
        provider = providers.get(name).at(gateway.base_url)
        service = Service(
            who=Served(name),
            provider=provider,
            route={"proxy": None, "timeout": None},
            arguments=provider.local_options,
            model_cache=ModelCache(tmp_path / "models.json"),
        )
        ask = Ask(prompt="Judge it.", schema=schema_of(LINE))
        texts = [chunk.text async for chunk in service.answer((), ask) if isinstance(chunk, Text)]
        assert schema_of(LINE).validate("".join(texts)) == VALUE
        assert '"enum":["good","bad"]' in gateway.requests[-1].chat.prompt


async def test_the_offline_guide_gives_none() -> None:
    async with Chat("guide", settings=Settings(history="off")) as chat:
        with pytest.raises(InputError, match="no model is connected"):
            await chat.ask("Judge it.", schema=LINE)
