"""Schemas that nothing can fit are told before anything is sent, and of no others is it said."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.errors import InputError
from g4f_magic.schemas import schema_of
from g4f_magic.schemas.fitting import fits
from g4f_magic.schemas.possible import why_nothing_fits
from tests.examples import examples

TEXT, NEVER = {"type": "string"}, {"type": "string", "minLength": 5, "maxLength": 2}


def record(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields)}


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        (NEVER, "its minLength 5 is above its maxLength 2"),
        ({"enum": []}, "it allows no value"),
        ({"type": "integer", "enum": ["a"]}, "none of its values is of its type"),
        ({"type": "string", "const": 5}, "none of its values is of its type"),
        ({"type": "integer", "minimum": 5, "maximum": 2}, "its minimum 5 is above its maximum 2"),
        ({"type": "number", "exclusiveMinimum": 1, "maximum": 1}, "leaves nothing below its maximum 1"),
        ({"type": "integer", "minimum": 1.2, "maximum": 1.8}, "no whole number between"),
        (record(a=NEVER), "a: its minLength 5"),
        (record(a=record(b={"enum": []})), "a.b: it allows no value"),
        ({**record(a=TEXT), "required": ["b"], "additionalProperties": False}, "b is required, and no field"),
        ({**record(a=TEXT, b=TEXT), "maxProperties": 1}, "more fields than its maxProperties 1"),
        ({"type": "array", "items": NEVER, "minItems": 1}, "[]: its minLength 5"),
        (
            {"type": "array", "items": {"enum": [1, 2]}, "uniqueItems": True, "minItems": 3},
            "above the 2 values",
        ),
        ({"type": "array", "prefixItems": [NEVER], "minItems": 1}, "[0]: its minLength 5"),
        ({"anyOf": [NEVER, {"enum": []}]}, "its minLength 5"),
        ({"type": "integer", "anyOf": [TEXT, {"type": "null"}]}, "no value is of its type and of one"),
        ({"allOf": [TEXT, {"type": "integer"}]}, "no value is of all its types"),
        (record(a={"$ref": "#"}), "a: it holds itself, without an end"),
        ({"$defs": {"A": record(b={"$ref": "#/$defs/A"})}, "$ref": "#/$defs/A"}, "b: it holds itself"),
    ],
    ids=str,
)
def test_what_nothing_fits_is_said_with_its_place(schema: dict[str, Any], why: str) -> None:
    with pytest.raises(InputError) as error:
        schema_of(schema)
    assert why in str(error.value)
    assert "nothing was sent" in error.value.hint


@pytest.mark.parametrize(
    "schema",
    [
        {"anyOf": [NEVER, TEXT]},
        {**record(a=NEVER), "required": []},
        {"type": "array", "items": NEVER},
        {"type": ["string", "null"], "minLength": 5, "maxLength": 2},
        {"type": "integer", "enum": ["a", 2]},
        {"type": "object", "properties": {"next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}}},
        {"$defs": {"A": record(all={"type": "array", "items": {"$ref": "#/$defs/A"}})}, "$ref": "#/$defs/A"},
        {**record(b=TEXT), "properties": {}, "patternProperties": {"b": TEXT}, "additionalProperties": False},
    ],
    ids=str,
)
def test_what_something_fits_is_taken(schema: dict[str, Any]) -> None:
    assert schema_of(schema) == schema


def test_a_class_that_nothing_fits_is_no_schema_either() -> None:
    pydantic = pytest.importorskip("pydantic")
    model = pydantic.create_model("Never", stars=(int, pydantic.Field(ge=5, le=2)))
    with pytest.raises(InputError, match="stars: its minimum 5 is above its maximum 2"):
        schema_of(model)


def test_a_schema_that_branches_without_end_takes_no_time() -> None:
    defs = {
        f"D{number}": record(**{key: {"$ref": f"#/$defs/D{number + 1}"} for key in "abc"})
        for number in range(40)
    }
    assert why_nothing_fits({"$ref": "#/$defs/D0", "$defs": {**defs, "D40": TEXT}}) == ""
    assert why_nothing_fits({"$ref": "#/$defs/D0", "$defs": {**defs, "D40": NEVER}}).endswith("maxLength 2")


small = st.integers(0, 3)
values = st.recursive(
    st.sampled_from([None, True, 0, 1, 1.5, 3, "", "a", "abcd"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=5,
)
names = ("string", "integer", "number", "boolean", "null", "array", "object")
flat = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(names)
        | st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True),
        "enum": st.lists(values, max_size=2),
        **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), small),
        **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "maxProperties"), small),
        "uniqueItems": st.booleans(),
    },
)
schemas = st.recursive(
    flat | st.booleans(),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(names),
            "properties": st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
            "required": st.lists(st.sampled_from("ab"), max_size=2, unique=True),
            "additionalProperties": st.booleans(),
            "items": inner,
            "minItems": small,
            **dict.fromkeys(("anyOf", "allOf", "prefixItems"), st.lists(inner, min_size=1, max_size=2)),
        },
    ),
    max_leaves=4,
)


@pytest.mark.heavy
@examples(2_000)
@given(schema=schemas, value=values)
def test_what_a_value_fits_is_never_said_to_fit_nothing(schema: Any, value: Any) -> None:
    if isinstance(schema, dict) and fits(value, schema):
        assert why_nothing_fits(schema) == ""
