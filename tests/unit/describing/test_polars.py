import pytest

from g4f_magic.describing import describe
from tests.optional import Optional

pl = Optional("polars")


def frame():
    return pl.DataFrame({"price": [1.5, None, 3.0] * 400, "name": ["PLANTED", "b", ""] * 400})


def test_a_frame_shows_its_columns_and_first_rows():
    described = describe(frame(), name="df")
    assert described.summary == "2 columns, 5 of 1,200 rows"
    assert '- "price": Float64, 400 missing\n' in described.text
    assert '| 1.5 | PLANTED |\n| null | b |\n| 3.0 | "" |' in described.text


@pytest.mark.parametrize(
    "value",
    [
        lambda: frame(),
        lambda: frame().lazy(),
        lambda: frame()["name"],
        lambda: pl.DataFrame({"a": pl.Series(["x"], dtype=pl.Enum(["x", "PLANTED"]))}),
        lambda: pl.DataFrame({"a": pl.Series([["x"]], dtype=pl.List(pl.Enum(["x", "PLANTED"])))}),
        lambda: pl.DataFrame({"a": [{"b": "PLANTED"}]}),
        lambda: frame().lazy().filter(pl.col("name") == "PLANTED"),
        lambda: pl.col("name") == "PLANTED",
    ],
)
def test_no_value_is_shown_below_the_level_of_values(value):
    assert "PLANTED" not in repr(describe(value(), name="df", share="schema"))


def test_a_lazy_frame_is_not_computed():
    computed = []
    query = frame().lazy().map_batches(lambda part: computed.append(1) or part, schema=frame().schema)
    described = describe(query, name="query", share="all")
    assert not computed
    assert "`query` (polars LazyFrame: 2 columns, a query, not computed)" in described.text
    assert described.omitted == "its columns alone, as it is not computed"
    assert '- "price": Float64' in described.text


def test_a_lazy_frame_that_fails_is_told():
    query = pl.scan_csv("/nowhere/PLANTED.csv")
    assert "failed with FileNotFoundError" in describe(query, name="df").omitted
    below = describe(query, name="df", share="schema")
    assert "failed with FileNotFoundError" in below.omitted
    assert "PLANTED" not in below.text


def test_an_empty_frame_is_shown():
    assert "0 columns, 0 rows" in describe(pl.DataFrame(), name="df").text
