"""Records what another answers, and in the mode auto plays what is recorded already."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from g4f_magic.answerer import Answerer
from g4f_magic.answering.form import fitting
from g4f_magic.answering.player import Player, failing
from g4f_magic.ask import Ask
from g4f_magic.cassette import Asked, Entry, OpenCassette, failure_json, secret_warning
from g4f_magic.chunks import Chunk, Notice, Served
from g4f_magic.context import context_of
from g4f_magic.errors import ChatError, MissingAuthError
from g4f_magic.outcome import failure_in
from g4f_magic.turn import Turn, is_guide
from g4f_magic.version import __version__

if TYPE_CHECKING:
    from g4f_magic.cassette import Reservation, Timed

Make = Callable[[], Awaitable[Answerer]]
"""Makes who answers, where that is not known before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorder:
    """Whoever answers, recorded."""

    answerer: Answerer
    who: Served
    cassette: OpenCassette
    asked: Asked
    cell: str
    """What asks, so that asking again records anew."""
    is_recording_errors: bool

    @property
    def hosts(self) -> tuple[str, ...]:
        """Return the hosts on the way."""
        return self.answerer.hosts

    async def answer(self, turns: Sequence[Turn], ask: Ask) -> AsyncGenerator[Chunk]:
        """Yield what is answered; once it has ended by itself, it is in the cassette.

        A failure counts as an end, where failures are recorded; a reply that the person stopped does not.
        """
        async with aclosing(self.answerer.answer(turns, ask)) as chunks:
            yield await anext(chunks)
            context = context_of(turns, ask.bound)
            if context.guide_turns and is_guide(self.who.provider, self.who.via):
                context = context_of(turns, ask.bound, for_guide=True)
            reservation = self.cassette.reserve(self.asked, self.cell, context.exchanges)
            pieces: list[Timed] = []
            before = time.monotonic()
            try:
                async for chunk in chunks:
                    if not isinstance(chunk, Notice):
                        after = round((time.monotonic() - before) * 1000)
                        before += after / 1000  # what rounding takes is not lost over many pieces
                        pieces.append((after, chunk))
                    yield chunk
            except ChatError as exc:
                self._keep(reservation, pieces, exc)
                raise
            except BaseException:
                self.cassette.release(reservation)
                raise
            self._keep(reservation, pieces, failure_in(self.who.provider, (chunk for _, chunk in pieces)))

    def _keep(self, reservation: Reservation, pieces: Sequence[Timed], error: ChatError | None) -> None:
        if error is None or self.is_recording_errors:
            self.cassette.keep(self._entry(reservation.asked, pieces, error), self.cell, reservation)
        else:
            self.cassette.release(reservation)

    def _entry(self, asked: Asked, pieces: Sequence[Timed], error: ChatError | None) -> Entry:
        return Entry(
            asked=asked,
            chunks=tuple((after, _placeless(chunk)) for after, chunk in _of_the_last(pieces)),
            answering=self.who.provider,
            answering_model=self.who.model,
            via=public_way(self.who.via),
            at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            by=f"g4f_magic {__version__}",
            error=None if error is None else failure_json(error, self.hosts),
        )


class PlayerElse:
    """Plays what the cassette holds, and has the rest answered and recorded."""

    hosts: tuple[str, ...] = ()

    def __init__(self, player: Player, make: Make) -> None:
        self.who = replace(player.who, source="live")
        self._player = player
        self._make = make

    async def answer(self, turns: Sequence[Turn], ask: Ask) -> AsyncGenerator[Chunk]:
        """Yield who answers, and the reply."""
        found = self._player.find(turns, ask)
        if found is not None:
            chunks = self._player.play(*found)
        else:
            try:
                chunks = (await self._make()).answer(turns, ask)
            except ChatError as exc:
                chunks = failing(self.who, exc)
        async with aclosing(chunks):
            async for chunk in chunks:
                yield chunk


class Failing:
    """Nobody: a question that cannot be asked, whose failure is recorded as any other."""

    hosts: tuple[str, ...] = ()

    def __init__(self, asked: Asked, error: ChatError) -> None:
        self.who = Served(asked.provider, asked.model)
        self._error = error

    def answer(self, turns: Sequence[Turn], ask: Ask) -> AsyncGenerator[Chunk]:
        """Yield who would have answered, and fail."""
        return failing(self.who, self._error)


class Noticed:
    """Whoever answers, with a notice before its words."""

    def __init__(self, answerer: Answerer, text: str) -> None:
        self._answerer = answerer
        self._text = text
        self.who, self.hosts = answerer.who, answerer.hosts

    async def answer(self, turns: Sequence[Turn], ask: Ask) -> AsyncGenerator[Chunk]:
        """Yield who answers, the notice, and the reply."""
        async with aclosing(self._answerer.answer(turns, ask)) as chunks:
            yield await anext(chunks)
            yield Notice(self._text)
            async for chunk in chunks:
                yield chunk


async def recorded_by(
    make: Make, cassette: OpenCassette, ask: Ask, cell: str, *, is_recording_errors: bool
) -> tuple[Recorder, str]:
    """Return whoever `make` makes, recorded, and a warning of what should not be.

    Raises:
        InputError: the question holds a secret that is known here, or what cannot be recorded.
        MissingAuthError: a key or cookies are missing; where failures are recorded, so is that.
    """
    asked = Asked.of(ask)
    warning = secret_warning(asked, ask, cassette.file.path.name)
    try:
        answerer = await make()
    except MissingAuthError as exc:
        if not is_recording_errors:
            raise
        answerer = Failing(asked, exc)
    made = Recorder(
        answerer=answerer,
        who=answerer.who,
        cassette=cassette,
        asked=asked,
        cell=cell,
        is_recording_errors=is_recording_errors,
    )
    return made, warning


def _of_the_last(pieces: Sequence[Timed]) -> list[Timed]:
    """Return the pieces of the answer that counts."""
    kept = set(map(id, fitting([chunk for _, chunk in pieces])))
    return [one for one in pieces if id(one[1]) in kept]


def _placeless(chunk: Chunk) -> Chunk:
    return replace(chunk, via=public_way(chunk.via)) if isinstance(chunk, Served) else chunk


def public_way(via: str) -> str:
    """Return the way to a service as far as it names no host."""
    way, opening, label = via.partition("local gateway (")
    if way or not opening:
        return ""
    label = label.removesuffix(")")
    model, at, _ = label.partition(" at ")
    return f"local gateway ({model})" if at or label in ("guide", "script") else "local gateway"
