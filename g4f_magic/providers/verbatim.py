"""A chat completion asked for in a caller's own words, and answered in the service's: nothing is read into it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing
from math import inf
from typing import Any

from g4f_magic.endings import reason_in
from g4f_magic.errors import WireError
from g4f_magic.providers.openai import OpenAI
from g4f_magic.providers.readers import EventReader, broken_off, raise_error_event
from g4f_magic.secret import Secret
from g4f_magic.wire.request import Route
from g4f_magic.wire.transport import send


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
    reader = VerbatimReader()
    async with send(provider.request(body, api_key), way) as response, aclosing(response.pieces()) as pieces:
        async for piece in pieces:
            most_bytes -= len(piece)
            if most_bytes < 0:
                raise WireError("the reply does not end", hint="Ask for less, or for a stream.")
            for value in reader.values(reader.feed(piece)):
                yield value
            if reader.ended:
                return
        for value in reader.values(reader.close()):
            yield value


class VerbatimReader(EventReader):
    """A completion whose values are passed on as they came."""

    end_mark = "[DONE]"

    def __init__(self) -> None:
        super().__init__()
        self._has_reason = False

    def read(self, value: Any) -> Iterator[Any]:
        """Yield a value itself. What is no object says nothing in this protocol, and is passed over."""
        raise_error_event(value)
        if not isinstance(value, dict):
            return
        choices = value.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            raise_error_event(choice)
            if isinstance(choice, dict) and reason_in(choice) is not None:
                self._has_reason = True
        yield value

    def close(self) -> Iterator[Any]:
        """Yield what was left when the stream ended.

        Raises:
            BrokenOffError: neither an end mark nor a reason to end came.
        """
        yield from super().close()
        if not (self.ended or self._has_reason or self.is_body):
            raise broken_off()

    @staticmethod
    def values(read: Iterator[Any]) -> Iterator[dict[str, Any]]:
        """Yield what was read, by its type here."""
        yield from read
