"""How a growing reply is laid over a cell's outputs, and when it is painted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.renderers.painting import MESSAGE, BlockEnds, Layout, Throttle


@given(st.lists(st.tuples(st.lists(st.integers(0, 5_000), max_size=4), st.integers(0, 300)), max_size=60))
def test_the_outputs_together_always_show_all_that_came(frames: list[tuple[list[int], int]]) -> None:
    layout, shown, finished = Layout(), [], ""
    for number, (sizes, open_size) in enumerate(frames):
        blocks = [chr(97 + number % 26) * size for size in sizes]
        finished += "".join(blocks)
        for paint in layout.paint(blocks, "." * open_size):
            assert paint.output <= len(shown)
            shown[paint.output : paint.output + 1] = [paint.html]
        assert "".join(shown) == finished + "." * open_size
        assert len(shown) == layout.size


def test_what_was_sent_in_all_is_a_few_times_what_was_said_and_outputs_are_few() -> None:
    layout, sent, said = Layout(), 0, 0
    for _ in range(2_000):
        said += 400
        sent += sum(len(paint.html) for paint in layout.paint(["x" * 400], "y" * 100))
    assert sent < 5 * said
    assert layout.size < 40


def test_an_open_tail_alone_takes_one_output() -> None:
    layout = Layout()
    layout.paint([], "waiting")
    assert [(paint.output, paint.html) for paint in layout.paint(["<p>a</p>"], "b")] == [(0, "<p>a</p>b")]


def test_what_is_shown_already_is_not_sent_again() -> None:
    layout = Layout()
    layout.paint(["a"], "b")
    assert layout.paint([], "b") == []


def test_what_stands_there_with_nothing_open_is_not_sent_again() -> None:
    layout = Layout()
    layout.paint(["a" * 900], "")
    assert [(paint.output, paint.html) for paint in layout.paint(["b"], "c")] == [(1, "bc")]
    assert [(paint.output, paint.html) for paint in layout.paint(["d"], "")] == [(1, "bd")]


def test_a_block_has_just_ended_where_what_is_open_is_younger_than_two_frames() -> None:
    ends = BlockEnds()
    ends.paint(0, is_open=0)
    frames = [(100, 100), (200, 200), (300, 300), (400, 30), (500, 130), (600, 230), (700, 330)]
    assert [ends.come(received, is_open=is_open) for received, is_open in frames] == [False] * 3 + [
        True
    ] * 2 + [False] * 2
    ends.paint(700, is_open=330)
    assert not ends.come(701, is_open=1 + 330)
    assert ends.come(800, is_open=10)


def test_blocks_that_have_just_ended_are_painted_sooner() -> None:
    throttle = Throttle(0.0)
    throttle.spend(1_000_000, 0.0)
    told = {"now": 1.1, "heard_at": 1.1, "received": 100, "paint": 500.0, "to_come": 240.0}
    assert not throttle.allows(**told)
    assert throttle.allows(**told, is_end=True)


def spent(seconds: float, characters_per_second: int) -> tuple[float, float]:
    """Stream for a while; return the bytes of all paints, and the longest time between two."""
    throttle, now, painted, total, longest, received = Throttle(0.0), 0.0, 0.0, 0.0, 0.0, 0.0
    while now < seconds:
        now += 1 / 15
        received += characters_per_second / 15
        if throttle.allows(now=now, heard_at=now, received=int(received), paint=500, to_come=2.4 * received):
            throttle.spend(500, now)
            total += MESSAGE + 500
            longest, painted = max(longest, now - painted), now
    return total, longest


def test_painting_costs_a_bounded_number_of_bytes_for_each_character() -> None:
    total, _ = spent(60, 2_000)
    assert total / (60 * 2_000) < 5.2


def test_no_reply_stands_still_for_long() -> None:
    assert spent(30, 100)[1] < 1.4


def test_what_came_last_is_painted_when_silence_falls() -> None:
    throttle = Throttle(0.0)
    throttle.spend(1_000_000, 0.1)
    assert not throttle.allows(now=0.2, heard_at=0.2, received=100, paint=500, to_come=240)
    assert throttle.allows(now=0.5, heard_at=0.2, received=100, paint=500, to_come=240)


def test_an_output_that_is_sealed_is_left_alone_and_the_others_go_on() -> None:
    layout = Layout()
    for block in "abc":
        layout.paint([block * 1_000], "tail")
    rest = layout.after(1)
    assert rest.size == layout.size - 1
    paints = rest.paint(["d"], "e")
    assert [(paint.output, paint.html) for paint in paints] == [
        (0, "de"),
        (1, ""),
        (2, ""),
    ]
