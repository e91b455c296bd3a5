"""One job: the rows, what each asks, what came of it, and the table in the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from g4f_magic.ask import ask_of, typed, without_tools
from g4f_magic.attaching.finding import Finder
from g4f_magic.context import estimated_tokens
from g4f_magic.errors import ChatError, InputError, MissError, RowsFailedError, UnfitReplyError
from g4f_magic.many.answer import Answer, Outcome, RowRequest, Unanswered
from g4f_magic.many.answer_store import AnswerStore
from g4f_magic.many.bill import Bill
from g4f_magic.many.columns import check_names, judged, said_in, told_of
from g4f_magic.many.pacing import Limits, Pace
from g4f_magic.many.reading import rows_of
from g4f_magic.many.request_key import keys_for, plain_key
from g4f_magic.many.rows import Rows
from g4f_magic.many.running import Planned, Runner
from g4f_magic.many.taped import Tape
from g4f_magic.many.template import Template, template_of
from g4f_magic.many.who import Who, who_answers
from g4f_magic.options import Options
from g4f_magic.schemas import schema_of
from g4f_magic.session import Session
from g4f_magic.settings import Settings
from g4f_magic.wire.pool import pooled

_SLICE = 200
"""Rows that are read before the loop gets its turn."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a person wants many asked."""

    first: int | None = None
    """So many of them, from the beginning."""
    is_fresh: bool = False
    """Ask all anew, whatever is kept."""
    keeps_going: bool = False
    """Rows that fail are no failure of the whole."""
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        given: tuple[tuple[str, Any], ...] = (("first", self.first), ("parallel", self.limits.parallel))
        for name, number in given:
            if number is not None and (not isinstance(number, int) or number < 1):
                raise InputError(f"{name}={number!r} is not a whole number above 0", hint="Nothing was sent.")


