"""What a dialect is: it reads a request into an `ChatRequest` and writes an engine's chunks as its servers do. No I/O."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from g4f_magic.chunks import Finish, ToolCall
from g4f_magic.gateway.actions import Refuse
from g4f_magic.gateway.chat_request import ChatRequest
from g4f_magic.messages import Citation, Message, Role, Usage, flatten_content


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request: header names in lower case, the cookies by name, the JSON of the body (None: it is no object)."""

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any] | None
    cookies: Mapping[str, str] = field(default_factory=dict)


class Writer:
    """Writes one reply. Every method returns the bytes to send; what a dialect has no words for is no bytes."""

    headers: Mapping[str, str] = {}
    is_prompt_to_begin = False
    """Whether its servers send the headers before they know what they will say."""

    def begin(self) -> bytes:
        """Return what stands before the first text."""
        return b""

    def relayed(self, value: Mapping[str, Any]) -> bytes:
        """Return a value of OpenAI's protocol that another server sent."""
        raise NotImplementedError

    def text(self, text: str) -> bytes:
        """Return a piece of the reply."""
        raise NotImplementedError

    def reasoning(self, text: str) -> bytes:
        """Return a piece of the thinking."""
        return b""

    def call(self, call: ToolCall) -> bytes:
        """Return a function that the model asks for."""
        return b""

    def citations(self, citations: Sequence[Citation]) -> bytes:
        """Return what the reply is drawn from."""
        return b""

    def usage(self, usage: Usage) -> bytes:
        """Return the count of tokens, or note it for `end`."""
        return b""

    def named(self, model: str) -> bytes:
        """Take the name of the model that answers; it comes before the first text, if at all."""
        return b""

    def rethought(self) -> bytes:
        """Return what says that all text so far was thinking: the mark that the model's own template has for it."""
        return self.text("</think>\n\n")

    def end(self, finish: Finish) -> bytes:
        """Return the end mark and what stands before it."""
        return b""

    def ping(self) -> bytes:
        """Return what keeps a silent connection open."""
        return b""

    def bad_line(self) -> bytes:
        """Return a line that is not what the dialect promises."""
        return b'data: {"half": \n\n'

    def error(self, refuse: Refuse) -> bytes | None:
        """Return a refusal inside the stream; None where the dialect can only break off."""
        return None


@dataclass(frozen=True, slots=True)
class WholeAnswer:
    """A whole reply at once: a status with its reason, and a body."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    reason: str | None = None


class Dialect(ABC):
    """One protocol."""

    name: str
    path: str
    """Where its requests are posted."""
    origin: str = ""
    """What clients of its public service send as they were made to, whatever host they are pointed at."""
    has_frames: bool = True
    """Whether a reply stands in events or lines: one of raw text has no place for an error, and none that could be bad."""
    has_end_mark: bool = True
    """Whether a reply that ends early can be told from one that is whole."""
    is_openai: bool = False
    """Whether a server that speaks OpenAI's protocol can be handed its requests as they are."""

    def takes(self, body: Mapping[str, Any] | None) -> bool:
        """Say whether a request to its path is its own, where several dialects have one path."""
        return True

    @abstractmethod
    def read(self, incoming: Incoming) -> ChatRequest | Refuse:
        """Return what is asked, or the refusal that the true server would give."""

    @abstractmethod
    def writer(self, chat: ChatRequest) -> Writer:
        """Return the writer of the reply to `chat`."""

    def answer(self, refuse: Refuse) -> WholeAnswer:
        """Return a refusal in the dialect's form."""
        return json_answer(refuse, {"error": refuse.message})

    def failure(self, refuse: Refuse) -> WholeAnswer:
        """Return the answer for an engine that failed before it said anything."""
        return self.answer(refuse)


def json_answer(refuse: Refuse, body: Mapping[str, Any]) -> WholeAnswer:
    """Return `body` with the status and headers of `refuse`."""
    headers = {"Content-Type": "application/json", **refuse.headers}
    return WholeAnswer(refuse.status, compact(body).encode(), headers)


def compact(value: Any) -> str:
    """Return JSON with the characters as they are, as JavaScript's servers write it; halves of surrogate pairs are escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return json.dumps(value, separators=(",", ":"))
    return text


def read_messages(value: Any) -> tuple[Message, ...] | None:
    """Return the messages of a request, or None where it is no list of them."""
    if not isinstance(value, list) or not value:
        return None
    messages = []
    for entry in value:
        if not isinstance(entry, Mapping) or not isinstance(entry.get("role"), str):
            return None
        messages.append(Message(_role(entry["role"]), flatten_content(entry.get("content"))))
    return tuple(messages)


def _role(name: str) -> Role:
    if name in ("system", "developer"):
        return "system"
    return "assistant" if name == "assistant" else "user"
