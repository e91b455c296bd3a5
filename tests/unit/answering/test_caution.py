"""A word of caution stands under the first reply of a conversation, and under no other."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from g4f_magic.answering.service import cautious
from g4f_magic.chunks import Chunk, Served, Text
from g4f_magic.turn import Turn

SMALL = "135 M parameters: expect mistakes"
WHO = Served("local", "tiny", "this machine", caution=SMALL)
TURN = Turn.plain(id="a", slot="", started_at=0.0, prompt="Hello", provider="local", model="tiny", reply="Hi")


async def way_of(who: Served, *turns: Turn) -> str:
    async def reply() -> AsyncGenerator[Chunk]:
        yield who
        yield Text("Hi")

    first, text = [chunk async for chunk in cautious(reply(), turns)]
    assert isinstance(first, Served)
    assert text == Text("Hi")
    return first.via


@pytest.mark.parametrize(
    ("via", "said"),
    [
        ("this machine", f"this machine ({SMALL})"),
        ("local gateway (tiny)", f"local gateway (tiny, {SMALL})"),
    ],
)
async def test_it_stands_under_the_first_reply(via: str, said: str) -> None:
    who = replace(WHO, via=via)
    assert await way_of(who) == said
    assert await way_of(who, TURN) == said


async def test_it_is_not_said_twice() -> None:
    assert await way_of(WHO, replace(TURN, via=await way_of(WHO))) == "this machine"


async def test_who_needs_none_is_as_it_was() -> None:
    assert await way_of(Served("groq", "large", "elsewhere")) == "elsewhere"
