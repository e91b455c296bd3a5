"""OpenAI's chat completions, from any server that speaks them."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import aiohttp

from g4f_magic.errors import InputError
from g4f_magic.messages import Messages
from g4f_magic.providers.base import AsyncGeneratorProvider, AsyncResult, ProviderModelMixin
from g4f_magic.providers.readers import CompletionReader
from g4f_magic.secret import Secret
from g4f_magic.settings import environment
from g4f_magic.wire.transport import HeaderValue, Request, Route, fetch_json

_OUR_OWN = frozenset({"timeout", "cookies", "webdriver", "session_args"})


class OpenAI(AsyncGeneratorProvider, ProviderModelMixin):
    """Any OpenAI-compatible server: `--base-url` with its `/v1`, and a key from `OPENAI_API_KEY` if it wants one."""

    url: ClassVar[str] = "https://api.openai.com/v1"
    supports_message_history = True
    takes_parts = True
    default_model = "gpt-4o-mini"
    parameters = None

    @classmethod
    def at(cls, base_url: str) -> type[Self]:
        """Return this provider at another server; its base URL ends with what comes before `/chat/completions`."""
        moved = super().at(base_url)
        moved.url = base_url.rstrip("/")
        return moved

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
        Without `api_key`, `OPENAI_API_KEY` is used, and that only for the host that it belongs to: OpenAI's
        own, or the one that `OPENAI_BASE_URL` names.
        """
        key = api_key if isinstance(api_key, Secret) else Secret(api_key or cls._own_key())

        def build(said: list[dict[str, Any]]) -> Request:
            sampling = {name: value for name, value in kwargs.items() if name not in _OUR_OWN}
            return Request(
                url=f"{cls.url}/chat/completions",
                headers=_authorization(key),
                body={"model": cls.get_model(model), "messages": said, "stream": True, **sampling},
            )

        return cls._result(
            messages,
            build,
            lambda headers: CompletionReader(),
            proxy=proxy,
            connector=connector,
            timeout=kwargs.get("timeout"),
        )

    @classmethod
    async def list_models(cls, api_key: str | Secret | None = None, *, timeout: float = 10.0) -> list[str]:
        """Return the names of the models that the server offers, in its order.

        Raises:
            ChatError: the server does not answer, or not with a list.
        """
        key = api_key if isinstance(api_key, Secret) else Secret(api_key or cls._own_key())
        request = Request(url=f"{cls.url}/models", headers=_authorization(key), body={})
        listed = await fetch_json(request, Route(idle_seconds=timeout, total_seconds=timeout))
        try:
            return [str(model["id"]) for model in listed["data"]]
        except (KeyError, TypeError) as exc:
            raise InputError(
                f"{request.host}: its answer is no list of models", hint="Does the base URL end with /v1?"
            ) from exc

    @classmethod
    def _own_key(cls) -> str:
        named = environment("OPENAI_BASE_URL").rstrip("/")
        is_its_host = not cls.is_moved() or cls.url == named
        return environment("OPENAI_API_KEY") if is_its_host else ""


def _authorization(key: Secret) -> dict[str, HeaderValue]:
    return {"Authorization": Secret(f"Bearer {key.reveal()}")} if key else {}
