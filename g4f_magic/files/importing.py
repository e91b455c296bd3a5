"""Turns out of files: our own exports, lists of messages, and the outputs of a notebook. Nothing is stored here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from g4f_magic import disk
from g4f_magic.errors import InputError
from g4f_magic.files.exporting import FORMAT, VERSION
from g4f_magic.files.turn_fields import LAST_SECOND, LONGEST_NAME, BadFieldError, check
from g4f_magic.label import label_of
from g4f_magic.markdown_source import source_of
from g4f_magic.messages import Citation, citation_lines, flatten_content
from g4f_magic.turn import Turn, steps_of
from g4f_magic.turn_json import TurnJson, turn_from_json

T = TypeVar("T")

MOST_BYTES = 512 * 1024 * 1024

_HINT = (
    "Give a .json, .jsonl or .ipynb file: what %chat export wrote, a list of messages with role and content, "
    "or a notebook with chats."
)
_MOST_VALUES = 16_000_000
"""Lists and objects in a file, which take far more memory than their signs; those in texts are counted along."""
_MOST_SAID = 5
_NAMES_OF_FIELDS = tuple(TurnJson.__annotations__)
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
        text = disk.read(file, most_bytes=MOST_BYTES).decode("utf-8-sig")
        turns = _turns(file, text, min(max(file.stat().st_mtime, 0.0), LAST_SECOND))
        if not turns:
            raise _BadError("there are no turns in it")
    except OSError as exc:
        raise InputError(f"{file} cannot be read: {exc.strerror}", hint=_HINT) from exc
    except UnicodeDecodeError as exc:
        raise InputError(f"{file.name} cannot be imported: it is not text in UTF-8", hint=_HINT) from exc
    except _BadError as exc:
        raise InputError(f"{file.name} cannot be imported: {exc}", hint=_HINT) from exc
    return tuple(_settled(turn) for turn in turns)


def _turns(file: Path, text: str, at: float) -> list[Turn]:
    suffix = file.suffix.lower()
    if suffix == ".md":
        raise _BadError("a .md file is for reading")
    if suffix == ".jsonl":
        return _of_lines(text.split("\n"), at)
    value = _parsed(text, "the file")
    if isinstance(value, dict) and isinstance(value.get("cells"), list):
        return _of_cells(value["cells"], at)
    if suffix == ".ipynb":
        raise _BadError("it is not a notebook")
    if isinstance(value, dict) and value.get("format") == FORMAT:
        if value.get("version") != VERSION:
            raise _BadError(
                f"a newer version of g4f_magic wrote it (format {str(value.get('version'))[:20]})"
            )
        given = enumerate(_list(value.get("turns"), "turns"), start=1)
        return _each(partial(_turn, one, f"turn {n}") for n, one in given)
    if isinstance(value, dict) and "messages" in value:
        return _of_messages(value["messages"], at, value.get("model"))
    if isinstance(value, list):
        return _of_messages(value, at)
    raise _BadError("it holds neither turns nor messages")


def _of_lines(lines: Sequence[str], at: float) -> list[Turn]:
    """Return the turns of JSON lines: a turn, a message, or a whole list of messages each."""
    messages: list[Any] = []

    def of_line(where: str, line: str) -> list[Turn]:
        value = _parsed(line, where)
        if not isinstance(value, dict):
            raise _BadError(f"{where} is not an object")
        if "role" in value:
            _message(value, where)
            messages.append(value)
            return []
        if "messages" in value:
            return _of_messages(value["messages"], at, value.get("model"), f"{where}, ")
        return [_turn(value, where)]

    numbered = ((f"line {n}", line) for n, line in enumerate(lines, start=1) if line.strip())
    turns = [turn for some in _each(partial(of_line, *one) for one in numbered) for turn in some]
    if messages and turns:
        raise _BadError("it mixes turns and messages")
    return turns or _of_messages(messages, at)


def _of_messages(values: Any, at: float, model: Any = "", before: str = "") -> list[Turn]:
    """Return the turns of a list of messages; what one side said at one go is one text."""
    numbered = enumerate(_list(values, "messages"), start=1)
    messages = _each(partial(_message, value, f"{before}message {n}") for n, value in numbered)
    name = model if isinstance(model, str) and model.isprintable() and len(model) <= LONGEST_NAME else ""
    system: list[str] = []
    turns: list[Turn] = []
    # What one side says at one go, question and answer in turn.
    for is_answer, said in groupby(messages, lambda message: message[0] == "assistant"):
        texts: list[str] = []
        for role, text in said:
            (system if role in ("system", "developer") else texts).append(text)
            if role == "user" and len(texts) == 1:
                turns.append(_new("", "\n\n".join(system), at, name))
        if is_answer:
            turns = turns or [_new(_NO_QUESTION, "\n\n".join(system), at, name)]
            reply = "\n\n".join(part for part in (turns[-1].reply, *texts) if part)
            turns[-1] = replace(turns[-1], steps=steps_of(reply), status="done")
        elif texts:
            turns[-1] = replace(turns[-1], ask=replace(turns[-1].ask, prompt="\n\n".join(texts)))
    return turns


def _message(value: Any, where: str) -> tuple[str, str]:
    if not isinstance(value, dict) or not isinstance(value.get("role"), str):
        raise _BadError(f"{where} has no role")
    role, content = value["role"], value.get("content")
    if role not in ("system", "developer", "user", "assistant"):
        raise _BadError(f"{where} is of the role {role[:40]!r}, which has no place in a conversation here")
    parts = content if isinstance(content, list) else [content]
    if not all(_is_text(part) for part in parts):
        raise _BadError(f"{where} holds something other than text")
    return role, flatten_content(content)


def _is_text(part: Any) -> bool:
    return isinstance(part, str) or (isinstance(part, dict) and isinstance(part.get("text"), str))


def _of_cells(cells: Sequence[Any], at: float) -> list[Turn]:
    """Return the turns that the outputs of a notebook's chat cells hold."""
    found = []
    for number, cell in enumerate(cells, start=1):
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        given = cell.get("outputs")
        outputs = [
            one
            for one in (given if isinstance(given, list) else ())
            if isinstance(one, dict) and label_of(one) is not None
        ]
        if outputs:
            found.append(partial(_of_cell, cell, outputs, f"cell {number}", at))
    return _each(found)


