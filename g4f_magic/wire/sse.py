"""Server-sent events out of bytes, as the HTML standard reads them. No I/O.

Two things differ from a browser. `EventDecoder.close` gives the last event even where its blank line is
missing, because real services end like that and the words would be lost. And `retry` is passed over:
nobody here connects again, since that would send the prompt twice.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import repeat
from typing import NamedTuple

from g4f_magic.errors import WireError

_BOM = b"\xef\xbb\xbf"
_JUNK = _BOM + b"\0\x1e \t"
"""What some servers put before a line: a mark for each file, padding, the sign of a JSON sequence."""
_MOST_TRIES = 64
"""How often the data of one event is looked at for whether it is whole."""
_FIELDS = frozenset({b"data", b"event", b"id", b"retry", b"error"})
_MOST_STRAY = 4_096
"""Bytes of lines that are of no event, which are kept in case that they say why the stream ends."""


class Event(NamedTuple):
    """One event: its data lines joined by newlines, its type, and the last id that the stream gave."""

    data: str
    event: str = "message"
    id: str = ""


# Made from C (`map` over `zip`), an event costs half of calling `Event`.
_make_event = partial(tuple.__new__, Event)


class EventDecoder:
    """Bytes in, events out.

    A piece may end anywhere: inside a UTF-8 character, or between the CR and the LF of one line end.

    Source: the "Interpreting an event stream" part of the HTML standard's server-sent events chapter.
    """

    def __init__(
        self, *, limit_bytes: int = 16 * 2**20, is_whole: Callable[[bytes], bool] | None = None
    ) -> None:
        """With `is_whole` a stream is read as servers really send it: data that it says is whole is an event at once, as some
        leave the blank line out.

        Then a line that is a value by itself, without `data:`, counts as data, too, as do the lines that go on with one,
        and `error:` as that of an error. An event that has a type and no data is one.
        """
        self._limit_bytes = limit_bytes
        self._is_whole = is_whole
        self._tries = 0
        self._line = bytearray()  # the unfinished line
        self._at_start = True
        self._after_cr = False
        self._data: list[bytes] = []
        self._data_bytes = 0
        self._type = b""
        self._is_typed = False
        """Whether a type came, and no event of it yet."""
        self._id = ""
        self._stray = bytearray()

    @property
    def stray(self) -> str:
        """Return the lines since the last event that are of none, as far as they are kept; only with `is_whole`."""
        return self._stray.decode("utf-8", "replace")

    def feed(self, piece: bytes) -> list[Event]:
        """Return the events that `piece` completes, oldest first.

        Raises:
            WireError: a line or an event is longer than `limit_bytes`.
        """
        if piece.endswith(b"\n\n") and self._is_between_events() and b"\r" not in piece:
            events = self._read_plain(piece)  # most services send an event at a time: the short way for it
            if events:
                return events
        if self._after_cr and piece:
            self._after_cr = False
            piece = piece.removeprefix(b"\n")
        end = max(piece.rfind(b"\n"), piece.rfind(b"\r")) + 1
        if not end:
            self._keep(piece)
            return []
        self._after_cr = piece.endswith(b"\r")
        lines = bytes(self._line) + piece[:end] if self._line else piece[:end]
        self._line.clear()
        self._keep(piece[end:])
        return self._read(lines)

    def close(self) -> list[Event]:
        """Return the last event, where the stream ended without its blank line or within its last line."""
        lines = bytes(self._line) + b"\n\n"
        self._line.clear()
        return self._read(lines)

    def _is_between_events(self) -> bool:
        return not (self._line or self._data or self._type or self._at_start or self._after_cr)

    def _keep(self, part: bytes) -> None:
        if not part:
            return
        self._line += part
        if len(self._line) > self._limit_bytes:
            raise self._too_long("line")

    def _read(self, lines: bytes) -> list[Event]:
        """Return the events that complete `lines` complete."""
        if self._at_start:
            self._at_start = False
            lines = lines.removeprefix(_BOM)
        if b"\r" in lines:
            lines = lines.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        events: list[Event] = []
        if self._data or self._type:  # an earlier piece began this event
            end = (b"\n" + lines).find(b"\n\n") + 1 or len(lines)
            events = self._read_lines(lines[:end])
            lines = lines[end:]
        lines = lines.lstrip(b"\n")
        end = lines.rfind(b"\n\n") + 2
        if end > 1:
            plain = self._read_plain(lines[:end])
            if plain:
                events += plain
                lines = lines[end:]
        return events + self._read_lines(lines)

    def _read_plain(self, lines: bytes) -> list[Event]:
        """Return the events of `lines` if each is one data line and one blank line, else none.

        Nearly every stream is so. Splitting by blank line and `data:` together gives the data of them all;
        that no other newline is there proves that nothing else was.
        """
        if len(lines) > self._limit_bytes:  # then each line must be looked at
            return []
        text = lines.decode("utf-8", "replace")
        prefix = "data: " if text.startswith("data: ") else "data:"
        if not text.startswith(prefix) or (prefix == "data:" and "\ndata: " in text):
            return []
        data = text[len(prefix) : -2].split("\n\n" + prefix)
        if text.count("\n") != 2 * len(data):
            return []
        if self._stray:
            self._stray.clear()
        return list(map(_make_event, zip(data, repeat("message"), repeat(self._id))))

    def _read_lines(self, lines: bytes) -> list[Event]:
        """Return the events that `lines` complete, by the standard's steps for each line."""
        events = []
        for line in lines.split(b"\n")[:-1]:
            if len(line) > self._limit_bytes:
                raise self._too_long("line")
            if line:
                has_data = self._read_field(line)
                if has_data and self._is_whole is not None and self._has_whole(self._is_whole):
                    events.append(self._taken())
                continue
            if self._data or (self._is_typed and self._is_whole is not None):
                events.append(self._taken())
            self._type, self._is_typed = b"", False
        return events

    def _has_whole(self, is_whole: Callable[[bytes], bool]) -> bool:
        """Say whether the data so far is a value; not asked for ever of one that comes in very many lines."""
        self._tries += 1
        return self._tries <= _MOST_TRIES and is_whole(b"\n".join(self._data))

    def _taken(self) -> Event:
        data = b"\n".join(self._data).decode("utf-8", "replace")
        self._data, self._is_typed = [], False
        self._data_bytes = self._tries = 0
        self._stray.clear()
        return Event(data, self._type.decode("utf-8", "replace") or "message", self._id)

    def _read_field(self, line: bytes) -> bool:
        """Take a line, and say whether it is of the data."""
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if self._is_whole is not None:
            name, value = self._really_sent(line)
        if name == b"data":
            self._data.append(value)
            self._data_bytes += len(value) + 1
            if self._data_bytes > self._limit_bytes:
                raise self._too_long("event")
            return True
        if name == b"event":
            self._type, self._is_typed = value, bool(value)
        elif name == b"id" and b"\0" not in value:
            self._id = value.decode("utf-8", "replace")
        return False

    def _really_sent(self, line: bytes) -> tuple[bytes, bytes]:
        """Return the name and the value of a field as servers write it; without a name what is of no event."""
        begun = line.lstrip(_JUNK)
        name, colon, value = begun.partition(b":")
        name = name.rstrip().lower()
        if name == b"error" and colon:  # llama.cpp of 2025: a field of that name, and no event of that type
            self._type, name = name, b"data"
        if (name in _FIELDS and colon) or begun.startswith(b":"):
            return name, value.removeprefix(b" ")
        if begun.startswith((b"{", b"[")):
            return b"data", begun
        if self._data:
            return b"data", line
        if name not in _FIELDS and len(self._stray) < _MOST_STRAY:
            self._stray += b"\n" + begun[:_MOST_STRAY]
        return b"", b""

    def _too_long(self, what: str) -> WireError:
        return WireError(
            f"an event stream with one {what} of more than {self._limit_bytes:,} bytes",
            hint="The answer is not a chat reply; check the address that was asked.",
        )
