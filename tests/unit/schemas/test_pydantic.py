"""Models of pydantic, which tells itself what fits."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from g4f_magic.errors import UnfitReplyError
from g4f_magic.schemas import schema_of

pydantic = pytest.importorskip("pydantic")


class Review(pydantic.BaseModel):  # type: ignore[misc, name-defined]
    label: Literal["good", "bad"]
    stars: int = pydantic.Field(ge=1, le=5)
    title: str = ""

    @pydantic.field_validator("stars")
    @classmethod
    def no_three(cls, value: int) -> int:
        if value == 3:
            raise ValueError("three says nothing")
        return value


class Tree(pydantic.BaseModel):  # type: ignore[misc, name-defined]
    name: str
    below: list[Tree] = pydantic.Field(default_factory=list)


def test_a_model_makes_its_value() -> None:
    schema = schema_of("Review", {"Review": Review})
    assert schema.name == "Review"
    assert schema.fields == ("label", "stars", "title")
    assert schema.validate('{"label": "good", "stars": 5}') == Review(label="good", stars=5)


@pytest.mark.parametrize(
    ("text", "problem"),
    [('{"label": "good", "stars": 3}', "three says nothing"), ('{"label": "good", "stars": 9}', "stars: "), ("{}", "label: ")],
)  # fmt: skip
def test_its_own_rules_count(text: str, problem: str) -> None:
    with pytest.raises(UnfitReplyError) as caught:
        schema_of(Review).validate(text)
    assert problem in "\n".join(caught.value.problems)


def test_a_field_called_title_stays_and_titles_go() -> None:
    json = schema_of(Review).json
    assert "title" in json["properties"]
    assert "title" not in json


@pytest.mark.parametrize(("spec", "is_many"), [(list[Review], False), (Review, True)])
def test_many_models_are_a_list(spec: Any, is_many: bool) -> None:
    schema = schema_of(spec, is_many=is_many)
    assert schema.is_many
    assert schema.fields == ("label", "stars", "title")
    value = schema.validate('{"items": [{"label": "bad", "stars": 1}]}')
    assert value == [Review(label="bad", stars=1)]


def test_a_model_that_holds_itself() -> None:
    schema = schema_of(Tree)
    assert schema.validate('{"name": "a", "below": [{"name": "b"}]}').below[0].name == "b"
    assert schema.fields == ("name", "below")
    assert schema_of(Tree, is_many=True).validate('[{"name": "a"}]')[0].name == "a"
