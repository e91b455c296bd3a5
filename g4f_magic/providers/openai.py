"""OpenAI's chat completions, from any server that speaks them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from g4f_magic.chunks import Chunk
from g4f_magic.errors import (
    ChatError,
)
from g4f_magic.messages import Messages
from g4f_magic.providers import responses_request, rewording
from g4f_magic.providers.base import AsyncResult
from g4f_magic.providers.completions import CompletionReader
from g4f_magic.providers.openai_server import OpenAIServer, is_nothing_there
from g4f_magic.providers.readers import Reader
from g4f_magic.providers.responses import ResponsesReader
from g4f_magic.providers.whole import chunks_of, plain_chunks
from g4f_magic.secret import Secret
from g4f_magic.wire.request import Request
from g4f_magic.wire.urls import CHAT, RESPONSES, below

if TYPE_CHECKING:
    import aiohttp

_OUR_OWN = frozenset({"timeout", "cookies", "webdriver", "session_args", "ca_file", "gives_calls"})


class OpenAI(OpenAIServer):
    """Any OpenAI-compatible server: `--base-url` with its `/v1`, and a key if it wants one."""

    name: ClassVar[str] = "openai"
    url: ClassVar[str] = "https://api.openai.com/v1"
    supports_message_history = True
    takes_parts = True
    takes_schema = True
    takes_tools = True
    says_model = True
    needs_auth = True
    default_model = "gpt-4o-mini"
    parameters = None
    key_variables: ClassVar[tuple[str, ...]] = ("OPENAI_API_KEY",)
    retry_seconds: ClassVar[tuple[float, ...]] = (0.5, 1.0)
    local_prefix = "/v1"

    counts_on_request: ClassVar[bool] = False
    """Whether it counts tokens only where the request asks for that; others refuse to be asked."""

    @classmethod
    def create_async_generator(
        cls,
        model: str,
        messages: Messages,
        proxy: str | None = None,
        connector: aiohttp.BaseConnector | None = None,
        api_key: str | Secret | None = None,
        **kwargs: Any,
    ) -> AsyncResult:
        """Return the reply to `messages`.

        Further arguments go into the request's body as they are (`temperature`, `max_tokens`, ...).
        Without `api_key` the service's variable is used, and that only for the host that it belongs to: its
        own, or the one that `OPENAI_BASE_URL` names.
        """
        counts = {"stream_options": {"include_usage": True}} if cls._asks_for_counts() else {}
        return cls.completion(
            {"model": model, "messages": messages, "stream": True, **counts, **_sent(kwargs)},
            api_key,
            proxy=proxy,
            connector=connector,
            **{name: kwargs[name] for name in ("timeout", "ca_file", "gives_calls") if name in kwargs},
        )

    @classmethod
    def own_model(cls, name: str, model: str) -> str:
        """Return as for all; of an empty one nothing: the server is asked, where the default is not its own."""
        return super().own_model(name, model) if model else ""

    @classmethod
    def completion(
        cls,
        body: Mapping[str, Any],
        api_key: str | Secret | None = None,
        *,
        gives_calls: bool = False,
        timeout: float | None = None,
        **way: Any,
    ) -> AsyncResult:
        """Return the reply to a chat completion's request: `body` goes out with all that stands in it.

        With `gives_calls`, functions that are asked for come as chunks. `way` is `proxy`, `connector` and `ca_file`.
        """
        key = cls.key_for(api_key)

        def build(said: list[dict[str, Any]]) -> Request:
            made = {**body, "model": cls.get_model(body["model"]), "messages": said}
            return cls._asking(made, key)

        def read(headers: Mapping[str, str], request: Request) -> Reader:
            return _reader(request, cls.get_model(body["model"]), gives_calls=gives_calls)

        return cls._result(
            body["messages"],
            build,
            read,
            timeout=timeout,
            **way,
        )

    @classmethod
    async def whole(
        cls,
        model: str,
        messages: Messages,
        proxy: str | None = None,
        api_key: str | Secret | None = None,
        **kwargs: Any,
    ) -> list[Chunk]:
        """Return the chunks of a reply that is asked for in one piece, which costs both sides less; it is asked for once.

        Arguments are those of `create_async_generator`.

        Raises:
            ChatError: it failed.
        """
        name, key = cls.get_model(model), cls.key_for(api_key)

        def build(said: list[dict[str, Any]]) -> Request:
            body = {"model": name, "messages": said, "stream": False, **_sent(kwargs)}
            return cls._asking(body, key)

        def read(body: bytes, request: Request) -> list[Chunk]:
            return plain_chunks(body, name) or chunks_of(body, _reader(request, name))

        return await cls._whole(
            messages, build, read, proxy=proxy, timeout=kwargs.get("timeout"), ca_file=kwargs.get("ca_file")
        )

    @classmethod
    def request(
        cls, body: Mapping[str, Any], api_key: str | Secret | None = None, *, path: str = CHAT
    ) -> Request:
        """Return the request for a chat completion, or for what else has a path below the base, that sends `body` as it is."""
        key = cls.key_for(api_key)
        return cls._signed(Request(url=below(cls.url, path), headers=cls._credentials(key), body=body))

    @classmethod
    def _asks_for_counts(cls) -> bool:
        """Say whether the request asks for the count of tokens: where it is known to be taken, OpenAI's own host among them."""
        return cls.counts_on_request or urlsplit(cls.url).hostname == "api.openai.com"

    @classmethod
    def _asking(cls, body: Mapping[str, Any], key: Secret) -> Request:
        """Return the request for a reply, in the words and by the interface that the server wanted before."""
        made = rewording.in_its_words(cls.url, body)
        if responses_request.is_wanted(cls.url, made):
            return cls.request(responses_request.responses_body(made), key, path=RESPONSES)
        return cls.request(made, key)

    @classmethod
    def _reworded(cls, request: Request, error: ChatError) -> Request | None:
        if _is_of_responses(request):
            if is_nothing_there(error):
                responses_request.forget(cls.url, request.body)
            return None
        if responses_request.is_asked_for(error.diagnosis.interface):
            responses_request.remember(cls.url, request.body)
            body = responses_request.responses_body(request.body)
            return replace(request, url=below(cls.url, RESPONSES), body=body)
        return cls._in_other_words(request, error)

    @classmethod
    def _failure(cls, request: Request, error: ChatError, refused: ChatError | None) -> ChatError:
        return refused if refused and _is_of_responses(request) and is_nothing_there(error) else error

    @classmethod
    def _in_other_words(cls, request: Request, error: ChatError) -> Request | None:
        body = rewording.reworded(cls.url, request.body, error.diagnosis)
        return None if body is None else replace(request, body=body)


def _reader(request: Request, asked: str, *, gives_calls: bool = False) -> Reader:
    """Return the reader of what a request is answered with."""
    kind = ResponsesReader if _is_of_responses(request) else CompletionReader
    return kind(asked, gives_calls=gives_calls)


def _is_of_responses(request: Request) -> bool:
    return urlsplit(request.url).path.endswith(RESPONSES)


def _sent(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return those arguments that go into the request's body."""
    return {name: value for name, value in arguments.items() if name not in _OUR_OWN}
