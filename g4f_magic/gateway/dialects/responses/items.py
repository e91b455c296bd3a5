"""The items of a conversation as the messages of a chat completion. No I/O.

A model's message, the calls beside it and its thoughts are items of their own; in a chat completion they are one message.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from g4f_magic.carried_back import fields_of
from g4f_magic.gateway.actions import Refuse
from g4f_magic.gateway.dialects.responses.kept import Item, KeptResponses
from g4f_magic.gateway.dialects.responses.refused import RefusedError, shown, unsupported, wrong_type
from g4f_magic.gateway.dialects.responses.tools import arguments_of_input, called

_SYSTEM = ("system", "developer")
"""Roles of those who write the program: any server knows the first one."""
_TEXTS = ("input_text", "output_text", "text", "refusal", "summary_text", "reasoning_text")
_PARAGRAPH = "\n\n"
_NO_FILES = "The gateway keeps no files: send the data itself."


def items_of(body: Mapping[str, Any], kept: KeptResponses) -> list[Item]:
    """Return the items that a request adds, with those that it refers to in their places.

    Raises:
        RefusedError: there are none, or one is not kept.
    """
    given = body.get("input")
    if isinstance(given, str):
        return [{"type": "message", "role": "user", "content": given}]
    if given is None and body.get("previous_response_id"):
        return []
    if not isinstance(given, list) or not given:
        raise wrong_type("input", "a text, or a list of items, at least one", given)
    return [_found(item, f"input[{place}]", kept) for place, item in enumerate(given)]


def _found(item: Any, where: str, kept: KeptResponses) -> Item:
    if not isinstance(item, Mapping):
        raise wrong_type(where, "an object", item)
    identity = item.get("id")
    is_reference = item.get("type") == "item_reference" or item.keys() == {"id"}
    if not is_reference:
        return item
    found = kept.item(identity) if isinstance(identity, str) else None
    if found is None:
        message = (
            f"Item with id {shown(identity)} not found. The gateway keeps what the newest responses said, in memory, "
            "unless 'store' is false. Send the item itself."
        )
        raise RefusedError(Refuse(404, message, param=where, code="item_not_found"))
    return found


def messages_of(items: Sequence[Item], instructions: str = "") -> list[dict[str, Any]]:
    """Return the messages of a conversation, oldest first.

    Raises:
        RefusedError: one is no item, or of a kind that a chat completion has nothing for.
    """
    reading = _Reading()
    if instructions:
        reading.take({"role": "system", "content": instructions}, "instructions")
    for place, item in enumerate(items):
        reading.take(item, f"input[{place}]")
    return reading.messages


class _Reading:
    """The messages so far."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self._calls: set[str] = set()
        self._assistant: dict[str, Any] | None = None
        """The model's message that calls beside it are put to."""
        self._thoughts: list[str] = []
        self._back = ""
        """What the service wants back with the next call."""

    def take(self, item: Item, where: str) -> None:
        match item.get("type") or "message":
            case "message":
                self._message(item, where)
            case "function_call":
                self._call(item, _text(item, "arguments", where), where)
            case "custom_tool_call":
                self._call(item, arguments_of_input(_text(item, "input", where)), where)
            case "function_call_output" | "custom_tool_call_output":
                self._result(item, where)
            case "reasoning":
                self._thought(item)
            case kind:
                raise unsupported(
                    f"{where}.type",
                    kind,
                    "The gateway carries messages, calls of functions and their results.",
                )

    def _message(self, item: Item, where: str) -> None:
        role = item.get("role")
        between = {"assistant": "", "user": None}.get(str(role), _PARAGRAPH)
        content = _content(item.get("content"), f"{where}.content", between)
        if role == "assistant":
            if self._assistant is not None and self._assistant["content"] is None:
                self._assistant["content"] = content
            else:
                self._begin(content)
            return
        if role not in ("user", *_SYSTEM):
            raise unsupported(f"{where}.role", role, "There are user, assistant, system and developer.")
        self._end()
        if role in _SYSTEM and self._has_joined(content):
            return
        self.messages.append({"role": "system" if role in _SYSTEM else role, "content": content})

    def _has_joined(self, content: Any) -> bool:
        """Put a text to the one that the messages begin with, and say whether it is: templates of models take one."""
        first = self.messages[0] if len(self.messages) == 1 else {}
        begun = first.get("content") if first.get("role") == "system" else None
        if not (isinstance(begun, str) and isinstance(content, str)):
            return False
        first["content"] = f"{begun}{_PARAGRAPH}{content}"
        return True

    def _call(self, item: Item, arguments: str, where: str) -> None:
        identity = _text(item, "call_id", where)
        _text(item, "name", where)
        function = {"name": called(item), "arguments": arguments}
        of_message, of_call = fields_of(self._back, "".join(self._thoughts))
        self._back = ""
        message = self._assistant or self._begin(None)
        message.update(of_message)
        call = {"id": identity, "type": "function", "function": function, **of_call}
        message.setdefault("tool_calls", []).append(call)
        self._calls.add(identity)

    def _result(self, item: Item, where: str) -> None:
        identity = _text(item, "call_id", where)
        if identity not in self._calls:
            message = (
                f"No tool call found for function call output with call_id {shown(identity)}. "
                "Send the call before it, or the previous_response_id."
            )
            raise RefusedError(Refuse(400, message, param=where, code="no_tool_call"))
        self._end()
        content = _content(item.get("output"), f"{where}.output")
        self.messages.append({"role": "tool", "tool_call_id": identity, "content": content})

    def _thought(self, item: Item) -> None:
        if self._assistant is not None and self._assistant.get("tool_calls"):
            self._end()
        parts = [*_list(item.get("content")), *_list(item.get("summary"))]
        self._thoughts += [
            part["text"] for part in parts if isinstance(part, Mapping) and isinstance(part.get("text"), str)
        ]
        self._back = opened(item.get("encrypted_content")) or self._back

    def _begin(self, content: Any) -> dict[str, Any]:
        self._assistant = {"role": "assistant", "content": content}
        self.messages.append(self._assistant)
        return self._assistant

    def _end(self) -> None:
        self._assistant = None
        self._thoughts, self._back = [], ""


