"""Answers from a cassette. Nothing of a service is touched."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import replace

from g4f_magic.answering.redaction import redacted
from g4f_magic.ask import Ask
from g4f_magic.cassette import Asked, Entry, OpenCassette, Pace, play
from g4f_magic.chunks import Carried, Chunk, Reasoning, Served, Text
from g4f_magic.context import Context, carried_with, context_of
from g4f_magic.errors import ChatError, MissError
from g4f_magic.secret import mask_known
from g4f_magic.turn import Turn


class Player:
    """The recorded answers of one question.

    `cell` is what asks, so that it is answered by the same recording when it asks again.
    """

    hosts: tuple[str, ...] = ()

    def __init__(self, cassette: OpenCassette, ask: Ask, cell: str, *, pace: Pace) -> None:
        self.who = Served(ask.provider, ask.model, source="replayed")
        self._cassette = cassette
        self._forms = Asked.forms_of(ask)
        self._cell = cell
        self._pace = pace

    def answer(self, turns: Sequence[Turn], ask: Ask) -> AsyncGenerator[Chunk]:
        """Yield who answered, and the reply at its own pace or at once.

        Raises:
            MissError: there is no recorded answer.
            ChatError: the failure that was recorded.
        """
        found = self.find(turns, ask)
        return failing(self.who, self._missed(turns, ask)) if found is None else self.play(*found)

    def find(self, turns: Sequence[Turn], ask: Ask) -> tuple[Entry, Carried] | None:
        """Return the recorded answer, be it the offline guide's, which was told what it had said before, or a model's.

        It counts as used from then on.
        """
        is_whole = self._pace == "whole"
        for asked, context in self._asked(turns, ask):
            if (entry := self._cassette.find(asked, self._cell, are_joined=is_whole)) is not None:
                return entry, carried_with(context, ask)
        return None

    def held(self, turns: Sequence[Turn], ask: Ask) -> str | None:
        """Return what the recorded answer says; None where there is none. Nothing counts as used."""
        for asked, _ in self._asked(turns, ask):
            if (entry := self._cassette.held(asked, self._cell)) is not None:
                return _said(entry)
        return None

    def play(self, entry: Entry, carried: Carried) -> AsyncGenerator[Chunk]:
        """Yield who answered, and the reply."""
        who = Served(
            entry.answering,
            entry.answering_model,
            entry.via,
            source="replayed",
            seconds=entry.seconds,
            carried=carried,
        )
        said = _said(entry)
        chunks = play(entry, pace=self._pace, first=who)
        # What was recorded here holds no secret, and plays piece by piece as it was.
        return chunks if mask_known(said) == said else redacted(chunks)

    def _missed(self, turns: Sequence[Turn], ask: Ask) -> MissError:
        of_guide = context_of(turns, ask.bound, for_guide=True)
        asked, are_recorded = self._cassette.after(self._forms[0], of_guide.exchanges)
        if not are_recorded:
            asked, _ = self._cassette.after(self._forms[0], context_of(turns, ask.bound).exchanges)
        return self._cassette.missed(asked)

    def _asked(self, turns: Sequence[Turn], ask: Ask) -> Iterator[tuple[Asked, Context]]:
        """Yield each request that may have been recorded, and what goes along with it."""
        contexts = self._contexts(turns, ask)
        told = [self._cassette.after(self._forms[0], one.exchanges) for one in contexts]
        for form in self._forms:
            for context, (first, _) in zip(contexts, told, strict=True):
                yield replace(form, parent=first.parent, context=first.context), context

    def _contexts(self, turns: Sequence[Turn], ask: Ask) -> tuple[Context, ...]:
        """Return what the guide would have been told and what a model, where that is not the same."""
        of_model = context_of(turns, ask.bound)
        return (
            (context_of(turns, ask.bound, for_guide=True), of_model) if of_model.guide_turns else (of_model,)
        )


def _said(entry: Entry) -> str:
    return "".join(chunk.text for _, chunk in entry.chunks if isinstance(chunk, Text | Reasoning))


async def failing(who: Served, error: ChatError) -> AsyncGenerator[Chunk]:
    """Yield who would have answered, and fail."""
    yield who
    raise error
