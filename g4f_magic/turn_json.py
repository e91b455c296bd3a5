"""Turns as JSON: in the history, in exports and in what a reply is pickled to. Flat, as they have always been.

A turn of one text asked and one answered, which nearly all are, has the fields that it had before there were
steps and attachments. So no file of an earlier version needs a migration, and an earlier version reads ours.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypedDict

from g4f_magic.ask import Ask, Attachment, Bound
from g4f_magic.messages import Citation, Usage
from g4f_magic.turn import ReasoningStep, Source, Status, Step, TextStep, ToolCall, ToolResult, Turn, steps_of


class TurnJson(TypedDict, total=False):
    """A turn on disk. What is as it usually is stands not there."""

    id: str
    slot: str
    prompt: str
    reply: str
    reasoning: str
    status: Status
    provider: str
    model: str
    started_at: float
    system: str
    parameters: tuple[tuple[str, str], ...]
    """Each by its name and its value as JSON."""
    sent: str
    """The prompt as it was sent, where that is something else."""
    attachments: tuple[dict[str, str], ...]
    """By the names of the fields of `Attachment`, without those that are as they usually are."""
    notes: tuple[str, ...]
    tools: tuple[str, ...]
    schema: str
    """As JSON."""
    asked_provider: str
    asked_model: str
    steps: tuple[dict[str, Any], ...]
    """Where they are something other than one thought and one text: `kind`, and the step's own fields."""
    via: str
    source: Source
    seconds: float | None
    usage: Usage | None
    finish: str | None
    context_messages: int
    context_turns: int | None
    guide_turns: int
    omitted_turns: int
    skipped_lines: int
    error: str
    hint: str
    answering_model: str
    citations: tuple[Citation, ...]
    unshown: tuple[str, ...]
    repaired: str
    guess: Usage | None
    dollars: float | None
    compared: str


KINDS: dict[str, type[TextStep | ReasoningStep | ToolCall | ToolResult]] = {
    "text": TextStep,
    "reasoning": ReasoningStep,
    "call": ToolCall,
    "result": ToolResult,
}
"""The steps of an answer, by what they are called on disk."""

_NAMES = {kind: name for name, kind in KINDS.items()}
_NEEDED = ("id", "slot", "provider", "model", "started_at")
_OF_ATTACHMENT = fields(Attachment)
_OWN = tuple(field for field in fields(Turn) if field.name not in ("ask", "steps"))


def turn_to_json(turn: Turn) -> dict[str, Any]:
    """Return the turn as `TurnJson` has it."""
    values: dict[str, Any] = {}
    for field in _OWN:
        value = getattr(turn, field.name)
        if field.name in _NEEDED or value != field.default:
            values[field.name] = _plain(value)
    ask = turn.ask
    values["prompt"] = storable(ask.prompt)
    said = {
        "reply": turn.reply,
        "reasoning": turn.reasoning,
        "system": ask.system,
        "parameters": [[name, json.dumps(value)] for name, value in ask.parameters.items()],
        "sent": ask.sent,
        "attachments": list(map(_attachment_json, ask.attachments)),
        "notes": ask.notes,
        "tools": ask.tools,
        "schema": json.dumps(dict(ask.schema)) if ask.schema is not None else "",
        "asked_provider": ask.provider if ask.provider != turn.provider else "",
        "asked_model": ask.model if ask.model != turn.model else "",
    }
    values |= {name: _plain(value) for name, value in said.items() if value}
    if turn.steps != steps_of(turn.reply, turn.reasoning):
        values["steps"] = list(map(step_to_json, turn.steps))
    return values


def turn_from_json(values: Mapping[str, Any]) -> Turn:
    """Return the turn of fields as `TurnJson` has them; those that this version does not know are passed over."""
    known = {field.name: values[field.name] for field in _OWN if field.name in values}
    for name in ("usage", "guess"):
        if isinstance(counted := known.get(name), Mapping):
            known[name] = Usage(counted.get("prompt_tokens"), counted.get("completion_tokens"))
    if "citations" in known:
        known["citations"] = tuple(Citation(str(url), str(title)) for url, title in known["citations"])
    if "unshown" in known:
        known["unshown"] = tuple(map(str, known["unshown"]))
    return Turn(**known, ask=_ask(values), steps=_steps(values))


def _ask(values: Mapping[str, Any]) -> Ask:
    return Ask(
        prompt=str(values.get("prompt", "")),
        sent=values.get("sent"),
        system=str(values.get("system", "")),
        attachments=tuple(map(_attachment, values.get("attachments", ()))),
        notes=tuple(map(str, values.get("notes", ()))),
        provider=str(values.get("asked_provider") or values.get("provider", "")),
        model=str(values.get("asked_model") or values.get("model", "")),
        parameters={str(name): json.loads(value) for name, value in values.get("parameters", ())},
        bound=Bound(),
        tools=tuple(values.get("tools", ())),
        schema=json.loads(values["schema"]) if values.get("schema") else None,
    )


def _attachment_json(one: Attachment) -> dict[str, str]:
    return {
        field.name: value
        for field in _OF_ATTACHMENT
        if (value := getattr(one, field.name)) != field.default or field.name == "name"
    }


def _attachment(values: Mapping[str, Any]) -> Attachment:
    known = {field.name: values[field.name] for field in _OF_ATTACHMENT if field.name in values}
    return Attachment(**known)


def _steps(values: Mapping[str, Any]) -> tuple[Step, ...]:
    if "steps" not in values:
        return steps_of(str(values.get("reply", "")), str(values.get("reasoning", "")))
    return tuple(map(step_from_json, values["steps"]))


def step_to_json(step: Step) -> dict[str, Any]:
    """Return a step by its kind and its fields, without those that are as they usually are."""
    said = {
        field.name: _plain(value)
        for field in fields(step)
        if (value := getattr(step, field.name)) != field.default
    }
    return {"kind": _NAMES[type(step)], **said}


def step_from_json(values: Mapping[str, Any]) -> Step:
    """Return the step of such fields; those that this version does not know are passed over.

    Raises:
        LookupError, TypeError: it is none.
    """
    kind = KINDS[values["kind"]]
    known = {field.name: values[field.name] for field in fields(kind) if field.name in values}
    numbers = (int, float, type(None))
    if any(not isinstance(value, numbers if name == "seconds" else str) for name, value in known.items()):
        raise TypeError("a value of another kind")
    return kind(**known)


def _plain(value: Any) -> Any:
    match value:
        case Usage():
            return value.to_json()
        case str():
            return storable(value)
        case tuple() | list():
            return [_plain(one) for one in value]
        case dict():
            return {name: _plain(one) for name, one in value.items()}
        case _:
            return value


def storable(text: str) -> str:
    """Return the text; halves of surrogate pairs, which cannot be written, become question marks."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
