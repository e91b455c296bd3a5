"""The words of `%%chat` and `%chat` lines."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.errors import ChatError, InputError
from g4f_magic.grammar import ChatLine, Many
from g4f_magic.option_table import OPTIONS
from g4f_magic.options import Options
from tests.named import named


def test_an_empty_line_asks_for_nothing_special() -> None:
    assert ChatLine("").options == Options()


def test_every_option_arrives() -> None:
    line = ChatLine(
        "-p Koala -m gpt-4o -s 'Be brief.' -t 0.5 --max-tokens 9 --param top_p=0.9 --param stop='[\"a\"]' "
        "--base-url http://127.0.0.1:9/x --proxy http://p:1 --cookies ~/c.txt --timeout 3 -c side --once -o answer"
    )
    assert line.out == "answer"
    assert line.options == Options(
        provider="Koala",
        model="gpt-4o",
        system="Be brief.",
        temperature=0.5,
        max_tokens=9,
        params={"top_p": 0.9, "stop": ["a"]},
        base_url="http://127.0.0.1:9/x",
        proxy="http://p:1",
        cookies="~/c.txt",
        timeout_seconds=3,
        conversation="side",
        is_once=True,
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("0.5", 0.5),
        ("true", True),
        ("null", None),
        ("plain", "plain"),
        ("[1, 2]", [1, 2]),
        ("a=b", "a=b"),
    ],
)
def test_a_parameter_has_the_type_that_it_looks_like(text: str, value: object) -> None:
    assert ChatLine(f"--param x='{text}'").options.params == {"x": value}


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("--provder koala", "--provder", "--provider"),
        ("--tempreature 1", "--tempreature", "--temperature"),
        ("-t warm", "warm", "%chat help --temperature"),
        ("\u2014once", "\u2014once begins with a long dash", "Write --once."),
        ("\u2013p groq", "\u2013p begins with a long dash", "Write -p."),
        ("-p groq, ollama --compare", "without a blank", "-p groq,ollama"),
        ("--once=3", "--once takes no value", "Write --once alone."),
        ("--provider", "-p/--provider has no value", "Write --provider NAME."),
        ("--param top_p", "top_p", "KEY=VALUE"),
        ("--out two-words", "two-words", "NAME"),
        ("'open", "quot", "quotes"),
        ("--context many", "many", "2000t"),
        ("-f pdf", "pdf", "help"),
    ],
)
def test_what_cannot_be_read_is_named_with_the_way_out(line: str, message: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        ChatLine(line)
    assert message in str(caught.value)
    assert hint in caught.value.hint


@pytest.mark.parametrize(("text", "turns", "tokens"), [("6", 6, None), ("2000t", None, 2000), ("0", 0, None)])
def test_the_context_is_bounded_by_turns_or_tokens(text: str, turns: int | None, tokens: int | None) -> None:
    options = ChatLine(f"--context {text}").options
    assert (options.context_turns, options.context_tokens) == (turns, tokens)


def test_each_option_sets_fields_that_there_are() -> None:
    fields = {name for option in OPTIONS for name in option.fields}
    assert fields == {
        *(one.name for one in dataclasses.fields(Options)),
        "out",
        "format",
        "is_dry_run",
        "is_compared",
        "is_diff",
        *Many._fields,
    }


def test_each_option_tells_of_itself() -> None:
    for option in OPTIONS:
        with named(option.name):
            assert option.help
            assert option.usage.startswith("-")
            assert option.name.startswith("--")


@given(st.text())
def test_any_line_is_read_or_refused_in_our_words(line: str) -> None:
    try:
        ChatLine(line)
    except ChatError as exc:
        assert str(exc)


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_who_asks_a_cell_for_help_is_told_where_it_is(option: str) -> None:
    with pytest.raises(InputError) as caught:
        ChatLine(option)
    assert caught.value.hint == "%chat help shows what it takes."


@pytest.mark.parametrize("line", ["--{}", "-f {}", "--timeout {}", "--param {}"])
def test_what_is_wrong_is_said_in_bounds(line: str) -> None:
    with pytest.raises(InputError) as raised:
        ChatLine(line.format("x" * 50_000))
    assert len(str(raised.value)) < 5_000


@pytest.mark.parametrize(
    "line", ["\u2014 what is this?", "\u2013 a list", "-p groq one, two", "\u2014onceupon a time"]
)
def test_a_question_may_begin_with_a_dash_or_hold_a_comma(line: str) -> None:
    assert ChatLine(line).question == line.removeprefix("-p groq ")


def test_what_one_cell_makes_of_its_parameters_no_other_sees() -> None:
    line = """--param 'stop=["a"]'"""
    ChatLine(line).options.params["stop"].append("b")
    assert ChatLine(line).options.params == {"stop": ["a"]}
