"""The decoder of event streams, held to the examples and the rules of the HTML standard."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from g4f_magic.errors import WireError
from g4f_magic.wire import sse
from g4f_magic.wire.sse import Event, EventDecoder
from tests.memory import held_bytes
from tests.named import named


def decode(*pieces: bytes) -> list[Event]:
    decoder = EventDecoder()
    events = [event for piece in pieces for event in decoder.feed(piece)]
    return events + decoder.close()


def cut(stream: bytes, size: int) -> list[bytes]:
    return [stream[start : start + size] for start in range(0, len(stream), size)]


def read_slowly(stream: bytes) -> list[Event]:
    """Read a whole stream by the standard's words, one after the other."""
    text = stream.decode("utf-8", "replace").removeprefix("\N{BOM}")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    events, data, kind, last_id = [], "", "", ""
    for line in [*lines, ""]:
        name, _, value = line.partition(":")
        value = value[1:] if value[:1] == " " else value
        if not line:
            if data:
                events.append(Event(data[:-1], kind or "message", last_id))
            data, kind = "", ""
        elif name == "data":
            data += value + "\n"
        elif name == "event":
            kind = value
        elif name == "id" and "\0" not in value:
            last_id = value
    return events


def test_the_standards_first_example_is_three_messages_of_one_and_two_lines() -> None:
    stream = (
        b"data: This is the first message.\n\ndata: This is the second message, it\ndata: has two lines.\n\n"
    )
    stream += b"data: This is the third message.\n\n"
    assert [event.data for event in decode(stream)] == [
        "This is the first message.",
        "This is the second message, it\nhas two lines.",
        "This is the third message.",
    ]


def test_the_standards_example_of_named_events_gives_their_types() -> None:
    stream = b"event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\nevent: add\ndata: 113411\n\n"
    assert decode(stream) == [Event("73857293", "add"), Event("2153", "remove"), Event("113411", "add")]


def test_the_standards_stock_ticker_is_one_event_of_three_lines() -> None:
    assert decode(b"data: YHOO\ndata: +2\ndata: 10\n\n") == [Event("YHOO\n+2\n10")]


def test_the_standards_test_stream_keeps_and_resets_the_id_and_loses_no_end() -> None:
    stream = b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event"
    # The standard would drop the third, for its missing blank line.
    assert decode(stream) == [Event("first event", id="1"), Event("second event"), Event(" third event")]


def test_the_standards_example_of_empty_data_is_three_events() -> None:
    # It counts two, for it drops the unfinished last one.
    assert decode(b"data\n\ndata\ndata\n\ndata:") == [Event(""), Event("\n"), Event("")]


def test_the_standards_last_example_is_two_identical_events() -> None:
    assert decode(b"data:test\n\ndata: test\n\n") == [Event("test"), Event("test")]


