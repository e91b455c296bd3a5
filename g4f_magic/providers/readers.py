"""From bytes to chunks, without I/O: what the replies of several services have in common.

A reader is made for one reply. A provider whose events mean something of their own derives its reader from
one of these.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterator
from typing import Any, ClassVar, Protocol

from g4f_magic.chunks import Chunk, Finish, Reasoning, Text, Usage
from g4f_magic.errors import BrokenOffError, ServiceError, WireError
from g4f_magic.messages import flatten_content
from g4f_magic.wire.sse import Event, EventDecoder
from g4f_magic.wire.text import TextDecoder
from g4f_magic.wire.values import form_of, said_in, value_of


class Reader(Protocol):
    """Bytes in, chunks out."""

    @property
    def ended(self) -> bool:
        """Say whether the end mark came; what follows it is not read."""

    def feed(self, piece: bytes) -> Iterator[Chunk]:
        """Yield the chunks that `piece` completes. An error comes after the chunks that came before it."""

    def close(self) -> Iterator[Chunk]:
        """Yield what was left when the stream ended.

        Raises:
            BrokenOffError: the protocol has an end mark and it did not come.
        """


class TextReader:
    """A reply that is raw text; its end is the end of the body."""

    ended = False

    def __init__(self) -> None:
        self._decoder = TextDecoder()

    def feed(self, piece: bytes) -> Iterator[Chunk]:
        """Yield the text that `piece` completes."""
        if text := self._decoder.feed(piece):
            yield Text(text)

    def close(self) -> Iterator[Chunk]:
        """Yield what was left of a character that was cut off, as U+FFFD."""
        if text := self._decoder.close():
            yield Text(text)


class EventReader:
    """A reply of server-sent events whose data is JSON. A subclass says, in `read`, what a value means.

    Data that is not JSON is passed over and counted in `skipped_lines`.
    """

    end_mark: ClassVar[str | None] = None
    """Data that is no JSON and ends the reply, such as `[DONE]`."""

    def __init__(self) -> None:
        self.ended = False
        self.skipped_lines = 0
        self._decoder = EventDecoder()

    def read(self, value: Any) -> Iterator[Chunk]:
        """Yield the chunks of one decoded value; set `ended` where it is the end mark."""
        raise NotImplementedError

    def feed(self, piece: bytes) -> Iterator[Chunk]:
        """Yield the chunks that `piece` completes."""
        for value in self.values(self._decoder.feed(piece)):
            yield from self.read(value)
            if self.ended:
                return

    def close(self) -> Iterator[Chunk]:
        """Yield the chunks of an event that lacked its blank line."""
        for value in self.values(self._decoder.close()):
            yield from self.read(value)

    def values(self, events: list[Event]) -> Iterator[Any]:
        """Yield what the events hold, up to the end mark."""
        for event in events:
            try:
                value = value_of(event.data)
            except ValueError:
                if self.end_mark is not None and event.data.strip() == self.end_mark:
                    self.ended = True
                    return
                self.skipped_lines += 1
                continue
            yield value


class CompletionReader(EventReader):
    """OpenAI's chat completion chunks, in the dialects that servers really speak.

    `[DONE]` may be missing if a finish reason came; `choices` may be empty, `content` null, and the usage
    may come in any chunk.
    """

    end_mark = "[DONE]"

    def __init__(self) -> None:
        super().__init__()
        self.reason: str | None = None

    def read(self, value: Any) -> Iterator[Chunk]:
        """Yield the text, reasoning and usage of one completion chunk."""
        raise_error_event(value)
        if not isinstance(value, dict):
            raise unexpected(value)
        for choice in _list_in(value, "choices")[:1]:
            raise_error_event(choice)
            if not isinstance(choice, dict):
                raise unexpected(choice)
            yield from self._read_choice(choice)
        if isinstance(usage := value.get("usage"), dict):
            yield Usage(_count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens")))

    def _read_choice(self, choice: dict[str, Any]) -> Iterator[Chunk]:
        delta = choice.get("delta") or choice.get("message") or {}
        if not isinstance(delta, dict):
            raise unexpected(delta)
        thought = delta.get("reasoning_content") or delta.get("reasoning")
        if thought and isinstance(thought, str):
            yield Reasoning(thought)
        yield from _said(delta.get("content") or choice.get("text"))
        if (reason := choice.get("finish_reason")) and isinstance(reason, str):
            self.reason = reason

    def feed(self, piece: bytes) -> Iterator[Chunk]:
        """Yield the chunks that `piece` completes, and the finish with the end mark."""
        yield from super().feed(piece)
        if self.ended:
            yield Finish(self.reason, self.skipped_lines)

    def close(self) -> Iterator[Chunk]:
        """Yield what is left, and the finish."""
        yield from super().close()
        if not self.ended and self.reason is None:
            raise broken_off()
        yield Finish(self.reason, self.skipped_lines)


def _list_in(value: dict[str, Any], name: str) -> list[Any]:
    found = value.get(name) or []
    if not isinstance(found, list):
        raise unexpected(value)
    return found


def _count(value: Any) -> int | None:
    return value if type(value) is int and abs(value) < 2**53 else None


def _said(content: Any) -> Iterator[Chunk]:
    """Yield a content: a text, or a list of parts of which some are what the model thinks (as Mistral sends)."""
    if isinstance(content, str):
        if content:
            yield Text(content)
        return
    if not isinstance(content, (list, type(None))):
        raise unexpected(content)
    for part in content or ():
        if isinstance(part, dict) and part.get("type") == "thinking":
            if thought := flatten_content(part.get("thinking")):
                yield Reasoning(thought)
        elif text := flatten_content([part]):
            yield Text(text)


def raise_error_event(value: Any) -> None:
    """Raise where a value inside a successful stream is an error.

    Raises:
        ServiceError: with the server's own message.
    """
    if isinstance(value, dict) and (value.get("error") or _is_bare_error(value)):
        said = said_in(value) or "without saying which"
        raise ServiceError(
            f"the service reported an error: {said}", hint="Try again, or use another provider."
        )


def _is_bare_error(value: dict[str, Any]) -> bool:
    """Say whether a value is an error without that word: `{"detail": ...}`, `{"object": "error", ...}`."""
    has_detail = bool(value.get("detail")) and "choices" not in value
    return has_detail or "error" in (value.get("object"), value.get("type"))


def unexpected(value: Any) -> WireError:
    """Return the error for a value that the protocol does not know, naming its form and not its content."""
    return WireError(
        f"an event of an unknown form came: {form_of(value)}", hint="The service's protocol may have changed."
    )


def broken_off() -> BrokenOffError:
    """Return the error for a stream that ended without its end mark."""
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
