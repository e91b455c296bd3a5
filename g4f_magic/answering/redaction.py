"""Redaction where a reply comes in: what is known here as a key, a cookie or a password goes no further. No I/O."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import fields, replace
from typing import Any

from g4f_magic.chunks import Chunk, Finish, Reasoning, Rethought, Served, Text, ToolCall, ToolResult, Unfit
from g4f_magic.errors import ChatError, bare
from g4f_magic.messages import Citation
from g4f_magic.secret import MASK, Opaque, known_secrets, mask_known


class StreamingRedactor:
    """Masks values in a text that comes in pieces: one that is cut in two is found as well.

    What may be the beginning of a value waits for the next piece, and nothing else does.
    """

    def __init__(self, values: Iterable[str]) -> None:
        ordered = sorted(filter(None, values), key=len, reverse=True)
        by_first: dict[str, list[str]] = {}
        for value in ordered:
            by_first.setdefault(value[0], []).append(value)
        self._values = Opaque(ordered)
        self._by_first = Opaque(by_first)
        self._longest = len(ordered[0]) if ordered else 0
        self._shortest = len(ordered[-1]) if ordered else 0
        self._held = ""

    def feed(self, piece: str) -> str:
        """Return what can be shown of the text until here."""
        if not self._longest:
            return piece
        text = self._held + piece if self._held else piece
        begun = self._begun(text)
        if len(text) < self._shortest or not any(value in text for value in self._values.open()):
            # Nearly always, and so the shortest way.
            self._held = text[begun:]
            return text[:begun] if self._held else text
        shown, self._held = self._cut(text, begun)
        return shown

    @property
    def held(self) -> str:
        """Return what waits."""
        return self._held

    def close(self) -> str:
        """Return the rest."""
        shown, self._held = self._cut(self._held, len(self._held))[0], ""
        return shown

    def _cut(self, text: str, begun: int) -> tuple[str, str]:
        """Return what can be shown, and what waits: a whole value before `begun` is masked, the rest stays."""
        shown: list[str] = []
        start = 0
        while (found := self._first(text, start)) is not None and found[0] < begun:
            place, size = found
            shown += (text[start:place], MASK)
            start = place + size
        begun = max(begun, start)
        return "".join((*shown, text[start:begun])), text[begun:]

    def _first(self, text: str, start: int) -> tuple[int, int] | None:
        """Return where the first value stands, and the length of the longest that begins there."""
        places = [
            (place, len(value)) for value in self._values.open() if (place := text.find(value, start)) >= 0
        ]
        return min(places, key=lambda found: (found[0], -found[1]), default=None)

    def _begun(self, text: str) -> int:
        """Return where a value begins of which more may come; the length of the text where none does."""
        by_first, size = self._by_first.open(), len(text)
        for start in range(max(0, size - self._longest + 1), size):
            for value in by_first.get(text[start], ()):
                if len(value) > size - start and value.startswith(text[start:]):
                    return start
        return size


async def redacted(chunks: AsyncGenerator[Chunk], first: Chunk | None = None) -> AsyncGenerator[Chunk]:
    """Yield `first` as it is, if given, and the chunks of a reply with every secret that is known here masked, across their borders too.

    A service may echo the key that it was sent. All that is shown, kept, recorded or exported comes by here; an
    error leaves without the frames beneath, in which the reply stands as it came.
    """
    if first is not None:
        yield first
    reply: _Reply | None = None
    failure: BaseException | None = None
    chunk: Chunk | None = None
    async with aclosing(chunks):
        try:
            async for chunk in chunks:
                if reply is None:  # not earlier: what a request carries is known once it is made
                    reply = _Reply(known_secrets())
                for shown in reply.shown(chunk):
                    yield shown
        except ChatError as exc:
            failure = bare(exc)
        finally:
            chunk = None
    if reply is not None:
        for shown in (*reply.waiting(), *reply.late):
            yield shown
    if failure is not None:
        raise failure


def all_redacted(chunks: Iterable[Chunk]) -> list[Chunk]:
    """Return the chunks of a whole reply with every secret that is known here masked."""
    chunks = list(chunks)
    said = "".join(chunk.text if isinstance(chunk, Text | Reasoning) else repr(chunk) for chunk in chunks)
    known = known_secrets()
    if not any(value in said for value in known):
        return chunks  # nearly always
    reply = _Reply(known)
    shown = [one for chunk in chunks for one in reply.shown(chunk)]
    return [*shown, *reply.waiting(), *reply.late]


class _Reply:
    """What of a reply can be shown, and what waits."""

    def __init__(self, known: Sequence[str]) -> None:
        self._texts, self._thoughts = StreamingRedactor(known), StreamingRedactor(known)
        self.late: list[Chunk] = []
        """What comes after all text."""

    def shown(self, chunk: Chunk) -> tuple[Chunk, ...]:
        """Return what of a chunk can be shown now, with what waited for it."""
        match chunk:
            case Text(text):
                if not (shown := self._texts.feed(text)):
                    return ()
                return (chunk if shown == text else Text(shown, self._texts.held),)
            case Reasoning(text):
                if not (shown := self._thoughts.feed(text)):
                    return ()
                return (chunk if shown == text else Reasoning(shown),)
            case Finish():
                self.late.append(_masked_in(chunk))
                return ()
            case Rethought() | Unfit() | ToolCall() | ToolResult():
                return (*self.waiting(), _masked_in(chunk))
            case Served():  # its other texts are ours, and a word of them may be somebody's key
                return (replace(chunk, model=mask_known(chunk.model), via=mask_known(chunk.via)),)
            case _:
                return (_masked_in(chunk),)

    def waiting(self) -> list[Chunk]:
        """Return what waited for more of a value that did not come."""
        found: list[Chunk] = []
        if shown := self._thoughts.close():
            found.append(Reasoning(shown))
        if shown := self._texts.close():
            found.append(Text(shown))
        return found


def _masked_in(chunk: Chunk) -> Chunk:
    """Return a chunk with every known secret masked in whatever it holds, so that a new kind of chunk needs nothing here."""
    found = {field.name: _masked(getattr(chunk, field.name)) for field in fields(chunk)}
    return replace(chunk, **found)


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask_known(value)
    if isinstance(value, Citation):
        return Citation(*map(mask_known, value))
    return tuple(map(_masked, value)) if isinstance(value, tuple) else value
