"""A model that says what a test expects: it plays a server of OpenAI's protocol, strictly as that has it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.serving import served

NAME = "theirs"
USAGE = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
THOUGHT = "They say hello."
CALL = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Paris"}'}}
TOO_LONG = {
    "message": "This model's maximum context length is 8 tokens.",
    "type": "invalid_request_error",
    "param": "messages",
    "code": "context_length_exceeded",
}


class Model:
    """What it was asked, by the words of the last message of a user."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.base_url = ""

    async def chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.asked.append(body)
        words = _words(body["messages"])
        if body["model"] != NAME:
            error = {"message": f"The model {body['model']} does not exist", "code": "model_not_found"}
            return web.json_response(
                {"error": {**error, "type": "invalid_request_error", "param": None}}, status=404
            )
        if "Too long" in words:
            return web.json_response({"error": TOO_LONG}, status=400)
        choices = [_choice(body, words, index) for index in range(body.get("n") or 1)]
        if not body.get("stream"):
            return web.json_response(
                {
                    "id": "c-1",
                    "object": "chat.completion",
                    "created": 1,
                    "model": NAME,
                    "choices": choices,
                    "usage": USAGE,
                }
            )
        return await self._stream(request, body, choices, breaks="Break" in words)

    async def _stream(
        self, request: web.Request, body: dict[str, Any], choices: list[Any], *, breaks: bool
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for choice in choices:
            for delta in _deltas(choice["message"]):
                await response.write(
                    _event([{"index": choice["index"], "delta": delta, "finish_reason": None}])
                )
            if breaks:
                await response.write(b'data: {"error": {"message": "fell over", "code": 500}}\n\n')
                return response
            last = {"index": choice["index"], "delta": {}, "finish_reason": choice["finish_reason"]}
            await response.write(_event([last]))
        if (body.get("stream_options") or {}).get("include_usage"):
            await response.write(_event([], usage=USAGE))
        await response.write(b"data: [DONE]\n\n")
        return response

    async def embeddings(self, request: web.Request) -> web.Response:
        body = await request.json()
        made = [
            {"object": "embedding", "index": place, "embedding": [0.5, float(len(text))]}
            for place, text in enumerate(body["input"])
        ]
        usage = {"prompt_tokens": 2, "total_tokens": 2}
        return web.json_response({"object": "list", "data": made, "model": body["model"], "usage": usage})

    async def models(self, request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": NAME, "object": "model"}]})


def _event(choices: list[Any], **more: Any) -> bytes:
    value = {
        "id": "c-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": NAME,
        "choices": choices,
        **more,
    }
    return f"data: {json.dumps(value)}\n\n".encode()


def _words(messages: list[dict[str, Any]]) -> str:
    content = next(message["content"] for message in reversed(messages) if message["role"] == "user")
    return content if isinstance(content, str) else json.dumps(content)


def _choice(body: dict[str, Any], words: str, index: int) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": _said(body, words)}
    reason = "length" if "Long" in words else "stop"
    if "Think" in words:
        message["reasoning_content"] = THOUGHT
    if "Weather" in words and body["messages"][-1]["role"] == "user" and body.get("tools"):
        message |= {"content": None, "tool_calls": [CALL]}
        reason = "tool_calls"
    choice = {"index": index, "message": message, "finish_reason": reason}
    if body.get("logprobs"):
        choice["logprobs"] = {
            "content": [{"token": "Hi", "logprob": -0.1, "bytes": None, "top_logprobs": []}]
        }
    return choice


def _said(body: dict[str, Any], words: str) -> str:
    last = body["messages"][-1]
    if last["role"] == "tool":
        return f"It is {last['content']}."
    if (body.get("response_format") or {}).get("type") == "json_schema":
        return '{"city": "Paris", "degrees": 21}'
    return "I see a picture." if "data:image/png;base64,iVBOR" in words else "Hello there"


def _deltas(message: dict[str, Any]) -> list[dict[str, Any]]:
    begin = {"role": "assistant", "content": None if message.get("tool_calls") else ""}
    if not message.get("tool_calls"):
        text = message["content"]
        thought = (
            [{"reasoning_content": message["reasoning_content"]}] if "reasoning_content" in message else []
        )
        return [begin, *thought, *({"content": text[start : start + 3]} for start in range(0, len(text), 3))]
    call = message["tool_calls"][0]
    arguments = call["function"]["arguments"]
    named = {"index": 0, **call, "function": {**call["function"], "arguments": ""}}
    pieces = [{"index": 0, "function": {"arguments": part}} for part in (arguments[:4], arguments[4:])]
    return [begin, *({"tool_calls": [one]} for one in (named, *pieces))]


@asynccontextmanager
async def running() -> AsyncIterator[Model]:
    """Serve on a free port of loopback."""
    model = Model()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", model.chat)
    app.router.add_post("/v1/embeddings", model.embeddings)
    app.router.add_get("/v1/models", model.models)
    async with served(app, shutdown_timeout=0.5) as address:
        model.base_url = f"{address}/v1"
        yield model
