"""What a model is told of a function."""

from __future__ import annotations

import dataclasses
import enum
import functools
import json
from typing import Annotated, Any, Literal, Optional

import pytest

import g4f_magic
from g4f_magic.errors import InputError
from g4f_magic.tools import toolbox_of
from g4f_magic.tools.arguments import made
from g4f_magic.tools.docstring import words_of
from g4f_magic.tools.signature import tool_of
from tests.optional import Optional as Library

pydantic = Library("pydantic")


class Mood(enum.Enum):
    GOOD = "good"
    BAD = "bad"


@dataclasses.dataclass
class Point:
    x: int
    y: int = 0


def of(function: Any) -> dict[str, Any]:
    return dict(tool_of("f", function).parameters)


def test_each_kind_of_type_is_told() -> None:
    def f(
        a: str,
        b: int,
        c: float,
        d: bool,
        e: list[int],
        g: dict[str, float],
        h: Literal["x", "y"],
        i: Mood,
        j: Point,
        k: Optional[int] = None,  # noqa: UP045
        m: Annotated[str, "in words"] = "z",
        n=3,
    ) -> None: ...

    told = of(f)
    properties = told["properties"]
    assert {name: one.get("type") for name, one in properties.items() if name in "abcdegjmn"} == {
        "a": "string",
        "b": "integer",
        "c": "number",
        "d": "boolean",
        "e": "array",
        "g": "object",
        "j": "object",
        "m": "string",
        "n": "integer",
    }
    assert properties["h"]["enum"] == ["x", "y"]
    assert properties["i"]["enum"] == ["good", "bad"]
    assert [one["type"] for one in properties["k"]["anyOf"]] == ["integer", "null"]
    assert properties["m"]["description"] == "in words"
    assert not any("default" in one for one in properties.values())
    assert told["required"] == list("abcdeghij")
    assert told["additionalProperties"] is False


def test_values_are_made_of_what_a_model_gives() -> None:
    def f(point: Point, mood: Mood, /, *, many: list[Point]) -> None: ...

    tool = tool_of("f", f)
    given, named = made(tool, {"point": {"x": 1}, "mood": "bad", "many": [{"x": 2, "y": 3}]})
    assert given == [Point(1), Mood.BAD]
    assert named == {"many": [Point(2, 3)]}


def test_models_of_pydantic_are_told_by_pydantic() -> None:
    class Inner(pydantic.BaseModel):  # type: ignore[misc]
        n: int = pydantic.Field(ge=0, description="how many")

    class Outer(pydantic.BaseModel):  # type: ignore[misc]
        inner: Inner

    def f(one: Outer, more: list[Inner]) -> None: ...

    f.__annotations__ = {"one": Outer, "more": list[Inner]}
    tool = tool_of("f", f)
    assert set(tool.parameters["$defs"]) == {"Inner"}
    _, named = made(tool, {"one": {"inner": {"n": 1}}, "more": [{"n": 2}]})
    assert named == {"one": Outer(inner=Inner(n=1)), "more": [Inner(n=2)]}


def test_methods_partials_and_objects_that_are_called_are_functions() -> None:
    class Shop:
        """A shop."""

        def price(self, item: str) -> int:
            """Tell a price."""
            return len(item)

        def __call__(self, item: str) -> int:
            return len(item)

    def add(a: int, b: int) -> int:
        return a + b

    for function in (Shop().price, Shop(), functools.partial(add, 1)):
        assert len(of(function)["properties"]) == 1


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("def f(x): ...", "does not say what type x has"),
        ("def f(*xs: int): ...", "takes *xs"),
        ("def f(**xs: int): ...", "takes **xs"),
        ("def f(x: bytes): ...", "x of f cannot be described"),
        ("def f(x: 'Nowhere'): ...", "the types of f cannot be told"),
        ("class f: ...", "the class f is not a function"),
        ("f = 3", "f, a int, is not a function"),
    ],
)
def test_what_cannot_be_described_is_refused_with_the_reason(source: str, told: str) -> None:
    names: dict[str, Any] = {}
    exec(source, names)
    with pytest.raises(InputError, match=told.replace("*", r"\*")) as caught:
        toolbox_of(["f"], names)
    assert caught.value.hint


def test_names_are_looked_up_where_the_person_works_and_nowhere_else() -> None:
    def lookup() -> None: ...

    with pytest.raises(InputError, match="no function 'exec'"):
        toolbox_of(["exec"], {"lookup": lookup})
    with pytest.raises(InputError, match="no function 'look'") as caught:
        toolbox_of(["look"], {"lookup": lookup})
    assert "Did you mean lookup?" in caught.value.hint
    with pytest.raises(InputError, match="not a name that services take"):
        toolbox_of(["größe"], {"größe": lookup})
    with pytest.raises(InputError, match="two functions are called lookup"):
        toolbox_of([lookup, "lookup"], {"lookup": lambda: None})


GOOGLE = """Look up a price.

It is the last one.

Args:
    item: What is bought,
        in one word.
    currency (str, optional): Whose: EUR or USD.

Returns:
    The price.
"""
NUMPY = """Look up a price.

It is the last one.

Parameters
----------
item : str
    What is bought,
    in one word.
currency : {"EUR", "USD"}
    Whose: EUR or USD.

Returns
-------
float
"""
SPHINX = """Look up a price.

It is the last one.

:param item: What is bought,
    in one word.
:param str currency: Whose: EUR or USD.
:returns: The price.
"""


@pytest.mark.parametrize("docstring", [GOOGLE, NUMPY, SPHINX])
def test_a_docstring_tells_of_the_function_and_of_its_parameters(docstring: str) -> None:
    words = words_of(docstring)
    assert words.of_function == "Look up a price. It is the last one."
    assert words.of_parameters == {"item": "What is bought, in one word.", "currency": "Whose: EUR or USD."}


def test_a_mark_says_what_a_function_is() -> None:
    @g4f_magic.tool(description="Harmless.", asks=False)
    def f(a: int) -> int:
        """Something else."""
        return a

    tool = tool_of("f", f)
    assert (tool.description, tool.asks, f(3)) == ("Harmless.", False, 3)
    assert tool_of("f", g4f_magic.tool(lambda: None)).asks
    with pytest.raises(InputError, match="takes no mark"):
        g4f_magic.tool(len)


def test_a_schema_is_plain_json() -> None:
    def f(point: Point, mood: Mood = Mood.GOOD) -> None: ...

    assert json.loads(json.dumps(of(f))) == of(f)


def test_no_value_of_the_notebook_goes_along(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "sk-shop-4f9a8b7c6d5e4f3a2b1c"
    monkeypatch.setenv("SHOP_API_KEY", secret)

    def f(key: str = secret, size: int = 42_424_242) -> None: ...

    f.__doc__ = f"Call it with {secret}."
    told = json.dumps(tool_of("f", f).told)
    assert secret not in told
    assert "42424242" not in told
