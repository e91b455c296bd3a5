"""Deltas that say once more what was said, told from those that say what is new. No I/O.

Some services of OpenAI's protocol (DashScope's coding plan, servers before Gemini) send in each delta the whole text until
there. That is told at the beginning of a stream: a delta that goes on from the one before it is held until a second one
does so, too, or one does not. Others (RAGFlow) end with a delta that is the whole reply: one that is all that was said
before it is held until more comes, or the end.
"""

from __future__ import annotations

from typing import Literal

_LEAST = 6
"""Characters, a letter or digit among them, that have grown before deltas are taken for cumulative: `...` grows by chance."""
_LEAST_OF_TWO = 4
"""Characters of the first of two deltas that are all of the stream."""
_MOST_HELD = 8
_LEAST_REPEATED = 10
"""Characters of a reply that a closing delta repeats; `no no` is said again by chance."""
_MOST_KEPT = 200_000
"""Characters of a reply that are kept to be compared."""


class Increments:
    """What is new in each delta of one channel."""

    def __init__(self) -> None:
        self._kind: Literal["unknown", "new", "all"] = "unknown"
        """What a delta says."""
        self._said = ""
        """All that was said, while it is not known that deltas are new."""
        self._held: list[str] = []
        self._pieces: list[str] = []
        self._size = 0
        self._repeated = ""

    @property
    def are_new(self) -> bool:
        """Say whether each delta says what is new, as nearly always."""
        return self._kind == "new"

    @property
    def said(self) -> str:
        """Return all that was said, as far as it is kept."""
        return "".join(self._pieces) if self._size <= _MOST_KEPT else ""

    def passes(self, text: str) -> bool:
        """Take a delta that says what is new, as nearly all do, and say whether it is one; else `of` has to be asked."""
        size = len(text)
        if size == self._size or self._repeated or self._kind != "new":
            return False
        self._size += size
        if self._size <= _MOST_KEPT:
            self._pieces.append(text)
        return True

    def of(self, text: str) -> str:
        """Return what is to be said now."""
        if self._kind == "new" and self._is_repeated(text):
            self._repeated = text
            return ""
        new, self._repeated = self._repeated + self._new(text), ""
        self._note(new)
        return new

    def _note(self, new: str) -> None:
        self._size += len(new)
        if self._size <= _MOST_KEPT:
            self._pieces.append(new)

    def _is_repeated(self, text: str) -> bool:
        """Say whether it is all that was said before, which came in several pieces."""
        if len(text) != self._size or self._repeated or not _LEAST_REPEATED <= self._size <= _MOST_KEPT:
            return False
        return len(self._pieces) > 1 and "".join(self._pieces) == text

    def _new(self, text: str) -> str:
        if self._kind == "new" or not text:
            return text
        before = self._held[-1] if self._held else self._said
        if not before:
            self._said = text
            return text
        if self._kind == "all":
            return self._grown(text)
        if len(text) <= len(before) or not text.startswith(before):
            return self._given_up(text)
        self._held.append(text)
        is_told = len(self._held) > 1 and len(text) >= _LEAST and any(map(str.isalnum, text))
        if is_told or len(self._held) >= _MOST_HELD:
            self._kind = "all"
            self._held = []
            return self._grown(text)
        return ""

    def close(self) -> str:
        """Return what is left to say at the end."""
        if len(self._held) == 1 and len(self._said) >= _LEAST_OF_TWO:
            return self._grown(self._held.pop())
        return self._given_up("") if self._held else ""

    def _grown(self, text: str) -> str:
        if self._said.startswith(text):
            return ""
        if not text.startswith(self._said):
            return self._given_up(text)
        new = text[len(self._said) :]
        self._said = text
        return new

    def _given_up(self, text: str) -> str:
        self._kind = "new"
        held, self._held, self._said = self._held, [], ""
        return "".join((*held, text))
