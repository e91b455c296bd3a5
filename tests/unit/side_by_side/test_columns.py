"""Which columns a line asks for."""

from __future__ import annotations

import pytest

from g4f_magic.errors import InputError
from g4f_magic.grammar import ChatLine
from g4f_magic.settings import Settings
from g4f_magic.side_by_side.columns import MOST, columns_of


def columns(line: str, **settings: object) -> list[tuple[str, str, str]]:
    read = ChatLine(line)
    assert read.beside is not None
    found = columns_of(
        read.options, read.beside.providers, read.beside.models, Settings(history="off", **settings)
    )
    return [(one.name, one.options.provider, one.options.model) for one in found]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "-p groq,ollama,local --compare",
            [("groq", "groq", ""), ("ollama", "ollama", ""), ("local", "local", "")],
        ),
        (
            "-p openai:a,openai:b --compare",
            [("openai:a", "openai:a", ""), ("openai:b", "openai:b", "")],
        ),
        ("-p openai -m a,b --compare", [("openai:a", "openai", "a"), ("openai:b", "openai", "b")]),
        ("-m a,b --compare", [("a", "", "a"), ("b", "", "b")]),
        ("-p fast --compare", [("groq", "groq", ""), ("openai:x", "openai:x", "")]),
        ("--compare -p 'groq, ollama'", [("groq", "groq", ""), ("ollama", "ollama", "")]),
    ],
)
def test_each_name_is_a_column(line: str, expected: list[tuple[str, str, str]]) -> None:
    assert columns(line, chains={"fast": "groq,openai:x"}) == expected


def test_an_address_is_a_column_of_its_own() -> None:
    read = ChatLine("-p http://127.0.0.1:1/v1,http://127.0.0.1:2/v1 --compare")
    assert read.beside is not None
    found = columns_of(read.options, read.beside.providers, "", Settings(history="off"))
    assert [one.name for one in found] == ["127.0.0.1:1", "127.0.0.1:2"]
    assert [one.options.base_url for one in found] == ["http://127.0.0.1:1/v1", "http://127.0.0.1:2/v1"]


def test_the_other_options_hold_for_all_columns() -> None:
    read = ChatLine("-p groq,ollama --compare -t 0 --seed 7")
    found = columns_of(read.options, "groq,ollama", "", Settings(history="off"))
    assert [one.options.parameters for one in found] == [{"temperature": 0.0, "seed": 7}] * 2


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("--compare", "two or more"),
        ("-p groq --compare", "two or more"),
        ("-p , --compare", "two or more"),
        ("-p groq,groq --compare", "twice"),
        ("-p groq,GROQ --compare", "twice"),
        ("-p openai -m a,a --compare", "twice"),
        ("-p groq,ollama -m a,b --compare", "do not go together"),
        ("-p openai:x -m a,b --compare", "names a model"),
        ("-p groq,ollama --tools lookup --compare", "--tools and --compare"),
        (f"-p {','.join(f'p{number}' for number in range(MOST + 1))} --compare", "at most 12"),
    ],
)
def test_what_is_no_comparison_is_refused(line: str, word: str) -> None:
    with pytest.raises(InputError, match=word):
        columns(line)


def test_without_it_a_list_is_a_chain() -> None:
    read = ChatLine("-p groq,ollama")
    assert (read.beside, read.options.provider) == (None, "groq,ollama")


def test_what_differs_needs_columns() -> None:
    with pytest.raises(InputError, match="belongs to --compare"):
        ChatLine("-p groq --diff")
