"""Text and lines out of bytes that arrive in pieces. No I/O."""

from __future__ import annotations

import codecs

from g4f_magic.errors import WireError


class TextDecoder:
    """UTF-8 bytes in, text out; what is no UTF-8 becomes U+FFFD, and nothing is dropped."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

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
        self._line: list[bytes] = []  # the unfinished line, in the parts in which it came
        self._line_bytes = 0

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
        self._line.append(part)
        self._line_bytes += len(part)
        if self._line_bytes > self._limit_bytes:
            raise WireError(
                f"one line of more than {self._limit_bytes:,} bytes",
                hint="The answer is no chat reply; check the address that was asked.",
            )

    def _take(self) -> str:
        line = b"".join(self._line).removesuffix(b"\r")
        self._line.clear()
        self._line_bytes = 0
        return line.decode("utf-8", "replace")
