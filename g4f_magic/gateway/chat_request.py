"""What the gateway was asked, whatever the protocol. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from g4f_magic.messages import Message


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A conversation that wants its next message: oldest first, the question last."""

    messages: tuple[Message, ...]
    model: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """What the request carries besides, by the names that OpenAI's protocol gives them."""
    is_binding: bool = False
    """Whether `model` was chosen: another one may not answer in its place. Old protocols name one as a matter of form."""
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The request as a chat completion of OpenAI's, for an engine that speaks it; empty in protocols of text alone."""

    @property
    def prompt(self) -> str:
        """Return the last thing that the user said, or an empty text."""
        said = [message.content for message in self.messages if message.role == "user"]
        return said[-1] if said else ""


@dataclass(frozen=True, slots=True)
class Received:
    """One request as the gateway received it.

    `headers` has lower-case names. Without `secrets`, authorization and cookie are not in it.
    """

    path: str
    dialect: str
    chat: ChatRequest
    headers: Mapping[str, str] = field(repr=False)
    body: Mapping[str, Any] = field(repr=False)
