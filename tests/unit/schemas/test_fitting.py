"""Checking a value has an end, whatever the schema and the value are."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from g4f_magic.schemas import fitting
from g4f_magic.schemas.fitting import problems

SCHEMAS: dict[str, tuple[dict[str, Any], Any]] = {
    "a pattern": ({"type": "string", "pattern": "^(a+)+$"}, f"{'a' * 40}!"),
    "a pattern of names": ({"patternProperties": {"^(a+)+$": {}}}, {f"{'a' * 40}!": 1}),
    "items that are unique": ({"uniqueItems": True}, [{"x": number} for number in range(100_000)]),
    "an item that is there": ({"contains": {"const": [1] * 2_000}}, [[1] * 1_999] * 100_000),
    "alternatives of alternatives": (
        {
            "$ref": "#/$defs/x25",
            "$defs": {"x0": {"type": "string"}}
            | {f"x{n}": {"anyOf": [{"$ref": f"#/$defs/x{n - 1}"}] * 2} for n in range(1, 26)},
        },
        1,
    ),
}


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "MOST_SECONDS", 0.1)


@pytest.mark.parametrize("name", SCHEMAS)
def test_what_would_take_for_ever_does_not_fit(name: str) -> None:
    schema, value = SCHEMAS[name]
    assert problems(value, schema) == ("checking it takes more than 0.1 s",)


async def test_nor_in_another_thread() -> None:
    schema, value = SCHEMAS["alternatives of alternatives"]
    found = await asyncio.to_thread(problems, value, {**schema, "$ref": "#/$defs/x16"})
    assert found == ("checking it takes more than 0.1 s",)