def _of_cell(cell: Mapping[str, Any], outputs: Sequence[Mapping[str, Any]], where: str, at: float) -> Turn:
    head, _, prompt = _joined(cell.get("source"), where).lstrip("\n").partition("\n")
    if not head.startswith("%%chat"):
        raise _BadError(f"{where} shows a reply but is no %%chat cell")
    texts = [_text_of(output.get("data"), where) for output in outputs]
    reply = _without_provenance("".join(texts))
    details = label_of(outputs[-1]) or {}
    if isinstance(columns := details.get("columns"), list):
        details, reply = _kept_of(columns, details.get("kept"), "".join(texts), where)
    pairs = details.get("citations")
    if isinstance(pairs, list) and all(isinstance(one, list) and len(one) == 2 for one in pairs):
        reply = reply.removesuffix("\n\n" + citation_lines([Citation(*map(str, one)) for one in pairs]))
    if isinstance(details.get("turn"), dict):
        return _turn({**details["turn"], "prompt": prompt, "reply": reply}, where)
    identity = uuid4().hex
    slot = cell.get("id")
    values = {name: details[name] for name in _NAMES_OF_FIELDS if details.get(name) is not None}
    made = {"id": identity, "slot": slot if isinstance(slot, str) and slot else identity, "started_at": at}
    return _turn({"provider": "", "model": "", **values, **made, "prompt": prompt, "reply": reply}, where)


def _text_of(data: Any, where: str) -> str:
    """Return the text of an output; what its Markdown was written from where it has no plain text beside it."""
    found = data if isinstance(data, dict) else {}
    plain = found.get("text/plain")
    return (
        source_of(_joined(found.get("text/markdown", ""), where)) if plain is None else _joined(plain, where)
    )


def _kept_of(columns: list[Any], kept: Any, text: str, where: str) -> tuple[dict[str, Any], str]:
    """Return what is said of the column that is kept, of none the first, and its reply."""
    number = kept - 1 if type(kept) is int and 0 < kept <= len(columns) else 0
    match columns[number : number + 1]:
        case [{"place": [int(start), int(end)], **details}] if 0 <= start <= end <= len(text):
            return {str(name): value for name, value in details.items()}, text[start:end]
    raise _BadError(f"{where} shows replies side by side, and does not say where they are")


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
    """Return a turn of ours, each of its fields of the right kind and in its range."""
    if not isinstance(value, dict):
        raise _BadError(f"{where} is not an object")
    try:
        check(value)
    except BadFieldError as exc:
        raise _BadError(f"{where} {exc}" if str(exc).startswith("has no") else f"{where}: {exc}") from None
    return turn_from_json(value)


def _each(places: Iterable[Callable[[], T]]) -> list[T]:
    """Return what each place of a file holds.

    Raises:
        _BadError: some are bad; the message says of each what is wrong with it, of the first few at least.
    """
    found: list[T] = []
    wrong: list[str] = []
    for read_place in places:
        try:
            found.append(read_place())
        except _BadError as exc:
            wrong.append(str(exc))
    if wrong:
        more = [f"and {len(wrong) - _MOST_SAID} more"] if len(wrong) > _MOST_SAID else []
        raise _BadError("; ".join([*wrong[:_MOST_SAID], *more]))
    return found


def _new(prompt: str, system: str, at: float, model: str) -> Turn:
    identity = uuid4().hex
    return Turn.plain(
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
        raise _BadError(f"{name!r} is not a list")
    return value


def _parsed(text: str, where: str) -> Any:
    if text.count("[") + text.count("{") > _MOST_VALUES:
        raise _BadError(f"{where} holds more than a conversation does")
    try:
        return json.loads(text)
    except RecursionError:
        raise _BadError(f"{where} is nested too deeply") from None
    except ValueError as exc:
        raise _BadError(f"{where} is not JSON ({str(exc)[:100]})") from exc
