"""The value of a typed reply: it behaves as the value, and knows its turn."""

from __future__ import annotations

import copy
import dataclasses
import enum
import json
import pickle
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

import pytest

from g4f_magic.reply_value import with_turn
from g4f_magic.turn import Turn

TURN = Turn.plain(id="t", slot="s", prompt="p", provider="koala", model="m", started_at=1.0, reply="r")


@dataclasses.dataclass
class Plain:
    a: int


@dataclasses.dataclass(frozen=True)
class Frozen:
    a: int


@dataclasses.dataclass(frozen=True, slots=True)
class Slotted:
    a: int
    b: str = "x"


@dataclasses.dataclass
class OfTurns:
    turn: int


@dataclasses.dataclass(order=True)
class Ordered:
    a: int


class Picky:
    """Its subclasses have to say what they are."""

    def __init_subclass__(cls, *, is_what: str) -> None:
        super().__init_subclass__()


class Point(NamedTuple):
    x: int
    y: int


class Mood(enum.Enum):
    GOOD = "good"


CARRYING = [
    {"a": 1},
    ["a", 1],
    "text",
    7,
    0.5,
    {1, 2},
    frozenset({1}),
    (1, "a"),
    Plain(1),
    Frozen(1),
    Slotted(1),
    Ordered(1),
    Point(1, 2),
    {},
    "",
    0,
]


@pytest.mark.parametrize("value", CARRYING, ids=repr)
@pytest.mark.parametrize(
    "kept",
    [lambda one: one, copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))],
    ids=["itself", "copied", "copied deeply", "pickled"],
)
def test_it_is_the_value_and_carries_its_turn(value: Any, kept: Callable[[Any], Any]) -> None:
    found = kept(with_turn(copy.deepcopy(value), TURN))
    assert found == value
    assert value == found
    assert isinstance(found, type(value))
    assert type(found).__name__ == type(value).__name__
    assert repr(found) == repr(value)
    assert str(found) == str(value)
    assert bool(found) == bool(value)
    assert found.turn == TURN
    if value.__hash__ is not None:
        assert hash(found) == hash(value)


@pytest.mark.parametrize("value", [True, False, None, Mood.GOOD, OfTurns(3)])
def test_what_there_is_only_one_of_stays_itself(value: Any) -> None:
    assert with_turn(value, TURN) is value


@pytest.mark.parametrize("value", [{"a": 1}, ["a"], "text", 7, 0.5])
def test_json_takes_it(value: Any) -> None:
    assert json.loads(json.dumps({"x": with_turn(value, TURN)})) == {"x": value}


def test_a_frozen_one_stays_frozen() -> None:
    for value in (Frozen(1), Slotted(1)):
        found = with_turn(value, TURN)
        with pytest.raises(dataclasses.FrozenInstanceError):
            found.a = 2
        assert dataclasses.replace(found, a=2) == dataclasses.replace(value, a=2)
        assert dataclasses.asdict(found) == dataclasses.asdict(value)


@pytest.mark.parametrize("value", [Plain(1), Frozen(1), Ordered(1)], ids=repr)
def test_its_fields_alone_are_seen(value: Any) -> None:
    found = with_turn(value, TURN)
    assert vars(found) == {"a": 1}
    assert type(value)(**vars(found)) == value
    assert json.dumps(found, default=vars) == '{"a": 1}'
    assert pickle.loads(pickle.dumps(dataclasses.replace(found, a=2))) == dataclasses.replace(value, a=2)


def test_a_copy_is_apart_from_it() -> None:
    found = with_turn(Plain(1), TURN)
    copied = copy.copy(found)
    copied.a = 2
    assert (found.a, copied.a) == (1, 2)


def test_what_has_an_order_keeps_it() -> None:
    found = with_turn(Ordered(2), TURN)
    assert Ordered(1) < found < Ordered(3)
    assert sorted([found, with_turn(Ordered(1), TURN)])[0].a == 1
    with pytest.raises(TypeError):
        _ = with_turn(Plain(1), TURN) < Plain(2)


def test_a_class_that_takes_no_subclass_carries_it_all_the_same() -> None:
    assert with_turn(Picky(), TURN).turn == TURN


def test_a_pydantic_model_stays_what_it_is() -> None:
    pydantic = pytest.importorskip("pydantic")

    class Strict(pydantic.BaseModel):  # type: ignore[misc, name-defined]
        model_config: ClassVar[Any] = {"extra": "forbid", "frozen": True}
        a: int

    found = with_turn(Strict(a=1), TURN)
    assert found == Strict(a=1)
    assert Strict(a=1) == found
    assert isinstance(found, Strict)
    assert type(found).__name__ == "Strict"
    assert dict(found) == vars(found) == {"a": 1}
    assert Strict(**dict(found)) == found
    assert pydantic.create_model("Holder", held=(Strict, ...))(held=found).model_dump() == {"held": {"a": 1}}
    assert found.model_dump() == {"a": 1}
    assert found.model_dump_json() == '{"a":1}'
    assert repr(found) == repr(Strict(a=1))
    assert found.turn == TURN
    assert copy.copy(found).turn == copy.deepcopy(found).turn == TURN
    assert hash(found) == hash(Strict(a=1))
    assert found.model_copy(update={"a": 2}).a == 2
    assert hash(found) == hash(Strict(a=1))
