"""How a chat cell begins: what may stand above it, and a question on its line."""

from __future__ import annotations

import pytest

from g4f_magic.chat_cell import ChatCell, chat_cell, lines_above
from g4f_magic.errors import InputError
from g4f_magic.grammar import ChatLine, parted, split


def lines(source: str) -> list[str]:
    return source.splitlines(keepends=True)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("%%chat\nHello", ("", "Hello")),
        ("\n\n  %%chat -p x\n  Hello", ("-p x", "Hello")),
        ("# mine\n#| echo: false\n\n%%chat\nHello\n", ("", "Hello\n")),
        ("%%chat How are you?", ("How are you?", "")),
        ("%%chatter\nHello", None),
        ("x = 1\n%%chat\nHello", None),
        ("# nothing else", None),
        ("", None),
    ],
)
def test_comments_may_stand_above_and_nothing_else(source: str, found: tuple[str, str] | None) -> None:
    assert chat_cell(lines(source)) == (None if found is None else ChatCell(*found))


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("x = 1\n%%chat\nHello", 1),
        ("!ls\n\n%%chat -p x\nHello", 2),
        ('text = """\n%%chat\n"""', 0),
        ("%%writefile notes.txt\n%%chat\nHello", 0),
        ("%%chat\nHello", 0),
        ("x = '%%chat'", 0),
    ],
)
def test_what_stands_above_is_counted(source: str, count: int) -> None:
    assert lines_above(lines(source)) == count


@pytest.mark.parametrize(
    ("line", "options", "question"),
    [
        ("How are you?", "", "How are you?"),
        ("-p groq It's   late: why?", "-p groq ", "It's   late: why?"),
        ("-s 'Be brief.' Hi --there", "-s 'Be brief.' ", "Hi --there"),
        ("--model=x -t 0.2 What is -m?", "--model=x -t 0.2 ", "What is -m?"),
        ("-- -1 or 1?", "", "-1 or 1?"),
        ("--once", "--once", ""),
        ("-s brief", "-s brief", ""),
    ],
)
def test_the_line_may_carry_the_question_behind_its_options(line: str, options: str, question: str) -> None:
    assert parted(line) == (split(options), question)


def test_the_question_and_the_text_below_are_one_prompt() -> None:
    assert ChatLine("-p groq Explain:").prompt("x = 1") == "Explain:\nx = 1"
    assert ChatLine("").prompt("Hello") == "Hello"


def test_a_system_prompt_without_quotes_is_not_taken_for_a_question() -> None:
    with pytest.raises(InputError, match="in quotes"):
        ChatLine("--system Be brief.")


def test_an_option_that_there_is_not_is_said_before_a_question() -> None:
    with pytest.raises(InputError, match="no option '--modle'"):
        ChatLine("--modle x Hello")
