"""Values of OpenAI's protocol from another server, made so that every client of it can read them. No I/O.

What a value says stays as the server said it: its model, its id, tool calls, every choice, logprobs, reasons, what
is its own. Only what would break a client is mended: what is missing, whole messages among deltas, counts of tokens
that nobody asked for (their events have no choice, and most clients take the first one of each).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class RelayedStream:
    """The values of one stream. `shared` is what each event has where the server left it out."""

    def __init__(self, shared: Mapping[str, Any], *, includes_usage: bool) -> None:
        self._shared = shared
        self._includes_usage = includes_usage
        self._begun: set[Any] = set()
        """The choices that said something in a delta."""
        self._named: set[Any] = set()
        """Those whose role was told: some clients keep no message without one, and not every server tells it."""

    def event(self, value: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the event to send; None where the value says nothing that was asked for."""
        choices = [self._choice(choice, place) for place, choice in enumerate(_objects(value.get("choices")))]
        has_usage = isinstance(value.get("usage"), Mapping)
        if not choices and not (has_usage and self._includes_usage):
            return None
        event = {**_completed(value, self._shared), "object": "chat.completion.chunk", "choices": choices}
        if not self._includes_usage:
            event.pop("usage", None)
        return event

    def _choice(self, choice: Mapping[str, Any], place: int) -> dict[str, Any]:
        index = choice.get("index")
        index = index if type(index) is int else place
        delta = choice.get("delta")
        if not isinstance(delta, Mapping):
            # A last frame that repeats the whole message says nothing new.
            delta = {} if index in self._begun else _as_delta(choice)
        if any(value for name, value in delta.items() if name != "role"):
            self._begun.add(index)
        if index not in self._named:
            self._named.add(index)
            delta = {"role": "assistant", **_without_null(delta, "role")}
        rest = {name: value for name, value in choice.items() if name not in ("message", "text")}
        reason = choice.get("finish_reason")
        return {**rest, "index": index, "delta": dict(delta), "finish_reason": reason or None}


class RelayedWhole:
    """One whole completion, also where the server sent it as a stream though none was asked for."""

    def __init__(self, shared: Mapping[str, Any]) -> None:
        self._shared = shared
        self._rest: dict[str, Any] = {}
        self._choices: dict[int, dict[str, Any]] = {}

    def add(self, value: Mapping[str, Any]) -> None:
        """Take a value: the completion, or the next piece of it."""
        self._rest |= {
            name: given for name, given in value.items() if given is not None and name != "choices"
        }
        for place, given in enumerate(_objects(value.get("choices"))):
            index = given.get("index")
            index = index if type(index) is int else place
            message = {"role": "assistant"}
            choice = self._choices.setdefault(
                index, {"index": index, "message": message, "finish_reason": "stop"}
            )
            rest = {name: one for name, one in given.items() if name not in ("index", "delta", "logprobs")}
            choice |= _without_null(rest, "finish_reason", "message")
            if isinstance(delta := given.get("delta"), Mapping) and "message" not in rest:
                _grow(choice["message"], delta)
            if isinstance(logprobs := given.get("logprobs"), Mapping):
                _grow(choice.setdefault("logprobs", {}), logprobs)
            elif "logprobs" in given:
                choice.setdefault("logprobs", None)

    def completion(self) -> dict[str, Any]:
        """Return what to send."""
        choices = [self._choices[index] for index in sorted(self._choices)]
        return {**_completed(self._rest, self._shared), "object": "chat.completion", "choices": choices}


def _grow(whole: dict[str, Any], delta: Mapping[str, Any]) -> None:
    """Put a delta into what stands so far: texts go on, calls of tools by their index, other lists at the end."""
    for name, value in delta.items():
        before = whole.get(name)
        if name == "tool_calls":
            _grow_calls(whole.setdefault(name, []), _objects(value))
        elif isinstance(value, str) and isinstance(before, str) and name not in ("role", "type", "id"):
            whole[name] = before + value
        elif isinstance(value, list) and isinstance(before, list):
            before.extend(value)
        elif isinstance(value, Mapping) and isinstance(before, dict):
            _grow(before, value)
        elif value is not None or before is None:
            whole[name] = dict(value) if isinstance(value, Mapping) else value


def _grow_calls(calls: list[dict[str, Any]], deltas: list[Mapping[str, Any]]) -> None:
    for place, delta in enumerate(deltas):
        index = delta.get("index")
        index = index if type(index) is int else place
        if index >= len(calls):
            calls.append({})
            index = len(calls) - 1
        if index >= 0:
            _grow(calls[index], {name: value for name, value in delta.items() if name != "index"})


def _completed(value: Mapping[str, Any], shared: Mapping[str, Any]) -> dict[str, Any]:
    return {**shared, **_without_null(value, *shared)}


def _without_null(value: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: given for name, given in value.items() if given not in (None, "") or name not in names}


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _as_delta(choice: Mapping[str, Any]) -> dict[str, Any]:
    """Return the whole message of a choice as its one delta."""
    message = choice.get("message")
    if not isinstance(message, Mapping):
        text = choice.get("text")
        return {"content": text} if isinstance(text, str) else {}
    calls = _objects(message.get("tool_calls"))
    if not calls:
        return dict(message)
    return {**message, "tool_calls": [{"index": place, **call} for place, call in enumerate(calls)]}
