"""What every provider has: its public form, and the one way in which a request is made, tried and read."""

from __future__ import annotations

import asyncio
import inspect
import random
from abc import abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterable, Iterator, Mapping
from contextlib import aclosing
from typing import Any, ClassVar, Self, TypeAlias
from urllib.parse import urlsplit

from g4f_magic.chunks import Chunk, Finish, Notice, Reasoning, Text
from g4f_magic.errors import (
    BrokenOffError,
    ChatError,
    ChatTimeoutError,
    InputError,
    ModelNotSupportedError,
    RateLimitError,
    ResponseStatusError,
    UnreachableError,
    WireError,
)
from g4f_magic.messages import Messages, flatten_content
from g4f_magic.providers.readers import Reader
from g4f_magic.secret import Address
from g4f_magic.wire.text import PairJoiner
from g4f_magic.wire.transport import Request, Response, Route, send

Build: TypeAlias = Callable[[list[dict[str, Any]]], Request | Awaitable[Request]]
"""Makes the request of checked messages. It may raise, and may wait for what it needs first."""

Explain: TypeAlias = Callable[[ChatError], None]
"""Puts a better hint into an error."""

MOST_WORDLESS_BYTES = 64 * 2**20
"""More bytes without text or reasoning among them are no reply, however long they go on."""

MOST_WAIT_SECONDS = 60.0
"""A service that asks for more is not waited for: the person may have better things to do."""

Read: TypeAlias = Callable[[Mapping[str, str]], Reader]
"""Makes the reader of a reply by its headers."""


class AsyncResult:
    """A reply on its way. Nothing is sent before the first chunk is asked for.

    `async for text in result` gives the pieces of the reply as `str`; `chunks()` gives all that the service
    sent, typed. `await result` gives the result itself, so that both customs of gpt4free work.
    """

    def __init__(self, stream: Callable[[], AsyncGenerator[Chunk]]) -> None:
        self._stream = stream
        self._texts = _texts(stream)

    def chunks(self) -> AsyncGenerator[Chunk]:
        """Return the typed chunks. Close them (`aclosing`) when leaving early."""
        return self._stream()

    def __aiter__(self) -> AsyncResult:
        return self

    async def __anext__(self) -> str:
        return await anext(self._texts)

    async def aclose(self) -> None:
        """Stop reading and close the connection."""
        await self._texts.aclose()

    def __await__(self) -> Generator[Any, None, AsyncResult]:
        yield from ()
        return self


async def _texts(stream: Callable[[], AsyncGenerator[Chunk]]) -> AsyncGenerator[str]:
    # Not a method: a result that is dropped in the middle is then in no cycle, and its connection closes at once.
    async with aclosing(stream()) as chunks:
        async for chunk in chunks:
            if isinstance(chunk, Text):
                yield chunk.text


class AsyncGeneratorProvider:
    """A service that streams its reply. A class without state, used without an instance."""

    url: ClassVar[str] = ""
    """The service's page. Set it, or use `at`, to speak to another host."""
    working: ClassVar[bool] = True
    """Whether the public site answers. Information for the person, never a reason to refuse."""
    needs_auth: ClassVar[bool] = False
    supports_stream: ClassVar[bool] = True
    supports_message_history: ClassVar[bool] = False

    takes_parts: ClassVar[bool] = False
    """Whether a message's content may be a list of parts; else it is flattened to its text."""
    key_variables: ClassVar[tuple[str, ...]] = ()
    """Environment variables that may hold its key, passed as `api_key`; empty: it takes none."""
    cookie_domain: ClassVar[str] = ""
    """The domain whose cookies a signed-in person has to give as `cookies`; empty: none."""
    parameters: ClassVar[frozenset[str] | None] = frozenset()
    """The names of the sampling parameters that the service takes; None: any."""
    idle_seconds: ClassVar[float] = 120.0
    total_seconds: ClassVar[float | None] = None
    retry_seconds: ClassVar[tuple[float, ...]] = ()
    """How long to wait before each further try, in seconds."""
    local_options: ClassVar[Mapping[str, Any]] = {}
    """What to pass along where the host is the package's own gateway, so that no one has to sign in there."""

    local_prefix: ClassVar[str] = ""
    """What stands between the gateway's address and the service's own path."""

    _is_elsewhere: ClassVar[bool] = False
    _public_hosts: ClassVar[tuple[str, str]] = ("", "")

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._public_hosts = cls._hosts()

    @classmethod
    @abstractmethod
    def create_async_generator(cls, model: str, messages: Messages, **kwargs: Any) -> AsyncResult:
        """Return the reply to `messages`; a subclass names the arguments that its service takes."""

    @classmethod
    def _hosts(cls) -> tuple[str, str]:
        return cls.url, getattr(cls, "api_endpoint", "")

    @classmethod
    def is_moved(cls) -> bool:
        """Say whether the class was pointed at another host than the public one."""
        return cls._hosts() != cls._public_hosts

    @classmethod
    def is_at_home(cls) -> bool:
        """Say whether it speaks to the host that its key belongs to."""
        return not cls._is_elsewhere and not cls.is_moved()

    @classmethod
    def at(cls, base_url: str) -> type[Self]:
        """Return this provider at another scheme, host and path prefix; its own paths stay.

        Raises:
            InputError: `base_url` is no HTTP URL.
        """
        base = Address(base_url.rstrip("/"))
        if not _is_http(base):
            raise InputError(
                "the base URL must begin with http:// or https:// and name a host",
                hint="Write it as http://host:port or https://host/prefix.",
            )
        moved: dict[str, Any] = {
            name: base + urlsplit(address).path
            for name in ("url", "api_endpoint")
            if "://" in (address := getattr(cls, name, ""))
        }
        moved |= {"url": moved.get("url", base), "_is_elsewhere": True}
        return type(cls.__name__, (cls,), {**moved, "__module__": cls.__module__, "__doc__": cls.__doc__})

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

        async def stream() -> AsyncGenerator[Chunk]:
            way = Route(idle_seconds=timeout or cls.idle_seconds, total_seconds=cls.total_seconds, **route)
            request = build(_checked(messages, flatten=not cls.takes_parts))
            if inspect.isawaitable(request):
                request = await request
            async with aclosing(_tries(request, way, read, cls.retry_seconds, cls._explain)) as chunks:
                async for chunk in chunks:
                    yield chunk

        return AsyncResult(stream)

    @classmethod
    def _explain(cls, error: ChatError) -> None:
        """Put a better hint into `error` where the service is known better here than on the wire."""


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is none, a bracket that is not closed
        return False


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
    async def list_models(cls) -> list[str]:
        """Return the names of what is offered, by asking the service where it can be asked; empty: any name."""
        return cls.models


