"""How a recording is played."""

from __future__ import annotations

import pytest

from g4f_magic.cassette import Asked, Entry, Pace, play
from g4f_magic.chunks import Chunk, Finish, Reasoning, Served, Text, ToolCall, ToolResult

WHO = Served("koala")
CALL = ToolCall("1", "price"), ToolResult("1", "12")


async def played(*chunks: Chunk, pace: Pace) -> list[Chunk]:
    entry = Entry(asked=Asked(provider="koala", prompt="Hi"), chunks=tuple((0, chunk) for chunk in chunks))
    return [chunk async for chunk in play(entry, pace=pace, first=WHO)]


@pytest.mark.parametrize("pace", ["real", "pieces"])
async def test_pieces_come_as_they_were_recorded(pace: Pace) -> None:
    chunks = Reasoning("r"), Text("a"), Text("b"), Finish("stop")
    assert await played(*chunks, pace=pace) == [WHO, *chunks]


async def test_a_whole_reply_comes_in_few_pieces_and_in_its_order() -> None:
    chunks = Text("a"), Text("b"), Reasoning("r"), Text("c"), *CALL, Text("d"), Text("e"), Finish("stop")
    joined = Text("ab"), Reasoning("r"), Text("c"), *CALL, Text("de"), Finish("stop")
    assert await played(*chunks, pace="whole") == [WHO, *joined]


async def test_a_long_reply_comes_in_pieces_between_which_others_have_their_turn() -> None:
    pieces = [
        chunk.text
        for chunk in await played(*[Text("word ")] * 5_000, pace="whole")
        if isinstance(chunk, Text)
    ]
    assert "".join(pieces) == "word " * 5_000
    assert 5 <= len(pieces) <= 10
