"""Goes through the cells of a saved notebook as a run would, without running anything."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from IPython.core.inputtransformer2 import leading_empty_lines, leading_indent
from traitlets import TraitError

from g4f_magic.cassette import Asked, Entry, Index, Place, recordable
from g4f_magic.cassette.miss import miss
from g4f_magic.conversation import Bound
from g4f_magic.errors import ChatError, InputError
from g4f_magic.grammar import ChatLine, words_of
from g4f_magic.messages import Turn
from g4f_magic.settings import Settings

_CONFIG = re.compile(r"\s*%config\s+ChatMagics\.(\w+)\s*=\s*(.+)")
_COMMAND = re.compile(r"\s*%chat(?:\s+(.*))?$")
_AROUND = re.compile(r"\s*%%(?!chat\b)\w+")
_BY_CODE = re.compile(r"\bChat(?:Panel)?\s*[.(]|run_cell_magic|run_line_magic|%chat\s+panel\b")
_IN_ITS_CONVERSATION = re.compile(r"\bChatPanel\s*\(|\bChat\.current\b")
"""Asks in the conversation of the cells: what it asks is not known, and so not what later cells send along."""
_CHANGING = frozenset({"undo", "redo", "restore", "forget", "import", "notebook", "panel"})


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one cell: `cell` counts the code cells from 1, and `text` says it in a few lines."""

    cell: int
    text: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What can be said of a notebook without running it."""

    held: int
    """How many of its cells are answered by a recording."""
    misses: tuple[Problem, ...]
    unused: tuple[Place, ...]
    """What no cell asks for; code in the notebook may."""
    asks_by_code: bool
    """Whether it also asks from Python code, which is not looked into."""


def check_notebook(notebook: Path, index: Index) -> Checked:
    """Return whether the recordings in `index` answer the chat cells of the saved notebook, run from the top.

    Raises:
        InputError: the notebook cannot be read.
    """
    walk = _Walk(notebook.stem, index)
    for number, (source, may_fail) in enumerate(code_cells(notebook), start=1):
        before = list(walk.misses)
        walk.cell(number, source)
        if may_fail:
            walk.misses = before
    unused = index.loose(place for place, _ in index.all() if place not in walk.used)
    return Checked(walk.held, tuple(walk.misses), tuple(unused), walk.asks_by_code)


def _as_typed(source: str) -> list[str]:
    """Return the lines of a cell as its magic gets them: without empty ones and an indent before it."""
    lines: list[str] = leading_empty_lines(source.splitlines(keepends=True))
    return leading_indent(lines) if lines and lines[0][:1].isspace() else lines


def code_cells(notebook: Path) -> list[tuple[str, bool]]:
    """Return the sources of the code cells of a notebook, in order, and whether each is meant to fail (by its tag).

    Raises:
        InputError: it cannot be read, or is none.
    """
    try:
        cells = json.loads(notebook.read_bytes())["cells"]
        return [
            ("".join(cell["source"]), "raises-exception" in cell["metadata"].get("tags", ()))
            for cell in cells
            if cell["cell_type"] == "code"
        ]
    except OSError as exc:
        raise InputError(
            f"{notebook} cannot be read: {exc.strerror}", hint="Give a notebook's path."
        ) from exc
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as exc:
        raise InputError(f"{notebook} is no notebook", hint="Give an .ipynb file of format 4.") from exc


@dataclass(slots=True)
class _Talk:
    """One conversation as it would stand: what was said, and the key of the last turn where that is not recorded."""

    exchanges: list[tuple[str, str]] = field(default_factory=list)
    lost_at: str = ""

    def parent(self, index: Index, bound: Bound) -> tuple[str, int]:
        """Return what a request after this names as its parent, and how many messages go along with it."""
        turns = [_turn(prompt, reply) for prompt, reply in self.exchanges]
        sent = self.exchanges[bound.first_of(turns) :]
        if self.lost_at:
            return (self.lost_at if sent else ""), 2 * len(sent)
        return index.parent(sent), 2 * len(sent)


class _Walk:
    """Goes through the cells as a run would."""

    def __init__(self, name: str, index: Index) -> None:
        self.held = 0
        self.misses: list[Problem] = []
        self.used: set[Place] = set()
        self.asks_by_code = False
        self._name = name
        self._index = index
        self._asked: Counter[str] = Counter()
        self._settings = Settings()
        self._current = "main"
        self._talks: dict[str, _Talk] = {}
        self._is_sure = True

    def cell(self, number: int, source: str) -> None:
        lines = _as_typed(source)
        while lines and _AROUND.match(lines[0]):
            lines = _as_typed("".join(lines[1:]))
        if lines and lines[0].lstrip().startswith("%%chat"):
            try:
                self._chat(number, lines[0].strip().removeprefix("%%chat"), "".join(lines[1:]))
            except ChatError as exc:
                self.misses.append(_problem(number, exc))
            return
        self.asks_by_code = self.asks_by_code or bool(_BY_CODE.search(source))
        self._is_sure = self._is_sure and not _IN_ITS_CONVERSATION.search(source)
        for line in source.splitlines():
            if found := _CONFIG.match(line):
                self._configure(found[1], found[2])
            elif found := _COMMAND.match(line):
                self._steer(found[1] or "")

    def _chat(self, number: int, line: str, cell: str) -> None:
        options = ChatLine(line).options
        settings = self._settings
        talk = _Talk() if options.is_once else self._talk(options.conversation)
        name = (options.provider or settings.provider).strip().lower()
        is_default = not options.provider or name == settings.provider.lower()
        bound = Bound(settings.context_turns, settings.context_tokens)
        if options.context_turns is not None or options.context_tokens is not None:
            bound = Bound(options.context_turns, options.context_tokens)
        parent, context = talk.parent(self._index, bound)
        asked = Asked(
            provider=name,
            prompt=cell.replace("\r\n", "\n").strip("\n"),
            model=options.model or (settings.model if is_default else ""),
            system=settings.system if options.system is None else options.system,
            parameters=recordable(options.parameters),
            parent=parent,
            context=context,
        )
        entry = self._find(asked)
        if entry is None:
            self.misses.append(_problem(number, miss(self._name, self._index, asked)))
            talk.lost_at = asked.key
            talk.exchanges.append((asked.prompt, ""))
            return
        self.held += 1
        if entry.reply.strip():
            talk.exchanges.append((asked.prompt, entry.reply))
            talk.lost_at = asked.key if talk.lost_at else ""

    def _find(self, asked: Asked) -> Entry | None:
        places = list(self._index.places(asked.key))
        number = self._asked[asked.key]
        self._asked[asked.key] += 1
        if number < len(places):
            self.used.add(places[number])
            return self._index.entry(places[number])
        if self._is_sure:
            return None
        # What was said before is not known here: then any recording of the same prompt may be the one.
        for place, entry in self._index.all():
            if place not in self.used and _is_same_but_for_context(entry.asked, asked):
                self.used.add(place)
                return entry
        return None

    def _talk(self, name: str = "") -> _Talk:
        return self._talks.setdefault(name or self._current, _Talk())

    def _configure(self, name: str, value: str) -> None:
        with suppress(ValueError, SyntaxError, TraitError):  # the run will say what is wrong with it
            setattr(self._settings, name, ast.literal_eval(value.strip()))

    def _steer(self, line: str) -> None:
        """Do what a `%chat` line does, as far as it changes what is asked after it."""
        try:
            words = words_of(line)
        except InputError:
            return
        match words:
            case ["use", provider, *model]:
                self._settings.provider = provider.lower()
                self._settings.model = _own_name(provider, model[0]) if model else ""
            case ["switch", name, *_]:
                self._current = name
            case ["reset", *_]:
                self._talks[self._current] = _Talk()
            case ["fork", name]:
                talk = self._talk()
                self._talks[name] = _Talk(list(talk.exchanges), talk.lost_at)
                self._current = name
            case [command, *_] if command in _CHANGING or command == "fork":
                self._is_sure = False


def _own_name(provider: str, model: str) -> str:
    """Return the provider's own name of a model, as `%chat use` keeps it."""
    from g4f_magic import providers
    from g4f_magic.services import model_of

    try:
        return model_of(providers.get(provider), provider, model)
    except ChatError:
        return model


def _is_same_but_for_context(held: Asked, asked: Asked) -> bool:
    return (held.provider, held.prompt, held.model, held.system, dict(held.parameters)) == (
        asked.provider,
        asked.prompt,
        asked.model,
        asked.system,
        dict(asked.parameters),
    )


def _problem(number: int, error: ChatError) -> Problem:
    return Problem(number, "\n".join([f"code cell {number}: {error}", *error.hint.splitlines()]))


def _turn(prompt: str, reply: str) -> Turn:
    about: dict[str, Any] = {"id": "", "slot": "", "provider": "", "model": "", "started_at": 0.0}
    return Turn(prompt=prompt, reply=reply, **about)
