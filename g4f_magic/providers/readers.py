"""From bytes to chunks, without I/O: what the replies of several services have in common.

A reader is made for one reply. A provider whose events mean something of their own derives its reader from
one of these.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, ClassVar, NoReturn, Protocol

from g4f_magic.chunks import Chunk, Text
from g4f_magic.errors import BrokenOffError, ServiceError, WireError
from g4f_magic.providers.stream_framing import END, Framing, Reported
from g4f_magic.wire.json_values import form_of, value_of
from g4f_magic.wire.reported import error_in, error_in_place_of_reply, reported_error
from g4f_magic.wire.text_decoding import TextDecoder

_MOST_HELD = 65_536
"""Characters of a body that may be an error."""


class Reader(Protocol):
    """Bytes in, chunks out."""

    @property
    def ended(self) -> bool:
        """Say whether the end mark came; what follows it is not read."""

    @property
    def is_told_whole(self) -> bool:
        """Say whether the service said otherwise that the reply is whole: a connection that breaks then cuts nothing."""

    def feed(self, piece: bytes) -> Iterator[Chunk]:
        """Yield the chunks that `piece` completes. An error comes after the chunks that came before it."""

    def close(self) -> Iterator[Chunk]:
        """Yield what was left when the stream ended.

        Raises:
            BrokenOffError: the protocol has an end mark and it did not come.
        """


class TextReader:
    """A reply that is raw text; its end is the end of the body. One object that is called JSON may be an error instead."""

    ended = False
    is_told_whole = False

    def __init__(self, headers: Mapping[str, str] | None = None) -> None:
        self._decoder = TextDecoder()
        self._may_be_error = "json" in (headers or {}).get("Content-Type", "").lower()
        self._held = ""

    def feed(self, piece: bytes) -> Iterator[Chunk]:
        """Yield the text that `piece` completes."""
        text = self._decoder.feed(piece)
        if self._may_be_error:
            text = self._held = self._held + text
            self._may_be_error = text.lstrip()[:1] in ("", "{") and len(text) < _MOST_HELD
            if self._may_be_error:
                return
        if text:
            yield Text(text)

    def close(self) -> Iterator[Chunk]:
        """Yield what was left; a character that was cut off as U+FFFD.

        Raises:
            ServiceError: the body is an error.
        """
        text = self._decoder.close()
        if self._may_be_error:
            text = self._held + text
            with suppress(ValueError):
                raise_error_event(value_of(text))
        if text:
            yield Text(text)


class EventReader:
    """A reply in JSON values, however a server frames them. A subclass says, in `read`, what a value means.

    Data that is not JSON is passed over and counted in `skipped_lines`.
    """

    end_mark: ClassVar[str | None] = None
    """Data that is no JSON and ends the reply, such as `[DONE]`."""

    def __init__(self) -> None:
        self.ended = False
        self._framing = Framing(self.end_mark)

    @property
    def skipped_lines(self) -> int:
        """Return how many lines were not of the protocol."""
        return self._framing.skipped

    @property
    def is_told_whole(self) -> bool:
        """Say whether the service said, without the end mark, that the reply is whole."""
        return False

    @property
    def is_body(self) -> bool:
        """Say whether the reply is one JSON value and no stream: it is whole with its end."""
        return self._framing.is_body

    @property
    def has_value(self) -> bool:
        """Say whether anything came but blanks, signs of life and words that are of no protocol."""
        return self._framing.has_value

    @property
    def is_empty(self) -> bool:
        """Say whether nothing came but blanks and signs of life."""
        return not self._framing.has_value and not self._framing.bare_words(has_ended=self.ended)

    def read(self, value: Any) -> Iterator[Chunk]:
        """Yield the chunks of one decoded value; set `ended` where it is the end mark."""
        raise NotImplementedError

    def feed(self, piece: bytes) -> Iterator[Chunk]:
        """Yield the chunks that `piece` completes."""
        return self._read(self._framing.feed(piece))

    def close(self) -> Iterator[Chunk]:
        """Yield the chunks of an event that lacked its blank line."""
        return self._read(self._framing.close())

    def last_words(self) -> ServiceError | None:
        """Return the error for a stream that ends with bare words, no event; None: none came, or they say nothing."""
        words = self._framing.bare_words(has_ended=self.ended)
        if not self._framing.has_value:
            return error_in_place_of_reply(words)
        error = reported_error(words)
        return error if " " in words or error.cause is not None else None

    def _read(self, values: Iterator[Any]) -> Iterator[Chunk]:
        for value in values:
            if type(value) is Reported:
                raise_reported(value.said, self.read)
            if value is END or (value == self.end_mark and value is not None):
                self.ended = True
            elif value is not None:  # some send null to show that they are still there
                yield from self.read(value)
            if self.ended:
                return


def raise_error_event(value: Any) -> None:
    """Raise where a value inside a successful stream is an error.

    Raises:
        ServiceError: with the server's own words, their cause and what to do.
    """
    if (error := error_in(value)) is not None:
        raise error


def raise_reported(said: Any, read: Callable[[Any], Iterator[Chunk]]) -> NoReturn:
    """Raise for an event that is an error by its name (`event: error`), whatever it holds.

    Raises:
        ChatError: with the server's own words; what the protocol itself calls an error is left to `read`.
    """
    if isinstance(said, dict):
        for _ in read(said):
            pass
    raise reported_error(said)


def unexpected(value: Any) -> WireError:
    """Return the error for a value that the protocol does not know, naming its form and not its content."""
    return WireError(
        f"an event of an unknown form came: {form_of(value)}", hint="The service's protocol may have changed."
    )


def broken_off(*, is_empty: bool = False) -> BrokenOffError:
    """Return the error for a stream that ended without its end mark, or for one that is empty."""
    if is_empty:
        return BrokenOffError(
            "the service sent nothing", hint="Try again; if it stays so, look at the base URL and the model."
        )
    return BrokenOffError(
        "the reply ended without its end mark",
        hint="What had arrived is kept. Ask again for a new reply.",
    )


async def body_of(response: Any) -> AsyncIterator[bytes]:
    """Yield the bytes of anything whose `content` can be iterated, with the line ends that its items may lack.

    A client's own response gives its pieces (its lines are bounded, its pieces are not). Of anything else, an
    item that begins with `data:` after a whole JSON value is a line of its own: joined, they could mean nothing.
    """
    content = response.content
    items: AsyncIterable[bytes] = content.iter_any() if hasattr(content, "iter_any") else content
    line = b""
    async for item in items:
        if item.startswith(b"data:") and _is_whole(line):
            line = b""
            yield b"\n\n"
        yield item
        line = (line + item).rpartition(b"\n")[2]


def _is_whole(line: bytes) -> bool:
    data = line.removeprefix(b"data:").strip()
    if data == b"[DONE]":
        return True
    try:
        value_of(data)
    except ValueError:
        return False
    return True
