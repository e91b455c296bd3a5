"""Answers through any OpenAI-compatible server."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any, TypedDict, TypeVar
from urllib.parse import urlsplit

from g4f_magic.causes import Cause, Diagnosis
from g4f_magic.chunks import Chunk, Finish, Notice, Served
from g4f_magic.errors import ChatError, InputError, ModelNotSupportedError, ServiceError
from g4f_magic.gateway.actions import Action, Relayed
from g4f_magic.gateway.chat_request import ChatRequest
from g4f_magic.gateway.failures import passed_on
from g4f_magic.gateway.unsupported import SAMPLING
from g4f_magic.providers import chooser
from g4f_magic.providers.listing import Sight
from g4f_magic.providers.openai import OpenAI
from g4f_magic.providers.verbatim import embedded, relay
from g4f_magic.secret import Address, Secret
from g4f_magic.settings import Settings
from g4f_magic.wire.proxies import for_all

Said = TypeVar("Said")


class UpstreamWay(TypedDict, total=False):
    """How to get to a server, as the provider takes it."""

    proxy: str | None
    ca_file: str | None


WHOLE_SECONDS = 600.0
"""How long a server may be silent that sends its reply at once; a stream has the usual time between two pieces."""
MOST_WHOLE_BYTES = 64 * 2**20
"""How much of a reply is held that goes out at once."""


class UpstreamEngine:
    """Passes what it is asked on to `base_url` (with its `/v1`).

    `model` is what to ask there where a request names none; empty: the server's first. `settings` say by which way it is
    reached, as they do for whatever a cell asks directly: proxy and certificates. Requests of OpenAI's own
    protocol go through as they are, and so does what comes back.
    """

    name = "upstream"

    def __init__(
        self,
        base_url: str,
        model: str = "",
        *,
        api_key: str | Secret | None = None,
        provider: type[OpenAI] = OpenAI,
        settings: Settings | None = None,
    ) -> None:
        self._provider = provider.at(base_url)
        self._provider.retry_seconds = ()  # who asks the gateway tries again, and can show it
        self._address = urlsplit(Address(base_url))  # as it may be shown
        self._model = model
        self._api_key = Secret(api_key) if isinstance(api_key, str) else api_key
        self._settings = settings
        self._offered: list[str] | None = None
        self._first: list[str] = []
        """Which to ask in turn where none is named: the next where one turns out not to chat."""

    @property
    def label(self) -> str:
        """Return model and host; never a password that stands in the address."""
        port = f":{self._address.port}" if self._address.port else ""
        place = f"{self._address.hostname}{port}"
        model = self._model or (self._first[0] if self._first else "")
        return f"{model} at {place}" if model else place

    def is_at(self, port: int) -> bool:
        """Say whether it asks that port of this machine."""
        return self._address.port == port and self._address.hostname in ("127.0.0.1", "localhost", "::1")

    def _way(self) -> UpstreamWay:
        """Return by which way it is reached now."""
        if self._settings is None:
            return {}
        proxy = for_all(self._settings.proxy, self._provider._hosts())
        return {"proxy": proxy, "ca_file": self._settings.ca_path}

    async def models(self, *, seconds: float = 10.0) -> list[str]:
        """Return the server's models, the one that is asked first; asked once and kept.

        Raises:
            ChatError: no model was named, and the server does not answer in time, or not with a list.
        """
        try:
            offered = await self._list(seconds=seconds)
        except ChatError:
            if not self._model:
                raise
            return [self._model]
        first = [self._model] if self._model else []
        return first + [name for name in offered if name != self._model]

    async def sight(self, model: str) -> Sight:
        """Return what the server says of a model.

        Raises:
            ChatError: it does not answer, or not with a list.
        """
        return await self._provider.sight(model or self._model, self._api_key, timeout=5.0, **self._way())

    async def _list(self, *, seconds: float = 10.0, is_fresh: bool = False) -> list[str]:
        if self._offered is None or is_fresh:
            if not issubclass(self._provider, OpenAI):
                raise TypeError("OpenAI.at gives a subclass of OpenAI")
            offered = await self._provider.offers(self._api_key, timeout=seconds, **self._way())
            chatting, others = chooser.ranked(offered, self._provider.url)
            self._offered, self._first = [*chatting, *others], chooser.candidates(offered, self._provider.url)
        return self._offered

    async def reply(self, chat: ChatRequest) -> AsyncGenerator[Action]:
        """Yield what the server says, its finish last."""
        body = chat.body or _of_text(chat)

        def asked(model: str) -> AsyncGenerator[Chunk]:
            counted = {"stream": True, "stream_options": {"include_usage": True}}
            return self._provider.completion(
                {**body, "model": model, **counted}, self._api_key, gives_calls=bool(chat.body), **self._way()
            ).chunks()

        finish: Finish | None = None
        try:
            async with aclosing(self._in_turn(await self._models_for(chat), asked)) as chunks:
                async for chunk in chunks:
                    if isinstance(chunk, Finish):
                        finish = chunk  # the count of tokens may come after it
                    else:
                        yield chunk
        except ChatError as exc:
            if not (chat.body and exc.answer):
                raise
            yield passed_on(exc)
            return
        if finish is None:
            raise ServiceError(f"{self.label}: the reply has no end mark", hint="Ask again.")
        yield finish

    async def relay(self, chat: ChatRequest) -> AsyncGenerator[Action]:
        """Yield what the server answers to the request as it came, value by value, its finish last.

        A model that answers by the Responses API alone is asked so, and told in chunks.
        """
        bounds: dict[str, float] = {"timeout": WHOLE_SECONDS, "most_bytes": MOST_WHOLE_BYTES}
        bounds = {} if chat.parameters["stream"] else bounds

        def asked(model: str) -> AsyncGenerator[dict[str, Any]]:
            return relay(
                self._provider, {**chat.body, "model": model}, self._api_key, **bounds, **self._way()
            )

        try:
            async with aclosing(self._in_turn(await self._models_for(chat), asked)) as values:
                async for value in values:
                    yield Relayed(value) if isinstance(value, dict) else value
        except ChatError as exc:
            if exc.diagnosis.interface:
                async with aclosing(self.reply(chat)) as actions:
                    async for action in actions:
                        yield action
                return
            if not exc.answer:
                raise
            yield passed_on(exc)
            return
        yield Finish()

    async def embeddings(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what the server answers to a request for embeddings, as it is."""
        return await embedded(self._provider, body, self._api_key, timeout=WHOLE_SECONDS, **self._way())

    def _in_turn(
        self, models: list[str], asked: Callable[[str], AsyncGenerator[Said]]
    ) -> AsyncGenerator[Said | Served | Notice]:
        """Return what the first of the models says that chats, and before it who that is."""
        return chooser.first_that_chats(
            models, self._provider.url, asked, lambda model: Served(self.name, model)
        )

    async def _models_for(self, chat: ChatRequest) -> list[str]:
        """Return the models to ask in turn: the one that is named, if it may be there, else those that chat.

        Raises:
            ModelNotSupportedError: it is not.
            InputError: none is named, and the server has none.
        """
        named = chat.model
        if not chat.is_binding:
            is_there = not self._model and bool(named) and named in await self._list()
            return [named] if is_there else await self._default()
        if not named or named == self._model:
            return await self._default()
        try:
            offered = await self._list()
            if named not in offered:  # it may have been loaded since
                offered = await self._list(is_fresh=True)
        except ChatError:
            if not self._model:
                return [named]  # a server without a list knows by itself
            offered = []
        served = {*offered, self._model} - {""}
        if named in served or len(served) > 1:
            return [named]
        raise _not_served(named, next(iter(served), ""))

    async def _default(self) -> list[str]:
        if self._model:
            return [self._model]
        offered = await self._list()
        if not self._first:
            listed = f" that chats: {', '.join(offered[:3])}" if offered else ""
            raise InputError(
                f"{self.label} offers no model{listed}",
                hint="Load one there, or name one in ChatMagics.upstream_model.",
                diagnosis=Diagnosis(cause=Cause.NO_MODEL),
            )
        return self._first


def _of_text(chat: ChatRequest) -> dict[str, Any]:
    """Return the body of a chat completion for what a protocol of text alone asks."""
    sampling = {name: chat.parameters[name] for name in SAMPLING if name in chat.parameters}
    return {"messages": [message.to_json() for message in chat.messages], **sampling}


def _not_served(named: str, served: str) -> ModelNotSupportedError:
    hint = f"It has {served!r}: name that one." if served else "It has none: load one there."
    return ModelNotSupportedError(f"the gateway has no model {named[:200]!r}", hint=hint)
