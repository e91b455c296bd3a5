"""How a recording is played."""

from __future__ import annotations

import pytest

from g4f_magic.cassette import Asked, Entry, Pace, play
from g4f_magic.cassette.entry_line import from_line, to_line
from g4f_magic.chunks import Chunk, Finish, Reasoning, Served, Text, ToolCall, ToolResult

WHO = Served("koala")
ASKED = Asked(provider="koala", prompt="Hi")
CALL = ToolCall("1", "price"), ToolResult("1", "12")


async def played(*chunks: Chunk, pace: Pace) -> list[Chunk]:
    entry = Entry(asked=ASKED, chunks=tuple((0, chunk) for chunk in chunks))
    return [chunk async for chunk in play(entry, pace=pace, first=WHO)]


@pytest.mark.parametrize("pace", ["real", "pieces", "whole"])
async def test_pieces_come_as_they_were_recorded(pace: Pace) -> None:
    chunks = Reasoning("r"), Text("a"), Text("b"), Finish("stop")
    assert await played(*chunks, pace=pace) == [WHO, *chunks]


def read(*chunks: Chunk) -> list[Chunk]:
    """Return the chunks as they are read where nobody sees them come."""
    timed = tuple((7, chunk) for chunk in chunks)
    entry = from_line(to_line(Entry(asked=ASKED, chunks=timed)), are_joined=True)
    assert entry.seconds == pytest.approx(0.007 * len(chunks))
    return [chunk for _, chunk in entry.chunks]


def test_a_whole_reply_is_read_in_few_pieces_and_in_its_order() -> None:
    chunks = (
        Reasoning("r"),
        Text("a"),
        Text("b"),
        Reasoning("s"),
        Text("c"),
        Text(""),
        Text("d"),
        Finish("stop"),
    )
    assert read(*chunks) == [Reasoning("r"), Text("ab"), Reasoning("s"), Text("cd"), Finish("stop")]


def test_a_reply_with_calls_is_read_in_its_pieces() -> None:
    chunks = Text("a"), Text("b"), *CALL, Text("c"), Finish("stop")
    assert read(*chunks) == [*chunks]


def test_a_long_reply_is_read_in_pieces_between_which_others_have_their_turn() -> None:
    pieces = [chunk.text for chunk in read(*[Text("word ")] * 5_000) if isinstance(chunk, Text)]
    assert "".join(pieces) == "word " * 5_000
    assert 5 <= len(pieces) <= 10
