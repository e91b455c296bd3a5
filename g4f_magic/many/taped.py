"""Rows in a cassette: one line for each distinct request, in the order of the rows; and found there again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from g4f_magic.answering.recorder import public_way
from g4f_magic.ask import Ask
from g4f_magic.cassette import Asked, Entry, OpenCassette, Timed, failure_json, secret_warning
from g4f_magic.chunks import Finish, Named, Served, Text
from g4f_magic.errors import ChatError
from g4f_magic.many.answer import Answer, Outcome, RowRequest, Unanswered, said_of
from g4f_magic.many.running import answer_in
from g4f_magic.messages import Usage
from g4f_magic.version import __version__


class Tape:
    """The cassette of a notebook, for rows."""

    def __init__(
        self, cassette: OpenCassette, hosts: tuple[str, ...] = (), *, keeps_errors: bool = False
    ) -> None:
        self._cassette = cassette
        self._hosts = hosts
        self._keeps_errors = keeps_errors

    def check(self, ask: Ask) -> str:
        """Make sure before anything is sent that it can be recorded; return a warning of what should not be.

        Raises:
            InputError: the cassette cannot be written, or the question holds a secret that is known here.
        """
        self._cassette.look(to_write=True)
        return secret_warning(Asked.of(ask), ask, self._cassette.path.name)

    def find(self, ask: Ask) -> Outcome | None:
        """Return what was recorded of a question that stands alone, None where nothing was."""
        for asked in Asked.forms_of(ask):
            entry = self._cassette.find(asked, self._slot(asked))
            if entry is not None:
                return _outcome_of(entry)
        return None

    def missed(self, ask: Ask) -> Unanswered:
        """Return why a question has no answer where none may be asked for."""
        error = self._cassette.missed(Asked.of(ask))
        return Unanswered(said_of(error), error=error)

    def keep(self, told: Iterable[tuple[RowRequest, Outcome | None]], who: Served) -> None:
        """Record what was answered, in that order: in place of what the same cell recorded of the same request.

        None: it is recorded, and stays as it is.

        Raises:
            InputError: it could not be written; the file is as it was.
        """
        turns: list[tuple[Entry | Asked, str]] = []
        for request, outcome in told:
            asked = Asked.of(request.ask)
            entry = asked if outcome is None else self._entry(asked, outcome, who)
            if entry is not None:
                turns.append((entry, self._slot(asked)))
        if any(isinstance(one, Entry) for one, _ in turns):
            self._cassette.keep_many(turns)

    def _slot(self, asked: Asked) -> str:
        return (
            f"rows {asked.key}"  # whoever asks it, in whichever cell, is told the same, as with kept answers
        )

    def _entry(self, asked: Asked, outcome: Outcome, who: Served) -> Entry | None:
        if isinstance(outcome, Unanswered) and (outcome.error is None or not self._keeps_errors):
            return None
        return Entry(
            asked=asked,
            chunks=_chunks_of(outcome) if isinstance(outcome, Answer) else (),
            answering=who.provider,
            answering_model=who.model,
            via=public_way(who.via),
            at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            by=f"g4f_magic {__version__}",
            error=None
            if isinstance(outcome, Answer) or outcome.error is None
            else failure_json(outcome.error, self._hosts),
        )


def _chunks_of(answer: Answer) -> tuple[Timed, ...]:
    chunks: list[Timed] = [(round(answer.seconds * 1000), Text(answer.reply))]
    if answer.model:
        chunks.insert(0, (0, Named(answer.model)))
    if answer.tokens is not None:
        chunks.append((0, Usage(answer.prompt_tokens, answer.completion_tokens)))
    return (*chunks, (0, Finish(answer.finish)))


def _outcome_of(entry: Entry) -> Outcome:
    failure = entry.failure()
    if failure is None:
        try:
            served = Served(entry.answering, entry.answering_model)
            return answer_in([served, *(chunk for _, chunk in entry.chunks)], entry.seconds)
        except ChatError as exc:
            failure = exc
    return Unanswered(said_of(failure), error=failure)
