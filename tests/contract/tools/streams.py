"""What services stream where a model asks for functions, as each of them really does: the events of an answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

Asked = Sequence[tuple[str, dict[str, Any]]]
"""Names and arguments."""


def event(delta: dict[str, Any], reason: str | None = None, **more: Any) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return f"data: {json.dumps({'object': 'chat.completion.chunk', 'model': 'm', 'choices': [choice], **more})}\n\n"


def _cut(text: str, size: int = 4) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


def openai(asked: Asked) -> str:
    """Pieces by index; the first has id and name, and an empty text of arguments. Two calls go side by side."""
    out = [event({"role": "assistant", "content": None})]
    pieces = []
    for index, (name, arguments) in enumerate(asked):
        function = {"name": name, "arguments": ""}
        first = {"index": index, "id": f"call_{index}aB", "type": "function", "function": function}
        out.append(event({"tool_calls": [first]}))
        pieces.append([(index, one) for one in _cut(json.dumps(arguments))])
    longest = max(map(len, pieces))
    for at in range(longest):  # interleaved
        for one in pieces:
            if at < len(one):
                index, text = one[at]
                out.append(event({"tool_calls": [{"index": index, "function": {"arguments": text}}]}))
    return "".join([*out, event({}, "tool_calls"), "data: [DONE]\n\n"])


def llama_cpp(asked: Asked) -> str:
    """Pieces by index, the first with the brace that opens the arguments; then the counts in an event without a choice."""
    out = [event({"role": "assistant", "content": None})]
    for index, (name, arguments) in enumerate(asked):
        text = json.dumps(arguments)
        function = {"name": name, "arguments": text[:1]}
        first = {"index": index, "id": f"Kx{index}fRt", "type": "function", "function": function}
        out.append(event({"tool_calls": [first]}))
        out += [
            event({"tool_calls": [{"index": index, "function": {"arguments": one}}]})
            for one in _cut(text[1:], 3)
        ]
    counts = {"usage": {"prompt_tokens": 100, "completion_tokens": 10}, "choices": []}
    return "".join([*out, event({}, "tool_calls"), f"data: {json.dumps(counts)}\n\n", "data: [DONE]\n\n"])


def vllm(asked: Asked) -> str:
    """Pieces by index, the name alone first, the role in each; the reason stands beside an empty delta."""
    out = [event({"role": "assistant", "content": ""})]
    for index, (name, arguments) in enumerate(asked):
        first = {
            "index": index,
            "id": f"chatcmpl-tool-{index}0af",
            "type": "function",
            "function": {"name": name},
        }
        out.append(event({"tool_calls": [first]}))
        out += [
            event({"tool_calls": [{"index": index, "function": {"arguments": one}}]})
            for one in _cut(json.dumps(arguments), 7)
        ]
    return "".join([*out, event({"content": ""}, "tool_calls", usage=None), "data: [DONE]\n\n"])


def ollama(asked: Asked) -> str:
    """Each call whole in an event of its own, all of them with the index 0; it ends with `stop`."""
    out = []
    for number, (name, arguments) in enumerate(asked):
        function = {"name": name, "arguments": json.dumps(arguments)}
        call = {"index": 0, "id": f"call_{number}q7", "type": "function", "function": function}
        out.append(event({"role": "assistant", "content": "", "tool_calls": [call]}))
    return "".join([*out, event({"role": "assistant", "content": ""}, "stop"), "data: [DONE]\n\n"])


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
    return event({"role": "assistant", "tool_calls": calls}, "stop") + "data: [DONE]\n\n"


def anthropic(asked: Asked) -> str:
    """Words first, then pieces by index; the arguments of a function that takes none are empty."""
    out = [event({"role": "assistant", "content": "I will look."})]
    for index, (name, arguments) in enumerate(asked):
        function = {"name": name, "arguments": ""}
        first = {"index": index, "id": f"toolu_01{index}X", "type": "function", "function": function}
        out.append(event({"tool_calls": [first]}))
        out += [
            event({"tool_calls": [{"index": index, "function": {"arguments": one}}]})
            for one in (_cut(json.dumps(arguments), 5) if arguments else ())
        ]
    return "".join([*out, event({}, "tool_calls"), "data: [DONE]\n\n"])


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
            event({"tool_calls": [{"id": f"r{number}", "function": {"name": name, "arguments": one}}]})
            for one in _cut(json.dumps(arguments), 6)
        ]
    return "".join([*out, event({}, "tool_calls"), "data: [DONE]\n\n"])


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


def _pieces(*pieces: dict[str, Any]) -> str:
    return "".join(
        [*(event({"tool_calls": [one]}) for one in pieces), event({}, "tool_calls"), "data: [DONE]\n\n"]
    )


def misnumbered(asked: Asked) -> str:
    """The head of each later call has the index of the one before it, its tail its own: a hosted Ollama did that."""
    pieces = []
    for index, (name, arguments) in enumerate(asked):
        text = json.dumps(arguments)
        function = {"name": name, "arguments": text[:3]}
        pieces += [{"index": max(0, index - 1), "id": f"m{index}", "type": "function", "function": function}]
        pieces += [{"index": index, "function": {"arguments": one}} for one in _cut(text[3:])]
    return _pieces(*pieces)


def cumulative(asked: Asked) -> str:
    """In each piece all of the arguments so far."""
    return _pieces(
        *(
            {"index": index, "id": f"k{index}", "function": {"name": name, "arguments": text[:at]}}
            for index, (name, text) in enumerate((name, json.dumps(one)) for name, one in asked)
            for at in range(2, len(text) + 1)
        )
    )


def repeated(asked: Asked) -> str:
    """All of each call once more at its end."""
    pieces = []
    for index, (name, arguments) in enumerate(asked):
        text = json.dumps(arguments)
        head = {"index": index, "id": f"e{index}", "type": "function"}
        pieces += [{**head, "function": {"name": name, "arguments": ""}}]
        pieces += [{"index": index, "function": {"arguments": one}} for one in _cut(text, 5)]
        pieces += [{**head, "function": {"name": name, "arguments": text}}]
    return _pieces(*pieces)


def begun_empty(asked: Asked) -> str:
    """An empty object first, then the arguments."""
    pieces = []
    for index, (name, arguments) in enumerate(asked):
        function = {"name": name, "arguments": "{}"}
        pieces += [{"index": index, "id": f"b{index}", "type": "function", "function": function}]
        if arguments:
            pieces += [{"index": index, "function": {"arguments": json.dumps(arguments)}}]
    return _pieces(*pieces)


def twice_encoded(asked: Asked) -> str:
    """The object as a text within JSON."""
    return _pieces(
        *(
            {
                "index": index,
                "id": f"t{index}",
                "function": {"name": name, "arguments": json.dumps(json.dumps(one))},
            }
            for index, (name, one) in enumerate(asked)
        )
    )


def empty_heads(asked: Asked) -> str:
    """Pieces whose type, id and name are empty texts: Volcengine."""
    pieces = []
    for index, (name, arguments) in enumerate(asked):
        pieces += [{"index": index, "id": f"v{index}", "type": "function", "function": {"name": name}}]
        for one in _cut(json.dumps(arguments)):
            pieces += [{"index": index, "id": "", "type": "", "function": {"name": "", "arguments": one}}]
    return _pieces(*pieces)


def namespaced(asked: Asked) -> str:
    """Names as models write them in their own tokens: Kimi, Gemini, gpt-oss."""
    forms = ("functions.{}:0", "default_api:{}", "{}<|channel|>commentary")
    return openai([(forms[at % 3].format(name), one) for at, (name, one) in enumerate(asked)])


def older(asked: Asked) -> str:
    """One call, in the field of the protocol before."""
    name, arguments = asked[0]
    pieces = [{"name": name, "arguments": ""}, *({"arguments": one} for one in _cut(json.dumps(arguments)))]
    calls = "".join(event({"function_call": one}) for one in pieces)
    return calls + event({}, "function_call") + "data: [DONE]\n\n"


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
    "numbered in two ways": misnumbered,
    "all so far in each piece": cumulative,
    "all once more at the end": repeated,
    "an empty object first": begun_empty,
    "encoded twice": twice_encoded,
    "empty heads": empty_heads,
    "names of models' own": namespaced,
}


def words(text: str) -> str:
    """Return an answer of words."""
    return event({"content": text}) + event({}, "stop") + "data: [DONE]\n\n"
