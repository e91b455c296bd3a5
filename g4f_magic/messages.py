"""Plain values: what was said, and how it went. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypedDict

Role = Literal["system", "user", "assistant"]
Messages = Sequence[Mapping[str, Any]]
"""Messages in gpt4free's form: `{"role": ..., "content": str or a list of parts}`, oldest first."""

Status = Literal["open", "done", "stopped", "broken", "failed"]
"""How a turn stands: `open` while it runs; `stopped` by the person; `broken` off by the service or by the
end of the kernel; `failed` with an error."""

Source = Literal["live", "replayed"]


class MessageJson(TypedDict):
    """A message on disk and on the wire."""

    role: str
    content: str


class Message(NamedTuple):
    """One utterance."""

    role: Role
    content: str

    def to_json(self) -> MessageJson:
        """Return the form that providers take."""
        return {"role": self.role, "content": self.content}


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, as the service counted them."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One request, its reply and how it ended.

    `slot` names the turn's place in its conversation: turns of one slot are revisions of each other. It is
    the cell's id where there is one, else the turn's own `id`. Times are in seconds, `started_at` since 1970.
    """

    id: str
    slot: str
    prompt: str
    provider: str
    model: str
    started_at: float
    system: str = ""
    reply: str = ""
    reasoning: str = ""
    status: Status = "open"
    via: str = ""
    """How it got there where that is not the service's own host, for example "local gateway (guide)"."""
    source: Source = "live"
    seconds: float | None = None
    usage: Usage | None = None
    finish: str | None = None
    """The service's own word for why it ended: "stop", "length", ..."""
    context_messages: int = 0
    """How many messages were sent, the prompt included."""
    omitted_turns: int = 0
    """How many earlier turns were not sent along, because the context is bounded."""
    skipped_lines: int = 0
    """Lines of the reply that were not of the protocol and were passed over."""
    error: str = ""
    """What happened, where `status` is `failed` or `broken`."""

    @property
    def is_settled(self) -> bool:
        """Say whether it has ended, however it ended."""
        return self.status != "open"

    @property
    def is_said(self) -> bool:
        """Say whether later requests carry it: a question that got no answer would only confuse them."""
        return self.is_settled and bool(self.reply.strip())

    def messages(self) -> tuple[Message, Message]:
        """Return the question and the answer."""
        return Message("user", self.prompt), Message("assistant", self.reply)


class ReplyText(str):
    """A reply as a plain `str` that knows where it came from: `.provider`, `.model` and `.turn`."""

    turn: Turn

    def __new__(cls, turn: Turn) -> ReplyText:
        """Return the reply of a turn."""
        text = super().__new__(cls, turn.reply)
        text.turn = turn
        return text

    @property
    def provider(self) -> str:
        """Return the provider's name."""
        return self.turn.provider

    @property
    def model(self) -> str:
        """Return the model's name."""
        return self.turn.model


def estimated_tokens(text: str) -> int:
    """Return roughly how many tokens a text has: a token for four bytes, as most models' tokenizers come out."""
    return (len(text.encode("utf-8", "replace")) + 3) // 4


def flatten_content(content: Any) -> str:
    """Return the text of a message's content; of a list of parts, its text parts joined by newlines."""
    if isinstance(content, str):
        return content
    if content is None:
        return ""
    if isinstance(content, Sequence):
        texts = [part.get("text") if isinstance(part, Mapping) else part for part in content]
        return "\n".join(text for text in texts if text and isinstance(text, str))
    return str(content)


def format_prompt(messages: Messages) -> str:
    """Return a conversation as one text, for services that take only that.

    One message: its content alone. Several: a line `Role: content` each, without those whose content is
    blank, and a last line `Assistant:`.
    """
    if len(messages) == 1:
        return flatten_content(messages[0].get("content"))
    said = [(str(message["role"]), flatten_content(message.get("content"))) for message in messages]
    lines = [f"{role.capitalize()}: {content}" for role, content in said if content.strip()]
    return "\n".join([*lines, "Assistant:"])
