"""A chat completion's request as one of OpenAI's Responses API, and where that API is wanted. No I/O.

Some models of a service answer by the newer API alone, or only there where functions are offered. A service says so
when it is asked by the older one; that is remembered for its address and the model as long as the process lives.
Nothing is stored at the service.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from g4f_magic.wire.refused_interfaces import RESPONSES_API

_MOST_KNOWN = 256
_READ = frozenset(
    {"messages", "tools", "tool_choice", "functions", "function_call", "response_format", "verbosity"}
    | {
        "reasoning_effort",
        "reasoning",
        "max_tokens",
        "max_completion_tokens",
        "stream_options",
        "text",
        "include",
    }
)
_SEALED = "reasoning.encrypted_content"
THOUGHTS = "reasoning_items"
"""In the extra of a call: the thoughts that the service wants back with it."""

_wanted: dict[tuple[str, str, bool], None] = {}


def is_wanted(url: str, body: Mapping[str, Any]) -> bool:
    """Say whether the server at `url` said that it answers such a request by the newer API."""
    return _place(url, body) in _wanted


def remember(url: str, body: Mapping[str, Any]) -> None:
    """Keep in mind that it does; the oldest are forgotten."""
    _wanted[_place(url, body)] = None
    if len(_wanted) > _MOST_KNOWN:
        del _wanted[next(iter(_wanted))]


def forget(url: str, body: Mapping[str, Any]) -> None:
    """Take it that it does not."""
    _wanted.pop(_place(url, body), None)


def is_asked_for(interface: str) -> bool:
    """Say whether what a service wants to be asked by, as `Diagnosis.interface` names it, is this API."""
    return interface == RESPONSES_API


def responses_body(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body that asks for the same; what this API does not have stays, for the service to refuse by its name."""
    tools = [_tool(one) for one in _objects(body.get("tools"))]
    made = {name: value for name, value in body.items() if name not in _READ}
    made |= {"input": list(_items(body["messages"])), "store": False}
    limit = body.get("max_completion_tokens", body.get("max_tokens"))
    if limit is not None:
        made["max_output_tokens"] = limit
    if tools:
        made |= {"tools": tools, "include": [*body.get("include", ()), _SEALED]}
    elif "include" in body:
        made["include"] = body["include"]
    if (choice := body.get("tool_choice")) is not None:
        named = choice.get("function") if isinstance(choice, Mapping) else None
        made["tool_choice"] = {"type": "function", **named} if isinstance(named, Mapping) else choice
    if text := _text_of(body):
        made["text"] = text
    effort = {"effort": body["reasoning_effort"]} if body.get("reasoning_effort") is not None else {}
    if reasoning := {**effort, **_object(body.get("reasoning"))}:
        made["reasoning"] = reasoning
    return made


def _place(url: str, body: Mapping[str, Any]) -> tuple[str, str, bool]:
    return url, str(body.get("model", "")), bool(body.get("tools"))


def _text_of(body: Mapping[str, Any]) -> dict[str, Any]:
    text = dict(_object(body.get("text")))
    if body.get("verbosity") is not None:
        text["verbosity"] = body["verbosity"]
    wanted = body.get("response_format")
    if isinstance(wanted, Mapping):
        text["format"] = {"type": wanted.get("type"), **_object(wanted.get("json_schema"))}
    return text


def _tool(one: Mapping[str, Any]) -> dict[str, Any]:
    function = one.get("function")
    # Where nothing is said this API holds a model to the schema, which then has to be of a narrower kind.
    return {"type": "function", "strict": False, **function} if isinstance(function, Mapping) else dict(one)


def _items(messages: list[dict[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for message in messages:
        role, content = message.get("role"), message.get("content")
        if role == "tool":
            yield {
                "type": "function_call_output",
                "call_id": message.get("tool_call_id"),
                "output": _content(content),
            }
            continue
        if content:
            yield {"role": role, "content": content if role == "assistant" else _content(content)}
        for call in _objects(message.get("tool_calls")):
            yield from _objects(_object(call.get("extra_content")).get(THOUGHTS))
            function = _object(call.get("function"))
            called = {"name": function.get("name"), "arguments": function.get("arguments", "{}")}
            yield {"type": "function_call", "call_id": call.get("id"), **called}


def _content(content: Any) -> Any:
    return [_part(one) for one in _objects(content)] if isinstance(content, list) else content


def _part(part: Mapping[str, Any]) -> dict[str, Any]:
    match part.get("type"):
        case "text":
            return {"type": "input_text", "text": part.get("text")}
        case "image_url":
            image = _object(part.get("image_url"))
            detail = {"detail": image["detail"]} if "detail" in image else {}
            return {"type": "input_image", "image_url": image.get("url"), **detail}
        case "file":
            return {"type": "input_file", **_object(part.get("file"))}
        case _:
            return dict(part)


def told_back(thoughts: list[dict[str, Any]], most_characters: int) -> str:
    """Return thoughts as the extra of a call; empty for none, or for more than `most_characters` of them."""
    extra = json.dumps({THOUGHTS: thoughts}) if thoughts else ""
    return extra if len(extra) <= most_characters else ""


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
