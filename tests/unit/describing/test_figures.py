import time

import pytest

from g4f_magic.describing import describe
from tests.optional import Optional

plt = Optional("matplotlib.pyplot")


@pytest.fixture(autouse=True, scope="module")
def without_windows():
    plt.switch_backend("agg")


@pytest.fixture
def figure():
    made, axes = plt.subplots(figsize=(6, 4))
    axes.plot([1, 2, 3], label="rate")
    axes.set_title("PLANTED title")
    axes.set_xlabel("day")
    axes.legend()
    yield made
    plt.close(made)


def test_a_figure_is_a_picture_with_what_is_written_on_it(figure):
    described = describe(figure, name="fig")
    assert (described.picture.width, described.picture.height) == (600, 400)
    assert "title: PLANTED title; x: day; legend: rate" in described.text
    assert described.summary == "1 plot, 600 × 400 pixels"


def test_axes_and_lines_are_their_figure(figure):
    axes = figure.axes[0]
    assert describe(axes, name="ax").picture == describe(figure, name="ax").picture
    assert describe(axes.lines[0], name="line").picture


def test_what_functions_that_draw_return_is_their_figure(figure):
    axes = figure.axes[0]
    for value in ((figure, axes), axes.plot([1]), axes.hist([1, 2], bins=2), figure.subplots(1, 2)):
        assert describe(value, name="drawn").picture
        assert describe(value, name="drawn", share="schema").picture is None
    assert describe([1, 2], name="list").picture is None


def test_a_closed_figure_is_drawn(figure):
    plt.close(figure)
    assert describe(figure, name="fig").picture


def test_a_huge_figure_is_drawn_small():
    made = plt.Figure(figsize=(200, 2), dpi=300)
    made.subplots()
    assert describe(made, name="fig").picture.width == 1_024


def test_an_empty_figure_is_told():
    described = describe(plt.Figure(), name="fig")
    assert described.picture is None
    assert described.omitted == "there is nothing drawn in it"


def test_no_value_is_shown_below_the_level_of_values(figure):
    described = describe(figure, name="fig", share="schema")
    assert described.picture is None
    assert "PLANTED" not in described.text
    assert "1 plot" in described.text


def test_a_figure_is_not_changed(figure):
    before = figure.get_dpi(), tuple(figure.get_size_inches())
    describe(figure, name="fig")
    assert (figure.get_dpi(), tuple(figure.get_size_inches())) == before


def test_a_figure_that_takes_long_is_told(figure, monkeypatch):
    monkeypatch.setattr("g4f_magic.describing.drawing.SECONDS", 0.05)
    figure.savefig = lambda *args, **kwargs: time.sleep(1_000)
    described = describe(figure, name="fig")
    assert described.omitted == "without its picture; drawing it takes more than 0.05 s"
    assert "PLANTED title" in described.text


def test_a_figure_that_cannot_be_drawn_is_told(figure):
    figure.axes[0].set_title("$\\nonsense{$")
    described = describe(figure, name="fig")
    assert described.picture is None
    assert described.omitted == "without its picture; drawing it failed with ValueError"
    assert "nonsense" in described.text
