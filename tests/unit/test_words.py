"""Lines in words: quoted as in a shell, and paths of Windows whole."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.errors import InputError
from g4f_magic.grammar import ChatLine, split, words_in, words_of


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (r"export out\talk.md", ["export", r"out\talk.md"]),
        (r"--cookies C:\Users\x\c.txt -p koala", ["--cookies", r"C:\Users\x\c.txt", "-p", "koala"]),
        (r'import "C:\My chats\new.json"', ["import", r"C:\My chats\new.json"]),
        (r"import 'C:\My chats\new.json'", ["import", r"C:\My chats\new.json"]),
        (r"\\server\share\a.md", [r"\\server\share\a.md"]),
        (r"out\ talk.md", ["out talk.md"]),
        (r'"say \"hi\" to \n"', [r'say "hi" to \n']),
        (r"it\'s", ["it's"]),
        (r'--param stop="\n\n"', ["--param", r"stop=\n\n"]),
        (r"""--param stop='["\n"]'""", ["--param", r'stop=["\n"]']),
        ("a''b '' \"\"", ["ab", "", ""]),
        ("a\u00a0b\t c", ["a\u00a0b", "c"]),
        ("end\\", ["end\\"]),
        ("", []),
    ],
)
def test_a_line_is_parted_into_words(line: str, words: list[str]) -> None:
    assert split(line) == words


@pytest.mark.parametrize("line", ["'a", 'a"', '"a\\"', "it's"])
def test_a_quote_that_is_not_closed_says_so(line: str) -> None:
    with pytest.raises(InputError, match="a quote is not closed") as caught:
        words_of(line)
    assert caught.value.hint


def test_so_does_one_among_the_options_of_a_cell() -> None:
    with pytest.raises(InputError, match="a quote is not closed"):
        ChatLine("-s 'never closed")
    assert ChatLine("-s 'closed' what's that?").question == "what's that?"


@given(st.lists(st.text()))
def test_what_is_quoted_comes_back(words: list[str]) -> None:
    assert split(shlex.join(words)) == words


@given(st.text(alphabet="ab \"'\t"))
def test_without_backslashes_it_is_the_shells_own_way(line: str) -> None:
    try:
        expected = shlex.split(line)
    except ValueError:
        with pytest.raises(ValueError, match="not closed"):
            split(line)
    else:
        assert split(line) == expected


def test_an_option_keeps_the_backslashes_of_its_path() -> None:
    assert ChatLine(r"--cookies C:\Users\x\c.txt").options.cookies == r"C:\Users\x\c.txt"


@given(st.text(alphabet="ab '\"\\\t-=é", max_size=30))
def test_where_the_words_stand_is_where_they_are_split(line: str) -> None:
    try:
        words = split(line)
    except ValueError:
        return
    assert [split(line[one.start : one.end])[0] for one in words_in(line)[0]] == words
