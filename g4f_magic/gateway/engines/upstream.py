"""Answers through any OpenAI-compatible server."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from urllib.parse import urlsplit

from g4f_magic.chunks import Finish
from g4f_magic.errors import InputError, ServiceError
from g4f_magic.gateway.ask import Ask
from g4f_magic.gateway.moves import Move
from g4f_magic.providers.openai import OpenAI

_PASSED_ON = ("temperature", "max_tokens", "top_p", "presence_penalty", "frequency_penalty", "stop", "seed")


class UpstreamEngine:
    """Passes what it is asked on to `base_url` (with its `/v1`).

    `model` is what to ask there; empty: the model that the request names if the server has it, else the
    server's first.
    """

    name = "upstream"

    def __init__(self, base_url: str, model: str = "", *, api_key: str | None = None) -> None:
        self._provider = OpenAI.at(base_url)
        self._provider.retry_seconds = ()  # who asks the gateway tries again, and can show it
        self._address = urlsplit(base_url)
        self._model = model
        self._api_key = api_key
        self._offered: list[str] | None = None

    @property
    def label(self) -> str:
        """Return model and host; never a password that stands in the address."""
        port = f":{self._address.port}" if self._address.port else ""
        place = f"{self._address.hostname}{port}"
        model = self._model or (self._offered[0] if self._offered else "")
        return f"{model} at {place}" if model else place

    def is_at(self, port: int) -> bool:
        """Say whether it asks that port of this machine."""
        return self._address.port == port and self._address.hostname in ("127.0.0.1", "localhost", "::1")

    async def models(self, *, seconds: float = 10.0) -> list[str]:
        """Return the server's models, the one that is asked first; asked once and kept.

        Raises:
            ChatError: the server does not answer in time, or not with a list.
        """
        if self._offered is None:
            if not issubclass(self._provider, OpenAI):
                raise TypeError("OpenAI.at gives a subclass of OpenAI")
            self._offered = await self._provider.list_models(self._api_key, timeout=seconds)
        first = [self._model] if self._model else []
        return first + [name for name in self._offered if name != self._model]

    async def reply(self, ask: Ask) -> AsyncGenerator[Move]:
        """Yield what the server says, its finish last."""
        model = await self._model_for(ask)
        sampling = {name: ask.parameters[name] for name in _PASSED_ON if name in ask.parameters}
        result = self._provider.create_async_generator(
            model,
            [message.to_json() for message in ask.messages],
            api_key=self._api_key,
            stream_options={"include_usage": True},
            **sampling,
        )
        finish: Finish | None = None
        async with aclosing(result.chunks()) as chunks:
            async for chunk in chunks:
                if isinstance(chunk, Finish):
                    finish = chunk  # the count of tokens may come after it
                else:
                    yield chunk
        if finish is None:
            raise ServiceError(f"{self.label}: the reply has no end mark", hint="Ask again.")
        yield finish

    async def _model_for(self, ask: Ask) -> str:
        if self._model:
            return self._model
        offered = await self.models()
        if not offered:
            raise InputError(
                f"{self.label} offers no model",
                hint="Load one there, or name one in ChatMagics.upstream_model.",
            )
        return ask.model if ask.model in offered else offered[0]
