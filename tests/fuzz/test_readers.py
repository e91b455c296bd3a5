"""Whatever a service sends, its reader gives chunks or one of our errors, and a short message."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.examples import examples
from tests.fuzz.streams import READERS, pieces_of, read, streams

MOST_CHARACTERS = 600
"""An error is read by a person."""

FOUND = [
    b'data: {"choices": 5}\n\n',
    b'data: {"choices": [5]}\n\n',
    b'data: {"choices": {}}\n\n',
    b'data: {"choices": [{"delta": "x"}]}\n\n',
    b'data: {"choices": [{"delta": {"reasoning": {}, "content": "a"}}]}\n\n',
    b'data: {"choices": [{"delta": {"reasoning": 5}}]}\n\n',
    b'data: {"choices": [{"finish_reason": {"a": 1}}]}\n\n',
    b'data: {"choices": [{"delta": {"content": [{"text": 5}]}}]}\n\n',
    b'data: {"choices": [{"delta": {"content": [{"type": "thinking", "thinking": 5}]}}]}\n\n',
    b'data: {"usage": 5}\n\n',
    b'data: {"usage": {"prompt_tokens": "many"}}\n\n',
    b'data: {"event": "final-response", "data": {"message": 5}}\n\ndata: {"event": "stream-end"}\n\n',
    b"data: " + b"[" * 100_000 + b"\n\n",
    b"0:" + b"[" * 100_000 + b"\n",
    b'0:{"a": 1}\n',
    b'{"choices": [{"message": "x"}]}',
    b"{" * 100_000,
    b'data: {"error": "' + b"long " * 1_000 + b'"}\n\n',
    b'3:"' + b"long " * 1_000 + b'"\n',
    b'data: {"event": "error", "data": {"detail": "' + b"long " * 1_000 + b'"}}\n\n',
    b'data: {"error": "first\\nsecond \\u001b[2J \\u0000"}\n\n',
    b'data: {"' + b"key" * 1_000 + b'": 1, "event": "text-chunk"}\n\n',
]


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("stream", FOUND, ids=lambda stream: stream[:60].decode())
def test_what_was_found_before_is_chunks_or_an_error_of_ours(name: str, stream: bytes) -> None:
    assert_holds(name, stream, [7, 20])


@pytest.mark.parametrize("name", READERS)
@given(stream=streams, places=st.lists(st.integers(1, 400), max_size=6))
@example(stream=b'data: "a"\n\ndata: {"text": 5}', places=[])
@example(stream=b"data: [DONE]\n\ndata: {}\n\n0:{}\n\n", places=[13])
@example(stream=b"data: [DONE]\n\n0:null\n\ndata: [DONE]\n\n", places=[21])
@examples(300)
def test_whatever_comes_is_chunks_or_an_error_of_ours(name: str, stream: bytes, places: list[int]) -> None:
    assert_holds(name, stream, places)


def assert_holds(name: str, stream: bytes, places: list[int]) -> None:
    chunks, error = read(READERS[name], [stream])
    if error is not None:
        assert len(str(error)) < MOST_CHARACTERS
        assert str(error).isprintable()
        assert error.hint
    same, other = read(READERS[name], pieces_of(stream, places))
    assert (same, str(other)) == (chunks, str(error))
