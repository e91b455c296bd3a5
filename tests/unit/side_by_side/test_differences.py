"""What differs between replies: words, fields, rows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.renderers.compared import fields, words
from g4f_magic.schemas import schema_of
from g4f_magic.side_by_side.agreement import agreement_of, as_json, fields_of, percent
from g4f_magic.side_by_side.differences import MOST_WORDS, Differences, Piece, differences
from tests.examples import share

TEXTS = st.text(alphabet="ab \n<>&", max_size=60)


def test_words_that_differ_are_told() -> None:
    found = differences("The cat sat on the mat.", "The dog sat on a mat.")
    assert found == Differences(
        (
            Piece("same", "The "),
            Piece("gone", "cat "),
            Piece("new", "dog "),
            Piece("same", "sat on "),
            Piece("gone", "the "),
            Piece("new", "a "),
            Piece("same", "mat."),
        ),
        66,
    )


@given(first=TEXTS, second=TEXTS)
def test_both_texts_can_be_read_from_what_differs(first: str, second: str) -> None:
    found = differences(first, second)
    assert found is not None
    assert "".join(one.text for one in found.pieces if one.kind != "gone") == second
    gone = "".join(one.text for one in found.pieces if one.kind != "new")
    assert gone.split() == first.split()
    assert (found.percent == 100) <= (first.split() == second.split())


def test_long_texts_are_compared_by_lines_and_very_long_ones_not() -> None:
    long = "".join(f"{number} {'word ' * 60}\n" for number in range(50))
    found = differences(long, long.replace("word", "other", 1))
    assert found is not None
    assert [one.kind for one in found.pieces] == ["gone", "new", "same"]
    assert differences("a\n" * (MOST_WORDS + 1), "b") is None


def test_hostile_texts_take_bounded_work() -> None:
    texts = [
        "a " * share(MOST_WORDS),
        " ".join(str(number % 100) for number in range(share(MOST_WORDS))),
        " ".join(str(number % 150) for number in range(share(MOST_WORDS), 0, -1)),
    ]
    for first in texts:
        for second in texts:
            assert differences(first, second) is not None


def test_what_differs_reads_without_colour_and_nothing_in_it_acts() -> None:
    found = differences("<b>old</b> same", "<script>new</script> same")
    assert found is not None
    part = words("1 · one", [("2 · two", found.pieces, found.percent), ("3 · three", None, 0)])
    assert "[-<b>old</b>-] {+<script>new</script>+} same" in part.plain
    assert "line-through" in part.html
    assert "underline" in part.html
    assert "&lt;script&gt;new" in part.html
    assert "<script" not in part.html
    assert "3 · three · too long to compare" in part.plain


def test_of_what_is_the_same_nothing_is_repeated() -> None:
    found = differences("Both say this.", "Both say this.")
    assert found is not None
    part = words("1 · one", [("2 · two", found.pieces, found.percent)])
    assert part.plain == "What differs from 1 · one\n\n2 · two · 100 % the same words"


def test_typed_replies_make_a_table_of_their_fields() -> None:
    schema = schema_of("label: good|bad, why: str")
    rows = fields_of([{"label": "good", "why": "a"}, {"label": "good", "why": "b"}, None], schema)
    assert [(one.name, one.values, one.is_same) for one in rows] == [
        ("label", ('"good"', '"good"', ""), True),
        ("why", ('"a"', '"b"', ""), False),
    ]
    part = fields(["one", "two", "three"], rows)
    assert 'label | "good" | "good" |  | ✓ all agree' in part.plain
    assert "≠ all differ" in part.plain
    assert "They agree in 1 of 2 fields (50 %)." in part.plain


def test_one_typed_reply_agrees_with_nobody() -> None:
    rows = fields_of([{"label": "good"}, None], schema_of("label: good|bad"))
    assert fields(["one", "two"], rows).plain.endswith(
        "Fewer than two replies fit: there is nothing to compare."
    )


def test_a_list_of_records_is_one_value() -> None:
    schema = schema_of("label: str", is_many=True)
    (row,) = fields_of([[{"label": "a"}], [{"label": "a"}]], schema)
    assert (row.name, row.is_same) == ("value", True)


def test_agreement_counts_rows_in_which_all_say_something() -> None:
    found = agreement_of({"a": [1, 2, 3, None], "b": [1, 2, 4, 1], "c": [1, 3, 3, 1]})
    assert (found.same, found.compared) == (1, 3)
    assert found.pairs == {("a", "b"): (2, 3), ("a", "c"): (2, 3), ("b", "c"): (2, 4)}


@pytest.mark.parametrize(
    ("part", "whole", "told"), [(0, 0, 0), (0, 5, 0), (1, 3, 33), (2, 3, 66), (3, 3, 100)]
)
def test_a_percentage_is_never_rounded_up(part: int, whole: int, told: int) -> None:
    assert percent(part, whole) == told


def test_a_value_that_has_no_form_in_json_is_told_as_python_shows_it() -> None:
    assert as_json({1: "a", "b": 2}) == "{1: 'a', 'b': 2}"


def test_where_no_column_answered_none_agrees() -> None:
    (field,) = fields_of([None, None], schema_of("yes|no"))
    assert (field.values, field.agree) == (("", ""), 0)
