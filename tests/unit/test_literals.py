"""Values of further parameters: JSON first, Python second, else the text as it stands."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.errors import InputError
from g4f_magic.grammar import ChatLine
from g4f_magic.literals import param_of, text_of, value_of
from g4f_magic.options import Options
from g4f_magic.panel.choices import fields_of, options_of
from tests.named import named

VALUES = [
    ("0.9", 0.9),
    ("1e3", 1000.0),
    ("5", 5),
    (" 5 ", 5),
    ("-7", -7),
    (str(2**70), 2**70),
    ("true", True),
    ("False", False),
    ("null", None),
    ("None", None),
    ('{"enable_thinking":false}', {"enable_thinking": False}),
    ("{'enable_thinking': False}", {"enable_thinking": False}),
    ('{"a": {"b": [1, null]}}', {"a": {"b": [1, None]}}),
    ("{50256: -100}", {"50256": -100}),
    ("[1, 2]", [1, 2]),
    ("(1, 2)", [1, 2]),
    ("[('a', 1)]", [["a", 1]]),
    ('"5"', "5"),
    ("'5'", "5"),
    ('"\\n\\n"', "\n\n"),
    ("\n\n", "\n\n"),
    ("", ""),
    ("high", "high"),
    ("<|end|>", "<|end|>"),
    ("NaN", "NaN"),
    ("Infinity", "Infinity"),
    ("007", "007"),
    ("1.2.3", "1.2.3"),
    ("2024-10-21", "2024-10-21"),
    (r"C:\new\table", r"C:\new\table"),
    (r"\d+", r"\d+"),
    ("b'x'", "b'x'"),
    ("1j", "1j"),
    ("...", "..."),
    ("'half", "'half"),
    ("a{b", "a{b"),
    ("\0", "\0"),
]


def test_a_value_is_what_it_looks_like() -> None:
    for text, value in VALUES:
        with named(repr(text)[:30]):
            found = value_of(text, "x")
            assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"enable_thinking":false', "at its end"),
        ('{"a": nope}', "character 7"),
        ("[INST]", "character 2"),
        ('"half', "no valid JSON"),
        ('"a" and "b"', "character 5"),
        ("{1, 2}", "character 2"),
        ("{True: 2}", "character 2"),
        ("{1: 2, '1': 3}", "'1' is given twice"),
        ('"\\ud800"', "half a character"),
        ('{"a": 1, "a": 2}', "'a' is given twice"),
        ('{"a": NaN}', "NaN is not a number"),
        ("[-Infinity]", "-Infinity is not a number"),
        ("1e999", "not a number that can be sent"),
        ("[1e999]", "not a number that can be sent"),
        ("(1e999,)", "not a number that can be sent"),
        ("9" * 5000, "too long"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_looks_like_a_value_and_is_none_is_named_with_its_place(text: str, place: str) -> None:
    with pytest.raises(InputError, match=r"^top_p: ") as raised:
        value_of(text, "top_p")
    assert place in str(raised.value)
    assert raised.value.hint


@given(st.text(max_size=40))
def test_any_text_is_a_value_or_an_error_of_ours(text: str) -> None:
    try:
        value_of(text, "x")
    except InputError as exc:
        assert exc.hint


@pytest.mark.parametrize("text", ['x={"api_key": "abcdefgh"}', 'x=[{"a": {"Authorization": "Bearer abc"}}]'])
def test_a_key_inside_a_value_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(InputError, match="must not stand in the notebook") as raised:
        param_of(text)
    assert "abc" not in str(raised.value)


def test_a_schema_may_have_a_property_that_is_called_token() -> None:
    name, value = param_of('response_format={"properties": {"token": {"type": "string"}}}')
    assert (name, value["properties"]) == ("response_format", {"token": {"type": "string"}})


SENT = [
    0.12345678,
    1e-9,
    2**70,
    True,
    None,
    "\n\n",
    "5",
    " x ",
    "[INST]",
    "high",
    "",
    {"a": [1, "\n"]},
    ["\u2028"],
    'a"b',
]


@pytest.mark.parametrize("value", SENT)
def test_what_is_written_of_a_value_reads_as_the_same(value: Any) -> None:
    text = text_of(value)
    assert value_of(text, "x") == value
    assert len(text.splitlines()) <= 1


def test_the_panels_fields_lose_nothing() -> None:
    given = Options(
        temperature=0.12345678, params={"stop": "\n\n", "chat_template_kwargs": {"a": True}, "n": "5"}
    )
    options = Options(**options_of(fields_of(given, "")))
    assert (options.temperature, options.params) == (given.temperature, given.params)


def test_a_parameter_that_is_given_twice_is_refused() -> None:
    with pytest.raises(InputError, match="top_p is given twice"):
        ChatLine("--param top_p=1 --param top_p=0.5")
    with pytest.raises(InputError, match="top_p is given twice"):
        options_of({"more": "top_p=1\ntop_p=0.5"})
