"""OpenAI's completions as servers really send them: streamed, or as one JSON body though a stream was asked for.

From bytes to chunks, without I/O.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from g4f_magic.chunks import Chunk, Finish
from g4f_magic.errors import WireError
from g4f_magic.providers.readers import CompletionReader

_BLANK = b" \t\r\n\xef\xbb\xbf"
_MOST_BYTES = 64 * 1024 * 1024


class BodyReader(CompletionReader):
    """A completion in any form: it is known by its first character."""

    def __init__(self) -> None:
        super().__init__()
        self._body: bytearray | None = bytearray()
        """What came while the form is not known, or all that came of a JSON body; None: it is a stream."""

    def feed(self, piece: bytes) -> Iterator[Chunk]:
        """Yield the chunks that `piece` completes; of a JSON body none before its end."""
        if self._body is None:
            yield from super().feed(piece)
            return
        self._body += piece
        start = self._body.lstrip(_BLANK)
        if start.startswith(b"{"):
            if len(self._body) > _MOST_BYTES:
                raise WireError("the reply is one JSON body of more than 64 MB", hint="Ask for less.")
            return
        if start:
            piece, self._body = bytes(self._body), None
            yield from super().feed(piece)

    def close(self) -> Iterator[Chunk]:
        """Yield what is left, and the finish."""
        if self._body and self._body.strip(_BLANK):
            yield from self._whole(bytes(self._body))
        else:
            yield from super().close()

    def _whole(self, body: bytes) -> Iterator[Chunk]:
        try:
            value: Any = json.loads(body)
        except ValueError as exc:
            raise WireError(
                "the reply is JSON that breaks off, or is no JSON", hint="Try again; look at the base URL."
            ) from exc
        yield from self.read(value)
        yield Finish(self.reason, self.skipped_lines)
