import collections
import os

import pytest

from g4f_magic.describing import describe


def text_of(value, **options):
    return describe(value, name="thing", **options).text


def test_of_a_list_the_head_is_shown_and_how_many_there_are():
    described = describe(list(range(10_000)), name="rows")
    assert described.summary == described.omitted == "10 of 10,000 items"
    assert "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, … 9,990 more]" in described.text


def test_at_the_level_all_everything_is_shown_that_the_limit_takes():
    described = describe(list(range(10_000)), name="rows", share="all", limit=400)
    assert ", 90," in described.text
    assert described.summary == "101 of 10,000 items"


def test_short_records_stand_on_a_line_each():
    assert "\n  {'id': 1, 'tags': ['a']},\n" in text_of([{"id": 1, "tags": ["a"]}] * 3)


def test_a_text_that_is_cut_says_how_much_is_missing():
    assert "… (800 more characters)" in text_of(["x" * 1_000])


def test_a_structure_that_holds_itself_ends():
    loop = {"name": "loop"}
    loop["self"] = loop
    assert "'self': <what this is in>" in text_of(loop)
    assert "self: itself" in text_of(loop, share="schema")


def test_a_deep_structure_ends():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert "8 levels of it" in text_of(deep)
    assert len(text_of(deep, share="schema")) < 1_000


def test_a_wide_and_deep_structure_is_looked_at_in_part():
    wide = leaf = {f"key_{n}": n for n in range(50)}
    for _ in range(6):
        wide = {f"key_{n}": wide for n in range(50)}
    assert leaf
    assert len(text_of(wide, share="schema", limit=2_000)) < 3_500
    assert len(text_of(wide, limit=2_000)) < 3_500


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({3, 1, 2}, "{1, 2, 3}"),
        (set(), "set()"),
        (frozenset("a"), "frozenset('a')"),
        ((1, 2), "(1, 2)"),
        (collections.deque([1]), "deque(1)"),
        ({}, "{}"),
        ({None: 1}, "None: 1"),
    ],
)
def test_containers_are_written_as_python_does(value, shown):
    assert shown in text_of(value)


def test_a_field_that_is_named_as_a_secret_is_masked_and_that_is_said():
    described = describe({"db": {"password": "hunter22", "key": "a"}}, name="config")
    assert "hunter22" not in described.text
    assert "'key': 'a'" in described.text
    assert "secrets stand as ***" in described.omitted


def test_the_environment_shows_no_secret(monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "a1b2c3d4e5f6g7")
    assert "a1b2c3d4e5f6g7" not in text_of(os.environ, share="all", limit=100_000)


def test_a_variable_that_is_named_as_a_secret_is_not_shown():
    described = describe("hunter22", name="db_password")
    assert "hunter22" not in repr(described)
    assert "says that it is a secret" in described.omitted


def test_a_secret_that_is_cut_in_two_is_masked(monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "a1b2c3d4e5f6g7h8")
    assert "a1b2" not in text_of("x" * 95 + "a1b2c3d4e5f6g7h8", limit=100)


@pytest.mark.parametrize(
    ("value", "inline"),
    [
        (3, "3"),
        (2.5, "2.5"),
        (None, "None"),
        ("a word", "a word"),
        ("two\nlines", ""),
        ("x" * 500, ""),
        ([1], ""),
    ],
)
def test_a_short_value_may_stand_in_a_sentence(value, inline):
    assert describe(value, name="thing").inline == inline


def test_a_long_text_is_shown_up_to_the_limit_and_that_is_said():
    described = describe("word " * 4_000, name="thing", limit=1_000)
    assert described.omitted == "the first 1,000 of 20,000 characters"
    assert described.text.count("word") == 200
