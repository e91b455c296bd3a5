"""A schema in one line."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.errors import InputError
from g4f_magic.schemas import schema_of
from g4f_magic.schemas.line import json_of_line

TEXT = {"type": "string"}


def of(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("why: str", of({"why": TEXT})),
        ("why", {"error": "not a type"}),
        ("name, age: int", of({"name": TEXT, "age": {"type": "integer"}})),
        ("name, city", of({"name": TEXT, "city": TEXT})),
        (
            "label: positive|negative, why: str",
            of({"label": {"type": "string", "enum": ["positive", "negative"]}, "why": TEXT}),
        ),
        ("very good|bad", {"type": "string", "enum": ["very good", "bad"]}),
        ("'str'|\"a b\"", {"type": "string", "enum": ["str", "a b"]}),
        ("1|2|3", {"type": "integer", "enum": [1, 2, 3]}),
        ("1..5", {"type": "integer", "minimum": 1, "maximum": 5}),
        ("-0.5..1", {"type": "number", "minimum": -0.5, "maximum": 1}),
        ("str|none", {"anyOf": [TEXT, {"type": "null"}]}),
        ("yes|int", {"anyOf": [{"type": "string", "enum": ["yes"]}, {"type": "integer"}]}),
        ("[str]", {"type": "array", "items": TEXT}),
        ("a|b[]", {"error": "not a type"}),
        ("tags: int[]", of({"tags": {"type": "array", "items": {"type": "integer"}}})),
        ("[name: str, age: int]", {"type": "array", "items": of({"name": TEXT, "age": {"type": "integer"}})}),
        (
            "who: {name, born: date}",
            of({"who": of({"name": TEXT, "born": {"type": "string", "format": "date"}})}),
        ),
        ("a?: str", of({"a": {"anyOf": [TEXT, {"type": "null"}]}}, [])),
        ("a: str (in one sentence)", of({"a": {**TEXT, "description": "in one sentence"}})),
        ("größe: float", of({"größe": {"type": "number"}})),
        ("a: str,", of({"a": TEXT})),
        ("only: 'yes'", of({"only": {"type": "string", "enum": ["yes"]}})),
    ],
)
def test_a_line_means(line: str, expected: dict[str, Any]) -> None:
    if "error" in expected:
        with pytest.raises(InputError, match=expected["error"]):
            json_of_line(line)
    else:
        assert json_of_line(line) == expected


@pytest.mark.parametrize(
    "line",
    ["", " ", "a: ", "a: str,, b: int", "a: {b", "a: [str", "a: str, a: int", ": str", "a: |b", "a: (b)", "a b: str",
     "a: str }", "'open", "a: " + "[" * 40, "a: strng", "x" * 30_000],
)  # fmt: skip
def test_what_cannot_be_read_is_said_and_how_it_is_written(line: str) -> None:
    with pytest.raises(InputError) as caught:
        json_of_line(line)
    assert "schema" in str(caught.value)
    assert caught.value.hint


def test_a_slip_is_told_the_nearest_type() -> None:
    with pytest.raises(InputError) as caught:
        json_of_line("why: strng")
    assert "Did you mean string?" in caught.value.hint


@given(st.text(alphabet="ab:|,?[]{}()\"'. 12str", max_size=60))
def test_any_line_is_read_or_refused(line: str) -> None:
    try:
        found = schema_of(line)
    except InputError:
        return
    assert found.json is not None
