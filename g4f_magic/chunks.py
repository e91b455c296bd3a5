"""What a stream yields: text, reasoning, usage, why it finished; and what happens on the way to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from g4f_magic.messages import Usage


@dataclass(frozen=True, slots=True)
class Text:
    """The next piece of the reply."""

    text: str
    held: str = field(default="", compare=False, repr=False)
    """What came with it and waits for the next piece, as it may begin what must not show: usually nothing."""


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


@dataclass(frozen=True, slots=True)
class Notice:
    """What happens meanwhile, for the person: "waiting 4 s before trying again". No part of the reply."""

    text: str


@dataclass(frozen=True, slots=True)
class Served:
    """Who answers, where several were asked in turn: comes once, before the first piece of the reply.

    `after` tells of those who did not, in order: "groq (HTTP 429), koala (empty reply)".
    """

    provider: str
    model: str = ""
    via: str = ""
    after: str = ""


Chunk: TypeAlias = Text | Reasoning | Usage | Finish | Notice | Served

__all__ = ["Chunk", "Finish", "Notice", "Reasoning", "Served", "Text", "Usage"]
