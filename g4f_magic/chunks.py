"""What a stream yields: text, reasoning, usage, why it finished; and what happens on the way to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from g4f_magic.messages import Citation, Usage
from g4f_magic.turn import Source, ToolCall, ToolResult, is_guide


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
    seconds: float = 0.0
    """How long it is to last, where that is known: the text says it, too."""


class Carried(NamedTuple):
    """How much went along with a question, and how much did not."""

    messages: int
    """The prompt included."""
    turns: int
    omitted_turns: int = 0
    guide_turns: int = 0
    tokens: int = 0
    """Roughly how many tokens all of it has; 0 where nobody asks."""


@dataclass(frozen=True, slots=True)
class Served:
    """Who answers: comes first of all, and again where several are asked in turn, before the first piece of the reply.

    `after` tells of those who did not, in order: "groq (HTTP 429), koala (empty reply)".
    """

    provider: str
    model: str = ""
    via: str = ""
    after: str = ""
    source: Source = field(default="live", compare=False)
    seconds: float | None = field(default=None, compare=False)
    """How long it took when it was recorded; None: it is measured."""
    caution: str = field(default="", compare=False)
    """What a person should know before they trust its replies; said under the first of a conversation."""
    seller: str = field(default="", compare=False)
    """Whose prices hold, as `prices` names them; empty where that is not known."""
    carried: Carried | None = field(default=None, compare=False)
    """What it was told of what was said before; None where that is not known (yet)."""

    @property
    def is_of_guide(self) -> bool:
        """Say whether the offline guide answers, which is no model."""
        return is_guide(self.provider, self.via)


@dataclass(frozen=True, slots=True)
class Named:
    """The service's own name of the model that answers, where that is not the one that was asked for."""

    model: str


@dataclass(frozen=True, slots=True)
class Citations:
    """What the service says that the reply is drawn from: comes once, near the end. Numbered from 1, as `[1]` is."""

    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Unshown:
    """What came with the reply and is no text, in words: "2 images", "a call of get_weather". Comes near the end."""

    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rethought:
    """All text so far was the model's thinking: its end mark came, and its beginning had stood in the prompt."""


@dataclass(frozen=True, slots=True)
class Unfit:
    """All text so far does not fit the schema that was asked for, and why; what comes now is another answer."""

    why: str


Chunk: TypeAlias = (
    Text
    | Reasoning
    | Usage
    | Finish
    | Notice
    | Served
    | Named
    | Citations
    | Unshown
    | Rethought
    | Unfit
    | ToolCall
    | ToolResult
)
"""A call of a function comes whole, once it is complete; its result after it, before the next words."""

__all__ = [
    "Carried",
    "Chunk",
    "Citations",
    "Finish",
    "Named",
    "Notice",
    "Reasoning",
    "Rethought",
    "Served",
    "Text",
    "ToolCall",
    "ToolResult",
    "Unfit",
    "Unshown",
    "Usage",
]
