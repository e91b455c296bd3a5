"""Looks for the recordings of what the cells of a saved notebook ask, without running anything."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

from g4f_magic.cassette import Asked, Entry, Index, LineRef, miss_error
from g4f_magic.check.dependent import DependentAsk, attachments_of, unescaped
from g4f_magic.check.notebook_file import NO_NOTEBOOK, notebook_json
from g4f_magic.check.rehearsal import AskedCell, Rehearsal
from g4f_magic.context import Context, context_of
from g4f_magic.errors import ChatError, InputError
from g4f_magic.turn import Turn

_UNKNOWN = "…"
"""Stands for a reply that is not recorded."""


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
    unused: tuple[LineRef, ...]
    """What no cell asks for; code in the notebook may."""
    asks_by_code: bool
    """Whether it also asks from Python code, which is not looked into."""
    dependent: tuple[int, ...] = ()
    """The code cells whose question depends on the notebook's data, counted from 1."""


def check_notebook(notebook: Path, index: Index) -> Checked:
    """Return whether the recordings in `index` answer the chat cells of the saved notebook, run from the top.

    Raises:
        InputError: the notebook cannot be read.
    """
    walk = _Walk(index)
    with closing(walk.rehearsal):
        for number, (source, may_fail) in enumerate(code_cells(notebook), start=1):
            before = list(walk.misses)
            walk.cell(number, source)
            if may_fail:
                walk.misses = before
    unused = index.loose(ref for ref, _ in index.all() if ref not in walk.used)
    return Checked(
        walk.held,
        tuple(walk.misses),
        tuple(unused),
        walk.rehearsal.asks_by_code,
        tuple(dict.fromkeys(walk.dependent)),
    )


def code_cells(notebook: Path) -> list[tuple[str, bool]]:
    """Return the sources of the code cells of a notebook, in order, and whether each is meant to fail (by its tag).

    Raises:
        InputError: it cannot be read, or is none.
    """
    try:
        cells = json.loads(notebook_json(notebook))["cells"]
        return [
            ("".join(cell["source"]), "raises-exception" in cell["metadata"].get("tags", ()))
            for cell in cells
            if cell["cell_type"] == "code"
        ]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as exc:
        raise InputError(f"{notebook} is not a notebook", hint=NO_NOTEBOOK) from exc


class _Walk:
    """Looks for the recording of each question."""

    def __init__(self, index: Index) -> None:
        self.held = 0
        self.misses: list[Problem] = []
        self.used: set[LineRef] = set()
        self.dependent: list[int] = []
        self.rehearsal = Rehearsal(self._answer, self._refuse)
        self._number = 0
        self._index = index
        self._asked: Counter[str] = Counter()
        self._keys: dict[str, str] = {}
        """Of turns whose recording is missing, or follows one that is, by their ids: what a request after them names."""

    def cell(self, number: int, source: str) -> None:
        self._number = number
        self.rehearsal.cell(source)

    def _refuse(self, error: ChatError) -> None:
        self.misses.append(_problem(self._number, error))

    def _answer(self, question: AskedCell) -> Turn | None:
        ask, options = question.ask, question.line.options
        dependent = DependentAsk.of(
            ask,
            options.attached,
            is_named=question.line.names_values,
            names_schema=question.names_schema,
            names_tools=bool(options.tools),
        )
        if question.line.many.each:
            self._rows(dependent or DependentAsk(ask, ("", ""), frozenset(), is_named=False))
            return None
        if dependent is not None:
            return self._depending(dependent)
        ask = replace(ask, sent=unescaped(ask.prompt))
        contexts = [context_of(question.turns, ask.bound, for_guide=for_guide) for for_guide in (True, False)]
        asked, *others = (
            replace(form, parent=parent, context=count)
            for form in Asked.forms_of(ask)
            for parent, count in dict.fromkeys(map(self._parent, contexts))
        )
        entry = self._find(asked, *others)
        if entry is None:
            self._refuse(miss_error(self._index.name, self._index, asked))
            turn = _turn(ask.prompt, _UNKNOWN)
        else:
            self.held += 1
            turn = _turn(ask.prompt, entry.reply, entry.via)
        if entry is None or any(before.id in self._keys for before in question.turns):
            self._keys[turn.id] = asked.key
        return turn

    def _parent(self, context: Context) -> tuple[str, int]:
        """Return what a request after those turns names as its parent, and how many messages go along with it."""
        sent = context.exchanges
        missing = (self._keys[turn.id] for turn in reversed(context.turns) if turn.id in self._keys)
        return next(missing, "") or self._index.parent(sent), 2 * len(sent)

    def _depending(self, dependent: DependentAsk) -> Turn | None:
        """Take the next recording that may be of a question that depends on data: which, only a run can tell."""
        self.dependent.append(self._number)
        for ref, entry in self._index.all():
            if ref not in self.used and dependent.fits(entry.asked):
                self.used.add(ref)
                self._asked[entry.asked.key] += 1
                self.held += 1
                turn = _turn(dependent.ask.prompt, entry.reply, entry.via)
                sent = replace(turn.ask, sent=entry.asked.prompt, attachments=attachments_of(entry.asked))
                return replace(turn, ask=sent)
        self._note_unrecorded("its question depends on data, and no recording fits it")
        self.rehearsal.is_sure = False
        return None

    def _rows(self, dependent: DependentAsk) -> None:
        """Take the recordings that may be of a cell's rows: how many there are to be, only a run can tell.

        What another cell's rows ask is the same recording.
        """
        self.dependent.append(self._number)
        found = [
            ref for ref, entry in self._index.all() if not entry.asked.context and dependent.fits(entry.asked)
        ]
        self.used.update(found)
        if found:
            self.held += 1
            return
        self._note_unrecorded("it asks for each row, and no recording fits its prompt")

    def _note_unrecorded(self, why: str) -> None:
        text = f"code cell {self._number}: {why}\nTo record it: `%chat mode record`, and run the cell."
        self.misses.append(Problem(self._number, text))

    def _find(self, asked: Asked, *others: Asked) -> Entry | None:
        for one in (asked, *others):
            refs = list(self._index.refs(one.key))
            number = self._asked[one.key]
            if number < len(refs):
                self._asked[one.key] += 1
                self.used.add(refs[number])
                return self._index.entry(refs[number])
        if self.rehearsal.is_sure:
            return None
        # What was said before is not known here: then any recording of the same prompt may be the one.
        for ref, entry in self._index.all():
            if ref not in self.used and any(
                _is_same_but_for_context(entry.asked, one) for one in (asked, *others)
            ):
                self.used.add(ref)
                return entry
        return None


def _is_same_but_for_context(held: Asked, asked: Asked) -> bool:
    return _apart_from_context(held) == _apart_from_context(asked)


def _apart_from_context(one: Asked) -> tuple[object, ...]:
    return one.provider, one.prompt, one.model, one.system, dict(one.parameters), one.further.get("schema")


def _problem(number: int, error: ChatError) -> Problem:
    return Problem(number, "\n".join([f"code cell {number}: {error}", *error.hint.splitlines()]))


def _turn(prompt: str, reply: str, via: str = "") -> Turn:
    return Turn.plain(
        id=(identity := uuid4().hex),
        slot=identity,
        prompt=prompt,
        reply=reply,
        provider="",
        model="",
        started_at=0.0,
        status="done" if reply.strip() else "failed",
        via=via,
    )
