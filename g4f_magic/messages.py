"""Plain values: what was said, and how it went. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any, Literal, NamedTuple, TypedDict

from g4f_magic.visible import make_visible

Role = Literal["system", "user", "assistant"]
Messages = Sequence[Mapping[str, Any]]
"""Messages in gpt4free's form: `{"role": ..., "content": str or a list of parts}`, oldest first."""


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
    cached_tokens: int | None = field(default=None, compare=False)
    """Of those of the prompt, how many it had read before. This and the next are told on by the gateway, and not kept."""
    reasoning_tokens: int | None = field(default=None, compare=False)
    """Of those of the completion, how many were thought and not said."""

    def to_json(self) -> dict[str, int | None]:
        """Return what of it is kept."""
        return {"prompt_tokens": self.prompt_tokens, "completion_tokens": self.completion_tokens}


class Citation(NamedTuple):
    """A page that a reply refers to. The address is http or https; the title is the page's own and may be empty."""

    url: str
    title: str = ""


def citation_lines(citations: Sequence[Citation]) -> str:
    """Return a line for each page that a reply refers to: `[1] Title · https://...`; empty for none."""
    shown = [
        " · ".join(filter(None, (" ".join(make_visible(text).split()) for text in (one.title, one.url))))
        for one in citations
    ]
    return "\n".join(f"[{number}] {line}" for number, line in enumerate(shown, start=1))


def date_of(seconds: float, zone: tzinfo | None = None) -> str:
    """Return date and time of seconds since 1970, to the minute; empty where no calendar has it.

    An older version took such times in from files.
    """
    try:
        return datetime.fromtimestamp(seconds, zone).strftime("%Y-%m-%d %H:%M") + (
            " UTC" if zone is UTC else ""
        )
    except (OverflowError, ValueError, OSError):
        return ""


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
