"""What a stream yields: text, reasoning, usage, and why it finished."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from g4f_magic.messages import Usage


@dataclass(frozen=True, slots=True)
class Text:
    """The next piece of the reply."""

    text: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    """The next piece of what the model thinks before and beside its reply."""

    text: str


@dataclass(frozen=True, slots=True)
class Finish:
    """The service said that it has ended, and why ("stop", "length", ...; None where it gave no reason).

    `skipped_lines` counts lines of the stream that were not of the protocol and were passed over.
    """

    reason: str | None = None
    skipped_lines: int = 0


Chunk: TypeAlias = Text | Reasoning | Usage | Finish

__all__ = ["Chunk", "Finish", "Reasoning", "Text", "Usage"]