async def read_reply(response: Response, reader: Reader) -> AsyncGenerator[Chunk]:
    """Yield the chunks of a reply up to its end mark, or else the end of its body.

    Raises:
        WireError: very much came without a word of a reply in it.
    """
    words = _Words()
    async with aclosing(response.pieces()) as pieces:
        async for piece in pieces:
            words.wordless_bytes += len(piece)
            for chunk in words.of(reader.feed(piece)):
                yield chunk
            if reader.ended:
                return
            if words.wordless_bytes > MOST_WORDLESS_BYTES:
                raise WireError(
                    f"{MOST_WORDLESS_BYTES // 2**20} MiB came without a word of a reply",
                    hint="The answer is no chat reply; check the address that was asked.",
                )
    for chunk in words.of(reader.close()):
        yield chunk
    for chunk in words.left():
        yield chunk


class _Words:
    """Text and reasoning of one reply, made so that they can be written."""

    def __init__(self) -> None:
        self.wordless_bytes = 0
        self._joiners: dict[type[Text | Reasoning], PairJoiner] = {
            Text: PairJoiner(),
            Reasoning: PairJoiner(),
        }

    def of(self, chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        """Yield the chunks, without halves of surrogate pairs."""
        for chunk in chunks:
            if isinstance(chunk, (Text, Reasoning)):
                self.wordless_bytes = 0
                if text := self._joiners[type(chunk)].feed(chunk.text):
                    yield type(chunk)(text)
                continue
            if isinstance(chunk, Finish):
                yield from self.left()
            yield chunk

    def left(self) -> Iterator[Chunk]:
        """Yield what is shown of halves that stayed alone."""
        for kind, joiner in self._joiners.items():
            if text := joiner.close():
                yield kind(text)


async def _tries(
    request: Request, route: Route, read: Read, waits: tuple[float, ...], explain: Explain
) -> AsyncGenerator[Chunk]:
    """Yield the reply of the first try that delivers one, and a notice before each further try.

    Once something was delivered there is no other try.
    """
    for number, base in enumerate((*waits, None), start=2):
        delivered = False
        try:
            async with (
                send(request, route) as response,
                aclosing(read_reply(response, read(response.headers))) as chunks,
            ):
                async for chunk in chunks:
                    delivered = True
                    yield chunk
            return
        except ChatError as exc:
            explain(exc)
            wait = _seconds_to_wait(base, exc)
            if delivered or wait is None or not _may_pass(exc):
                raise
            why = str(exc)
        yield Notice(f"{why} · waiting {wait:.0f} s before try {number} of {len(waits) + 1}")
        await _wait(wait)


_wait = asyncio.sleep
_jitter = random.uniform


def _seconds_to_wait(base: float | None, error: ChatError) -> float | None:
    """Return how long to wait: a little more than `base`, or what the service asks for; None: not at all."""
    if base is None:
        return None
    asked = (error.retry_after_seconds or 0.0) if isinstance(error, RateLimitError) else 0.0
    # Never below the documented wait, and not all kernels of a class at the same moment.
    return max(base * _jitter(1.0, 1.25), asked) if asked <= MOST_WAIT_SECONDS else None


def _may_pass(error: ChatError) -> bool:
    """Say whether what failed may pass by itself: connections, silence, 408, 429 and 5xx, but no wrong key."""
    match error:
        case UnreachableError() | ChatTimeoutError() | BrokenOffError():
            return True
        case RateLimitError():
            return error.status == 429
        case ResponseStatusError():
            return error.status == 408 or error.status >= 500
        case _:
            return False


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
    return (
        [{**copy, "content": flatten_content(copy.get("content"))} for copy in copies] if flatten else copies
    )
