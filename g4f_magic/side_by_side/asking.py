"""From columns to a comparison that can be run: each column has an answerer of its own, recorded and replayed by itself."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from typing import Any

from g4f_magic.answerer import Answerer
from g4f_magic.answering.chain import none_answered, reason
from g4f_magic.answering.player import failing
from g4f_magic.ask import Ask, ask_of
from g4f_magic.chunks import Chunk, Served
from g4f_magic.comparison import Comparison, Contender
from g4f_magic.errors import ChatError, InputError
from g4f_magic.options import Options
from g4f_magic.session import Make, Session
from g4f_magic.side_by_side.columns import Column, columns_of
from g4f_magic.turn import Turn


async def compared(
    session: Session,
    prompt: str,
    columns: Sequence[Column],
    *,
    slot: str = "",
    source: Make | None = None,
) -> Comparison:
    """Return the replies of all columns to `prompt`, not yet sent.

    Whoever cannot be asked for want of a key, or of a recording, fails alone.

    Raises:
        InputError: something of what was asked for cannot be; nothing was sent.
    """
    first = columns[0].options
    ask, pictures = session.filled(prompt, first, source)
    mode = session.settings.mode_of(first.mode)
    session.keep_pictures(pictures)
    asked: list[Contender] = []
    for column in columns:
        own = ask_for(ask, prompt, column, session)
        answerer: Answerer
        try:
            answerer = await session.answerer(mode, own, column.options, _cell(slot, column))
        except InputError:
            raise
        except ChatError as exc:
            answerer = _Nobody(own, exc)
        asked.append(Contender(own, answerer))
    conversation = session.conversation(first.conversation)
    longest = session.settings.longest_reply if mode != "replay" else None
    return conversation.compare(asked, slot=slot, longest=longest, is_kept=not first.is_once)


async def replies_of(
    session: Session,
    prompt: str,
    options: Options,
    providers: Sequence[str],
    models: Sequence[str],
    source: Make | None,
) -> dict[str, Any]:
    """Return what code gets of each that answered, by the names of the columns.

    Raises:
        InputError: something of what was asked for cannot be; nothing was sent.
        ServiceError: none of them answered.
    """
    named = ",".join(providers) or options.provider
    own = replace(options, provider="", model="", base_url="" if providers else options.base_url)
    columns = columns_of(own, named, ",".join(models), session.settings)
    comparison = await compared(session, prompt, columns, source=source)
    await comparison.run(lambda number, chunk: None, lambda number: None)
    if len(comparison.errors) == len(columns):
        raise none_of(comparison, columns)
    return {
        column.name: reply.value
        for column, reply in zip(columns, comparison.replies, strict=True)
        if reply.turn.status == "done"
    }


def none_of(comparison: Comparison, columns: Sequence[Column]) -> ChatError:
    """Return the error of a comparison in which all failed."""
    errors = comparison.errors
    found = [errors[number] for number in sorted(errors)]
    failures = [f"{columns[number].name} ({reason(errors[number])})" for number in sorted(errors)]
    return none_answered(len(columns), failures, found)


def ask_for(ask: Ask, prompt: str, column: Column, session: Session) -> Ask:
    """Return the question as it goes to one column."""
    own = ask_of(prompt, column.options, session.settings)
    return replace(ask, provider=own.provider, model=own.model)


def _cell(slot: str, column: Column) -> str:
    """Return what a cassette knows the column of a cell by: each is recorded anew in its own place."""
    return f"{slot} {column.name}" if slot else ""


class _Nobody:
    """Stands where somebody cannot be asked."""

    hosts: tuple[str, ...] = ()

    def __init__(self, ask: Ask, error: ChatError) -> None:
        self.who = Served(ask.provider, ask.model)
        self._error = error

    def answer(self, turns: Sequence[Turn], ask: Ask) -> AsyncGenerator[Chunk]:
        """Yield who would have answered, and fail."""
        return failing(self.who, self._error)
