"""What stands beside a word that Tab offers: its kind, and in a few words what it is. Nobody is asked.

A front end has one text for it, the type: JupyterLab shows it in a column, a terminal under the list.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from g4f_magic import providers, registry
from g4f_magic.commands.status import MODES, TOPICS
from g4f_magic.known import (
    OFFERS,
    Known,
    Offer,
    attachable_of,
    chains_of,
    conversations_of,
    functions_of,
    models_of,
    notebooks_of,
    providers_of,
    rows_of,
    schemas_of,
)
from g4f_magic.option_table import OPTIONS
from g4f_magic.options import Option
from g4f_magic.subcommand import Word

_BY_NAME = {name: option for option in OPTIONS for name in option.names}
_PLACE_OF_OPTIONS = Word(("options",), is_optional=True)
_MOST = 60
"""Signs of an explanation: a column has no more room."""

_WORDS = {
    "@error": "attachment · the last error, with its cell",
    "@out": "attachment · the last output, with its picture",
    "@cells": "attachment · the cells above, with their outputs",
    "@cells:above:": "attachment · so many cells above",
    "@input": "attachment · the last cell that ran",
}
_LEVELS = {
    "names": "level · what it is called, and its type",
    "schema": "level · its structure, and no value",
    "sample": "level · a few rows or items",
    "all": "level · as much as the limit takes",
}
_OURS = {
    "auto": "who you connected, or who is found",
    "guide": "offline help, no model",
    "local": "a model file on this machine",
    "openai": "OpenAI, or a server that speaks its protocol",
    "koala": "its site is gone: asked in the local gateway",
    "darkai": "its site is gone: asked in the local gateway",
    "freenetfly": "its site is gone: asked in the local gateway",
    "aura": "its site is gone: asked in the local gateway",
    "whiterabbitneo": "with the cookies of an account",
}
_FORMATS = {
    "markdown": "formatted",
    "text": "as it came",
    "code": "its code, offered as the next cell",
    "json": "a tree to unfold",
    "html": "a page in a frame, where nothing runs",
}


def detail(word: str, before: Sequence[str], known: Known) -> str:
    """Return kind and explanation of a word, offered after the words `before`: `option · who answers`."""
    if before[:1] == ["%chat"]:
        return _after_chat(word, list(before[1:]), known)
    return _in_cell(word, before, known)


def wanted(before: Sequence[str]) -> str:
    """Return what is wanted after the words `before`, where there is nothing to offer: `number · randomness of the reply`."""
    if before and (option := _BY_NAME.get(before[-1])) is not None and option.value:
        return _joined(option.value.lower(), option.help)
    if before[:1] == ["%chat"]:
        command, words = registry.split(list(before[1:]))
        if command is not None and words and (value := command.takes.options.get(words[-1])):
            return value.lower()
        place = len(command.takes.words_in(words)) if command is not None else 0
        if command is not None and place < len(command.takes.words):
            return _joined(" or ".join(command.takes.words[place].kinds).lower(), command.help)
    return "text"


def _after_chat(word: str, before: list[str], known: Known) -> str:
    if not before:
        found = [*filter(None, (registry.subcommands().get(word),)), *registry.below(word)]
        return _joined("command", found[0].help if found else "")
    command, words = registry.split(before)
    if len(before) == 1 and (below := registry.subcommands().get(f"{before[0]} {word}")) is not None:
        return _joined("command", below.help)
    if command is None:
        return ""
    if command.takes.words[:1] == [_PLACE_OF_OPTIONS]:
        return _in_cell(word, ["%%chat", *words], known)
    if word in command.takes.options:
        value = command.takes.options[word]
        return _joined("option", f"of %chat {command.name}" + (f", takes {value}" if value else ""))
    place = len(command.takes.words_in(words))
    kinds = command.takes.words[place].kinds if place < len(command.takes.words) else ()
    if word in kinds:
        return _joined(command.name, MODES.get(word, "") or command.help)
    for kind in kinds:
        tell = _TELLING.get(command.offers.get(kind) or OFFERS.get(kind), _KINDS.get(kind))
        if tell is not None and (said := tell(word, words, known)):
            return said
    return next((kind.lower() for kind in kinds), "")


def _in_cell(word: str, before: Sequence[str], known: Known) -> str:
    name, equals, value = word.partition("=")
    if equals and (option := _BY_NAME.get(name)) is not None:
        return _of_value(value, option, before, known)
    if before and (option := _BY_NAME.get(before[-1])) is not None and option.value:
        return _of_value(word, option, before, known)
    option = _BY_NAME.get(word)
    return "" if option is None else _joined("option", option.help)


def _of_value(value: str, option: Option, before: Sequence[str], known: Known) -> str:
    if option.choices:
        explained = _FORMATS.get(value, "") if option.name == "--format" else ""
        return _joined(option.name.lstrip("-"), explained or option.help)
    tell = _TELLING.get(OFFERS.get(option.offers))
    return (tell(value, before, known) if tell else "") or option.value.lower()


def _provider(word: str, before: Sequence[str], known: Known) -> str:
    last = word.rpartition(",")[2]
    name, colon, _ = last.partition(":")
    if colon and name != "g4f":
        return _joined("model", f"of {name}")
    if (chain := known.settings.chains.get(word)) is not None:
        return _joined("chain", chain)
    if (preset := providers.known_presets().get(name)) is not None:
        return _joined("provider", preset.notes or preset.title or preset.base_url)
    if name in _OURS:
        return _joined("provider", _OURS[name])
    return _joined("provider", "of gpt4free") if colon else ("provider" if name in providers.names() else "")


def _model(word: str, before: Sequence[str], known: Known) -> str:
    return "model"


def _attachable(word: str, before: Sequence[str], known: Known) -> str:
    last = word.rpartition(",")[2]
    what, bar, level = last.rpartition("|")
    if bar and what:
        return _LEVELS.get(level, "")
    if last in _WORDS:
        return _WORDS[last]
    if (kind := known.kind_of(last)) != "":
        return _joined("variable", kind)
    return "folder" if last.endswith(("/", os.sep)) else "file"


def _conversation(word: str, before: Sequence[str], known: Known) -> str:
    return _joined("conversation", "of this notebook")


def _notebook(word: str, before: Sequence[str], known: Known) -> str:
    return _joined("notebook", "with turns of its own")


def _topic(word: str, before: Sequence[str], known: Known) -> str:
    found = registry.subcommands().get(word)
    return _joined("command", found.help) if found is not None else _joined("group", TOPICS.get(word, ""))


Tell: TypeAlias = Callable[[str, Sequence[str], Known], str]
"""Returns what is said of a word, after the words before it; empty: it is none of these."""

_TELLING: Mapping[Offer | None, Tell] = {
    providers_of: _provider,
    chains_of: _provider,
    models_of: _model,
    conversations_of: _conversation,
    notebooks_of: _notebook,
    **dict.fromkeys((attachable_of, rows_of, schemas_of, functions_of), _attachable),
}
"""By what offers it."""
_KINDS: Mapping[str, Tell] = {"NAME": _provider, "URL": _provider, "WORD": _topic, "GROUP": _topic}
"""By what a word is called in a help, where a command offers it by itself."""


def _joined(kind: str, explained: str) -> str:
    """Return both, on one line, the explanation as far as there is room."""
    line = " ".join(explained.replace("`", "").split()).rstrip(".")
    if len(line) > _MOST:
        line = line[:_MOST].rpartition(" ")[0].rstrip(",;:") + "…"
    return f"{kind} · {line}" if line else kind
