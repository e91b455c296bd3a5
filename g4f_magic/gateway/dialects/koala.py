"""Koala: server-sent events whose data is a JSON string of text (or an object that holds it)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

from g4f_magic.gateway.actions import Refuse
from g4f_magic.gateway.chat_request import ChatRequest
from g4f_magic.gateway.dialects.dialect import Dialect, Incoming, Writer, compact
from g4f_magic.gateway.unsupported import sampling_of
from g4f_magic.messages import Message, Role


class KoalaWriter(Writer):
    """Writes `data: "text"`; with `as_objects`, `data: {"text": "text"}`."""

    headers: Mapping[str, str] = {
        "Content-Type": "text/event-stream; charset=utf-8",
        "Cache-Control": "no-cache, no-transform",
    }

    def __init__(self, *, as_objects: bool = False) -> None:
        self._as_objects = as_objects

    def text(self, text: str) -> bytes:
        return _event({"text": text} if self._as_objects else text)

    def error(self, refuse: Refuse) -> bytes:
        return _event({"error": refuse.message})


class KoalaDialect(Dialect):
    """What koala.sh spoke."""

    name = "koala"
    path = "/api/gpt/"
    origin = "https://koala.sh"
    has_end_mark = False

    def __init__(self, *, as_objects: bool = False) -> None:
        self._as_objects = as_objects

    def read(self, incoming: Incoming) -> ChatRequest | Refuse:
        body = incoming.body
        if body is None or not isinstance(body.get("input"), str):
            return Refuse(400, "input is required")
        asked, answered = _texts(body.get("inputHistory")), _texts(body.get("outputHistory"))
        messages = [
            Message(role, text)
            for pair in zip_longest(asked, answered)
            for role, text in zip(_ROLES, pair, strict=True)
            if text is not None
        ]
        question = Message("user", body["input"])
        return ChatRequest((*messages, question), str(body.get("model") or ""), sampling_of(body))

    def writer(self, chat: ChatRequest) -> Writer:
        return KoalaWriter(as_objects=self._as_objects)


_ROLES: tuple[Role, Role] = ("user", "assistant")


def _texts(value: Any) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def _event(value: Any) -> bytes:
    return f"data: {compact(value)}\n\n".encode()