class Job:
    """Made by `prepared`; `run` it once, and take its `table`, however that ended."""

    def __init__(
        self, session: Session, options: Options, template: Template, rows: Rows, wish: Wish
    ) -> None:
        self.session = session
        self.options = options
        self.template = template
        self.rows = rows
        self.wish = wish
        self.mode = session.settings.mode_of(options.mode)
        self.who: Who | None = None
        """None where all comes from the recording."""
        self.outcomes: dict[bytes, Outcome] = {}
        """What came of each distinct request so far."""
        self.keys: list[bytes | None] = []
        """Of each row; None: it is empty, or names what it does not have."""
        self.first_rows: dict[bytes, int] = {}
        """The first row of each distinct request, in the order of the rows."""
        self.tokens: dict[bytes, int] = {}
        """Roughly what each of those sends."""
        self.unasked: dict[int, Unanswered] = {}
        """Rows that ask nothing, by their number."""
        self.schema = None if template.ask.schema is None else schema_of(template.ask.schema)
        """What each reply has to be."""
        self.values: dict[bytes, Any] = {}
        """Of typed replies, by their request."""
        shared = (template.ask.system, *(one.text for one in template.ask.attachments))
        self.shared_tokens = sum(map(estimated_tokens, shared))
        """Roughly what every request sends besides its prompt."""
        self.held = 0
        """Distinct requests that were answered before."""
        self.ended_by: ChatError | None = None
        self.is_under_way = False
        self.pace = Pace(wish.limits)
        self._answered_before = 0
        """How many answers had come of all jobs when it was looked which are kept."""
        self._tape: Tape | None = None
        self._recorded: set[bytes] = set()
        """Requests whose outcome is that of the recording."""

    @property
    def open_keys(self) -> list[bytes]:
        """Return the requests that have no answer yet, in the order of the rows."""
        return [key for key in self.first_rows if not isinstance(self.outcomes.get(key), Answer)]

    def sent_tokens(self) -> int:
        """Return roughly what is still to be sent, in tokens."""
        return sum(self.tokens[key] + self.shared_tokens for key in self.open_keys)

    def request(self, key: bytes) -> RowRequest:
        """Return a request, its prompt rendered anew: thousands of them need not be held."""
        number = self.first_rows[key]
        return RowRequest(number, key, self.template.asked(self.template.render(self.rows.fields(number))))

    async def plan(self) -> None:
        """Read the rows, and find out what is answered already. Nothing is sent.

        Raises:
            InputError: what is kept cannot be read, or a prompt cannot be recorded.
        """
        if self.mode != "replay":
            self.who = await who_answers(self.session, self.options)
        key_of = keys_for(self.template.ask, self.who.served, self.who.place) if self.who else plain_key
        for number in range(self.rows.count):
            if number % _SLICE == 0:
                await asyncio.sleep(0)
            self._plan_row(number, key_of)
        if self.mode != "live":
            await self._look_into_tape()
        if self.who is not None and not self.wish.is_fresh:
            self._answered_before = store_of(self.session.settings).claims.answered
            kept = await store_of(self.session.settings).kept(self.open_keys)
            for done, (key, answer) in enumerate(kept.items()):
                if done % _SLICE == 0:
                    await asyncio.sleep(0)
                self.note(key, answer)
                self.held += isinstance(self.outcomes[key], Answer)

    def _plan_row(self, number: int, key_of: Callable[[str], bytes]) -> None:
        text = self.template.prompt_of(self.rows.fields(number))
        if isinstance(text, Unanswered):
            self.keys.append(None)
            self.unasked[number] = text
            return
        key = key_of(text)
        self.keys.append(key)
        if key not in self.first_rows:
            self.first_rows[key] = number
            self.tokens[key] = estimated_tokens(text)

    async def _look_into_tape(self) -> None:
        """Take what is recorded, where that counts, and make sure that the rest can be."""
        self._tape = tape_of(self.session, self.options, self.who)
        for done, key in enumerate(list(self.first_rows)):
            if done % _SLICE == 0:
                await asyncio.sleep(0)
            ask = self.request(key).ask
            is_played = self.mode == "replay" or (self.mode == "auto" and not self.wish.is_fresh)
            if is_played and (found := self._tape.find(ask)) is not None:
                self.note(key, found)
                self.held += 1
                self._recorded.add(key)
            elif self.mode == "replay":
                self.outcomes[key] = self._tape.missed(ask)
            else:
                self._tape.check(ask)

    async def run(self) -> AsyncGenerator[tuple[RowRequest, Outcome]]:
        """Ask what has no answer, and yield what comes, as it comes; leaving early keeps what came.

        Raises:
            InputError: what came could not be recorded.
        """
        if self.who is None or not self.open_keys:
            self.record()
            return
        self.is_under_way = True
        store = store_of(self.session.settings)
        async with pooled(self.pace.hear):
            finds_out = self.who.finds_out(self.template.ask.schema)
            claims = None if self.wish.is_fresh else store.claims
            runner = Runner(
                self.who.asking, store, self.pace, Bill.of(self.session), finds_out=finds_out, claims=claims
            )
            try:
                with store.claims.job():
                    if claims is not None and claims.answered != self._answered_before:
                        for key, answer in (await store.kept(self.open_keys)).items():
                            self.note(key, answer)
                            yield self.request(key), self.outcomes[key]
                    source = Planned(self.request(key) for key in self.open_keys)
                    async with aclosing(runner.outcomes(source)) as came:
                        async for request, outcome in came:
                            self.note(request.key, outcome)
                            yield request, outcome
            finally:
                for request, outcome in runner.untaken():
                    self.note(request.key, outcome)
                self.is_under_way = False
                self.ended_by = runner.ended_by
                self.record()

    def note(self, key: bytes, outcome: Outcome) -> None:
        """Take note of what came of a request, with its value where it is typed."""
        self.outcomes[key], value = judged(self.schema, outcome)
        if self.schema is not None and isinstance(self.outcomes[key], Answer):
            self.values[key] = value

    def record(self) -> None:
        """Record what came, in the order of the rows, where that is the mode.

        Raises:
            InputError: it could not be written.
        """
        if self._tape is None or self.who is None:
            return
        kept = (
            (self.request(key), None if key in self._recorded else self.outcomes[key])
            for key in self.first_rows
            if key in self.outcomes
        )
        self._tape.keep(kept, self.who.served)

    def outcome(self, number: int) -> Outcome:
        """Return what came of a row."""
        key = self.keys[number]
        if key is None:
            return self.unasked[number]
        return self.outcomes.get(key) or Unanswered(self._why_missing())

    def _why_missing(self) -> str:
        if self.is_under_way:
            return "not answered yet"
        return "not asked: it was stopped before" if self.ended_by is None else f"not asked: {self.ended_by}"

    def table(self) -> Any:
        """Return the table with what came, of the same kind and index as the rows."""
        outcomes = [self.outcome(number) for number in range(self.rows.count)]
        values = [None if key is None else self.values.get(key) for key in self.keys]
        return self.rows.with_columns({**said_in(outcomes, values, self.schema), **told_of(outcomes)})

    def failed(self) -> list[int]:
        """Return the numbers of the rows that have no answer and should have one."""
        return [
            number
            for number in range(len(self.keys))
            if isinstance(one := self.outcome(number), Unanswered) and one.is_failure
        ]

    def failure(self, table: Any) -> RowsFailedError | None:
        """Return the error that the job ends with; None where all rows are answered, or the person wants to go on."""
        failed = self.failed()
        if not failed or (self.wish.keeps_going and self.ended_by is None):
            return None
        first = self.outcome(failed[0])
        why = (
            str(self.ended_by)
            if self.ended_by is not None
            else first.why
            if isinstance(first, Unanswered)
            else ""
        )
        again = "Run it again: only what is missing is asked."
        hint = f"The others are in the table. {again}"
        if isinstance(first, Unanswered) and isinstance(first.error, MissError):
            hint = first.error.hint.splitlines()[-1]  # who plays it knows how it is recorded
        elif isinstance(self.ended_by, UnfitReplyError):
            hint = f"Name another model, or make the schema simpler: each row tells what it said. {hint}"
        elif self.ended_by is not None and self.ended_by.hint:
            hint = f"{self.ended_by.hint} The others are in the table."
            if "only what is missing" not in self.ended_by.hint:
                hint = f"{hint} {again}"
        return RowsFailedError(failed_words(len(failed), self.rows.count, why), table=table, hint=hint)


