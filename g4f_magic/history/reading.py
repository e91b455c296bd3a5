"""Turns out of files: our own exports, lists of messages, and the outputs of a notebook. Nothing is stored here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_type_hints
from uuid import uuid4

from g4f_magic.errors import InputError
from g4f_magic.history.rows import turn_from_json
from g4f_magic.history.transfer import FORMAT, VERSION
from g4f_magic.messages import Status, Turn, Usage, flatten_content

MOST_BYTES = 512 * 1024 * 1024

_HINT = (
    "Give a .json, .jsonl or .ipynb file: what %chat export wrote, a list of messages with role and content, "
    "or a notebook with chats."
)
_UNANSWERED = "The imported file holds no answer."
_NO_QUESTION = "…"
"""Stands for the question where a list of messages begins with an answer."""


class _BadError(Exception):
    """Says what is wrong with the file."""


def read(file: Path) -> tuple[Turn, ...]:
    """Return the turns that a .json, .jsonl or .ipynb file holds, all settled.

    Raises:
        InputError: it cannot be read or understood, as a whole or in one place; the message says where.
    """
    try:
        if file.stat().st_size > MOST_BYTES:
            raise _BadError("it is too large")
        text = file.read_text(encoding="utf-8-sig")
        turns = _turns(file, text, file.stat().st_mtime)
        if not turns:
            raise _BadError("there are no turns in it")
    except OSError as exc:
        raise InputError(f"{file} cannot be read: {exc.strerror}", hint=_HINT) from exc
    except UnicodeDecodeError as exc:
        raise InputError(f"{file.name} cannot be imported: it is not text in UTF-8", hint=_HINT) from exc
    except RecursionError as exc:
        raise InputError(f"{file.name} cannot be imported: it is nested too deeply", hint=_HINT) from exc
    except _BadError as exc:
        raise InputError(f"{file.name} cannot be imported: {exc}", hint=_HINT) from exc
    return tuple(_settled(turn) for turn in turns)


def _turns(file: Path, text: str, at: float) -> list[Turn]:
    suffix = file.suffix.lower()
    if suffix == ".md":
        raise _BadError("a .md file is for reading")
    if suffix == ".jsonl":
        lines = [(n, line) for n, line in enumerate(text.split("\n"), start=1) if line.strip()]
        return _of_lines([(f"line {n}", _parsed(line, f"line {n}")) for n, line in lines], at)
    value = _parsed(text, "the file")
    if isinstance(value, dict) and isinstance(value.get("cells"), list):
        return _of_cells(value["cells"], at)
    if suffix == ".ipynb":
        raise _BadError("it is no notebook")
    if isinstance(value, dict) and value.get("format") == FORMAT:
        if value.get("version") != VERSION:
            raise _BadError(f"a newer version of g4f_magic wrote it (format {value.get('version')!r})")
        given = _list(value.get("turns"), "turns")
        return [_turn(one, f"turn {n}") for n, one in enumerate(given, start=1)]
    if isinstance(value, dict) and "messages" in value:
        return _of_messages(value["messages"], at, str(value.get("model") or ""))
    if isinstance(value, list):
        return _of_messages(value, at)
    raise _BadError("it holds neither turns nor messages")


def _of_lines(values: Sequence[tuple[str, Any]], at: float) -> list[Turn]:
    """Return the turns of JSON lines: a turn, a message, or a whole list of messages each."""
    turns: list[Turn] = []
    messages: list[Any] = []
    for where, value in values:
        if not isinstance(value, dict):
            raise _BadError(f"{where} is no object")
        if "role" in value:
            messages.append(value)
            continue
        if "messages" in value:
            turns += _of_messages(value["messages"], at, str(value.get("model") or ""))
        else:
            turns.append(_turn(value, where))
    if messages and turns:
        raise _BadError("it mixes turns and messages")
    return turns or _of_messages(messages, at)


def _of_messages(values: Any, at: float, model: str = "") -> list[Turn]:
    """Return the turns of a list of messages; what one side said at one go is one text."""
    turns: list[Turn] = []
    system: list[str] = []
    asked: list[str] = []
    is_answered = True
    for number, value in enumerate(_list(values, "messages"), start=1):
        role, text = _message(value, f"message {number}")
        if role in ("system", "developer"):
            system.append(text)
        elif role == "user":
            if is_answered:
                asked, is_answered = [], False
                turns.append(_new("", "\n\n".join(system), at, model))
            asked.append(text)
            turns[-1] = replace(turns[-1], prompt="\n\n".join(asked))
        else:
            if not turns:
                turns.append(_new(_NO_QUESTION, "\n\n".join(system), at, model))
            reply = "\n\n".join(part for part in (turns[-1].reply, text) if part)
            turns[-1] = replace(turns[-1], reply=reply, status="done")
            is_answered = True
    return turns


def _message(value: Any, where: str) -> tuple[str, str]:
    if not isinstance(value, dict) or not isinstance(value.get("role"), str):
        raise _BadError(f"{where} has no role")
    role, content = value["role"], value.get("content")
    if role not in ("system", "developer", "user", "assistant"):
        raise _BadError(f"{where} is of the role {role!r}, which has no place in a conversation here")
    parts = content if isinstance(content, list) else [content]
    if not all(_is_text(part) for part in parts):
        raise _BadError(f"{where} holds something other than text")
    return role, flatten_content(content)


def _is_text(part: Any) -> bool:
    return isinstance(part, str) or (isinstance(part, dict) and isinstance(part.get("text"), str))


def _of_cells(cells: Sequence[Any], at: float) -> list[Turn]:
    """Return the turns that the outputs of a notebook's chat cells hold."""
    turns = []
    for number, cell in enumerate(cells, start=1):
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        outputs = [
            one for one in cell.get("outputs") or () if isinstance(one, dict) and _details(one) is not None
        ]
        if outputs:
            turns.append(_of_cell(cell, outputs, f"cell {number}", at))
    return turns


