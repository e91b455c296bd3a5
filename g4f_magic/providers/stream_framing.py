"""From bytes to the values of a reply, in whatever frame a server sends them: it is known by its first bytes. No I/O.

Server-sent events, also where servers run them together; JSON values one to a line; or one JSON value as the whole
body, where a stream was asked for. What the reply's headers call it does not matter: servers are wrong about that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from json import JSONDecoder
from typing import Any, Literal

from g4f_magic.errors import WireError
from g4f_magic.wire.json_values import value_of, web_page
from g4f_magic.wire.sse import Event, EventDecoder
from g4f_magic.wire.text_decoding import LineDecoder

_BLANK = b" \t\r\n\xef\xbb\xbf"
_MOST_BYTES = 16 * 2**20
_MOST_WORDS = 4_096
"""Characters in place of a value that are kept, in case that they say why."""
_BETWEEN = re.compile(r"(?:[\s,]|data:)*")
_NEXT = re.compile(r"\n|data:")
"""Where, behind what is no value, one may begin: a service that began anew wrote on in the same line."""
_READ = JSONDecoder(strict=False).raw_decode
_ERROR = re.compile(r"\W{0,3}(?:[\w.]{0,80}(?:error|exception)|internal server error)\b", re.IGNORECASE)
"""What an error begins with that is written in place of a value."""
_ERROR_TYPE = re.compile(r"(?:error|exception|fail(?:ed|ure)?)$", re.IGNORECASE)
"""What the type of an event ends with that reports an error."""

ENDS = frozenset({"done", "end", "close", "complete", "completed", "finish"})
"""Types of events, in lower case, that say by themselves that the reply is over."""
_MARKS = frozenset({"DONE", "END", "EOS", "EOF"})
"""What stands in brackets where another end mark should."""

Frame = Literal["unknown", "events", "lines", "body"]


class EndMark:
    """Stands among the values where the end mark came."""


END = EndMark()


@dataclass(frozen=True, slots=True)
class Reported:
    """An event whose name says that it is an error: its value, or its text where that is no JSON."""

    said: Any


class Framing:
    """Bytes in, values out; `END` where the end mark stands, data that is no JSON but for example `[DONE]`.

    What is neither is passed over and counted in `skipped`.
    """

    def __init__(self, end_mark: str | None = None) -> None:
        self.skipped = 0
        self._end_mark = end_mark
        self._frame: Frame = "unknown"
        self._begun = bytearray()
        self._events = EventDecoder(is_whole=self._is_whole)
        self._lines = LineDecoder()
        self._body = bytearray()
        self._number_of_lines = 0
        self.has_value = False
        """Whether a value came."""
        self._words = ""
        """What came in place of a value, since the last one."""

    def feed(self, piece: bytes) -> Iterator[Any]:
        """Yield the values that `piece` completes; of a JSON body none before its end.

        Raises:
            WireError: a JSON body, a line or an event of more than 16 MiB, or a web page.
        """
        if self._frame == "unknown":
            piece, self._frame = self._look(piece)
        match self._frame:
            case "events":
                return self._of_events(self._events.feed(piece))
            case "lines":
                return self._of_lines(self._lines.feed(piece))
            case "body":
                return self._of_body(piece)
            case "unknown":
                return iter(())

    def close(self) -> Iterator[Any]:
        """Yield what was left when the body ended.

        Raises:
            WireError: a JSON body that breaks off, or is no JSON.
        """
        match self._frame:
            case "events":
                yield from self._of_events(self._events.close())
            case "lines":
                yield from self._of_lines(self._lines.close())
            case "body":
                yield from self._whole_body()
            case "unknown":
                pass

    def bare_words(self, *, has_ended: bool = False) -> str:
        """Return what stood in place of events since the last value, or where none came at all; not what follows the end mark."""
        stray = "" if has_ended else self._events.stray
        return f"{self._words}\n{stray}".strip()

    @property
    def is_body(self) -> bool:
        """Say whether what came is one JSON body; with a line end behind it, it is a line."""
        return self._frame == "body" or (self._frame == "lines" and self._number_of_lines == 1)

    def _look(self, piece: bytes) -> tuple[bytes, Frame]:
        """Find out the frame by the first byte that is not blank; return what is to be read in it."""
        piece = piece.lstrip(_BLANK)
        self._begun += piece
        if not self._begun:
            return b"", "unknown"
        # "[DONE]" alone is an end mark, and any other "[" opens a JSON body.
        is_mark = self._end_mark is not None and self._end_mark.encode().startswith(bytes(self._begun[:6]))
        if is_mark and len(self._begun) < len(self._end_mark or ""):
            return b"", "unknown"
        begun, self._begun = bytes(self._begun), bytearray()
        if begun.startswith(b"<"):
            raise web_page()
        if is_mark:
            return begun, "lines"
        return begun, "body" if begun.startswith((b"{", b"[")) else "events"

    def _of_events(self, events: list[Event]) -> Iterator[Any]:
        for event in events:
            if event.event != "message" and _ERROR_TYPE.search(event.event):
                yield Reported(_last_value(event.data))
                continue
            try:
                value = value_of(event.data)  # nearly always
            except ValueError:
                yield from self._values(event.data)
            else:
                if self._words or not self.has_value:
                    self._noted(value)
                yield value
            if event.event != "message" and event.event.lower() in ENDS and '"choices"' not in event.data:
                yield END

    def _of_lines(self, lines: list[str]) -> Iterator[Any]:
        for line in lines:
            if line.strip():
                self._number_of_lines += 1
                yield from self._values(line)

    def _of_body(self, piece: bytes) -> Iterator[Any]:
        """Keep a body until its end, unless its first line is a value by itself: then each line is."""
        is_first_line = b"\n" not in self._body
        self._body += piece
        if is_first_line and b"\n" in piece:
            first = bytes(self._body).partition(b"\n")[0]
            if self._is_whole(first):
                self._frame = "lines"
                body, self._body = bytes(self._body), bytearray()
                yield from self._of_lines(self._lines.feed(body))
                return
        if len(self._body) > _MOST_BYTES:
            raise WireError("the reply is one JSON body of more than 16 MiB", hint="Ask for less.")

    def _whole_body(self) -> Iterator[Any]:
        text = bytes(self._body).decode("utf-8", "replace")
        skipped = self.skipped
        found = list(self._values(text))
        if reported := next((one for one in found if type(one) is Reported), None):
            yield reported
            return
        if not found or self.skipped > skipped:
            raise WireError(
                "the reply is JSON that breaks off, or is not JSON", hint="Try again; look at the base URL."
            )
        yield from found

    def _values(self, data: str) -> Iterator[Any]:
        """Yield the values in one event's data or one line: usually one, but servers run them together."""
        try:
            yield self._noted(value_of(data))
        except ValueError:
            pass
        else:
            return
        if self._end_mark is not None and data.strip().strip("\"'[]<>|").upper() in _MARKS:
            yield END
            return
        at = end = 0
        while (at := _after(_BETWEEN, data, end)) < len(data):
            if self._end_mark is not None and data.startswith(self._end_mark, at):
                yield END
                return
            try:
                if data[at] not in '{["':
                    raise ValueError("no value that a service sends")
                value, end = _READ(data, at)
            except (ValueError, RecursionError):
                self.skipped += 1
                following = _NEXT.search(data, at + 1)
                end = following.start() if following else len(data)
                if _ERROR.match(data, at):
                    yield Reported(data[at:])
                    return
                self._words = f"{self._words}\n{data[at:end]}"[-_MOST_WORDS:]
            else:
                yield self._noted(value)

    def _noted(self, value: Any) -> Any:
        """Return a value that came."""
        self.has_value, self._words = True, ""
        return value

    def _is_whole(self, data: bytes) -> bool:
        data = data.strip()
        if self._end_mark is not None and data == self._end_mark.encode():
            return True
        if not data.endswith((b"}", b"]", b'"')):
            return False
        try:
            value_of(data)
        except ValueError:
            return False
        return True


def _last_value(data: str) -> Any:
    """Return the value of an error's data, which may stand behind an event that was cut; of any other data its text."""
    for text in (data, data.strip().rpartition("\n")[2]):
        try:
            return value_of(text)
        except ValueError:
            continue
    return data


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at
