"""DarkAI: the whole conversation as one prompt, and named events back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from g4f_magic.chunks import Chunk, Finish, Text
from g4f_magic.messages import Messages, format_prompt
from g4f_magic.providers.base import AsyncGeneratorProvider, AsyncResult, ProviderModelMixin
from g4f_magic.providers.citing import Citing
from g4f_magic.providers.readers import EventReader, broken_off, raise_error_event, unexpected
from g4f_magic.wire.reported import reported_error
from g4f_magic.wire.request import Request


class DarkAIReader(EventReader):
    """DarkAI's events: `{"event": name, "data": {...}}`; `stream-end` ends the reply."""

    def __init__(self) -> None:
        super().__init__()
        self._has_text = False
        self._whole = ""
        self._citing = Citing()

    def read(self, value: Any) -> Iterator[Chunk]:
        """Yield the text of one event."""
        raise_error_event(value)
        if not isinstance(value, dict):
            raise unexpected(value)
        data = value.get("data")
        match value.get("event"):
            case "text-chunk":
                text = data.get("text") if isinstance(data, dict) else data
                if text is not None and not isinstance(text, str):
                    raise unexpected(value)
                if text:
                    self._has_text = True
                    yield Text(text)
            case "final-response":
                self._whole = data.get("message") or "" if isinstance(data, dict) else ""
                if not isinstance(self._whole, str):
                    raise unexpected(value)
            case "error":
                raise reported_error(data)
            case "search-results":
                self._citing.take_list(data.get("results") if isinstance(data, dict) else data)
            case "stream-end":
                self.ended = True
                yield from self._finish()

    def close(self) -> Iterator[Chunk]:
        """Yield what is left; the whole text, where it came, is as good as the end mark."""
        yield from super().close()
        if self.ended:
            return
        if not self._whole:
            raise self.last_words() or broken_off(is_empty=self.is_empty)
        yield from self._finish()

    def _finish(self) -> Iterator[Chunk]:
        if self._whole and not self._has_text:
            yield Text(self._whole)
        yield from self._citing.chunks()
        yield Finish(skipped_lines=self.skipped_lines)


class DarkAI(AsyncGeneratorProvider, ProviderModelMixin):
    """DarkAI's chat."""

    says_who = False
    url: ClassVar[str] = "https://darkai.foundation/chat"
    api_endpoint: ClassVar[str] = "https://darkai.foundation/chat"
    working = False
    supports_stream = True
    default_model = "llama-3-70b"
    models: ClassVar[list[str]] = ["gpt-4o", "gpt-3.5-turbo", "llama-3-70b"]
    model_aliases: ClassVar[dict[str, str]] = {"llama-3.1-70b": "llama-3-70b"}
    total_seconds = 600.0

    @classmethod
    def create_async_generator(
        cls, model: str, messages: Messages, proxy: str | None = None, **kwargs: Any
    ) -> AsyncResult:
        """Return the reply to `messages`; its chunks are text.

        Raises, when the reply is read:
            ModelNotSupportedError: DarkAI does not offer `model`; nothing was sent.
        """

        def build(said: list[dict[str, Any]]) -> Request:
            return Request(
                url=cls.api_endpoint,
                headers={
                    "accept": "text/event-stream",
                    "content-type": "application/json",
                    "user-agent": (
                        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 "
                        "(KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
                    ),
                },
                body={"query": format_prompt(said), "model": cls.get_model(model)},
            )

        return cls._result(
            messages,
            build,
            lambda headers, request: DarkAIReader(),
            proxy=proxy,
            connector=kwargs.get("connector"),
            timeout=kwargs.get("timeout"),
            ca_file=kwargs.get("ca_file"),
        )
