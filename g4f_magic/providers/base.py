"""What every provider has: its public form, and the one way in which a request is made, tried and read."""

from __future__ import annotations

import asyncio
import inspect
from abc import abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Self, TypeAlias

from g4f_magic.chunks import Chunk, Notice, Reasoning, Text
from g4f_magic.errors import (
    ChatError,
    InputError,
    ModelNotSupportedError,
    ServiceError,
    bare,
)
from g4f_magic.messages import Messages, flatten_content
from g4f_magic.providers.hosted import Hosted
from g4f_magic.providers.naming import named_in
from g4f_magic.providers.readers import Reader
from g4f_magic.providers.replies import read_reply
from g4f_magic.providers.results import AsyncResult as AsyncResult
from g4f_magic.providers.results import failure_of
from g4f_magic.providers.retrying import broken_off, is_reported, seconds_to_wait
from g4f_magic.secret import Opaque
from g4f_magic.wire.request import Request, Route
from g4f_magic.wire.transport import Response, post, send

Build: TypeAlias = Callable[[list[dict[str, Any]]], Request | Awaitable[Request]]
"""Makes the request of checked messages. It may raise, and may wait for what it needs first."""

MOST_REWORDINGS = 3
"""How often one request is put in another way because the service asks for that."""

Read: TypeAlias = Callable[[Mapping[str, str], Request], Reader]
"""Makes the reader of a reply by its headers, and by what it answers."""

ReadWhole: TypeAlias = Callable[[bytes, Request], list[Chunk]]
"""Gives the chunks of a reply by its whole body, and by what it answers."""


class AsyncGeneratorProvider(Hosted):
    """A service that streams its reply. A class without state, used without an instance."""

    working: ClassVar[bool] = True
    """Whether the public site answers. Information for the person, never a reason to refuse."""
    needs_auth: ClassVar[bool] = False
    supports_stream: ClassVar[bool] = True
    supports_message_history: ClassVar[bool] = False

    says_model: ClassVar[bool] = False
    """Whether its protocol itself tells which model answers."""
    says_who: ClassVar[bool] = True
    """Whether its chunks may say who answers (`Served`), and with which word of caution."""
    takes_parts: ClassVar[bool] = False
    """Whether a message's content may be a list of parts; else it is flattened to its text."""
    takes_schema: ClassVar[bool] = False
    """Whether its protocol has a way to ask for JSON of a schema (`response_format`); else it is asked for in words."""
    takes_tools: ClassVar[bool] = False
    """Whether its protocol has a way to tell of functions, and to ask for them (`tools`)."""
    parameters: ClassVar[frozenset[str] | None] = frozenset()
    """The names of the sampling parameters that the service takes; None: any."""
    idle_seconds: ClassVar[float] = 120.0
    whole_seconds: ClassVar[float] = 600.0
    """How long a reply that is asked for whole may take: it is silent until its end."""
    total_seconds: ClassVar[float | None] = None
    retry_seconds: ClassVar[tuple[float, ...]] = ()
    """How long to wait before each further try, in seconds."""
    local_options: ClassVar[Mapping[str, Any]] = {}
    """What to pass along where the host is the package's own gateway, so that no one has to sign in there."""

    local_prefix: ClassVar[str] = ""
    """What stands between the gateway's address and the service's own path."""

    @classmethod
    @abstractmethod
    def create_async_generator(cls, model: str, messages: Messages, **kwargs: Any) -> AsyncResult:
        """Return the reply to `messages`; a subclass names the arguments that its service takes."""

    @classmethod
    def own_model(cls, name: str, model: str) -> str:
        """Return the service's own name of a model; of an empty one its default, if it has one. `name` is what it goes by.

        Raises:
            InputError: it does not offer that model, or no choice at all.
        """
        if issubclass(cls, ProviderModelMixin):
            return cls.get_model(model)
        if model:
            raise InputError(f"{name} offers no choice of models", hint="Leave --model out.")
        return ""

    @classmethod
    def takes_key(cls) -> bool:
        """Say whether it takes a key, its own or that of the host where it is asked."""
        return bool(cls.key_variables)

    @classmethod
    def needs_key(cls) -> bool:
        """Say whether it answers nobody without a key where it is asked: its own host, which needs one by a variable."""
        return cls.needs_auth and bool(cls.key_variables) and cls.is_at_home()

    @classmethod
    def within(cls, folder: Path | None, models_folder: str = "") -> type[Self]:
        """Return this provider for a notebook in `folder`: where it reads files of this machine, paths begin there."""
        return cls

    @classmethod
    def _result(
        cls,
        messages: Messages,
        build: Build,
        read: Read,
        *,
        timeout: float | None = None,
        **route: Any,
    ) -> AsyncResult:
        """Return the result of one request; `timeout` is the longest silence in seconds."""

        given = Opaque(route)

        async def ready() -> tuple[Request, Route]:
            said = _checked(messages, flatten=not cls.takes_parts)
            idle_seconds = timeout or cls.idle_seconds
            way = Route(idle_seconds=idle_seconds, total_seconds=cls.total_seconds, **given.open())
            made = build(said)
            request = await made if inspect.isawaitable(made) else made
            return request if cls._userinfo is None else cls._signed(request), way

        return AsyncResult(lambda: _tries(ready, read, cls.retry_seconds, cls))

    @classmethod
    async def _whole(
        cls,
        messages: Messages,
        build: Build,
        read: ReadWhole,
        *,
        timeout: float | None = None,
        **route: Any,
    ) -> list[Chunk]:
        """Return the chunks of one request that asks for its reply whole; it is tried once."""
        failure: BaseException
        try:
            way = Route(idle_seconds=timeout or cls.whole_seconds, **route)
            made = build(_checked(messages, flatten=not cls.takes_parts))
            return await _asked_whole(
                cls._signed(await made if inspect.isawaitable(made) else made), way, read, cls
            )
        except ChatError as exc:
            failure = bare(exc)
        except Exception as exc:
            failure = failure_of(exc)
        except BaseException as exc:  # cancelled, interrupted
            failure = bare(exc)
        raise failure

    @classmethod
    def _signed(cls, request: Request) -> Request:
        """Return the request with the user and password of the base URL, where it has one."""
        if cls._userinfo is None or request.userinfo is not None:
            return request
        return replace(request, userinfo=cls._userinfo)

    @classmethod
    def _explain(cls, error: ChatError) -> None:
        """Put a better hint into `error` where the service is known better here than on the wire."""

    @classmethod
    def _reworded(cls, request: Request, error: ChatError) -> Request | None:
        """Return the request put in another way, as the service asks for in `error`; None: it cannot be."""
        return None

    @classmethod
    def _failure(cls, request: Request, error: ChatError, refused: ChatError | None) -> ChatError:
        """Return what to tell of a request that failed; `refused` is why it was put in another way, if it was."""
        return error


