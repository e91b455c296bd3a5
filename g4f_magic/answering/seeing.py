"""Pictures at a service that may not see: it is asked first, its refusal is explained, earlier pictures are left out."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

from g4f_magic.answering.sights import Place, Sights
from g4f_magic.causes import Cause, Diagnosis
from g4f_magic.chunks import Chunk, Notice, Reasoning, Text
from g4f_magic.errors import ChatError, InputError, ResponseStatusError
from g4f_magic.providers.listing import Sight

_DOUBTFUL = frozenset({400, 404, 415, 422, 500, 501})
"""Statuses of a service that was sent a picture and does not say in words that it cannot see."""
_MOST_NAMED = 3


def unseen(who: str, names: str, others: tuple[str, ...] = ()) -> InputError:
    """Return the error for pictures that are to go to one that takes text alone; `others` of the same service do not."""
    like = ", ".join(others[:_MOST_NAMED])
    return InputError(
        f"{who} takes text alone: it cannot be sent {names}, which is a picture",
        hint=f"Leave it out, or ask one of the same service that sees: -m {like}."
        if like
        else "Leave it out, or ask a model that sees: -p openai, or -p ollama with one such as llava.",
        diagnosis=Diagnosis(cause=Cause.NO_PICTURES),
    )


def lost(names: str) -> InputError:
    """Return the error for pictures that are asked about again and are kept no longer."""
    return InputError(f"{names}: the picture is kept no longer", hint="Attach it again, or leave it out.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A question with pictures, to a service that takes some perhaps."""

    place: Place
    who: str
    """The service and its model, as an error names them."""
    own: str
    """The names of the question's own pictures; empty where all are of earlier turns."""
    sights: Sights
    ask: Callable[[], Awaitable[Sight]]
    """Asks the server what it says of the model."""

    async def reply(
        self, chunks: AsyncGenerator[Chunk], without: Callable[[], AsyncGenerator[Chunk]]
    ) -> AsyncGenerator[Chunk]:
        """Yield the reply, `chunks`; where the model does not see, and only earlier turns have pictures, the one without them.

        Raises:
            InputError: the question has pictures of its own, and the model is known not to see; nothing was sent.
        """
        is_begun = False
        try:
            async with aclosing(chunks):
                await self._look()
                async for chunk in chunks:
                    is_begun = is_begun or isinstance(chunk, Text | Reasoning)
                    yield chunk
            return
        except ChatError as exc:
            if exc.cause is Cause.NO_PICTURES and not isinstance(exc, InputError):
                self.sights.note_blind(self.place)
            elif exc.cause is None and isinstance(exc, ResponseStatusError) and exc.status in _DOUBTFUL:
                exc.hint = "Pictures went along, and perhaps this model does not see: leave them out, or name one that does."
            if self.own or is_begun or exc.cause is not Cause.NO_PICTURES:
                raise
        yield Notice("The model does not see: pictures of earlier turns are left out.")
        async with aclosing(without()) as others:
            async for chunk in others:
                yield chunk

    async def _look(self) -> None:
        told = await self.sights.of(self.place, self.ask)
        if told.sees is False:
            raise unseen(self.who, self.own or "what went along", told.others)
