"""Goes through the cells of a notebook as a run would, in a session of its own: nothing runs, and nobody is asked.

What a cell asks, and what a `%chat` line does to what is asked after it, are the session's own rules: `ask_of`, the
settings, and the effects that the subcommands declare.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from traitlets import TraitError

from g4f_magic import registry
from g4f_magic.ask import Ask, ask_of, typed
from g4f_magic.chat_cell import chat_cell, unindented
from g4f_magic.comparison import first_said
from g4f_magic.conversation import Conversation
from g4f_magic.errors import ChatError, InputError
from g4f_magic.grammar import ChatLine
from g4f_magic.options import Options
from g4f_magic.session import Session
from g4f_magic.settings import Settings
from g4f_magic.side_by_side.columns import columns_of
from g4f_magic.turn import Turn

_CONFIG = re.compile(r"\s*%config\s+ChatMagics\.(\w+)\s*=\s*(.+)")
_COMMAND = re.compile(r"\s*%chat(?:\s+(.*))?$")
_ASK = re.compile(r"%ask\s+(.*)$")
_AROUND = re.compile(r"\s*%%(?!chat\b)\w+")
_BY_CODE = re.compile(r"\bChat(?:Panel)?\s*[.(]|run_cell_magic|run_line_magic|%chat\s+panel\b")
_IN_ITS_CONVERSATION = re.compile(r"\bChatPanel\s*\(|\bChat\.current\b")
"""Asks in the conversation of the cells: what it asks is not known, and so not what later cells send along."""
_LONGEST_VALUE = 2_000
"""Of a setting in a cell, in characters: a longer one is not looked into."""


@dataclass(frozen=True, slots=True)
class AskedCell:
    """What a cell asks, and of what it is told."""

    line: ChatLine
    ask: Ask
    conversation: str
    turns: tuple[Turn, ...]
    """Those of the conversation before it; none with `--once`."""
    names_schema: bool = False
    """Its reply has to be what the notebook defines, which only a run can tell."""


class Rehearsal:
    """The session as it stands after the cells so far.

    `answer` is given each question and returns the turn that it becomes, None where there is none; `refuse` is given
    what a cell cannot ask.
    """

    def __init__(
        self, answer: Callable[[AskedCell], Turn | None], refuse: Callable[[ChatError], None]
    ) -> None:
        self.session = Session(Settings(history="off"))
        self.asks_by_code = False
        self.is_sure = True
        """Whether it is known what the cells send along: nothing was done that only a run can tell."""
        self._answer = answer
        self._refuse = refuse

    def close(self) -> None:
        """Let its history, which was in memory alone, go."""
        self.session.history.close()

    def cell(self, source: str) -> None:
        """Take the next cell."""
        lines = unindented(source.splitlines(keepends=True))
        while lines and _AROUND.match(lines[0]):
            lines = unindented(lines[1:])
        if (asking := chat_cell(lines)) is not None:
            self._ask(asking.line, asking.body)
            return
        self.asks_by_code = self.asks_by_code or bool(_BY_CODE.search(source))
        self.is_sure = self.is_sure and not _IN_ITS_CONVERSATION.search(source)
        for line in source.splitlines():
            if found := _CONFIG.match(line):
                self._configure(found[1], found[2])
            elif found := _ASK.match(line):
                self._ask(found[1], "")
            elif found := _COMMAND.match(line):
                with suppress(ChatError):  # the run fails there, too, and changes nothing
                    self._command(found[1] or "")

    def _ask(self, line: str, body: str) -> None:
        try:
            read = ChatLine(line)
            if read.is_dry_run:
                return
            conversation = self.session.conversation(read.options.conversation)
            is_once = read.options.is_once
            turns = () if is_once else conversation.turns
            answers: list[Turn] = []
            for options in self._asked_at_once(read):
                ask = ask_of(read.prompt(body), options, self.session.settings)
                ask, names_schema = _typed(ask, options)
                turn = self._answer(AskedCell(read, ask, conversation.name, turns, names_schema))
                if turn is not None:
                    asked = replace(turn.ask, provider=ask.provider, model=ask.model)
                    answers.append(replace(turn, ask=asked))
        except ChatError as exc:
            self._refuse(exc)
            return
        if answers and not is_once:
            _keep(answers, conversation)

    def _asked_at_once(self, line: ChatLine) -> list[Options]:
        """Return what is said of each who is asked: usually one.

        Raises:
            InputError: the columns cannot be.
        """
        if line.beside is None:
            return [line.options]
        settings, beside = self.session.settings, line.beside
        return [one.options for one in columns_of(line.options, beside.providers, beside.models, settings)]

    def _command(self, line: str) -> None:
        """Do what a `%chat` line does, as far as it changes what is asked after it."""
        command, words = registry.find(line)
        given = command.takes.read(command.name, words)
        if command.asks is not None:
            self._ask(*command.asks(given.words))
        if command.effect is not None:
            command.effect(self.session, given)
        if command.unsettles is not None and command.unsettles(given):
            self.is_sure = False

    def _configure(self, name: str, value: str) -> None:
        settings = self.session.settings
        if name not in settings.trait_names(config=True) or len(value) > _LONGEST_VALUE:
            return
        # The run will say what is wrong with it.
        with suppress(ValueError, SyntaxError, TypeError, MemoryError, RecursionError, TraitError):
            setattr(settings, name, ast.literal_eval(value.strip()))


def _keep(turns: Sequence[Turn], conversation: Conversation) -> None:
    """Keep what one cell was answered; of several the first that says something is the turn."""
    first, *others = turns
    if not others:
        conversation.keep(first)
        return
    columns = [replace(one, slot=first.slot, compared=first.id) for one in turns]
    conversation.keep(columns[0])
    for one in columns[1:]:
        conversation.keep_beside(one)
    if (kept := first_said(columns)) is not columns[0]:
        conversation.restore(kept.id)


def _typed(ask: Ask, options: Options) -> tuple[Ask, bool]:
    """Return the question with what its reply has to be, and whether only the notebook's classes tell that.

    Raises:
        InputError: it is no schema whatever the notebook holds.
    """
    try:
        return typed(ask, options, {}), False
    except InputError:
        # A word that is no type may be a class, which is not there as nothing runs.
        if isinstance(options.schema, str) and re.search(r"[^\W\d]\w*", options.schema):
            return ask, True
        raise
