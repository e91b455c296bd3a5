"""Typed replies in a table: a column for each field, validated here, kept and replayed as values."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest

from g4f_magic import Chat
from g4f_magic.errors import InputError, RowsFailedError
from tests.contract.many.conftest import at
from tests.contract.many.serving import Service, failing
from tests.optional import Optional

SCHEMA = "label: positive|negative, score: int"
TEXTS = ["good", "bad", "good"]


def labels(prompt: str) -> str:
    return json.dumps({"label": "negative" if "bad" in prompt else "positive", "score": len(prompt)})


@pytest.fixture(autouse=True)
def labelling(service: Service) -> None:
    service.answer = labels


@pytest.mark.parametrize("library", ["pandas", "polars"])
async def test_each_field_is_a_column(chat: Chat, service: Service, library: str) -> None:
    out = await chat.map(Optional(library).DataFrame({"text": TEXTS}), "{{text}}", schema=SCHEMA)
    assert list(out.columns) == ["text", "label", "score", "error", "seconds", "tokens"]
    assert list(out["label"]) == ["positive", "negative", "positive"]
    assert list(out["score"]) == [4, 3, 4]
    assert all(body["response_format"]["type"] == "json_schema" for body in service.bodies)


async def test_what_is_kept_are_values_again(service: Service, tmp_path: Path) -> None:
    for _ in range(2):
        async with at(service, tmp_path) as chat:
            out = await chat.map(TEXTS, "{{item}}", schema=SCHEMA)
            assert [row["score"] for row in out] == [4, 3, 4]
    assert service.asked.total() == 2
    async with at(service, tmp_path) as chat:
        await chat.map(TEXTS, "{{item}}", schema="label: positive|negative|neutral, score: int")
    assert service.asked.total() == 4


async def test_what_does_not_fit_is_asked_once_more_and_then_fails_alone(
    chat: Chat, service: Service
) -> None:
    service.answer = lambda prompt: labels(prompt) if "good" in prompt else '{"label": "so so", "score": 1}'
    with pytest.raises(RowsFailedError, match="1 of 3 rows") as failed:
        await chat.map(TEXTS, "{{item}}", schema=SCHEMA)
    table: Any = failed.value.table
    assert [row["label"] for row in table] == ["positive", None, "positive"]
    assert table[1]["error"].startswith("UnfitReplyError: the reply does not fit the schema: label")
    assert table[1]["error"].endswith('; it said: {"label": "so so", "score": 1}')
    assert service.asked.total() == 3


@dataclass
class Review:
    label: Literal["positive", "negative"]
    score: int


async def test_a_class_of_the_persons_own_is_a_schema(chat: Chat) -> None:
    out = await chat.map(TEXTS, "{{item}}", schema=Review)
    assert [row["label"] for row in out] == ["positive", "negative", "positive"]
    seen = [one.value async for one in chat.stream_map(["good"], "{{item}}", schema=Review)]
    assert seen == [Review("positive", 4)]


async def test_lists_stand_in_the_column_reply(chat: Chat, service: Service) -> None:
    service.answer = lambda prompt: json.dumps([prompt, prompt])
    out = await chat.map(["a"], "{{item}}", schema="str", schema_many=True)
    assert out[0]["reply"] == ["a", "a"]


def kind_of(body: dict[str, Any]) -> str:
    """Return in which way a request asks for JSON."""
    kind = body.get("response_format", {}).get("type", "words")
    return f"{kind} and words" if kind == "json_schema" and "JSON Schema" in str(body["messages"]) else kind


@pytest.mark.parametrize("taken", ["json_object", "words"])
async def test_the_first_row_finds_out_what_the_service_takes(
    chat: Chat, service: Service, taken: str
) -> None:
    """Not all that are under way at once: the service would refuse each of them."""

    def answer(prompt: str) -> Any:
        kind = kind_of(service.bodies[-1])
        return labels(prompt) if kind == taken else failing(400, f"response_format {kind} is not supported")

    service.answer = answer
    rows = [f"row {number}" for number in range(40)]
    out = await chat.map(rows, "{{item}}", schema=SCHEMA)
    assert all(row["error"] is None for row in out)
    kinds = Counter(map(kind_of, service.bodies))
    assert kinds.pop(taken) == 40
    assert set(kinds.values()) == {1}
    await chat.map([f"another {number}" for number in range(20)], "{{item}}", schema=SCHEMA)
    assert len(service.bodies) == 60 + len(kinds)


async def test_one_that_passes_over_the_schema_is_paid_for_that_once(chat: Chat, service: Service) -> None:
    def answer(prompt: str) -> str:
        return "I like it" if kind_of(service.bodies[-1]) == "json_schema" else labels(prompt)

    service.answer = answer
    out = await chat.map([f"row {number}" for number in range(40)], "{{item}}", schema=SCHEMA)
    assert all(row["error"] is None for row in out)
    assert len(service.bodies) == 41


async def test_a_row_that_is_refused_for_itself_leaves_the_next_to_find_out(
    chat: Chat, service: Service
) -> None:
    def answer(prompt: str) -> Any:
        if "row 0" in prompt:
            return failing(400, "too rude")
        if kind_of(service.bodies[-1]) != "words":
            return failing(400, "response_format is not supported")
        return labels(prompt)

    service.answer = answer
    rows = [f"row {number}" for number in range(40)]
    out = await chat.map(rows, "{{item}}", schema=SCHEMA, keep_going=True)
    assert [row["error"] is None for row in out] == [False] + [True] * 39
    refused = [body for body in service.bodies if kind_of(body) != "words"]
    assert len(refused) <= 4


async def test_what_was_seen_to_work_is_known_to_the_next_job(chat: Chat, service: Service) -> None:
    await chat.map(["a"], "{{item}}", schema=SCHEMA)
    service.hold = asyncio.Event()
    job = asyncio.create_task(chat.map(["b", "c"], "{{item}}", schema=SCHEMA))
    await service.until_asked(3)
    service.hold.set()
    assert len(await job) == 2


async def test_a_schema_that_cannot_be_is_said_before_anything_is_sent(chat: Chat, service: Service) -> None:
    with pytest.raises(InputError):
        await chat.map(TEXTS, "{{item}}", schema=7)
    assert not service.asked
