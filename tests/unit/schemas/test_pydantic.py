"""Models of pydantic, which tells itself what fits."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal

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


@dataclasses.dataclass
class Bounded:
    """A dataclass of Python's own, with a bound of pydantic's."""

    share: Annotated[float, pydantic.Field(ge=0, le=1)]
    tags: Annotated[list[str], pydantic.AfterValidator(sorted)]


def test_its_bounds_count_in_annotations_of_other_types() -> None:
    schema = schema_of(Bounded)
    assert schema.validate('{"share": 0.5, "tags": ["b", "a"]}') == Bounded(0.5, ["a", "b"])
    with pytest.raises(UnfitReplyError, match="share: "):
        schema.validate('{"share": 2, "tags": []}')
    with pytest.raises(UnfitReplyError):
        schema_of(Annotated[int, pydantic.Field(gt=3)]).validate("2")


class Odd(pydantic.BaseModel):  # type: ignore[misc, name-defined]
    at: int

    @pydantic.field_validator("at")
    @classmethod
    def looked_up(cls, value: int) -> int:
        return {1: 10}[value] // (value - 2 if value == 2 else 1)


def test_what_its_own_rules_raise_is_told_with_its_kind_and_the_text_is_kept() -> None:
    with pytest.raises(UnfitReplyError, match="Odd raised KeyError: 5") as caught:
        schema_of(Odd).validate('{"at": 5}')
    assert caught.value.text == '{"at": 5}'
