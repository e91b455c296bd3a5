import pytest

from g4f_magic.describing import describe
from tests.optional import Optional

pa = Optional("pyarrow")


def table():
    return pa.table(
        {"price": [1.5, None, 3.0] * 400, "name": pa.array(["PLANTED", "b", "c"] * 400).dictionary_encode()}
    )


def test_a_table_shows_its_columns_and_first_rows():
    described = describe(table(), name="t")
    assert described.summary == "2 columns, 5 of 1,200 rows"
    assert '- "price": double, 400 missing\n- "name": dictionary' in described.text
    assert "| 1.5 | PLANTED |\n| null | b |" in described.text


def test_no_value_is_shown_below_the_level_of_values():
    assert "PLANTED" not in repr(describe(table(), name="t", share="schema"))


def test_a_table_of_another_library_is_read_through_narwhals():
    nw = pytest.importorskip("narwhals")
    described = describe(nw.from_native(table()), name="t")
    assert "pyarrow Table: 2 columns, 1,200 rows" in described.text


def test_of_a_query_of_another_library_the_columns_are_shown():
    duckdb = pytest.importorskip("duckdb")
    pytest.importorskip("narwhals")
    described = describe(
        duckdb.sql("select 1 as price, 'PLANTED' as name from range(10)"), name="query", share="all"
    )
    assert '- "price": Int32\n- "name": String' in described.text
    assert described.omitted == "its columns alone, as it is not computed"
    assert "PLANTED" not in described.text