class ProviderModelMixin:
    """A service that offers a choice of models."""

    default_model: ClassVar[str] = ""
    models: ClassVar[list[str]] = []
    """What it offers; empty: any name is passed on."""
    model_aliases: ClassVar[dict[str, str]] = {}

    @classmethod
    def get_model(cls, model: str | None) -> str:
        """Return the service's own name of a model; of an empty one, the default.

        Raises:
            ModelNotSupportedError: the service does not offer it.
        """
        name = cls.model_aliases.get(model or "", model or "") or cls.default_model
        if cls.models and name not in cls.models:
            import difflib

            known = [*cls.models, *cls.model_aliases]
            nearest = difflib.get_close_matches(name, known, n=1)
            raise ModelNotSupportedError(
                f"{cls.__name__} does not offer the model {name!r}",
                hint=(f"Did you mean {nearest[0]}? " if nearest else "") + f"It offers {', '.join(known)}.",
            )
        return name

    @classmethod
    def known_models(cls) -> list[str]:
        """Return the names that are known here, further names of models included; nobody is asked."""
        return [*cls.models, *cls.model_aliases]

    @classmethod
    async def list_models(cls) -> list[str]:
        """Return the names of what is offered, by asking the service where it can be asked; empty: any name."""
        return cls.models


async def _tries(
    ready: Callable[[], Awaitable[tuple[Request, Route]]],
    read: Read,
    waits: tuple[float, ...],
    provider: type[AsyncGeneratorProvider],
) -> AsyncGenerator[Chunk]:
    """Yield the reply of the first try that delivers one, and a notice before each further try.

    Once a byte of a reply came there is no other try: what the service began to say, it counts; unless it said
    instead of a reply why there is none. A request that the provider can put in another way, as the service asked,
    is sent so at once.
    """
    request, route = await ready()
    left = list(waits)
    refused: ChatError | None = None
    for _ in range(len(waits) + 1 + MOST_REWORDINGS):
        is_begun = False
        response: Response | None = None
        try:
            async with (
                send(request, route) as response,
                aclosing(read_reply(response, read(response.headers, request))) as chunks,
            ):
                if not provider.says_model:
                    for named in named_in(response.headers, request.body):
                        yield named
                async for chunk in chunks:
                    is_begun = is_begun or isinstance(chunk, Text | Reasoning)
                    yield chunk
            return
        except ChatError as exc:
            provider._explain(exc)
            if is_begun and isinstance(exc, ServiceError):
                raise broken_off(exc) from None
            if response is not None and response.has_begun and not is_reported(exc):
                raise
            reworded = provider._reworded(request, exc)
            if reworded is not None:
                request, refused = reworded, exc
                continue
            wait = seconds_to_wait(left, exc)
            if wait is None:
                raise provider._failure(request, exc, refused) from None
            why = str(exc)
        left = left[1:]
        number = len(waits) - len(left) + 1
        yield Notice(f"{why} · waiting {wait:.0f} s before try {number} of {len(waits) + 1}", seconds=wait)
        await _wait(wait)


async def _asked_whole(
    request: Request, route: Route, read: ReadWhole, provider: type[AsyncGeneratorProvider]
) -> list[Chunk]:
    """Return the chunks of a reply; a request that can be put in another way, as the service asked, is sent so."""
    refused: ChatError | None = None
    for _ in range(MOST_REWORDINGS):
        try:
            return read(await post(request, route), request)
        except ChatError as exc:
            provider._explain(exc)
            reworded = provider._reworded(request, exc)
            if reworded is None:
                raise provider._failure(request, exc, refused) from None
            request, refused = reworded, exc
    return read(await post(request, route), request)


_wait = asyncio.sleep


def _checked(messages: Messages, *, flatten: bool) -> list[dict[str, Any]]:
    """Return copies of the messages, their content made text where `flatten` says so.

    Raises:
        InputError: there are none.
    """
    if not messages:
        raise InputError(
            "there are no messages to send", hint="Give at least one message with role and content."
        )
    copies = [dict(message) for message in messages]
    for copy in copies if flatten else ():
        if not isinstance(copy.get("content"), str):
            copy["content"] = flatten_content(copy.get("content"))
    return copies
