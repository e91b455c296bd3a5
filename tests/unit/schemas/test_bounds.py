"""Bounds in `Annotated`: what the model is told of them, and what does not pass."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
from types import SimpleNamespace
from typing import Annotated, Any

import pytest

from g4f_magic.errors import UnfitReplyError
from g4f_magic.schemas import schema_of


def note(**bounds: Any) -> SimpleNamespace:
    """Return a note as annotated-types and msgspec have it: with the bounds as attributes."""
    return SimpleNamespace(**bounds)


@pytest.mark.parametrize(
    ("kind", "told", "fits", "does_not"),
    [
        (Annotated[int, note(gt=3)], {"exclusiveMinimum": 3}, "4", "3"),
        (Annotated[int, note(ge=1), note(le=5)], {"minimum": 1, "maximum": 5}, "5", "6"),
        (Annotated[float, note(gt=None, ge=0, lt=1, le=None)], {"minimum": 0, "exclusiveMaximum": 1}, "0.5", "1"),
        (Annotated[int, note(multiple_of=5)], {"multipleOf": 5}, "10", "12"),
        (Annotated[str, note(min_length=2, max_length=3)], {"minLength": 2, "maxLength": 3}, '"abc"', '"a"'),
        (Annotated[str, note(pattern="^a+$")], {"pattern": "^a+$"}, '"aa"', '"b"'),
        (Annotated[list[int], note(min_length=1)], {"minItems": 1}, "[1]", "[]"),
        (Annotated[dict[str, int], note(max_length=1)], {"maxProperties": 1}, '{"a": 1}', '{"a": 1, "b": 2}'),
        (Annotated[int | None, note(ge=0)], {"minimum": 0}, "null", "-1"),
        (Annotated[int, "how many", note(ge=0)], {"minimum": 0, "description": "how many"}, "0", "-1"),
        (Annotated[decimal.Decimal, note(le=decimal.Decimal("9.99"))], {}, "9.99", "10"),
        (Annotated[datetime.date, note(ge=datetime.date(2020, 1, 1))], {}, '"2020-01-01"', '"2019-12-31"'),
        (Annotated[str, note(func=str.islower)], {}, '"abc"', '"Abc"'),
    ],
)  # fmt: skip
def test_a_bound_is_told_where_json_schema_has_a_word_for_it_and_always_counts(
    kind: Any, told: dict[str, Any], fits: str, does_not: str
) -> None:
    schema = schema_of(kind)
    assert {**schema.json, **told} == schema.json
    schema.validate(fits)
    with pytest.raises(UnfitReplyError):
        schema.validate(does_not)


@dataclasses.dataclass
class Rating:
    stars: Annotated[int, note(ge=1, le=5)]
    day: Annotated[datetime.date | None, note(le=datetime.date(2030, 1, 1))] = None


def test_bounds_count_within_a_class() -> None:
    schema = schema_of(Rating)
    assert schema.validate('{"stars": 5, "day": null}') == Rating(5)
    for text in ('{"stars": 6}', '{"stars": 1, "day": "2031-01-01"}'):
        with pytest.raises(UnfitReplyError):
            schema.validate(text)


def test_a_type_without_bounds_is_told_as_before() -> None:
    assert schema_of(Annotated[int, object(), {"unit": "cm"}]).json == {"type": "integer"}
