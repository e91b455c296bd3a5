"""Aura and WhiteRabbitNeo: raw text, both posted to `/api/chat` and told apart by the body."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from g4f_magic.gateway.actions import Refuse
from g4f_magic.gateway.chat_request import ChatRequest
from g4f_magic.gateway.dialects.dialect import Dialect, Incoming, WholeAnswer, Writer, compact, read_messages
from g4f_magic.gateway.unsupported import sampling_of
from g4f_magic.messages import Message

_PATH = "/api/chat"
SESSION_COOKIE = "__Secure-next-auth.session-token"
_SESSION_COOKIES = (SESSION_COOKIE, "session_id")
"""Of a signed-in person: the true site's, and the one in the provider's document."""


class RawWriter(Writer):
    """Writes the text as it is. Its end is the end of the body, and it has no words for an error."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self.headers = headers

    def text(self, text: str) -> bytes:
        return text.encode()

    def bad_line(self) -> bytes:
        return b""


class DataStreamWriter(Writer):
    """Writes lines `0:"text"`, and `3:"message"` for an error."""

    headers: Mapping[str, str] = {
        "Content-Type": "text/plain; charset=utf-8",
        "X-Experimental-Stream-Data": "true",
    }

    def text(self, text: str) -> bytes:
        return f"0:{compact(text)}\n".encode()

    def bad_line(self) -> bytes:
        return b'0:"half\n'

    def error(self, refuse: Refuse) -> bytes:
        return f"3:{compact(refuse.message)}\n".encode()


class AuraDialect(Dialect):
    """What openchat.team spoke: no content type on success, an error in the reason of status 500."""

    name = "aura"
    path = _PATH
    has_frames = has_end_mark = False

    def takes(self, body: Mapping[str, Any] | None) -> bool:
        return (
            body is not None and isinstance(body.get("model"), Mapping) and {"prompt", "key"} <= body.keys()
        )

    def read(self, incoming: Incoming) -> ChatRequest | Refuse:
        body = incoming.body or {}
        messages, model = read_messages(body.get("messages")), body.get("model")
        if messages is None or not isinstance(model, Mapping):
            return Refuse(500, "Invalid request")
        system = body.get("prompt")
        before = (Message("system", system),) if isinstance(system, str) and system else ()
        given = sampling_of({"max_tokens": model.get("tokenLimit"), **body})
        return ChatRequest((*before, *messages), str(model.get("id") or ""), given)

    def writer(self, chat: ChatRequest) -> Writer:
        return RawWriter({})

    def answer(self, refuse: Refuse) -> WholeAnswer:
        headers = {"Content-Type": "text/plain;charset=UTF-8", **refuse.headers}
        return WholeAnswer(refuse.status, b"Error", headers, reason=_reason(refuse.message))

    def failure(self, refuse: Refuse) -> WholeAnswer:
        return self.answer(Refuse(500, refuse.message, refuse.headers))


class WhiteRabbitNeoDialect(Dialect):
    """What www.whiterabbitneo.com speaks: text for a signed-in person, lines of the AI SDK if `as_lines`."""

    name = "whiterabbitneo"
    path = _PATH
    has_frames = has_end_mark = False
    origin = "https://www.whiterabbitneo.com"

    def __init__(self, *, as_lines: bool = False) -> None:
        self._as_lines = as_lines

    def takes(self, body: Mapping[str, Any] | None) -> bool:
        return body is not None and "enhancePrompt" in body

    def read(self, incoming: Incoming) -> ChatRequest | Refuse:
        if not any(map(incoming.cookies.get, _SESSION_COOKIES)):
            return Refuse(401, "Unauthorized")
        body = incoming.body or {}
        messages = read_messages(body.get("messages"))
        if messages is None:
            return Refuse(400, "Bad Request")
        return ChatRequest(messages, parameters=sampling_of(body))

    def writer(self, chat: ChatRequest) -> Writer:
        if self._as_lines:
            return DataStreamWriter()
        return RawWriter({"Content-Type": "text/plain; charset=utf-8"})

    def answer(self, refuse: Refuse) -> WholeAnswer:
        headers = {"Content-Type": "text/plain;charset=UTF-8", **refuse.headers}
        return WholeAnswer(refuse.status, refuse.message.encode(), headers)


def _reason(message: str) -> str:
    """Return `message` as a status line can carry it: visible ASCII on one line."""
    kept = "".join(sign if " " <= sign <= "~" else "?" for sign in " ".join(message.split()))
    return kept[:500] or HTTPStatus.INTERNAL_SERVER_ERROR.phrase