def failed_words(failed: int, total: int, why: str) -> str:
    """Return how many of all rows have no answer, and why the first of them has none."""
    return f"{failed:,} of {total:,} rows {'has' if failed == 1 else 'have'} no answer: {why}"


async def prepared(
    session: Session,
    prompt: str,
    data: Any,
    options: Options,
    wish: Wish,
    finder: Callable[[], Finder] | None = None,
    names: Mapping[str, Any] | None = None,
) -> Job:
    """Return the job that asks `prompt` once for each row of `data`, planned: nothing was sent.

    `names` are those in which a schema may be named.

    Raises:
        InputError: the rows cannot be read, the prompt names what there is not, or whoever is to answer is not known.
        MissingAuthError: a key is missing.
    """
    ask = typed(ask_of(prompt, without_tools(options), session.settings), options, names or {})
    if not ask.prompt.strip():
        raise InputError("the prompt is empty", hint="Write what is to be asked of each row.")
    rows = rows_of(data, wish.first)
    template = template_of(ask, rows.names, options.attached, finder, is_empty=not rows.count)
    job = Job(session, options, template, rows, wish)
    check_names(job.schema)
    await job.plan()
    return job


def tape_of(session: Session, options: Options, who: Who | None) -> Tape:
    """Return the notebook's cassette, for rows.

    Raises:
        InputError: it is not known which file that is, or it cannot be read.
    """
    cassette = session.cassette()
    cassette.enter(session.settings.mode_in_force)
    keeps = options.record_errors or session.settings.record_errors
    return Tape(cassette, who.hosts if who else (), keeps_errors=keeps)


_STORES: WeakKeyDictionary[Settings, AnswerStore] = WeakKeyDictionary()


def store_of(settings: Settings) -> AnswerStore:
    """Return the answers that are kept where these settings keep the history; with `off`, as long as they live."""
    history = settings.history_file
    file = None if history is None else history.with_name(f"{history.stem}.answers{history.suffix}")
    found = _STORES.get(settings)
    if found is None or found.file != file:
        found = _STORES[settings] = AnswerStore(file)
    return found
