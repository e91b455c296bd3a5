"""OpenAI's chat completions, streaming and whole, and FreeNetfly, which speaks the same with a door before it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from typing import Any

from g4f_magic.chunks import Finish
from g4f_magic.gateway.ask import Ask
from g4f_magic.gateway.dialects.base import (
    Answer,
    Dialect,
    Incoming,
    Writer,
    compact,
    json_answer,
    read_messages,
)
from g4f_magic.gateway.moves import Refuse
from g4f_magic.messages import Usage

_PARAMETERS = ("temperature", "top_p", "max_tokens", "presence_penalty", "frequency_penalty", "stop", "seed")


class StreamWriter(Writer):
    """Writes `chat.completion.chunk` events and `[DONE]`."""

    headers: Mapping[str, str] = {
        "Content-Type": "text/event-stream; charset=utf-8",
        "Cache-Control": "no-cache",
    }

    def __init__(self, model: str, *, includes_usage: bool) -> None:
        self._shared = _identity("chat.completion.chunk", model)
        self._includes_usage = includes_usage
        self._usage: Usage | None = None

    def begin(self) -> bytes:
        return self._chunk({"role": "assistant", "content": ""})

    def text(self, text: str) -> bytes:
        return self._chunk({"content": text})

    def reasoning(self, text: str) -> bytes:
        return self._chunk({"reasoning_content": text})

    def usage(self, usage: Usage) -> bytes:
        self._usage = usage
        return b""

    def end(self, finish: Finish) -> bytes:
        last = self._chunk({}, finish.reason or "stop")
        if self._includes_usage:
            last += _event({**self._shared, "choices": [], "usage": _counts(self._usage)})
        return last + b"data: [DONE]\n\n"

    def error(self, message: str) -> bytes:
        return _event(_error_body(message, "server_error"))

    def _chunk(self, delta: Mapping[str, Any], reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return _event({**self._shared, "choices": [choice]})


class WholeWriter(Writer):
    """Writes one `chat.completion` at the end."""

    headers: Mapping[str, str] = {"Content-Type": "application/json"}

    def __init__(self, model: str) -> None:
        self._model = model
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._usage: Usage | None = None

    def text(self, text: str) -> bytes:
        self._text.append(text)
        return b""

    def reasoning(self, text: str) -> bytes:
        self._reasoning.append(text)
        return b""

    def usage(self, usage: Usage) -> bytes:
        self._usage = usage
        return b""

    def end(self, finish: Finish) -> bytes:
        message = {"role": "assistant", "content": "".join(self._text)}
        if self._reasoning:
            message["reasoning_content"] = "".join(self._reasoning)
        choice = {"index": 0, "message": message, "finish_reason": finish.reason or "stop"}
        body = {**_identity("chat.completion", self._model), "choices": [choice]}
        return compact({**body, "usage": _counts(self._usage)}).encode()

    def bad_line(self) -> bytes:
        return b'{"half": '


class OpenAIDialect(Dialect):
    """`/v1/chat/completions`."""

    name = "openai"

    def read(self, incoming: Incoming) -> Ask | Refuse:
        body = incoming.body
        if body is None:
            return Refuse(400, "the body is not a JSON object")
        messages = read_messages(body.get("messages"))
        if messages is None:
            return Refuse(400, "'messages' must be a list of messages with a role, at least one")
        model = body.get("model")
        if not isinstance(model, str):
            return Refuse(400, "'model' is required")
        known = {name: body[name] for name in _PARAMETERS if body.get(name) is not None}
        return Ask(messages, model, {**known, **self._form(body)})

    def writer(self, ask: Ask) -> Writer:
        if not ask.parameters["stream"]:
            return WholeWriter(ask.model)
        return StreamWriter(ask.model, includes_usage=bool(ask.parameters["include_usage"]))

    def answer(self, refuse: Refuse) -> Answer:
        kind = _ERROR_KINDS.get(refuse.status, "server_error" if refuse.status >= 500 else None)
        return json_answer(refuse, _error_body(refuse.message, kind or "invalid_request_error"))

    def _form(self, body: Mapping[str, Any]) -> dict[str, bool]:
        options = body.get("stream_options")
        includes_usage = isinstance(options, Mapping) and bool(options.get("include_usage"))
        return {"stream": bool(body.get("stream")), "include_usage": includes_usage}


class FreeNetflyDialect(OpenAIDialect):
    """What free.netfly.top spoke: OpenAI's chunks, usage always, and 401 in a form of its own."""

    name = "freenetfly"

    def __init__(self, *, needs_code: bool = False) -> None:
        self._needs_code = needs_code

    def read(self, incoming: Incoming) -> Ask | Refuse:
        code = incoming.headers.get("authorization", "").removeprefix("Bearer ")
        if self._needs_code and not code.startswith("nk-"):
            return Refuse(401, "please go login" if not code else "wrong access code")
        return OpenAIDialect.read(self, incoming)

    def answer(self, refuse: Refuse) -> Answer:
        if refuse.status in (401, 403):
            return json_answer(refuse, {"error": True, "msg": refuse.message})
        return OpenAIDialect.answer(self, refuse)

    def _form(self, body: Mapping[str, Any]) -> dict[str, bool]:
        return {"stream": bool(body.get("stream")), "include_usage": True}


_ERROR_KINDS = {
    401: "authentication_error",
    402: "insufficient_quota",
    403: "permission_error",
    429: "rate_limit_error",
}


def model_list(names: list[str]) -> dict[str, Any]:
    """Return the body of `/v1/models`."""
    data = [{"id": name, "object": "model", "created": 0, "owned_by": "g4f_magic"} for name in names]
    return {"object": "list", "data": data}


def _error_body(message: str, kind: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": None, "code": None}}


def _identity(kind: str, model: str) -> dict[str, Any]:
    name = f"chatcmpl-{secrets.token_hex(12)}"
    return {"id": name, "object": kind, "created": int(time.time()), "model": model}


def _counts(usage: Usage | None) -> dict[str, int] | None:
    if usage is None:
        return None
    asked, said = usage.prompt_tokens or 0, usage.completion_tokens or 0
    return {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}


def _event(value: Any) -> bytes:
    return f"data: {compact(value)}\n\n".encode()
