"""What a model may call, as a chat completion offers it, and what it called, as the Responses API says it. No I/O.

Servers other than OpenAI's own know functions alone. A custom tool, which takes a text in place of JSON, is offered as a function
with one parameter, and a function of a namespace by both names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from g4f_magic.gateway.dialects.responses.refused import not_taken, unsupported, wrong_type

_NO_HOSTED = "The gateway runs no tools of its own: it offers the model functions, which the client runs. Turn this tool off in the client."
_INPUT = "input"
"""The parameter of a custom tool's function."""


def tools_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return `tools`, `tool_choice` and `parallel_tool_calls` of a chat completion.

    Raises:
        RefusedError: a tool is none that a client runs, or the choice is of none of them.
    """
    given = body.get("tools") or []
    if not isinstance(given, list):
        raise wrong_type("tools", "a list of tools", given)
    tools = [tool for place, one in enumerate(given) for tool in _offered(one, f"tools[{place}]")]
    choice = body.get("tool_choice")
    if isinstance(choice, Mapping) and choice.get("type") == "allowed_tools":
        named = [called(one) for one in _objects(choice.get("tools"))]
        tools, choice = [one for one in tools if one["function"]["name"] in named], choice.get("mode")
    choice = _choice(choice)
    if tools:
        alone = {"parallel_tool_calls": False} if body.get("parallel_tool_calls") is False else {}
        return {"tools": tools, **({} if choice is None else {"tool_choice": choice}), **alone}
    if choice not in (None, "auto", "none"):
        raise not_taken("tool_choice", "There is no tool to choose.")
    return {}


def called(item: Mapping[str, Any]) -> str:
    """Return the name by which a chat completion has a tool that is named in an item, with its namespace if it has one."""
    name, space = item.get("name"), item.get("namespace")
    return f"{space}__{name}" if isinstance(space, str) and space else str(name)


class Calls:
    """Tells the calls of a reply as those of the tools that its request offers."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._spaces: dict[str, dict[str, str]] = {}
        self._custom: set[str] = set()
        for tool in _objects(body.get("tools")):
            space = tool.get("name") if tool.get("type") == "namespace" else None
            for one in [tool] if space is None else _objects(tool.get("tools")):
                name = called({**one, "namespace": space})
                if one.get("type") == "custom":
                    self._custom.add(name)
                if space is not None:
                    self._spaces[name] = {"name": one["name"], "namespace": space}

    def item_of(self, name: str, arguments: str) -> dict[str, Any]:
        """Return what an item says of a call: its type, whose it is, and what it is called with."""
        named = self._spaces.get(name, {"name": name})
        if name in self._custom:
            return {"type": "custom_tool_call", **named, "input": _input_in(arguments)}
        return {"type": "function_call", **named, "arguments": arguments}


def arguments_of_input(text: str) -> str:
    """Return the arguments of the function that stands for a custom tool."""
    return json.dumps({_INPUT: text}, ensure_ascii=False)


def _input_in(arguments: str) -> str:
    try:
        given = json.loads(arguments)[_INPUT]
    except (ValueError, LookupError, TypeError, RecursionError):
        return arguments
    return given if isinstance(given, str) else arguments


def _offered(one: Any, where: str, space: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
    if not isinstance(one, Mapping):
        raise wrong_type(where, "an object", one)
    kind, name = one.get("type"), one.get("name")
    if kind not in ("function", "custom", "namespace") or (kind == "namespace" and space):
        raise unsupported(f"{where}.type", kind, _NO_HOSTED)
    if not isinstance(name, str):
        raise wrong_type(f"{where}.name", "a text", name)
    if kind == "namespace":
        if not isinstance(one.get("tools"), list):
            raise wrong_type(f"{where}.tools", "a list of tools", one.get("tools"))
        for place, inner in enumerate(one["tools"]):
            yield from _offered(inner, f"{where}.tools[{place}]", one)
        return
    function = {
        name: one[name] for name in ("description", "parameters", "strict") if one.get(name) is not None
    }
    if kind == "custom":
        function["parameters"] = _one_text(one.get("format"))
    if space:
        function["description"] = "\n".join(filter(None, (space.get("description"), one.get("description"))))
    named = called({"name": name, "namespace": space and space["name"]})
    yield {"type": "function", "function": {"name": named, **function}}


def _one_text(form: Any) -> dict[str, Any]:
    text = {"type": "string"}
    if isinstance(form, Mapping) and isinstance(form.get("definition"), str):
        text["description"] = f"Of this grammar ({form.get('syntax')}):\n{form['definition']}"
    return {
        "type": "object",
        "properties": {_INPUT: text},
        "required": [_INPUT],
        "additionalProperties": False,
    }


def _choice(choice: Any) -> Any:
    """Return the choice of one of them, or of any, as a chat completion says it."""
    match choice:
        case None | "auto" | "none" | "required":
            return choice
        case {"type": "function" | "custom", "name": str()}:
            return {"type": "function", "function": {"name": called(choice)}}
        case {"type": kind}:
            raise unsupported("tool_choice.type", kind, _NO_HOSTED)
        case _:
            raise unsupported(
                "tool_choice", choice, "There are auto, none, required, and a function by its name."
            )


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
