"""A chat completion, or embeddings, asked for in a caller's own words, and answered in the service's: nothing is read into it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing
from math import inf
from typing import Any

from g4f_magic.endings import reason_in
from g4f_magic.errors import BrokenOffError, WireError
from g4f_magic.providers.one_choice import OneChoice
from g4f_magic.providers.openai import OpenAI
from g4f_magic.providers.readers import EventReader, broken_off, raise_error_event
from g4f_magic.providers.wrapping import unwrapped
from g4f_magic.secret import Secret
from g4f_magic.wire.json_values import value_of
from g4f_magic.wire.request import Route
from g4f_magic.wire.transport import post, send
from g4f_magic.wire.urls import EMBEDDINGS


async def relay(
    provider: type[OpenAI],
    body: Mapping[str, Any],
    api_key: str | Secret | None = None,
    *,
    timeout: float | None = None,
    most_bytes: float = inf,
    proxy: str | None = None,
    ca_file: str | None = None,
) -> AsyncGenerator[dict[str, Any]]:
    """Send `body` as it is, once, and yield what comes as it is: a stream's values, or the one of a whole completion.

    Raises:
        ChatError: as for any reply; `answer` holds what a service that refuses has sent.
        WireError: more than `most_bytes` came.
    """
    way = Route(
        idle_seconds=timeout or provider.idle_seconds,
        total_seconds=provider.total_seconds,
        proxy=proxy,
        ca_file=ca_file,
    )
    reader = VerbatimReader(is_one=body.get("n") in (None, 1))
    async with send(provider.request(body, api_key), way) as response, aclosing(response.pieces()) as pieces:
        try:
            async for piece in pieces:
                most_bytes -= len(piece)
                if most_bytes < 0:
                    raise WireError("the reply does not end", hint="Ask for less, or for a stream.")
                for value in reader.values(reader.feed(piece)):
                    yield value
                if reader.ended:
                    return
        except BrokenOffError:
            if not reader.is_told_whole:
                raise
        for value in reader.values(reader.close()):
            yield value


async def embedded(
    provider: type[OpenAI],
    body: Mapping[str, Any],
    api_key: str | Secret | None = None,
    *,
    timeout: float,
    proxy: str | None = None,
    ca_file: str | None = None,
) -> dict[str, Any]:
    """Send `body` as it is to where the service makes embeddings, and return its answer as it is.

    Raises:
        ChatError: as for any reply; `answer` holds what a service that refuses has sent.
    """
    way = Route(idle_seconds=timeout, total_seconds=timeout, proxy=proxy, ca_file=ca_file)
    request = provider.request(body, api_key, path=EMBEDDINGS)
    answer = await post(request, way)
    try:
        value = value_of(answer)
    except ValueError:
        value = None
    raise_error_event(value)
    if not isinstance(value, dict) or not isinstance(value.get("data"), list):
        raise WireError(f"{request.host}: its answer is no list of embeddings", hint="Look at the base URL.")
    return value


class VerbatimReader(EventReader):
    """A completion whose values are passed on as they came.

    With `is_one` one answer was asked for: where its index counts the frames, it goes out as that of index 0.
    """

    end_mark = "[DONE]"

    def __init__(self, *, is_one: bool = False) -> None:
        super().__init__()
        self._has_reason = False
        self._one = OneChoice() if is_one else None
        self._waiting: list[dict[str, Any]] = []
        """Values of which it is not known yet whether they are of further answers."""

    @property
    def is_told_whole(self) -> bool:
        """Say whether the service gave a reason for the end: what breaks after it cuts nothing."""
        return self._has_reason

    def read(self, value: Any) -> Iterator[Any]:
        """Yield a value itself. What is no object says nothing in this protocol, and is passed over."""
        raise_error_event(value)
        value = unwrapped(value)
        if not isinstance(value, dict):
            return
        choices = value.get("choices")
        found = [one for one in choices if isinstance(one, dict)] if isinstance(choices, list) else []
        for choice in found:
            raise_error_event(choice)
            if reason_in(choice) is not None:
                self._has_reason = True
        if self._one is None or not found:
            yield value
            return
        chosen = self._one.of(found)
        if self._one.is_of_several:
            self._one = None
            yield from (*self._let_go(), value)
        elif not chosen:
            self._waiting.append(value)
        else:
            yield from map(_as_first, (*self._let_go(), value))

    def feed(self, piece: bytes) -> Iterator[Any]:
        """Yield the values that `piece` completes."""
        yield from super().feed(piece)
        if self.ended:
            yield from map(_as_first, self._let_go())

    def close(self) -> Iterator[Any]:
        """Yield what was left when the stream ended.

        Raises:
            BrokenOffError: neither an end mark nor a reason to end came.
        """
        yield from super().close()
        yield from map(_as_first, self._let_go())
        if not (self.ended or self._has_reason or self.is_body):
            raise self.last_words() or broken_off(is_empty=self.is_empty)

    def _let_go(self) -> list[dict[str, Any]]:
        waiting, self._waiting = self._waiting, []
        return waiting

    @staticmethod
    def values(read: Iterator[Any]) -> Iterator[dict[str, Any]]:
        """Yield what was read, by its type here."""
        yield from read


def _as_first(value: dict[str, Any]) -> dict[str, Any]:
    """Return a value whose only choice has the index 0."""
    choices = value["choices"]
    if len(choices) != 1 or not choices[0].get("index"):
        return value
    return {**value, "choices": [{**choices[0], "index": 0}]}