def _of_cell(cell: Mapping[str, Any], outputs: Sequence[Mapping[str, Any]], where: str, at: float) -> Turn:
    head, _, prompt = _joined(cell.get("source"), where).lstrip("\n").partition("\n")
    if not head.startswith("%%chat"):
        raise _BadError(f"{where} shows a reply but is no %%chat cell")
    texts = [_joined(output.get("data", {}).get("text/plain", ""), where) for output in outputs]
    reply = _without_provenance("".join(texts))
    details = _details(outputs[-1]) or {}
    if isinstance(details.get("turn"), dict):
        return _turn({**details["turn"], "prompt": prompt, "reply": reply}, where)
    identity = uuid4().hex
    slot = cell.get("id")
    values = {name: details[name] for name in _names() if details.get(name) is not None}
    made = {"id": identity, "slot": slot if isinstance(slot, str) and slot else identity, "started_at": at}
    return _turn({"provider": "", "model": "", **values, **made, "prompt": prompt, "reply": reply}, where)


def _details(output: Mapping[str, Any]) -> dict[str, Any] | None:
    metadata = output.get("metadata")
    found = metadata.get("g4f_magic") if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) and isinstance(output.get("data"), dict) else None


def _without_provenance(text: str) -> str:
    """Return the Markdown without its last line, which says where it came from."""
    before, line, after = text.rpartition("\n\n— ")
    if line and "\n" not in after.rstrip("\n"):
        return before
    return "" if text.startswith("— ") and "\n" not in text.rstrip("\n") else text


def _joined(value: Any, where: str) -> str:
    """Return a notebook's text, which may lie there as a list of lines."""
    parts = value if isinstance(value, list) else [value]
    if not all(isinstance(part, str) for part in parts):
        raise _BadError(f"{where} holds something other than text")
    return "".join(parts)


def _turn(value: Any, where: str) -> Turn:
    """Return a turn of ours, each of its fields of the right kind."""
    if not isinstance(value, dict):
        raise _BadError(f"{where} is no object")
    for name, kinds, is_needed in _kinds():
        if name not in value:
            if is_needed:
                raise _BadError(f"{where} has no {name!r}")
        elif isinstance(value[name], bool) or not isinstance(value[name], kinds):
            raise _BadError(f"{where}: {name!r} is {json.dumps(value[name])[:40]}")
    if value.get("status", "done") not in get_args(Status):
        raise _BadError(f"{where}: the status {value['status']!r} is not known")
    if value.get("source", "live") not in ("live", "replayed"):
        raise _BadError(f"{where}: the source {value['source']!r} is not known")
    usage = value.get("usage") or {}
    if not all(count is None or type(count) is int for count in usage.values()):
        raise _BadError(f"{where}: 'usage' holds something other than numbers")
    return turn_from_json(value)


def _kinds() -> list[tuple[str, tuple[type, ...], bool]]:
    """Return each field of a turn, what JSON may hold for it, and whether it must be there."""
    hints, found = get_type_hints(Turn), []
    needed = {"id", "slot", "prompt", "provider", "model", "started_at"}
    for field in fields(Turn):
        hint = hints[field.name]
        options = get_args(hint) if isinstance(hint, UnionType) else (hint,)
        kinds: set[type] = set()
        for option in options:
            if option is Usage:
                kinds.add(dict)
            elif option is float:
                kinds |= {int, float}
            else:
                kinds.add(option if isinstance(option, type) else str)
        found.append((field.name, tuple(kinds), field.name in needed))
    return found


def _names() -> list[str]:
    return [field.name for field in fields(Turn)]


def _new(prompt: str, system: str, at: float, model: str) -> Turn:
    identity = uuid4().hex
    return Turn(
        id=identity,
        slot=identity,
        prompt=prompt,
        system=system,
        provider="imported",
        model=model,
        started_at=at,
        status="broken",
        error=_UNANSWERED,
    )


def _settled(turn: Turn) -> Turn:
    if turn.status == "done":
        return replace(turn, error="")
    return (
        turn
        if turn.is_settled
        else replace(turn, status="broken", error="It was under way when it was exported.")
    )


def _list(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise _BadError(f"{name!r} is no list")
    return value


def _parsed(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as exc:
        raise _BadError(f"{where} is no JSON ({exc})") from exc
