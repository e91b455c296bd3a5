"""A recorded reply as a stream again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Literal

from g4f_magic.cassette.entry import Entry, Timed
from g4f_magic.chunks import Chunk, Reasoning, Text

Pace = Literal["real", "pieces", "whole"]
"""How a recording is played: each piece at its own time; all at once; or at once and in few pieces, where nobody sees it grow:
it is read so then."""

_BREATH_SECONDS = 0.02
"""After how long others on the loop get their turn where nothing waits. A short reply is there before anything
of it is painted, so that it is painted once."""
_PIECES = 16
"""After how many pieces the clock is looked at for that."""


async def play(entry: Entry, *, pace: Pace, first: Chunk | None = None) -> AsyncGenerator[Chunk]:
    """Yield `first`, if given, and the recorded pieces.

    Raises:
        ChatError: the failure that was recorded.
    """
    if first is not None:
        yield first
    loop = asyncio.get_running_loop()
    due = breath = loop.time()
    for number, (after, chunk) in enumerate(entry.chunks):
        if pace == "real":
            due += after / 1000
            await asyncio.sleep(max(0.0, due - loop.time()))
        elif not number % _PIECES and loop.time() - breath > _BREATH_SECONDS:
            await asyncio.sleep(0)
            breath = loop.time()
        yield chunk
    failure = entry.failure()
    if failure is not None:
        raise failure


def has_text(chunks: tuple[Timed, ...]) -> bool:
    """Say whether anything was said."""
    return any(isinstance(chunk, (Text, Reasoning)) for _, chunk in chunks)
