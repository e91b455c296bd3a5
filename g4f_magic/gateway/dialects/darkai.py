"""DarkAI: events of sse-starlette with CRLF and pings; an error comes as an event with status 200."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from g4f_magic.chunks import Finish
from g4f_magic.gateway.actions import Refuse
from g4f_magic.gateway.chat_request import ChatRequest
from g4f_magic.gateway.dialects.dialect import Dialect, Incoming, WholeAnswer, Writer, compact, json_answer
from g4f_magic.gateway.unsupported import sampling_of
from g4f_magic.messages import Message, Role

MODELS = ("gpt-4o", "gpt-3.5-turbo", "llama-3-70b")


class DarkAIWriter(Writer):
    """Writes one JSON object per event, ended by CRLF CRLF."""

    headers: Mapping[str, str] = {
        "Content-Type": "text/event-stream; charset=utf-8",
        "Cache-Control": "no-store",
        "X-Accel-Buffering": "no",
    }
    is_prompt_to_begin = True

    def __init__(self, query: str) -> None:
        self._query = query
        self._said: list[str] = []

    def begin(self) -> bytes:
        return _event("begin-stream", {"query": self._query})

    def text(self, text: str) -> bytes:
        self._said.append(text)
        return _event("text-chunk", {"text": text})

    def end(self, finish: Finish) -> bytes:
        whole = _event("final-response", {"message": "".join(self._said)})
        return whole + _event("stream-end", {"thread_id": None})

    def ping(self) -> bytes:
        return b": ping\r\n\r\n"

    def bad_line(self) -> bytes:
        return b'data: {"half": \r\n\r\n'

    def error(self, refuse: Refuse) -> bytes:
        return b"event: error\r\n" + _event("error", {"detail": refuse.message})


class DarkAIDialect(Dialect):
    """What darkai.foundation spoke."""

    name = "darkai"
    path = "/chat"

    def read(self, incoming: Incoming) -> ChatRequest | Refuse:
        body = incoming.body
        if body is None:
            return _unprocessable("json_invalid", ["body"], "JSON decode error", None)
        query, model = body.get("query"), body.get("model")
        if not isinstance(query, str):
            return _unprocessable("missing", ["body", "query"], "Field required", query)
        if model not in MODELS:
            expected = ", ".join(f"'{name}'" for name in MODELS[:-1]) + f" or '{MODELS[-1]}'"
            return _unprocessable("enum", ["body", "model"], f"Input should be {expected}", model)
        return ChatRequest(conversation_of(query), model, sampling_of(body))

    def writer(self, chat: ChatRequest) -> Writer:
        return DarkAIWriter(chat.prompt)

    def answer(self, refuse: Refuse) -> WholeAnswer:
        return json_answer(refuse, {"detail": refuse.message})

    def failure(self, refuse: Refuse) -> WholeAnswer:
        """Return status 200 with an error event: this server reports even a rate limit so."""
        writer = DarkAIWriter("")
        return WholeAnswer(200, writer.error(refuse), {**writer.headers, **refuse.headers})


def conversation_of(query: str) -> tuple[Message, ...]:
    """Return the messages of a text with a line `Role: content` each; a text without them is the question.

    A line that begins like a role inside a message cannot be told from one; it is read as one.
    """
    text, is_conversation = re.subn(r"\n?Assistant:\s*\Z", "", query)
    if not is_conversation:
        return (Message("user", query),)
    parts = re.split(r"^(System|User|Assistant): ", text, flags=re.MULTILINE)
    messages = tuple(
        Message(_ROLES[role], content.removesuffix("\n"))
        for role, content in zip(parts[1::2], parts[2::2], strict=True)
    )
    return messages or (Message("user", text),)


_ROLES: dict[str, Role] = {"System": "system", "User": "user", "Assistant": "assistant"}


def _unprocessable(kind: str, where: list[str], message: str, given: Any) -> Refuse:
    detail = [{"type": kind, "loc": where, "msg": message, "input": given}]
    return Refuse(
        422, message, {"Content-Type": "application/json"}, body=compact({"detail": detail}).encode()
    )


def _event(name: str, fields: Mapping[str, Any]) -> bytes:
    value = {"event": name, "data": {"event_type": name, **fields}}
    return f"data: {compact(value)}\r\n\r\n".encode()
