"""FreeNetfly: OpenAI's protocol behind a web page, tried again while nothing has come."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any, ClassVar

from g4f_magic.chunks import Text
from g4f_magic.messages import Messages
from g4f_magic.providers.base import AsyncGeneratorProvider, AsyncResult, ProviderModelMixin
from g4f_magic.providers.completions import CompletionReader
from g4f_magic.providers.readers import body_of
from g4f_magic.secret import Secret
from g4f_magic.wire.request import HeaderValue, Request

_SAMPLING = {"temperature": 0.5, "presence_penalty": 0, "frequency_penalty": 0, "top_p": 1}


class FreeNetfly(AsyncGeneratorProvider, ProviderModelMixin):
    """FreeNetfly's chat. An access code, where the site wants one, is given as `api_key`."""

    says_who = False
    url: ClassVar[str] = "https://free.netfly.top"
    api_endpoint: ClassVar[str] = "/api/openai/v1/chat/completions"
    working = False
    default_model = "gpt-3.5-turbo"
    models: ClassVar[list[str]] = ["gpt-3.5-turbo", "gpt-4"]
    parameters = frozenset(_SAMPLING)
    says_model = True
    key_variables = ("FREENETFLY_API_KEY",)
    idle_seconds = 60.0
    retry_seconds = (2.0, 4.0, 8.0, 16.0)

    @classmethod
    def create_async_generator(
        cls, model: str, messages: Messages, proxy: str | None = None, **kwargs: Any
    ) -> AsyncResult:
        """Return the reply to `messages`; its chunks are text.

        Each of `temperature`, `presence_penalty`, `frequency_penalty` and `top_p` can be given.

        Raises, when the reply is read:
            ModelNotSupportedError: FreeNetfly does not offer `model`; nothing was sent.
            aiohttp.ClientError, TimeoutError: as its document says; each is a `ChatError` as well.
        """
        given = kwargs.pop("api_key", None)
        code = given if isinstance(given, Secret) else Secret(given or "")

        def build(said: list[dict[str, Any]]) -> Request:
            sampling = {name: kwargs.get(name, value) for name, value in _SAMPLING.items()}
            return Request(
                url=cls._endpoint(),
                headers=cls._headers(code),
                body={"messages": said, "stream": True, "model": cls.get_model(model), **sampling},
            )

        return cls._result(
            messages,
            build,
            lambda headers, request: CompletionReader(model or cls.default_model),
            proxy=proxy,
            connector=kwargs.get("connector"),
            timeout=kwargs.get("timeout"),
            ca_file=kwargs.get("ca_file"),
        )

    @classmethod
    def _endpoint(cls) -> str:
        path = cls.api_endpoint
        return path if "://" in path else cls.url.rstrip("/") + path

    @classmethod
    def _headers(cls, code: Secret) -> dict[str, HeaderValue]:
        headers: dict[str, HeaderValue] = {
            "accept": "application/json, text/event-stream",
            "accept-language": "en-US,en;q=0.9",
            "content-type": "application/json",
            "dnt": "1",
            "origin": cls.url,
            "referer": f"{cls.url}/",
            "sec-ch-ua": '"Chromium";v="131", "Not_A Brand";v="24"',
            "sec-ch-ua-mobile": "?0",
            "sec-ch-ua-platform": '"Linux"',
            "sec-fetch-dest": "empty",
            "sec-fetch-mode": "cors",
            "sec-fetch-site": "same-origin",
            "user-agent": (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
            ),
        }
        if code:
            headers["authorization"] = code.prefixed(
                "Bearer " if code.reveal().startswith("nk-") else "Bearer nk-"
            )
        return headers

    @classmethod
    async def _process_response(cls, response: Any) -> AsyncGenerator[str]:
        """Yield the text of a response, or of anything whose `content` can be iterated for bytes.

        What is left at the end of the stream is read too, with or without an end mark.
        """
        reader = CompletionReader()
        async for piece in body_of(response):
            for chunk in reader.feed(piece):
                if isinstance(chunk, Text):
                    yield chunk.text
            if reader.ended:
                return
        for chunk in reader.left():
            if isinstance(chunk, Text):
                yield chunk.text
