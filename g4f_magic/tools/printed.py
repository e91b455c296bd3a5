"""What a function prints while it runs, kept apart from what is printed beside it: by a task's own context."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

LONGEST = 8_000
"""Characters that are kept; the rest is counted."""


class Printed:
    """What was printed, up to a bound."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._size = 0

    def write(self, text: str) -> None:
        """Take the next piece."""
        room = LONGEST - self._size
        if room > 0:
            self._pieces.append(text[:room])
        self._size += len(text)

    @property
    def text(self) -> str:
        """Return it, with what was cut in words."""
        text = "".join(self._pieces)
        return text if self._size <= LONGEST else f"{text}\n… ({self._size - LONGEST:,} more characters)"


_into: ContextVar[Printed | None] = ContextVar("g4f_magic printed", default=None)
_lock = threading.Lock()
_users = 0


class _Parting:
    """A stream that gives what a function prints to whoever keeps it; what others write goes on to where it went."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        kept = _into.get()
        if kept is None:
            written: int = self.stream.write(text)
            return written
        kept.write(text)
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


@contextmanager
def printed() -> Iterator[Printed]:
    """Keep what is printed in this context, and in tasks that it begins."""
    global _users
    kept = Printed()
    with _lock:
        _users += 1
        for name in ("stdout", "stderr"):
            if not isinstance(stream := getattr(sys, name), _Parting):
                setattr(sys, name, _Parting(stream))
    before = _into.set(kept)
    try:
        yield kept
    finally:
        _into.reset(before)
        with _lock:
            _users -= 1
            for name in () if _users else ("stdout", "stderr"):
                if isinstance(stream := getattr(sys, name), _Parting):
                    setattr(sys, name, stream.stream)
