"""Charts whose data is in them: Altair, where it is installed without what draws it, shows how it is drawn."""

import pytest

from g4f_magic.describing import describe
from tests.optional import Optional

alt = Optional("altair")


@pytest.fixture
def chart(monkeypatch):
    monkeypatch.setattr("g4f_magic.describing.charts.find_spec", lambda name: None)
    data = alt.Data(values=[{"day": "PLANTED", "price": 1}])
    return alt.Chart(data, title="a title").mark_line().encode(x="day:N", y="price:Q")


def test_a_chart_shows_how_it_is_drawn_and_no_data(chart):
    described = describe(chart, name="chart")
    assert '"field": "price"' in described.text
    assert '"title": "a title"' in described.text
    assert "PLANTED" not in described.text
    assert described.omitted == "without its data; without its picture; drawing it takes vl-convert-python"


def test_the_data_of_charts_in_a_chart_is_left_out(chart):
    other = alt.Chart(alt.Data(values=[{"day": "PLANTED too"}])).mark_bar().encode(x="day:N")
    described = describe(chart | other, name="charts")
    assert '"type": "bar"' in described.text
    assert "PLANTED" not in described.text


def test_no_value_is_shown_below_the_level_of_values(chart):
    assert "title" not in describe(chart, name="chart", share="schema").text
