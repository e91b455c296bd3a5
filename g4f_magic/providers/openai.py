"""OpenAI's chat completions, from any server that speaks them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self
from urllib.parse import urlsplit

from g4f_magic.errors import (
    ChatError,
    InputError,
    MissingAuthError,
    ResponseStatusError,
    UnreachableError,
    WireError,
)
from g4f_magic.messages import Messages
from g4f_magic.providers.base import AsyncGeneratorProvider, AsyncResult, ProviderModelMixin
from g4f_magic.providers.completions import BodyReader
from g4f_magic.secret import Secret
from g4f_magic.settings import environment
from g4f_magic.visible import make_visible
from g4f_magic.wire.transport import HeaderValue, Request, Route, fetch_json

if TYPE_CHECKING:
    import aiohttp

_OUR_OWN = frozenset({"timeout", "cookies", "webdriver", "session_args", "ca_file"})
_PATH = "/chat/completions"


class OpenAI(AsyncGeneratorProvider, ProviderModelMixin):
    """Any OpenAI-compatible server: `--base-url` with its `/v1`, and a key if it wants one."""

    url: ClassVar[str] = "https://api.openai.com/v1"
    supports_message_history = True
    takes_parts = True
    needs_auth = True
    default_model = "gpt-4o-mini"
    parameters = None
    key_variables: ClassVar[tuple[str, ...]] = ("OPENAI_API_KEY",)
    retry_seconds: ClassVar[tuple[float, ...]] = (0.5, 1.0)
    local_prefix = "/v1"

    is_local: ClassVar[bool] = False
    """Whether it runs on this machine: it is found by asking its port, and picks the model it has."""
    counts_on_request: ClassVar[bool] = False
    """Whether it counts tokens only where the request asks for that; others refuse to be asked."""
    name: ClassVar[str] = "openai"
    advice: ClassVar[str] = ""
    """What to do where nothing answers."""

    @classmethod
    def at(cls, base_url: str) -> type[Self]:
        """Return this provider at another server; its base URL ends with what comes before `/chat/completions`."""
        moved = super().at(base_url)
        moved.url = base_url.rstrip("/").removesuffix(_PATH)
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
        Without `api_key` the service's variable is used, and that only for the host that it belongs to: its
        own, or the one that `OPENAI_BASE_URL` names.
        """
        key = cls._key(api_key)

        def build(said: list[dict[str, Any]]) -> Request:
            counts = {"stream_options": {"include_usage": True}} if cls.counts_on_request else {}
            sampling = {name: value for name, value in kwargs.items() if name not in _OUR_OWN}
            return Request(
                url=cls.url + _PATH,
                headers=_authorization(key),
                body={"model": cls.get_model(model), "messages": said, "stream": True, **counts, **sampling},
            )

        return cls._result(
            messages,
            build,
            lambda headers: BodyReader(),
            proxy=proxy,
            connector=connector,
            timeout=kwargs.get("timeout"),
            ca_file=kwargs.get("ca_file"),
        )

    @classmethod
    async def list_models(
        cls,
        api_key: str | Secret | None = None,
        *,
        timeout: float = 10.0,
        proxy: str | None = None,
        ca_file: str | None = None,
    ) -> list[str]:
        """Return the names of the models that the server offers, in its order.

        Raises:
            ChatError: the server does not answer, or not with a list.
        """
        request = Request(url=f"{cls.url}/models", headers=_authorization(cls._key(api_key)), body={})
        route = Route(idle_seconds=timeout, total_seconds=timeout, proxy=proxy, ca_file=ca_file)
        try:
            listed = await fetch_json(request, route)
        except ChatError as exc:
            cls._explain(exc)
            raise
        try:
            models = listed["data"] if isinstance(listed, dict) else listed
            names = [str(model["id"]).removeprefix("models/") for model in models]
        except (KeyError, TypeError):
            raise InputError(
                f"{request.host}: its answer is no list of models", hint="Does the base URL end with /v1?"
            ) from None
        return [name for name in names if make_visible(name) == name]  # they are shown, and typed by Tab

    @classmethod
    def is_at_home(cls) -> bool:
        """Say whether it speaks to the host that its key belongs to: the service's own, or the variable's."""
        named = environment("OPENAI_BASE_URL").rstrip("/") if "OPENAI_API_KEY" in cls.key_variables else ""
        home = urlsplit(cls._public_url())
        here = urlsplit(cls.url)
        return cls.url == named or (here.scheme, here.netloc) == (home.scheme, home.netloc)

    @classmethod
    def _public_url(cls) -> str:
        owners = [base for base in cls.__mro__ if "name" in base.__dict__ and issubclass(base, OpenAI)]
        return str(owners[0]._public_hosts[0])

    @classmethod
    def _key(cls, given: str | Secret | None) -> Secret:
        if isinstance(given, Secret):
            return given
        own = map(environment, cls.key_variables) if cls.is_at_home() else ()
        return Secret((given or next(filter(None, own), "")).strip())

    @classmethod
    def _explain(cls, error: ChatError) -> None:
        if isinstance(error, MissingAuthError):
            error.hint = f"It wants a key, or another one: {cls._way_to_key()}."
        elif isinstance(error, UnreachableError) and cls.advice and cls.is_at_home():
            error.hint = cls.advice
        elif _is_nothing_there(error) and not urlsplit(cls.url).path.strip("/"):
            error.hint = f"The base URL has no path: try --base-url {_shown(cls.url)}/v1"

    @classmethod
    def _way_to_key(cls) -> str:
        if not cls.is_at_home():
            return f"run %chat login {urlsplit(cls.url).netloc.rpartition('@')[2]}"
        variable = f"set {cls.key_variables[0]}, or " if cls.key_variables else ""
        return f"{variable}run %chat login {cls.name}"


def _is_nothing_there(error: ChatError) -> bool:
    """Say whether the server knows no such address: 404, 405, or a web page in place of a reply."""
    return isinstance(error, WireError) or (
        isinstance(error, ResponseStatusError) and error.status in (404, 405)
    )


def _shown(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")


def _authorization(key: Secret) -> dict[str, HeaderValue]:
    return {"Authorization": Secret(f"Bearer {key.reveal()}")} if key else {}
