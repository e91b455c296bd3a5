"""What a reply has to be, and its value."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import json
import socket
import typing
from dataclasses import replace
from typing import Annotated, Any, Literal, NamedTuple, NotRequired, TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.ask import Ask
from g4f_magic.cassette import Asked
from g4f_magic.errors import InputError, UnfitReplyError
from g4f_magic.schemas import Schema, schema_of
from g4f_magic.schemas.asked import object_form, response_format, strict_form
from g4f_magic.schemas.fitting import fits
from g4f_magic.turn import Turn
from g4f_magic.turn_json import turn_from_json, turn_to_json


class Mood(enum.Enum):
    GOOD = "good"
    BAD = "bad"


class Stars(enum.IntEnum):
    ONE = 1
    TWO = 2


@dataclasses.dataclass
class Person:
    """Somebody in the text."""

    name: str
    born: datetime.date
    mood: Mood = Mood.GOOD
    stars: Stars | None = None
    friends: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True, slots=True)
class Pair:
    one: Annotated[int, "the first"]
    two: tuple[int, str]


class Movie(TypedDict):
    title: str
    year: NotRequired[int]


class Point(NamedTuple):
    x: float
    y: float = 0


@dataclasses.dataclass
class Team:
    people: list[Person]
    at: dict[str, Point]
    kind: Literal["a", 1]


ADA = '{"name": "Ada", "born": "1815-12-10", "mood": "bad", "stars": "TWO"}'


@pytest.mark.parametrize(
    ("spec", "text", "value"),
    [
        ("label: a|b, why: str", '{"label": "a", "why": "so"}', {"label": "a", "why": "so"}),
        ("a|b", "a", "a"),
        ("a|b", '"b"', "b"),
        ("a|b", '{"value": "b"}', "b"),
        ("int", "7", 7),
        ("bool", "true", True),
        ("[str]", '["a", "b"]', ["a", "b"]),
        ("[str]", '{"items": ["a"]}', ["a"]),
        (Person, ADA, Person("Ada", datetime.date(1815, 12, 10), Mood.BAD, Stars.TWO)),
        (Pair, '{"one": 1, "two": [2, "b"]}', Pair(1, (2, "b"))),
        (Movie, '{"title": "M", "year": 1931}', {"title": "M", "year": 1931}),
        (Mood, "good", Mood.GOOD),
        (Mood, '{"value": "bad"}', Mood.BAD),
        (Stars, '"ONE"', Stars.ONE),
        (Point, '{"x": 1}', Point(1.0)),
        (list[Mood], '{"items": ["good", "bad"]}', [Mood.GOOD, Mood.BAD]),
        (set[int], "[1, 2]", {1, 2}),
        (str | None, "null", None),
        ({"type": "object", "properties": {"a": {"const": 1}}}, '{"a": 1}', {"a": 1}),
        (
            Team,
            f'{{"people": [{ADA}], "at": {{"here": {{"x": 1, "y": 2}}}}, "kind": 1}}',
            Team([Person("Ada", datetime.date(1815, 12, 10), Mood.BAD, Stars.TWO)], {"here": Point(1, 2)}, 1),
        ),
    ],
)
def test_the_value_of_a_reply_is_of_its_type(spec: Any, text: str, value: Any) -> None:
    found = schema_of(spec).validate(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        '```json\n{"a": 1}\n```',
        'Here it is:\n```\n{"a": 1}\n```\nAs you see, it is short.',
        'Of course! The answer is {"a": 1}.',
        '\ufeff {"a": 1}\n',
        'Not {} but {"a": 1}',
    ],
)
def test_json_is_found_in_what_a_model_says_around_it(text: str) -> None:
    assert schema_of("a: int").validate(text) == {"a": 1}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("no idea", "it is not JSON"),
        ('{"label": "meh", "why": "x"}', 'label: "meh" is not one of "good", "bad"'),
        ('{"label": "good"}', "why is missing"),
        ('{"label": "good", "why": 3}', "why: 3 is not a string"),
        ('{"label": "good", "why": "x", "more": 1}', '"more" was not asked for'),
        ('{"label": NaN, "why": "x"}', "NaN"),
        ("[" * 100_000, "it is n"),
        ("", "it is not JSON"),
    ],
)
def test_what_does_not_fit_is_told_and_kept(text: str, problem: str) -> None:
    with pytest.raises(UnfitReplyError) as caught:
        schema_of("label: good|bad, why: str").validate(text)
    assert caught.value.text == text
    assert any(problem in one for one in caught.value.problems), caught.value.problems
    assert len(str(caught.value)) < 500


@given(st.text(max_size=80) | st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5),
       lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text(max_size=5), one, max_size=3)).map(json.dumps))  # fmt: skip
def test_any_reply_fits_or_says_why_not(text: str) -> None:
    schema = schema_of("label?: good|bad, n: 1..5")
    try:
        value = schema.validate(text)
    except UnfitReplyError as exc:
        assert exc.problems
    else:
        assert fits(value, schema.json)


@pytest.mark.parametrize(
    "spec",
    [5, {"a": 1}, {"type": "frob"}, {"$ref": "http://127.0.0.1:9/x"}, {"$ref": "#/$defs/none"}, "Nowhere", complex,
     dict[int, str], {"type": {1, 2}}, object(), {"allOf": "x"}],
)  # fmt: skip
def test_a_schema_that_cannot_be_is_refused(spec: Any) -> None:
    with pytest.raises(InputError):
        schema_of(spec)


def test_a_schema_too_deep_is_refused() -> None:
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(500):
        deep = {"type": "array", "items": deep}
    with pytest.raises(InputError):
        schema_of(deep)


def test_a_class_that_holds_itself_is_refused_with_what_can() -> None:
    @dataclasses.dataclass
    class Node:
        children: list[Any]

    Node.__annotations__["children"] = list[Node]
    with pytest.raises(InputError) as caught:
        schema_of(Node)
    assert "pydantic" in caught.value.hint


def test_names_are_found_in_the_notebook() -> None:
    names = {"Person": Person, "spec": "a: int", "shape": {"type": "integer"}, "typing": typing}
    assert schema_of("Person", names).name == "Person"
    assert schema_of("spec", names).json == schema_of("a: int").json
    assert schema_of("shape", names).validate("1") == 1
    assert schema_of("who: [Mood], n: int", {"Mood": Mood}).json["properties"]["who"]["items"]["enum"] == [
        "good",
        "bad",
    ]
    with pytest.raises(InputError) as caught:
        schema_of("Persn", names)
    assert "Did you mean Person?" in caught.value.hint


def test_many_is_a_list_of_the_one() -> None:
    schema = schema_of(Person, is_many=True)
    assert schema.is_many
    assert schema.fields == ("name", "born", "mood", "stars", "friends")
    (ada,) = schema.validate(f'{{"items": [{ADA}]}}')
    assert ada.name == "Ada"
    assert schema.row(ada)["mood"] is Mood.BAD
    assert schema_of("[str]", is_many=True).json == {"type": "array", "items": {"type": "string"}}


def test_a_schema_equals_its_json_and_stays_itself() -> None:
    schema = schema_of("a: int")
    assert schema == json.loads(json.dumps(schema.json))
    assert schema_of(schema) is schema
    assert Schema.of_json(schema) is schema
    assert Schema.of_json(dict(schema)).validate('{"a": 2}') == {"a": 2}


@pytest.mark.parametrize(
    "spec", ["a?: int, b: [c: str|none]", Person, Team, Movie, Mood, "[str]", "1..5", Pair]
)
def test_what_is_asked_for_is_an_object_and_no_wider_than_the_schema(spec: Any) -> None:
    schema = schema_of(spec)
    asked = object_form(schema.json)
    assert asked["type"] == "object"
    strict = strict_form(asked)
    if strict is not None:
        assert strict["required"] == list(strict["properties"])
    sent = response_format(schema.json, schema.name)["json_schema"]
    assert sent["strict"] is (strict is not None)


def test_references_still_hold_within_the_object_that_is_asked_for() -> None:
    tree = {"type": "array", "items": {"$ref": "#/$defs/One"}, "$defs": {"One": {"type": "integer"}}}
    assert fits({"items": [1]}, object_form(tree))
    assert not fits({"items": ["x"]}, object_form(tree))
    own = {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"$ref": "#"}}]}
    assert fits({"value": [1, [2]]}, object_form(own))
    assert not fits({"value": [1, ["x"]]}, object_form(own))


def test_a_schema_is_part_of_the_key_by_what_it_says() -> None:
    plain = Ask(prompt="Judge it.", provider="x")
    typed = replace(plain, schema=schema_of(Movie))
    kept = replace(plain, schema=dict(schema_of(Movie).json))
    assert Asked.of(typed).key == Asked.of(kept).key
    assert Asked.of(typed).key not in (
        Asked.of(plain).key,
        Asked.of(replace(plain, schema=schema_of("a: int"))).key,
    )


def test_a_turn_keeps_its_schema() -> None:
    turn = Turn.plain(id="t", slot="t", prompt="Judge it.", provider="x", model="", started_at=1.0)
    turn = replace(turn, ask=replace(turn.ask, schema=schema_of(Movie)))
    assert turn_from_json(json.loads(json.dumps(turn_to_json(turn)))).ask.schema == schema_of(Movie).json


@pytest.mark.parametrize(
    "text",
    [
        "```\n" + " " * 1_000_000,
        "```json\n" * 100_000,
        "{" * 500_000,
        '{"a":' * 100_000,
        "[" + "1," * 500_000,
        '"' * 1_000_000,
        "```" + " \t" * 500_000,
    ],
    ids=["blanks in a fence", "fences", "braces", "fields", "a list", "quotes", "blanks"],
)
def test_a_hostile_reply_is_judged_in_one_go(text: str) -> None:
    with pytest.raises(UnfitReplyError):
        schema_of("label: good|bad").validate(text)


def test_a_reference_to_elsewhere_fetches_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.0)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        with pytest.raises(UnfitReplyError, match="refers to what it does not hold"):
            Schema.of_json({"type": "object", "properties": {"a": {"$ref": address}}}).validate('{"a": 1}')
        with pytest.raises(BlockingIOError):
            server.accept()
