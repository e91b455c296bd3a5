"""Typed replies in a table: a column for each field, validated here, kept and replayed as values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas
import polars
import pytest

from g4f_magic import Chat
from g4f_magic.errors import InputError, RowsFailedError
from tests.contract.many.conftest import at
from tests.contract.many.serving import Service

SCHEMA = "label: positive|negative, score: int"
TEXTS = ["good", "bad", "good"]


def labels(prompt: str) -> str:
    return json.dumps({"label": "negative" if "bad" in prompt else "positive", "score": len(prompt)})


@pytest.fixture(autouse=True)
def labelling(service: Service) -> None:
    service.answer = labels


@pytest.mark.parametrize("frame", [pandas.DataFrame, polars.DataFrame])
async def test_each_field_is_a_column(chat: Chat, service: Service, frame: Any) -> None:
    out = await chat.map(frame({"text": TEXTS}), "{{text}}", schema=SCHEMA)
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
    assert "UnfitReplyError" in table[1]["error"]
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


async def test_a_schema_that_cannot_be_is_said_before_anything_is_sent(chat: Chat, service: Service) -> None:
    with pytest.raises(InputError):
        await chat.map(TEXTS, "{{item}}", schema=7)
    assert not service.asked
