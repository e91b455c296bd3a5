"""What a model thinks aloud at the beginning of its text, told apart from its reply. No I/O.

Models that think write it between marks of their own (`<think>`), and servers that do not know these send all of it
as text. One stage for the replies of all services: marks at the very beginning open it, their counterpart ends it.
Later in the text, and in code, they are text like any other.

Where a chat template has opened it in the prompt, only its end mark comes, after the thoughts have been passed on as
text: then `Rethought` says what they were. Only an end mark at the border of a line or right behind a sentence counts, outside
of code.

At the very end a mark with which the model ends what it says (`<|im_end|>`) is no part of the reply: see `stop_marks`.
"""

from __future__ import annotations

from collections.abc import Iterator

from g4f_magic.chunks import Chunk, Finish, Reasoning, Text
from g4f_magic.providers.thinking_stages import Opening, Stage

_MOST_APART = 64
"""Characters, blank ones, by which thoughts that are sent twice may differ."""


class Thinking:
    """Passes the chunks of one reply on, its text told apart."""

    def __init__(self) -> None:
        self._stage: Stage | None = Opening()
        self._apart = ""
        """What came as reasoning already; some services send the same thoughts between marks, too."""
        self._repeated = 0

    @property
    def is_over(self) -> bool:
        """Say whether nothing that comes can be told apart any more."""
        return self._stage is None

    def passes(self, text: str) -> bool:
        """Say whether `text` goes through as it is, as nearly all does; it is taken then. Else `of` has to be asked."""
        return self._stage is not None and self._stage.passes(text)

    def of(self, chunk: Chunk) -> Iterator[Chunk]:
        """Yield what a chunk is made of; a part that may be of a mark waits for the next one."""
        if isinstance(chunk, Text):
            yield from self._feed(chunk.text)
            return
        if isinstance(chunk, Finish):
            yield from self.close()
        elif isinstance(chunk, Reasoning) and self._stage is not None:
            self._apart += chunk.text
        yield chunk

    def close(self) -> Iterator[Chunk]:
        """Yield what waits."""
        if self._stage is not None:
            yield from self._once(self._stage.close())
            self._stage = None

    def _once(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        """Yield the chunks without the thoughts that came apart from the text already."""
        for chunk in chunks:
            if self._apart and isinstance(chunk, Reasoning):
                words = chunk.text.strip()
                end = self._repeated + len(chunk.text) + _MOST_APART
                at = self._apart.find(words, self._repeated, end)
                if at >= 0:
                    self._repeated = at + len(words)
                    continue
            yield chunk

    def _feed(self, text: str) -> Iterator[Chunk]:
        while self._stage is not None:
            yield from self._once(self._stage.feed(text))
            if self._stage.following is None:
                return
            self._stage, text = self._stage.following
        if text:
            yield Text(text)