def sealed(extra: str) -> str:
    """Return what a service wants back with a call in the field that clients send back unread."""
    return base64.b64encode(extra.encode()).decode()


def opened(content: Any) -> str:
    """Return what `sealed` took; empty for what another service sealed."""
    try:
        extra = base64.b64decode(content, validate=True).decode()
        return extra if isinstance(json.loads(extra), dict) else ""
    except (ValueError, TypeError, RecursionError):
        return ""


def _content(value: Any, where: str, between: str | None = None) -> Any:
    """Return a text, or the parts of a chat completion's message; texts alone are joined by `between`, where it is given."""
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        raise wrong_type(where, "a text or a list of parts", value)
    parts = [_part(part, f"{where}[{place}]") for place, part in enumerate(value)]
    is_text = all(part["type"] == "text" for part in parts)
    if is_text and (len(parts) < 2 or between is not None):
        return (between or "").join(part["text"] for part in parts)
    return parts


def _part(part: Any, where: str) -> dict[str, Any]:
    if not isinstance(part, Mapping):
        raise wrong_type(where, "an object", part)
    match part.get("type"):
        case kind if kind in _TEXTS:
            return {"type": "text", "text": _text(part, "refusal" if kind == "refusal" else "text", where)}
        case "input_image":
            if part.get("image_url") is None and part.get("file_id"):
                raise unsupported(f"{where}.file_id", part["file_id"], _NO_FILES)
            detail = {"detail": part["detail"]} if part.get("detail") else {}
            return {"type": "image_url", "image_url": {"url": _text(part, "image_url", where), **detail}}
        case "input_file":
            for name in ("file_id", "file_url"):
                if part.get(name):
                    raise unsupported(f"{where}.{name}", part[name], _NO_FILES)
            named = {"filename": part["filename"]} if part.get("filename") else {}
            return {"type": "file", "file": {**named, "file_data": _text(part, "file_data", where)}}
        case "input_audio" if isinstance(part.get("input_audio"), Mapping):
            return {"type": "input_audio", "input_audio": part["input_audio"]}
        case kind:
            raise unsupported(
                f"{where}.type",
                kind,
                "There are input_text, output_text, input_image, input_file and input_audio.",
            )


def _text(value: Mapping[str, Any], name: str, where: str) -> str:
    text = value.get(name)
    if not isinstance(text, str):
        raise wrong_type(f"{where}.{name}", "a text", text)
    return text


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
