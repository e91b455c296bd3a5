"""OpenAI's chat completions, streaming and whole."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Mapping
from typing import Any

from g4f_magic.carried_back import fields_of
from g4f_magic.chunks import Finish, ToolCall
from g4f_magic.endings import openai_name
from g4f_magic.gateway.actions import Refuse
from g4f_magic.gateway.chat_request import ChatRequest
from g4f_magic.gateway.dialects.dialect import (
    Dialect,
    Incoming,
    WholeAnswer,
    Writer,
    compact,
    read_messages,
)
from g4f_magic.gateway.dialects.refusals import NO_JSON, error_answer, error_body, wanted
from g4f_magic.gateway.dialects.relayed import RelayedStream, RelayedWhole
from g4f_magic.gateway.unsupported import sampling_of
from g4f_magic.messages import Usage

_DONE = b"data: [DONE]\n\n"


class _Writer(Writer):
    """What both forms of a reply know of it."""

    def __init__(self, kind: str, model: str) -> None:
        self._shared = _identity(kind, model)
        self._usage: Usage | None = None

    def named(self, model: str) -> bytes:
        self._shared["model"] = model
        return b""

    def usage(self, usage: Usage) -> bytes:
        self._usage = usage
        return b""


class StreamWriter(_Writer):
    """Writes `chat.completion.chunk` events and `[DONE]`."""

    headers: Mapping[str, str] = {
        "Content-Type": "text/event-stream; charset=utf-8",
        "Cache-Control": "no-cache",
    }

    def __init__(self, model: str, *, includes_usage: bool) -> None:
        super().__init__("chat.completion.chunk", model)
        self._includes_usage = includes_usage
        self._relay: RelayedStream | None = None
        self._calls = 0

    def begin(self) -> bytes:
        return b"" if self._relay else self._chunk({"role": "assistant", "content": ""})

    def relayed(self, value: Mapping[str, Any]) -> bytes:
        if self._relay is None:
            self._relay = RelayedStream(self._shared, includes_usage=self._includes_usage)
        event = self._relay.event(value)
        return b"" if event is None else _event(event)

    def text(self, text: str) -> bytes:
        return self._chunk({"content": text})

    def reasoning(self, text: str) -> bytes:
        return self._chunk({"reasoning_content": text})

    def call(self, call: ToolCall) -> bytes:
        said = self._chunk({"tool_calls": [{"index": self._calls, **_call(call)}]})
        self._calls += 1
        return said

    def end(self, finish: Finish) -> bytes:
        if self._relay:
            return _DONE
        last = self._chunk({}, openai_name(finish.reason))
        if self._includes_usage:
            last += _event({**self._shared, "choices": [], "usage": _counts(self._usage)})
        return last + _DONE

    def ping(self) -> bytes:
        return b": ping\n\n"

    def error(self, refuse: Refuse) -> bytes:
        return _event(error_body(refuse))

    def _chunk(self, delta: Mapping[str, Any], reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return _event({**self._shared, "choices": [choice]})


class WholeWriter(_Writer):
    """Writes one `chat.completion` at the end."""

    headers: Mapping[str, str] = {"Content-Type": "application/json"}

    def __init__(self, model: str) -> None:
        super().__init__("chat.completion", model)
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._calls: list[dict[str, Any]] = []
        self._relay: RelayedWhole | None = None

    def relayed(self, value: Mapping[str, Any]) -> bytes:
        self._relay = self._relay or RelayedWhole(self._shared)
        self._relay.add(value)
        return b""

    def text(self, text: str) -> bytes:
        self._text.append(text)
        return b""

    def reasoning(self, text: str) -> bytes:
        self._reasoning.append(text)
        return b""

    def call(self, call: ToolCall) -> bytes:
        self._calls.append(_call(call))
        return b""

    def rethought(self) -> bytes:
        self._reasoning += self._text
        self._text = []
        return b""

    def end(self, finish: Finish) -> bytes:
        if self._relay:
            return compact(self._relay.completion()).encode()
        message: dict[str, Any] = {"role": "assistant", "content": "".join(self._text)}
        if self._reasoning:
            message["reasoning_content"] = "".join(self._reasoning)
        if self._calls:
            message["tool_calls"] = self._calls
        choice = {"index": 0, "message": message, "finish_reason": openai_name(finish.reason)}
        return compact({**self._shared, "choices": [choice], "usage": _counts(self._usage)}).encode()

    def bad_line(self) -> bytes:
        return b'{"half": '


class OpenAIDialect(Dialect):
    """`/v1/chat/completions`."""

    name = "openai"
    path = "/v1/chat/completions"
    is_openai = True

    def read(self, incoming: Incoming) -> ChatRequest | Refuse:
        body = incoming.body
        if body is None:
            return NO_JSON
        messages = read_messages(body.get("messages"))
        if messages is None:
            return wanted(body, "messages", "a list of messages with a role, at least one")
        model = body.get("model")
        if not isinstance(model, str):
            return wanted(body, "model", "the name of a model; empty for the gateway's own")
        parameters = {
            **sampling_of(body),
            "stream": bool(body.get("stream")),
            "include_usage": _asks_usage(body),
        }
        return ChatRequest(messages, model, parameters, is_binding=True, body=body)

    def writer(self, chat: ChatRequest) -> Writer:
        if not chat.parameters["stream"]:
            return WholeWriter(chat.model)
        return StreamWriter(chat.model, includes_usage=bool(chat.parameters["include_usage"]))

    def answer(self, refuse: Refuse) -> WholeAnswer:
        return error_answer(refuse)


def _asks_usage(body: Mapping[str, Any]) -> bool:
    options = body.get("stream_options")
    return isinstance(options, Mapping) and bool(options.get("include_usage"))


def model_object(name: str) -> dict[str, Any]:
    """Return the body of `/v1/models/NAME`."""
    return {"id": name, "object": "model", "created": 0, "owned_by": "g4f_magic"}


def model_list(names: Iterable[str]) -> dict[str, Any]:
    """Return the body of `/v1/models`."""
    return {"object": "list", "data": [model_object(name) for name in names]}


def _identity(kind: str, model: str) -> dict[str, Any]:
    name = f"chatcmpl-{secrets.token_hex(12)}"
    return {"id": name, "object": kind, "created": int(time.time()), "model": model}


def _counts(usage: Usage | None) -> dict[str, Any] | None:
    if usage is None:
        return None
    asked, said = usage.prompt_tokens or 0, usage.completion_tokens or 0
    counts: dict[str, Any] = {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}
    if usage.cached_tokens is not None:
        counts["prompt_tokens_details"] = {"cached_tokens": usage.cached_tokens}
    if usage.reasoning_tokens is not None:
        counts["completion_tokens_details"] = {"reasoning_tokens": usage.reasoning_tokens}
    return counts


def _call(call: ToolCall) -> dict[str, Any]:
    """Return a call, with what the service wants back with it."""
    _, extra = fields_of(call.extra, "")
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function, **extra}


def _event(value: Any) -> bytes:
    return f"data: {compact(value)}\n\n".encode()
