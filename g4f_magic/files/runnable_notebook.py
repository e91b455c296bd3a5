"""Turns as a notebook whose cells ask the same again, and as JSON that steers no terminal. No I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC
from hashlib import sha256
from shlex import quote
from typing import Any

from g4f_magic.endings import words_of
from g4f_magic.errors import InputError
from g4f_magic.literals import text_of
from g4f_magic.messages import date_of
from g4f_magic.option_table import PARAMETERS
from g4f_magic.options import Option
from g4f_magic.turn import Turn
from g4f_magic.turn_json import turn_to_json

Html = Callable[[Turn], str]
"""Gives the HTML of a reply, made safe."""

_CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_STEERING = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What JSON may hold as it stands and a terminal may obey; the other controls JSON escapes itself."""
_LONGEST_WORD = 2_000


def json_text(value: Any, *, indent: int | None = None) -> str:
    """Return JSON for a file, readable, and without signs that steer a terminal which shows it."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def to_notebook(turns: Iterable[Turn], *, html: Html | None = None) -> str:
    """Return turns as a notebook (nbformat 4.5) whose cells can be run again."""
    used: set[str] = set()
    cells = [_code_cell(_cell_id("load", used), "%load_ext g4f_magic", [])]
    system = ""
    for turn in turns:
        if turn.system != system and not _is_word(turn.system):
            system = turn.system
            cells.append(_code_cell(_cell_id("system", used), _setting("system", system), []))
        cells.append(_chat_cell(turn, _cell_id(turn.slot, used), html, system))
    value = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json_text(value, indent=1)


def origin(turn: Turn) -> str:
    """Return who answered, how and when, as one line."""
    via = f"via {turn.via}" if turn.via else ""
    return " · ".join(
        part
        for part in (turn.provider, " → ".join(turn.shown_models), via, date_of(turn.started_at, UTC))
        if part
    ).replace("\n", " ")


def _chat_cell(turn: Turn, cell_id: str, html: Html | None, system: str) -> dict[str, Any]:
    values = turn_to_json(turn)
    details = {key: value for key, value in values.items() if key not in ("prompt", "reply")}
    ending = words_of(turn.finish) if turn.status == "done" else ""
    data = {"text/plain": f"{turn.reply}\n\n— {' · '.join(filter(None, (origin(turn), ending)))}"}
    if html is not None:
        data["text/html"] = html(turn)
    output = {"output_type": "display_data", "data": data, "metadata": {"g4f_magic": {"turn": details}}}
    return _code_cell(cell_id, " ".join(["%%chat", *_options(turn, system)]) + f"\n{turn.prompt}", [output])


def _options(turn: Turn, system: str) -> list[str]:
    """Return the words of the cell's line that ask the same again; `system` is the one that holds there anyway."""
    words: list[str] = []
    if turn.provider != "imported":
        words += _option("--provider", turn.provider)
    words += _option("--model", turn.model)
    if turn.system != system:
        words += [f"--system={quote(turn.system)}"]
    if turn.source != "imported":  # what another's file names is not evaluated here
        for one in turn.ask.attachments:
            words += _option("--with", one.name) if one.origin == "with" else []
        if turn.ask.tools:
            words += _option("--tools", ",".join(turn.ask.tools))
    if turn.ask.schema is not None:
        words += _option("--schema", json.dumps(dict(turn.ask.schema), separators=(",", ":")))
    for name, value in turn.ask.parameters.items():
        if name in PARAMETERS:
            words += _parameter(PARAMETERS[name], value)
        elif "=" not in name:
            words += _option("--param", f"{name}={text_of(value)}")
    return words


def _parameter(option: Option, value: Any) -> list[str]:
    """Return an option with its value; none where the option cannot hold it, as what was imported may say anything."""
    text = json.dumps(value)
    with suppress(ValueError, InputError):
        if option.read(text) == value:
            return _option(option.name, text)
    return []


def _option(name: str, value: str) -> list[str]:
    """Return an option and its value; none where the value is no word that a line can hold."""
    return [name, quote(value)] if value and not value.startswith("-") and _is_word(value) else []


def _is_word(value: str) -> bool:
    return value.isprintable() and len(value) <= _LONGEST_WORD


def _setting(name: str, value: str) -> str:
    """Return a line that sets a text of several lines. Braces and dollars would be filled in by IPython."""
    text = ascii(value).replace("{", r"\x7b").replace("}", r"\x7d").replace("$", r"\x24")
    return f"%config ChatMagics.{name} = {text}"


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
