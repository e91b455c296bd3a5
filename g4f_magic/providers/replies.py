"""A reply as it is read: from the pieces of its body to chunks that can be shown and written, however it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing
from dataclasses import fields, replace
from typing import Any

from g4f_magic.chunks import Chunk, Finish, Reasoning, Text, ToolCall
from g4f_magic.errors import BrokenOffError, ChatError, ChatTimeoutError, WireError
from g4f_magic.messages import Citation
from g4f_magic.providers.readers import Reader
from g4f_magic.providers.thinking import Thinking
from g4f_magic.wire.text_decoding import PairJoiner, joined
from g4f_magic.wire.transport import Response

MOST_WORDLESS_BYTES = 64 * 2**20
"""More bytes without text or reasoning among them are no reply, however long they go on."""

MOST_SILENCES = 15
"""So many times the longest silence is waited for a word where a service only says that it is still there."""


async def read_reply(response: Response, reader: Reader) -> AsyncGenerator[Chunk]:
    """Yield the chunks of a reply up to its end mark, or else the end of its body.

    Comments and empty events (`: ping`) are signs of life from a model that thinks: they keep the reply alive past
    the longest silence, but not for ever.

    Raises:
        WireError: very much came without a word of a reply in it.
        ChatTimeoutError: nothing but signs of life came for `MOST_SILENCES` times the longest silence.
    """
    words, now = Words(), asyncio.get_running_loop().time
    spoke_at = now()
    try:
        async with aclosing(response.pieces()) as pieces:
            async for piece in pieces:
                words.wordless_bytes += len(piece)
                for chunk in words.of(reader.feed(piece)):
                    yield chunk
                    spoke_at = now()
                if reader.ended:
                    return
                if now() - spoke_at > MOST_SILENCES * response.idle_seconds:
                    raise ChatTimeoutError(
                        f"{response.host}: signs of life, and no word of a reply for {now() - spoke_at:.0f} s",
                        hint="Try again, or allow more with --timeout SECONDS.",
                    )
                if words.wordless_bytes > MOST_WORDLESS_BYTES:
                    raise WireError(
                        f"{MOST_WORDLESS_BYTES // 2**20} MiB came without a word of a reply",
                        hint="The answer is not a chat reply; check the address that was asked.",
                    )
        for chunk in words.of(reader.close()):
            yield chunk
    except ChatError as exc:
        if isinstance(exc, BrokenOffError) and reader.is_told_whole:
            for chunk in words.of(reader.close()):
                yield chunk
            return
        for chunk in words.left():
            yield chunk
        raise
    for chunk in words.left():
        yield chunk


async def worded(chunks: AsyncGenerator[Chunk]) -> AsyncGenerator[Chunk]:
    """Yield the chunks of a reply that somebody else's code read, as those of `read_reply` are."""
    words = Words()
    async with aclosing(chunks):
        try:
            async for chunk in chunks:
                for one in words.of((chunk,)):
                    yield one
        except ChatError:
            for one in words.left():
                yield one
            raise
        for one in words.left():
            yield one


def writable(chunk: Chunk) -> Chunk:
    """Return a chunk without halves of surrogate pairs in any of its texts: in the name of a model, a title, a call."""
    changed = {
        field.name: made
        for field in fields(chunk)
        if (made := _writable(value := getattr(chunk, field.name))) != value
    }
    return replace(chunk, **changed) if changed else chunk


def _writable(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else joined(value)
    if isinstance(value, Citation):
        return Citation(*map(_writable, value))
    return tuple(map(_writable, value)) if type(value) is tuple else value


class Words:
    """Text and reasoning of one reply, made so that they can be written."""

    def __init__(self) -> None:
        self.wordless_bytes = 0
        self._thinking: Thinking | None = Thinking()
        self._joiners: dict[type[Text | Reasoning], PairJoiner] = {
            Text: PairJoiner(),
            Reasoning: PairJoiner(),
        }

    def of(self, chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        """Yield the chunks, without halves of surrogate pairs."""
        for chunk in chunks:
            if isinstance(chunk, (Text, Reasoning)):
                self.wordless_bytes = 0
                text = self._joiners[type(chunk)].feed(chunk.text)
                if not text:
                    continue
                if text is not chunk.text:
                    chunk = type(chunk)(text)
                if self._thinking is None or (type(chunk) is Text and self._thinking.passes(text)):
                    yield chunk  # nearly always
                else:
                    yield from self._told_apart(chunk)
                continue
            if isinstance(chunk, (Finish, ToolCall)):
                yield from self.left()
            yield writable(chunk)

    def _told_apart(self, chunk: Chunk) -> Iterator[Chunk]:
        if self._thinking is None:
            yield chunk
            return
        yield from self._thinking.of(chunk)
        if self._thinking.is_over:
            self._thinking = None

    def left(self) -> Iterator[Chunk]:
        """Yield what is shown of halves that stayed alone, and what waited for the end of a mark."""
        for kind, joiner in self._joiners.items():
            if text := joiner.close():
                yield from self._told_apart(kind(text))
        if self._thinking is not None:
            yield from self._thinking.close()
            self._thinking = None
