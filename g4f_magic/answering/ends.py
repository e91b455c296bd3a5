"""The ends of the requests that make up one reply, told as one: counts are added up, the last reason counts. No I/O."""

from __future__ import annotations

from g4f_magic.chunks import Chunk, Finish, Usage


class Ends:
    """What is held back of each request's end until the reply has ended."""

    def __init__(self) -> None:
        self._finish: Finish | None = None
        self._before: list[Usage] = []
        self._usage: Usage | None = None
        """Of the last request: some services count anew with each piece, and what they counted last is all."""

    @property
    def reason(self) -> str | None:
        """Return why the last request ended; None where it gave no reason, or has not ended."""
        return self._finish.reason if self._finish else None

    def begin(self) -> None:
        """Forget why an earlier request ended, for another one begins; what it took still counts."""
        self._finish = None
        if self._usage is not None:
            self._before.append(self._usage)
            self._usage = None

    def hold(self, chunk: Finish | Usage) -> None:
        """Hold an end or a count back."""
        if isinstance(chunk, Finish):
            self._finish = chunk
        else:
            self._usage = chunk

    def chunks(self) -> list[Chunk]:
        """Return what was held back, as one count and one end."""
        usages = [*self._before, *([self._usage] if self._usage else [])]
        counts = [
            [value for one in usages if (value := getattr(one, name)) is not None]
            for name in ("prompt_tokens", "completion_tokens")
        ]
        usage = Usage(*(sum(each) if each else None for each in counts))
        return [*([usage] if usages else []), *([self._finish] if self._finish else [])]