VECTORS = {
    "nothing": (b"", []),
    "blank lines alone": (b"\n\n\n\r\n\r\r", []),
    "a comment alone": (b": ping\n\n", []),
    "a byte order mark": (b"\xef\xbb\xbfdata: a\n\n", [Event("a")]),
    "a byte order mark and nothing else": (b"\xef\xbb\xbf", []),
    "only the first byte order mark is dropped": (b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\n", []),
    "a byte order mark within data": (b"data: \xef\xbb\xbfa\n\n", [Event("\N{BOM}a")]),
    "LF": (b"data: a\n\ndata: b\n\n", [Event("a"), Event("b")]),
    "CRLF": (b"data: a\r\n\r\ndata: b\r\n\r\n", [Event("a"), Event("b")]),
    "CR": (b"data: a\r\rdata: b\r\r", [Event("a"), Event("b")]),
    "mixed line ends": (b"data: a\r\n\ndata: b\n\r\ndata: c\r\r\n", [Event("a"), Event("b"), Event("c")]),
    "LF and then CR are two ends": (b"data: a\n\rdata: b\n\r", [Event("a"), Event("b")]),
    "no space": (b"data:a\n\ndata:b\n\n", [Event("a"), Event("b")]),
    "only one space is dropped": (b"data:  a \n\n", [Event(" a ")]),
    "with and without a space": (b"data:a\n\ndata: b\n\ndata:c\n\n", [Event("a"), Event("b"), Event("c")]),
    "with and then without": (b"data: a\n\ndata:b\n\n", [Event("a"), Event("b")]),
    "a tab is no space": (b"data:\ta\n\n", [Event("\ta")]),
    "colons in the data": (b'data: {"a":1}:\n\n', [Event('{"a":1}:')]),
    "several data lines": (b"data: a\ndata: b\ndata:\n\n", [Event("a\nb\n")]),
    "empty data": (b"data:\n\ndata: \n\n", [Event(""), Event("")]),
    "a data field without colon": (b"data\n\n", [Event("")]),
    "three newlines between events": (b"data: a\n\n\ndata: b\n\n\n", [Event("a"), Event("b")]),
    "a comment within an event": (b"data: a\n: ping\ndata: b\n\n", [Event("a\nb")]),
    "comments between events": (b"data: a\n\n: ping\n\n:\n\ndata: b\n\n", [Event("a"), Event("b")]),
    "unknown fields": (b"foo: a\ndata: b\nbar\nDATA: c\n\n", [Event("b")]),
    "a field with a space before it": (b" data: a\n\n", []),
    "a field with a space behind it": (b"data : a\n\n", []),
    "a type": (b"event: ping\ndata: a\n\ndata: b\n\n", [Event("a", "ping"), Event("b")]),
    "a type behind the data": (b"data: a\nevent: ping\n\n", [Event("a", "ping")]),
    "an empty type": (b"event:\ndata: a\n\n", [Event("a")]),
    "the last type counts": (b"event: a\nevent: b\ndata: c\n\n", [Event("c", "b")]),
    "a type without data is forgotten": (b"event: ping\n\ndata: a\n\n", [Event("a")]),
    "an id stays": (b"id: 1\ndata: a\n\ndata: b\n\n", [Event("a", id="1"), Event("b", id="1")]),
    "an id without data counts for the next": (b"id: 1\n\ndata: a\n\n", [Event("a", id="1")]),
    "an empty id resets": (b"id: 1\ndata: a\n\nid\ndata: b\n\n", [Event("a", id="1"), Event("b")]),
    "an id with NUL is ignored": (b"id: 1\nid: 2\x003\ndata: a\n\n", [Event("a", id="1")]),
    "retry changes nothing": (b"retry: 10\ndata: a\n\nretry: x\n\n", [Event("a")]),
    "characters of two to four bytes": ("data: é日🦊\n\n".encode(), [Event("é日🦊")]),
    "characters in type and id": ("event: é\nid: 🦊\ndata: a\n\n".encode(), [Event("a", "é", "🦊")]),
    "unicode line separators end no line": (
        "data: a\u2028b\u0085c\x0bd\n\n".encode(),
        [Event("a\u2028b\u0085c\x0bd")],
    ),
    "invalid bytes": (b"data: a\xff\xc3b\n\ndata: \xe2\x82\n\n", [Event("a��b"), Event("�")]),
    "a surrogate in UTF-8": (b"data: \xed\xa0\x80\n\n", [Event("���")]),
    "no blank line at the end": (b"data: a\n\ndata: b\n", [Event("a"), Event("b")]),
    "no newline at the end": (b"data: a\n\ndata: b", [Event("a"), Event("b")]),
    "CR at the end": (b"data: a\r", [Event("a")]),
    "half a character at the end": (b"data: a\xf0\x9f", [Event("a�")]),
    "half a field name at the end": (b"data: a\n\ndat", [Event("a")]),
    "an unfinished comment at the end": (b"data: a\n\n: pi", [Event("a")]),
    "a web page": (b"<!doctype html>\n<title>data: no</title>\n\n", []),
}


def test_each_stream_gives_its_events_however_it_is_cut() -> None:
    for name, (stream, events) in VECTORS.items():
        with named(name):
            assert read_slowly(stream) == events
            assert decode(stream) == events
            assert decode(*cut(stream, 1)) == events
            halves = [decode(stream[:place], b"", stream[place:]) for place in range(len(stream) + 1)]
            assert halves == [events] * (len(stream) + 1)


WORDS = [
    "data:",
    "data: ",
    "data",
    "event",
    "event:",
    "id",
    "id: ",
    "retry:1",
    ":",
    " ",
    "a",
    "x: y",
    "\0",
    "é",
    "🦊",
]
ENDS = ["\n", "\r", "\r\n", "\n\n", "\r\n\r\n", "\n\ndata: "]
streams = st.one_of(
    st.lists(st.sampled_from([*WORDS, *ENDS, "\N{BOM}"]), max_size=40).map(
        lambda parts: "".join(parts).encode()
    ),
    st.lists(st.sampled_from([*(w.encode() for w in WORDS + ENDS), b"\xff", b"\xf0\x9f", b"\xc3"])).map(
        b"".join
    ),
    st.binary(max_size=60),
)


@given(stream=streams, cuts=st.lists(st.integers(min_value=0, max_value=200)))
@example(stream=b"data: a\n\ndata: b\n\ndata: c", cuts=[8])
def test_how_bytes_are_cut_does_not_matter(stream: bytes, cuts: list[int]) -> None:
    places = sorted({0, len(stream), *(place for place in cuts if place < len(stream))})
    pieces = [stream[start:end] for start, end in pairwise(places)]
    assert decode(*pieces) == read_slowly(stream)


@given(stream=streams)
def test_an_event_comes_with_the_byte_that_completes_it(stream: bytes) -> None:
    decoder = EventDecoder()
    seen = []
    for place in range(len(stream)):
        seen += decoder.feed(stream[place : place + 1])
        unfinished = EventDecoder()
        assert unfinished.feed(stream[: place + 1]) == seen


def test_a_stream_at_cr_does_not_wait_for_lf() -> None:
    assert EventDecoder().feed(b"data: a\r\r") == [Event("a")]


def test_closing_twice_gives_the_last_event_once() -> None:
    decoder = EventDecoder()
    decoder.feed(b"data: a")
    assert [decoder.close(), decoder.close()] == [[Event("a")], []]


@pytest.mark.parametrize("size", [1024, 65536, 2**24])
def test_an_event_of_sixteen_mebibytes_arrives(size: int) -> None:
    words = "0123456789abcdef" * (2**20 - 1)
    assert decode(*cut(b"data: " + words.encode() + b"\n\n", size)) == [Event(words)]


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_line_above_the_limit_is_a_wire_error(size: int) -> None:
    decoder = EventDecoder(limit_bytes=100)
    pieces = cut(b"data: " + b"x" * 200 + b"\n\n", size)
    with pytest.raises(WireError, match="one line of more than 100 bytes") as caught:
        [decoder.feed(piece) for piece in pieces]
    assert caught.value.hint


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_an_event_above_the_limit_is_a_wire_error(size: int) -> None:
    decoder = EventDecoder(limit_bytes=100)
    pieces = cut(b"data: x\n" * 51, size)
    with pytest.raises(WireError, match="one event of more than 100 bytes"):
        [decoder.feed(piece) for piece in pieces]


def test_a_line_that_never_ends_is_a_wire_error() -> None:
    decoder = EventDecoder(limit_bytes=100)
    with pytest.raises(WireError):
        [decoder.feed(b"x" * 30) for _ in range(4)]


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_events_below_the_limit_may_be_many(size: int) -> None:
    decoder = EventDecoder(limit_bytes=100)
    pieces = cut(b"data: x\n\n: ping\n\n" * 100, size)
    assert [event for piece in pieces for event in decoder.feed(piece)] == [Event("x")] * 100


@pytest.mark.heavy
def test_a_line_in_pieces_of_two_bytes_takes_no_more_memory_than_its_bytes() -> None:
    decoder = EventDecoder()
    decoder.feed(b"data: ")

    def feed() -> None:
        for _ in range(100_000):
            decoder.feed(bytes(2))

    assert 200_000 <= held_bytes(feed, sse) < 400_000
