"""Koala: server-sent events of text, with the history as two lists."""

from __future__ import annotations

import random
import string
from collections.abc import AsyncGenerator, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from g4f_magic.chunks import Chunk, Finish, Text
from g4f_magic.messages import Messages
from g4f_magic.providers.base import AsyncGeneratorProvider, AsyncResult, ProviderModelMixin
from g4f_magic.providers.readers import EventReader, body_of, raise_error_event, unexpected
from g4f_magic.providers.stream_framing import Framing
from g4f_magic.wire.compression import accepted_encodings
from g4f_magic.wire.request import Request

if TYPE_CHECKING:
    import aiohttp


class KoalaReader(EventReader):
    """Koala's events: JSON strings of text, or objects with `text` and perhaps more keys."""

    def read(self, value: Any) -> Iterator[Chunk]:
        """Yield the text of one event."""
        raise_error_event(value)
        text = value.get("text") if isinstance(value, dict) else value
        if text is not None and not isinstance(text, str):
            raise unexpected(value)
        if text:
            yield Text(text)

    def close(self) -> Iterator[Chunk]:
        """Yield what is left. Koala has no end mark: the end of the body is the end."""
        yield from super().close()
        error = self.last_words()
        if error is not None and (error.cause is not None or not self.has_value):
            raise error
        yield Finish(skipped_lines=self.skipped_lines)


class Koala(AsyncGeneratorProvider, ProviderModelMixin):
    """Koala AI's chat."""

    says_who = False
    url: ClassVar[str] = "https://koala.sh/chat"
    api_endpoint: ClassVar[str] = "https://koala.sh/api/gpt/"
    working = False
    supports_message_history = True
    default_model = "gpt-4o-mini"

    @classmethod
    def create_async_generator(
        cls,
        model: str,
        messages: Messages,
        proxy: str | None = None,
        connector: aiohttp.BaseConnector | None = None,
        **kwargs: Any,
    ) -> AsyncResult:
        """Return the reply to `messages`; its chunks are text."""

        def build(said: list[dict[str, Any]]) -> Request:
            return Request(url=cls.api_endpoint, headers=cls._headers(), body=cls._body(model, said))

        return cls._result(
            messages,
            build,
            lambda headers, request: KoalaReader(),
            proxy=proxy,
            connector=connector,
            timeout=kwargs.get("timeout"),
            ca_file=kwargs.get("ca_file"),
        )

    @classmethod
    def _headers(cls) -> dict[str, str]:
        letters = string.ascii_lowercase + string.digits
        return {
            "User-Agent": "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:122.0) Gecko/20100101 Firefox/122.0",
            "Accept": "text/event-stream",
            "Accept-Language": "de,en-US;q=0.7,en;q=0.3",
            "Accept-Encoding": accepted_encodings(),
            "Referer": cls.url,
            "Flag-Real-Time-Data": "false",
            "Visitor-ID": "".join(random.choices(letters, k=20)),  # noqa: S311 - an identifier, not a secret
            "Origin": "https://koala.sh",
            "Alt-Used": "koala.sh",
            "Sec-Fetch-Dest": "empty",
            "Sec-Fetch-Mode": "cors",
            "Sec-Fetch-Site": "same-origin",
            "TE": "trailers",
        }

    @classmethod
    def _body(cls, model: str, said: list[dict[str, Any]]) -> dict[str, Any]:
        instructions = " ".join(message["content"] for message in said if message["role"] == "system")
        text = said[-1]["content"]
        return {
            "input": f"{text} {instructions}" if instructions else text,
            "inputHistory": [message["content"] for message in said[:-1] if message["role"] == "user"],
            "outputHistory": [message["content"] for message in said if message["role"] == "assistant"],
            "model": cls.get_model(model),
        }

    @staticmethod
    async def _parse_event_stream(response: Any) -> AsyncGenerator[Any]:
        """Yield each decoded value of a response, or of anything whose `content` can be iterated for bytes."""
        framing = Framing()
        async for piece in body_of(response):
            for value in framing.feed(piece):
                yield value
        for value in framing.close():
            yield value
