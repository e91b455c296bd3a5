"""Conversations as files: written for people and for machines, and read back."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from g4f_magic.errors import InputError
from g4f_magic.history.rows import turn_to_json
from g4f_magic.messages import Turn
from g4f_magic.secret import hide

FORMAT = "g4f_magic conversation"
VERSION = 1

Html = Callable[[Turn], str]
"""Gives the HTML of a reply, made safe."""

_CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})", re.MULTILINE)


def write(
    file: Path,
    turns: Iterable[Turn],
    *,
    conversation: str = "main",
    html: Html | None = None,
    overwrite: bool = False,
) -> None:
    """Write turns to a .md, .json, .jsonl or .ipynb file.

    With `html` the notebook's outputs hold that too, beside the Markdown as it came.

    Raises:
        InputError: another suffix, a file that is there already, or one that cannot be written.
    """
    given = tuple(turns)
    suffix = file.suffix.lower()
    if suffix == ".md":
        text = to_markdown(given, conversation=conversation)
    elif suffix == ".json":
        text = to_json(given, conversation=conversation)
    elif suffix == ".jsonl":
        text = to_json_lines(given)
    elif suffix == ".ipynb":
        text = to_notebook(given, html=html)
    else:
        raise InputError(
            f"{file.name}: chats are not written as {suffix or 'a file without a suffix'}",
            hint="Give a name that ends in .md, .json, .jsonl or .ipynb.",
        )
    if file.exists() and not overwrite:
        raise InputError(f"{file} is there already", hint="Give another name, or add --overwrite.")
    beside = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        # Made by us first: what was said is for its owner alone, who may give the file to others.
        os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        beside.write_bytes(hide(text).encode("utf-8", "replace"))
        beside.replace(file)
    except OSError as exc:
        beside.unlink(missing_ok=True)
        raise InputError(
            f"{file} cannot be written: {exc.strerror}", hint="Choose a folder that you may write to."
        ) from exc


def to_json(turns: Iterable[Turn], *, conversation: str = "main") -> str:
    """Return turns as one JSON value, with all that is known of them."""
    value = {
        "format": FORMAT,
        "version": VERSION,
        "conversation": conversation,
        "turns": [turn_to_json(turn) for turn in turns],
    }
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def to_json_lines(turns: Iterable[Turn]) -> str:
    """Return turns as JSON, one line each, with all that is known of them."""
    return "".join(json.dumps(turn_to_json(turn), ensure_ascii=False) + "\n" for turn in turns)


def to_markdown(turns: Iterable[Turn], *, conversation: str = "main") -> str:
    """Return turns as Markdown, to be read."""
    parts = [f"# {conversation}"]
    for number, turn in enumerate(turns, start=1):
        parts += [f"## {number}. You", _closed(turn.prompt), f"## {number}. {_origin(turn)}"]
        if turn.reasoning:
            parts.append("\n".join(f"> {line}".rstrip() for line in turn.reasoning.splitlines()))
        parts.append(_closed(turn.reply))
        if turn.status != "done":
            parts.append(f"*{turn.status}{': ' + turn.error if turn.error else ''}*")
    return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"


def to_notebook(turns: Iterable[Turn], *, html: Html | None = None) -> str:
    """Return turns as a notebook (nbformat 4.5) whose cells can be run again."""
    used: set[str] = set()
    load = _code_cell(_cell_id("load", used), "%load_ext g4f_magic", [])
    cells = [load, *(_chat_cell(turn, _cell_id(turn.slot, used), html) for turn in turns)]
    value = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _chat_cell(turn: Turn, cell_id: str, html: Html | None) -> dict[str, Any]:
    values = turn_to_json(turn)
    details = {key: value for key, value in values.items() if key not in ("prompt", "reply")}
    data = {"text/plain": f"{turn.reply}\n\n— {_origin(turn)}"}
    if html is not None:
        data["text/html"] = html(turn)
    output = {"output_type": "display_data", "data": data, "metadata": {"g4f_magic": {"turn": details}}}
    options = [f" --provider {turn.provider}"] if re.fullmatch(r"[\w.-]+", turn.provider) else []
    options += [f" --model {turn.model}"] if re.fullmatch(r"[\w./:@-]+", turn.model) else []
    return _code_cell(cell_id, f"%%chat{''.join(options)}\n{turn.prompt}", [output])


def _code_cell(cell_id: str, source: str, outputs: list[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": cell_id,
        "metadata": {},
        "outputs": outputs,
        "source": source,
    }


def _cell_id(slot: str, used: set[str]) -> str:
    """Return the slot where it can be a cell's id, else one made of it."""
    found, count = slot, 0
    while found in used or not _CELL_ID.fullmatch(found):
        found = sha256(f"{slot}/{count}".encode("utf-8", "replace")).hexdigest()[:16]
        count += 1
    used.add(found)
    return found


def _origin(turn: Turn) -> str:
    at = datetime.fromtimestamp(turn.started_at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    via = f"via {turn.via}" if turn.via else ""
    return " · ".join(part for part in (turn.provider, turn.model, via, at) if part).replace("\n", " ")


def _closed(text: str) -> str:
    """Return Markdown whose last code fence is closed, so that it does not swallow what follows."""
    is_open = ""
    for fence in _FENCE.findall(text):
        if not is_open:
            is_open = fence
        elif fence[0] == is_open[0] and len(fence) >= len(is_open):
            is_open = ""
    return f"{text}\n{is_open}" if is_open else text
