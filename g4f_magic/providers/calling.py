"""Calls of functions as servers stream them: in pieces, side by side, or whole; put together to one chunk each. No I/O.

OpenAI, vLLM and llama.cpp send a call in pieces, by its index. Others leave the index out, or number all with 0 (Ollama,
Gemini's compatible one), send no id, an object in place of JSON, or each call whole; some repeat name and id with every
piece. What a piece belongs to is told by what it says, not by its index alone. The first call of an answer holds what
the service wants back with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from g4f_magic.carried_back import CarriedBack
from g4f_magic.turn import ToolCall

MOST_CALLS = 64
"""Of one answer; those after them are passed over."""
MOST_CHARACTERS = 1_000_000
"""Of the arguments of one call: no more are kept."""
_MOST_EXTRA = 65_536


@dataclass
class _Growing:
    """One call, as far as it has come."""

    index: int | None
    id: str = ""
    name: str = ""
    pieces: list[str] = field(default_factory=list)
    size: int = 0
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def arguments(self) -> str:
        return "".join(self.pieces)

    @property
    def is_whole(self) -> bool:
        """Say whether its arguments are a whole JSON value: what comes now is of another call."""
        text = self.arguments
        return text.rstrip().endswith("}") and _value(text) is not None  # nearly always the shortest way

    def grow(self, arguments: str) -> None:
        room = MOST_CHARACTERS - self.size
        self.pieces.append(arguments[:room])
        self.size += len(arguments[:room])


class Calling:
    """The calls of one answer."""

    def __init__(self) -> None:
        self._calls: list[_Growing] = []
        self._has_deltas = False
        self._back = CarriedBack()

    def delta(self, said: Mapping[str, Any]) -> None:
        """Take what a delta says of calls, and what has to go back with them."""
        self._back.take(said)
        if said.get("role") in ("tool", "function"):  # the service ran it itself
            self._calls = [one for one in self._calls if not one.id or one.id != said.get("tool_call_id")]
        for one in _calls_in(said):
            self._has_deltas = True
            self._take(one, *_said(one))

    def message(self, said: Mapping[str, Any]) -> None:
        """Take what a whole message says of calls, unless deltas said it before."""
        found = _calls_in(said)
        if self._has_deltas or not found:
            return
        self._calls = []
        self._back = CarriedBack()
        self._back.take(said)
        for place, one in enumerate(found[:MOST_CALLS]):
            name, arguments = _said(one)
            call = _Growing(place, _text(one.get("id")), name, extra=_extra(one))
            call.grow(arguments)
            self._calls.append(call)

    def chunks(self) -> Iterator[ToolCall]:
        """Yield the calls, each with an id of its own."""
        taken: set[str] = set()
        for number, call in enumerate(self._calls, start=1):
            if not call.name and not call.size:
                continue
            identity = call.id or f"call_{number}"
            if identity in taken:
                identity = next(
                    made for more in range(2, MOST_CALLS + 3) if (made := f"{identity}_{more}") not in taken
                )
            extra = {**call.extra, **self._back.extra()} if not taken else call.extra
            taken.add(identity)
            told = json.dumps(extra) if extra else ""
            yield ToolCall(identity, call.name, arguments_of(call.pieces), told)

    def _take(self, one: Mapping[str, Any], name: str, arguments: str) -> None:
        given = one.get("index")
        index = given if type(given) is int else None
        identity = _text(one.get("id"))
        call = self._meant(index, identity, name if arguments or not self._calls else "")
        if call is None and self._calls and not (identity or name):
            call = self._calls[-1]  # a tail that is numbered in another way than its head
        if call is None:
            if len(self._calls) >= MOST_CALLS:
                return
            call = _Growing(index)
            self._calls.append(call)
        call.id = call.id or identity
        # In pieces, or whole in every piece.
        if name and not call.name.startswith(name):
            call.name = name if name.startswith(call.name) else call.name + name
        call.grow(arguments)
        call.extra = call.extra or _extra(one)

    def _meant(self, index: int | None, identity: str, name: str) -> _Growing | None:
        """Return the call that a piece goes on with; None: a new one begins."""
        same = [one for one in self._calls if identity and one.id == identity]
        if same:
            found = [one for one in same if index is None or one.index in (None, index)]
            return found[-1] if found else None
        here = [one for one in self._calls if one.index == index]
        found = self._calls[-1:] if index is None else here
        if not found:
            return None
        last = found[-1]
        if identity and last.id:  # another id in the same place
            return None
        if name and last.name and (last.is_whole or (identity and last.size)):
            return None
        return last


def _calls_in(said: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the calls of a delta or a message; the one of the older protocol, too."""
    function = said.get("function_call")
    if isinstance(function, Mapping):
        return [{"index": 0, "function": function}]
    return _objects(said.get("tool_calls"))


def _said(one: Mapping[str, Any]) -> tuple[str, str]:
    """Return the name and the arguments that a piece says."""
    function = one.get("function") or one.get("custom") or {}
    if not isinstance(function, Mapping):
        return "", ""
    arguments = function.get("arguments", function.get("input"))
    if isinstance(arguments, Mapping | list):
        arguments = json.dumps(arguments, ensure_ascii=False)
    return _text(function.get("name")).strip(), _text(arguments)


def arguments_of(pieces: Sequence[str]) -> str:
    """Return the arguments that pieces are of: joined, unless that is no JSON and they say once more what they said.

    Some servers send all so far in each piece, all of it once more at the end, or `{}` before the arguments themselves;
    some the object as a text that holds it.
    """
    joined = "".join(pieces).strip()
    for text in (joined, joined.removeprefix("{}").strip(), pieces[-1].strip() if pieces else ""):
        value = _value(text)
        if isinstance(value, str) and isinstance(_value(value), dict):
            return value
        if value is not None:
            return text
    return joined or "{}"


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _extra(one: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a service wants to have back with a call: Gemini signs its thoughts there."""
    found = one.get("extra_content")
    is_kept = isinstance(found, Mapping) and len(json.dumps(found)) <= _MOST_EXTRA
    return dict(found) if is_kept and isinstance(found, Mapping) else {}


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
