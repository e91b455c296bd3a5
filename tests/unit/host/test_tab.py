"""Tab on a line of ours in a real shell: ours alone, each with its kind and what it is in a few words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

GROQ = "provider · Open models, fast; a free tier with limits per minute"


@pytest.fixture(scope="module")
def shell(own_parses: object) -> Iterator[Any]:
    one = InteractiveShell()
    one.run_line_magic("load_ext", "g4f_magic")
    one.user_ns["some_rows"] = [1, 2]
    yield one
    one.run_line_magic("unload_ext", "g4f_magic")


def offered(shell: Any, code: str) -> list[tuple[str, str]]:
    """Return the whole code as each completion makes it, and what is said of it."""
    with provisionalcompleter():
        found = list(shell.Completer.completions(code, len(code)))
    return [(code[: one.start] + one.text + code[one.end :], _words(one.type)) for one in found]


def _words(said: str) -> str:
    """Return what is said of a completion in signs of the keyboard; none of its own breaks a line."""
    assert not {" ", "-"} & set(said)
    return said.replace("\u00a0", " ").replace("\u2011", "-").replace("\u2060", "")


@pytest.mark.parametrize(
    ("code", "made", "about"),
    [
        ("%%chat --pro", "%%chat --provider", "option · who answers"),
        ("%ask --tem", "%ask --temperature", "option · randomness of the reply; 0 is the most predictable"),
        (
            "x = 1\n%chat rese",
            "x = 1\n%chat reset",
            "command · empty the conversation; %chat undo restores it",
        ),
        ("%%chat -p gro", "%%chat -p groq", GROQ),
        ("%chat use groq,olla", "%chat use groq,ollama", "provider · On this machine"),
        ("%%chat -w some_ro", "%%chat -w some_rows", "variable · list"),
        ("%%chat -w 'some_rows|sch", "%%chat -w 'some_rows|schema'", "level · its structure, and no value"),
        ("%%chat -w @er", "%%chat -w @error", "attachment · the last error, with its cell"),
        ("%%chat --format js", "%%chat --format json", "format · a tree to unfold"),
        (
            "%chat mode repl",
            "%chat mode replay",
            "mode · from the recording; nothing is sent (%chat mode replay)",
        ),
        ("%%chat --provider=gro", "%%chat --provider=groq", GROQ),
        ("%chat help ask", "%chat help asking", "group · options of a question, the panel, errors"),
    ],
)
def test_ours_are_offered_alone_and_explained(shell: Any, code: str, made: str, about: str) -> None:
    found = offered(shell, code)
    assert (made, about) in found
    assert all(text.startswith(code) for text, _ in found)


def test_tools_are_functions_and_rows_are_none(shell: Any) -> None:
    shell.user_ns["some_price"] = offered
    tools = [("%%chat --tools some_price", "variable · function")]
    rows = [("%%chat --each some_rows", "variable · list")]
    assert (offered(shell, "%%chat --tools some_"), offered(shell, "%%chat --each some_")) == (tools, rows)


LINES = [
    "%%chat --",
    "%%chat -p ",
    "%%chat -w ",
    "%%chat -f ",
    "%%chat -c ",
    "%%chat -p groq:",
    "%chat ",
    "%chat help ",
    "%chat use ",
    "%chat connect ",
    "%chat mode ",
    "%chat switch ",
    "%chat local ",
    "%chat gateway ",
    "%chat doctor ",
    "%chat explain --",
]


@pytest.mark.parametrize("line", LINES)
def test_whatever_is_offered_is_explained(shell: Any, line: str) -> None:
    found = offered(shell, line)
    assert found
    assert [text for text, said in found if not said or said == "<unknown>"] == []
    assert all(said.isprintable() and len(said) < 90 for _, said in found)


@pytest.mark.heavy  # it reads the types of all that Python has
def test_python_is_offered_on_other_lines(shell: Any) -> None:
    assert ("print", "function") in offered(shell, "prin")
    assert offered(shell, "%chat\nprin")[0][0].endswith("print")


def test_all_subcommands_and_nothing_of_python_stand_behind_chat_alone(shell: Any) -> None:
    words = [text.removeprefix("%chat ") for text, _ in offered(shell, "%chat ")]
    assert {"connect", "help", "providers"} <= set(words)
    assert not {"and", "if", "in"} & set(words)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("%%chat -t ", "number · randomness of the reply; 0 is the most predictable"),
        ("%%chat -t 0.", "number · randomness of the reply; 0 is the most predictable"),
        ("%%chat -s pri", "text · the system prompt: what the model is to be"),
        ("%chat switch ", "name · use another conversation"),
        ("%chat show ", "turn · one turn, or an earlier answer"),
        ("%chat search im", "words · find words in what was said, in all notebooks"),
        ("%chat history -n ", "n"),
        ("%chat undo pri", "text"),
        ("%%chat pri", "text"),
    ],
)
def test_where_there_is_nothing_to_offer_it_is_said_what_is_wanted(
    shell: Any, line: str, wanted: str
) -> None:
    assert offered(shell, line) == [(line, wanted)]


def test_nothing_is_left_behind() -> None:
    one = InteractiveShell()
    before = list(one.Completer.custom_matchers)
    one.run_line_magic("load_ext", "g4f_magic")
    one.run_line_magic("unload_ext", "g4f_magic")
    assert list(one.Completer.custom_matchers) == before
