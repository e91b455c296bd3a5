"""A call as the Python that would run, and what a person answers to it."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.tools.approval import ApprovalQuestion, answer_of
from g4f_magic.tools.arguments import ArgumentsError, edited, python_of, read
from g4f_magic.tools.signature import Tool, tool_of
from tests.injections import TERMINAL


def lookup(item: str, times: int = 1, more: dict[str, Any] | None = None) -> str:
    return item * times


TOOL = tool_of("lookup", lookup)
THEIRS = Tool("files__read", "", {"type": "object", "properties": {}}, lookup, origin="mcp:files")
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(item=st.text(), more=st.dictionaries(st.text(), json_values, max_size=3))
def test_what_is_shown_is_what_would_run(item: str, more: dict[str, Any]) -> None:
    arguments = {"more": more, "item": item}
    code = python_of(TOOL, arguments)
    assert code.startswith("lookup(item=")
    assert ast.literal_eval(ast.parse(code, mode="eval").body.keywords[0].value) == item  # type: ignore[attr-defined]
    if "\ud800" not in code:
        assert edited(TOOL, code) == arguments


@given(
    arguments=st.dictionaries(
        st.text() | st.sampled_from(["a='x')  #", "ﬁ", "class", "a-b"]), st.integers(), max_size=2
    )
)
def test_no_name_of_an_argument_passes_for_more_of_the_call(arguments: dict[str, Any]) -> None:
    code = python_of(THEIRS, arguments)
    assert "\n" not in code
    if "\\ud" not in code:
        assert edited(THEIRS, code) == arguments


@pytest.mark.parametrize("name", TERMINAL)
def test_a_question_steers_no_terminal(name: str) -> None:
    code = ApprovalQuestion(TOOL, {"item": TERMINAL[name]}).code
    assert code.isprintable()
    assert not any(ord(sign) in range(0x202A, 0x202F) for sign in code)


def test_what_is_too_long_is_cut_and_said() -> None:
    code = ApprovalQuestion(TOOL, {"item": "x" * 100_000}).code
    assert len(code) < 20_200
    assert "more characters" in code


@pytest.mark.parametrize(
    ("typed", "kind", "words"),
    [
        ("yes", "yes", ""),
        (" Y ", "yes", ""),
        ("always", "always", ""),
        ("no", "no", ""),
        ("no, because it costs", "no", "it costs"),
        ("No because: it costs", "no", "it costs"),
        ("n not now", "no", "not now"),
        ("edit lookup('a', times=2)", "edit", ""),
        ("lookup('a')", "edit", ""),
    ],
)
def test_what_a_person_types_is_an_answer(typed: str, kind: str, words: str) -> None:
    answer = answer_of(TOOL, typed)
    assert answer is not None
    assert (answer.kind, answer.words) == (kind, words)


@pytest.mark.parametrize("typed", ["", "  ", "maybe", "yes please do", "edit", "yess"])
def test_anything_else_is_none(typed: str) -> None:
    assert answer_of(TOOL, typed) is None


@pytest.mark.parametrize(
    "code",
    [
        "lookup(open('x'))",
        "lookup(item)",
        "other('a')",
        "lookup(*['a'])",
        "lookup(**{'item': open('x')})",
        "lookup(**'a')",
        "lookup('a'); 1",
        "lookup('a', 1, None, 4)",
        "lookup(3)",
        "lookup(",
        "x.lookup('a')",
        "lookup(f'{1}')",
        "lookup({1: set()})",
    ],
)
def test_an_edited_call_is_read_and_never_evaluated(code: str) -> None:
    with pytest.raises(ArgumentsError):
        edited(TOOL, code)


def test_arguments_are_read_as_models_write_them() -> None:
    assert read(TOOL, '{"item": "a"}') == {"item": "a"}
    assert read(TOOL, '"{\\"item\\": \\"a\\"}"') == {"item": "a"}
    nothing = tool_of("f", lambda: None)
    for text in ("", "{}", "null"):
        assert read(nothing, text) == {}
    for text in ("[" * 100_000, '{"item": "' + "x" * 300_000 + '"}'):
        with pytest.raises(ArgumentsError):
            read(TOOL, text)
