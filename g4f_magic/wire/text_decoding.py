"""Text and lines out of bytes that arrive in pieces, and whole characters out of text that does. No I/O."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import Any

from g4f_magic.errors import WireError


class TextDecoder:
    """UTF-8 bytes in, text out; what is no UTF-8 becomes U+FFFD, and nothing is dropped but a byte order mark."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")

    def feed(self, piece: bytes) -> str:
        """Return the text that `piece` completes; the start of a character waits for the next call."""
        return self._decoder.decode(piece)

    def close(self) -> str:
        """Return what an unfinished last character is shown as: U+FFFD, or nothing."""
        return self._decoder.decode(b"", final=True)


class LineDecoder:
    """Bytes in, lines out, without their LF or CRLF. A piece may end anywhere."""

    def __init__(self, *, limit_bytes: int = 16 * 2**20) -> None:
        self._limit_bytes = limit_bytes
        self._line = bytearray()  # the unfinished line

    def feed(self, piece: bytes) -> list[str]:
        """Return the lines that `piece` completes, oldest first.

        Raises:
            WireError: a line is longer than `limit_bytes`.
        """
        first, *others = piece.split(b"\n")
        self._keep(first)
        lines = []
        for part in others:
            lines.append(self._take())
            self._keep(part)
        return lines

    def close(self) -> list[str]:
        """Return the last line, where it had no newline."""
        return [self._take()] if self._line else []

    def _keep(self, part: bytes) -> None:
        if not part:
            return
        self._line += part
        if len(self._line) > self._limit_bytes:
            raise WireError(
                f"one line of more than {self._limit_bytes:,} bytes",
                hint="The answer is not a chat reply; check the address that was asked.",
            )

    def _take(self) -> str:
        line = bytes(self._line).removesuffix(b"\r")
        self._line.clear()
        return line.decode("utf-8", "replace")


class PairJoiner:
    """Text in, text out that can be written: no half of a surrogate pair is left in it.

    Services in JavaScript cut text between the two halves of an emoji; as JSON, each half comes by itself. Joined
    they are the emoji again. A half that stays alone becomes U+FFFD.
    """

    def __init__(self) -> None:
        self._half = ""

    def feed(self, text: str) -> str:
        """Return the text that `text` completes; a first half at its end waits for the next call."""
        if text.isascii() and not self._half:
            return text
        text = self._half + text
        self._half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        return joined(text[:-1] if self._half else text)

    def close(self) -> str:
        """Return what a half that stayed alone is shown as: U+FFFD, or nothing."""
        half, self._half = self._half, ""
        return joined(half)


def writable(value: Any) -> Any:
    """Return a value of JSON whose texts, and names, can all be written."""
    if isinstance(value, str):
        return joined(value)
    if isinstance(value, Mapping):
        return {writable(name): writable(one) for name, one in value.items()}
    return [writable(one) for one in value] if isinstance(value, list | tuple) else value


def joined(text: str) -> str:
    """Return a text that can be written: halves of surrogate pairs joined, and U+FFFD for each that stands alone."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
