"""OpenAI's completions as servers really send them: streamed, or as one JSON body though a stream was asked for.

From bytes to chunks, without I/O.
"""

from __future__ import annotations

from collections.abc import Iterator

from g4f_magic.chunks import Chunk, Finish
from g4f_magic.errors import WireError
from g4f_magic.providers.readers import CompletionReader
from g4f_magic.wire.values import value_of

_BLANK = b" \t\r\n\xef\xbb\xbf"
_MOST_BYTES = 16 * 2**20


class BodyReader(CompletionReader):
    """A completion in any form: it is known by its first character."""

    def __init__(self) -> None:
        super().__init__()
        self._is_begun = False
        self._body: bytearray | None = None
        """What came of a JSON body; None: it is a stream."""

    def feed(self, piece: bytes) -> Iterator[Chunk]:
        """Yield the chunks that `piece` completes; of a JSON body none before its end.

        Raises:
            WireError: a JSON body of more than 16 MiB.
        """
        if not self._is_begun:
            piece = piece.lstrip(_BLANK)
            if not piece:
                return
            self._is_begun = True
            self._body = bytearray() if piece.startswith(b"{") else None
        if self._body is None:
            yield from super().feed(piece)
            return
        self._body += piece
        if len(self._body) > _MOST_BYTES:
            raise WireError("the reply is one JSON body of more than 16 MiB", hint="Ask for less.")

    def close(self) -> Iterator[Chunk]:
        """Yield what is left, and the finish."""
        if self._body is None:
            yield from super().close()
            return
        try:
            value = value_of(bytes(self._body))
        except ValueError:
            raise WireError(
                "the reply is JSON that breaks off, or is no JSON", hint="Try again; look at the base URL."
            ) from None
        yield from self.read(value)
        yield Finish(self.reason, self.skipped_lines)
