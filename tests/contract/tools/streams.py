"""What services stream where a model asks for functions, as each of them really does: the events of an answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

Asked = Sequence[tuple[str, dict[str, Any]]]
"""Names and arguments."""


def _event(delta: dict[str, Any], reason: str | None = None, **more: Any) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return f"data: {json.dumps({'object': 'chat.completion.chunk', 'model': 'm', 'choices': [choice], **more})}\n\n"


def _cut(text: str, size: int = 4) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


def openai(asked: Asked) -> str:
    """Pieces by index; the first has id and name, and an empty text of arguments. Two calls go side by side."""
    out = [_event({"role": "assistant", "content": None})]
    pieces = []
    for index, (name, arguments) in enumerate(asked):
        function = {"name": name, "arguments": ""}
        first = {"index": index, "id": f"call_{index}aB", "type": "function", "function": function}
        out.append(_event({"tool_calls": [first]}))
        pieces.append([(index, one) for one in _cut(json.dumps(arguments))])
    longest = max(map(len, pieces))
    for at in range(longest):  # interleaved
        for one in pieces:
            if at < len(one):
                index, text = one[at]
                out.append(_event({"tool_calls": [{"index": index, "function": {"arguments": text}}]}))
    return "".join([*out, _event({}, "tool_calls"), "data: [DONE]\n\n"])


def llama_cpp(asked: Asked) -> str:
    """Pieces by index, the first with the brace that opens the arguments; then the counts in an event without a choice."""
    out = [_event({"role": "assistant", "content": None})]
    for index, (name, arguments) in enumerate(asked):
        text = json.dumps(arguments)
        function = {"name": name, "arguments": text[:1]}
        first = {"index": index, "id": f"Kx{index}fRt", "type": "function", "function": function}
        out.append(_event({"tool_calls": [first]}))
        out += [
            _event({"tool_calls": [{"index": index, "function": {"arguments": one}}]})
            for one in _cut(text[1:], 3)
        ]
    counts = {"usage": {"prompt_tokens": 100, "completion_tokens": 10}, "choices": []}
    return "".join([*out, _event({}, "tool_calls"), f"data: {json.dumps(counts)}\n\n", "data: [DONE]\n\n"])


def vllm(asked: Asked) -> str:
    """Pieces by index, the name alone first, the role in each; the reason stands beside an empty delta."""
    out = [_event({"role": "assistant", "content": ""})]
    for index, (name, arguments) in enumerate(asked):
        first = {
            "index": index,
            "id": f"chatcmpl-tool-{index}0af",
            "type": "function",
            "function": {"name": name},
        }
        out.append(_event({"tool_calls": [first]}))
        out += [
            _event({"tool_calls": [{"index": index, "function": {"arguments": one}}]})
            for one in _cut(json.dumps(arguments), 7)
        ]
    return "".join([*out, _event({"content": ""}, "tool_calls", usage=None), "data: [DONE]\n\n"])


def ollama(asked: Asked) -> str:
    """Each call whole in an event of its own, all of them with the index 0; it ends with `stop`."""
    out = []
    for number, (name, arguments) in enumerate(asked):
        function = {"name": name, "arguments": json.dumps(arguments)}
        call = {"index": 0, "id": f"call_{number}q7", "type": "function", "function": function}
        out.append(_event({"role": "assistant", "content": "", "tool_calls": [call]}))
    return "".join([*out, _event({"role": "assistant", "content": ""}, "stop"), "data: [DONE]\n\n"])


def gemini(asked: Asked) -> str:
    """All calls whole in one event, without an index, their ids empty, with a signature to be sent back; it ends with `stop`."""
    calls = [
        {
            "function": {"arguments": json.dumps(arguments), "name": name},
            "id": "",
            "type": "function",
            "extra_content": {"google": {"thought_signature": f"sig{number}"}},
        }
        for number, (name, arguments) in enumerate(asked)
    ]
    return _event({"role": "assistant", "tool_calls": calls}, "stop") + "data: [DONE]\n\n"


def anthropic(asked: Asked) -> str:
    """Words first, then pieces by index; the arguments of a function that takes none are empty."""
    out = [_event({"role": "assistant", "content": "I will look."})]
    for index, (name, arguments) in enumerate(asked):
        function = {"name": name, "arguments": ""}
        first = {"index": index, "id": f"toolu_01{index}X", "type": "function", "function": function}
        out.append(_event({"tool_calls": [first]}))
        out += [
            _event({"tool_calls": [{"index": index, "function": {"arguments": one}}]})
            for one in (_cut(json.dumps(arguments), 5) if arguments else ())
        ]
    return "".join([*out, _event({}, "tool_calls"), "data: [DONE]\n\n"])


def native(asked: Asked) -> str:
    """Return Ollama's own lines: an object in place of JSON, no ids at all."""
    calls = [{"function": {"name": name, "arguments": arguments}} for name, arguments in asked]
    said = {"model": "m", "message": {"role": "assistant", "content": "", "tool_calls": calls}, "done": False}
    end = {"model": "m", "message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop"}
    return f"{json.dumps(said)}\n{json.dumps(end)}\n"


def repeating(asked: Asked) -> str:
    """Name and id with every piece, no index: proxies do that."""
    out = []
    for number, (name, arguments) in enumerate(asked):
        out += [
            _event({"tool_calls": [{"id": f"r{number}", "function": {"name": name, "arguments": one}}]})
            for one in _cut(json.dumps(arguments), 6)
        ]
    return "".join([*out, _event({}, "tool_calls"), "data: [DONE]\n\n"])


def whole(asked: Asked) -> str:
    """Return one body and no stream."""
    calls = [
        {
            "id": f"w{number}",
            "type": "function",
            "function": {"name": name, "arguments": json.dumps(arguments)},
        }
        for number, (name, arguments) in enumerate(asked)
    ]
    message = {"role": "assistant", "content": None, "tool_calls": calls}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    return json.dumps({"object": "chat.completion", "model": "m", "choices": [choice]})


SERVICES = {
    "openai": openai,
    "llama.cpp": llama_cpp,
    "vllm": vllm,
    "ollama": ollama,
    "gemini": gemini,
    "anthropic": anthropic,
    "ollama's own": native,
    "a proxy that repeats": repeating,
    "whole": whole,
}


def words(text: str) -> str:
    """Return an answer of words."""
    return _event({"content": text}) + _event({}, "stop") + "data: [DONE]\n\n"
