"""Who answers: from a name, a model, a key and a host to what can be asked. A chain of names is asked in turn."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from g4f_magic import keys, providers
from g4f_magic.border import clean
from g4f_magic.chain import Candidate, Chain, Link, Rests
from g4f_magic.chunks import Chunk, Served
from g4f_magic.errors import InputError, MissingAuthError
from g4f_magic.grammar import names_a_key, no_key_here
from g4f_magic.options import Options
from g4f_magic.providers.base import AsyncGeneratorProvider, ProviderModelMixin
from g4f_magic.providers.catalogue import Catalogue
from g4f_magic.providers.openai import OpenAI
from g4f_magic.secret import Address
from g4f_magic.settings import Settings, cookie_path, environment, models_file
from g4f_magic.wire.cookies import get_cookies

if TYPE_CHECKING:
    from g4f_magic.gateway import Gateway

Provider = type[AsyncGeneratorProvider]
_OURS = "local gateway "
"""How `via` begins where the package's own gateway is asked; no host's name holds a space."""


class Services:
    """The services that one kernel can ask."""

    def __init__(
        self, settings: Settings, gateway: Callable[[], Awaitable[Gateway]], folder: Callable[[], Path] = Path
    ) -> None:
        self._settings = settings
        self._gateway = gateway
        self._folder = folder
        self.rests = Rests()
        self.catalogue = Catalogue(models_file())

    def named(self, options: Options) -> list[tuple[str, str]]:
        """Return provider and model of each that is asked in turn; the model is empty for its default.

        Raises:
            InputError: a name is unknown, a model not offered, or a chain and `--model` were given together.
        """
        spec = (options.provider or self._settings.provider).strip()
        is_default = not options.provider or spec.lower() == self._settings.provider.lower()
        spec = self._settings.chains.get(spec, spec)
        parts = [part for part in map(str.strip, spec.split(",")) if part]
        if not parts:
            raise InputError(
                "no provider is named", hint="Write --provider NAME; %chat providers lists them."
            )
        if len(parts) > 1 and options.model:
            raise InputError(
                "--model and a chain of providers do not go together",
                hint="Give each its model: --provider groq:MODEL,openai:MODEL.",
            )
        found = []
        for part in parts:
            name, own_model = providers.split(part)
            if own_model and options.model:
                raise InputError(f"{part!r} names a model, and so does --model", hint="Give one of the two.")
            wanted = own_model or options.model
            if not wanted and is_default and len(parts) == 1:
                wanted = self._settings.model
            name = providers.canonical(name)
            found.append((name, model_of(providers.get(name), name, wanted)))
        return found

    async def answering(self, options: Options) -> Link:
        """Return what is asked: one service, or a chain of them.

        Raises:
            InputError: something of what was asked for cannot be; nothing was sent.
            MissingAuthError: the one that is asked wants a key or cookies and none were found; nothing was sent.
        """
        named = self.named(options)
        for name, _ in named:
            _check(providers.get(name), name, options)
        if len(named) == 1:
            return await self._link(*named[0], options)
        last = len(named) - 1
        candidates = [
            Candidate(name, self._later(name, model, options, retries=number == last))
            for number, (name, model) in enumerate(named)
        ]
        chain = Chain(candidates, self.rests)
        proxy = options.proxy or self._settings.proxy
        places = {place for name, _ in named for place in _hosts(providers.get(name), proxy)}
        return Link(provider=",".join(name for name, _ in named), stream=chain.stream, hosts=tuple(places))

    async def key(self, provider: Provider, name: str) -> keys.Key | None:
        """Return the key for a provider where it is: its own at its own host, that host's elsewhere."""
        variables = provider.key_variables
        if not variables and not issubclass(provider, OpenAI):
            return None
        if not provider.is_at_home():
            name, variables = urlsplit(provider.url).netloc.rpartition("@")[2], ()
        return await keys.look_up(name, variables, self._folder())

    def placed(self, provider: Provider, options: Options) -> Provider:
        """Return a provider at the host that the options or the settings name, else as it is."""
        base_url = self._base_url(provider, options)
        return provider.at(base_url) if base_url else provider

    def _later(
        self, name: str, model: str, options: Options, *, retries: bool
    ) -> Callable[[], Awaitable[Link]]:
        return lambda: self._link(name, model, options, retries=retries)

    async def _link(self, name: str, model: str, options: Options, *, retries: bool = True) -> Link:
        provider, via, extra = await self._at(providers.get(name), options)
        is_ours = via.startswith(_OURS)
        if not retries:
            provider = type(provider.__name__, (provider,), {"retry_seconds": ()})
        if not is_ours:
            extra = {**extra, **await self._credentials(provider, name, options)}
        arguments: dict[str, Any] = {
            "proxy": None if is_ours else Address(options.proxy or self._proxy(provider)) or None,
            "timeout": options.timeout_seconds or self._settings.timeout_seconds,
            **options.parameters,
            **extra,
        }
        if self._settings.ca_file and not is_ours:
            arguments["ca_file"] = self._settings.ca_path

        def stream(messages: list[dict[str, Any]]) -> AsyncGenerator[Chunk]:
            if not model and not is_ours and issubclass(provider, OpenAI) and not provider.default_model:
                return clean(self._with_its_own_model(provider, name, via, messages, arguments))
            return clean(provider.create_async_generator(model, messages, **arguments).chunks())

        shown = model or getattr(provider, "default_model", "")
        hosts = _hosts(provider, arguments["proxy"] or "")
        return Link(provider=name, model=shown, via=via, stream=stream, hosts=hosts)

    async def _with_its_own_model(
        self,
        provider: type[OpenAI],
        name: str,
        via: str,
        messages: list[dict[str, Any]],
        arguments: dict[str, Any],
    ) -> AsyncGenerator[Chunk]:
        """Yield who answers, and the reply of a model that the server has: where none is named that is the first."""
        offered = await provider.list_models(
            arguments.get("api_key"), proxy=arguments["proxy"], ca_file=arguments.get("ca_file")
        )
        texts = [model for model in offered if "embed" not in model.lower()] or offered
        if not texts and not provider.default_model:
            raise InputError(
                f"{name} runs and offers no model", hint=provider.advice or "Name one: --model NAME"
            )
        is_default_there = provider.default_model in offered or not texts
        model = provider.default_model if is_default_there else texts[0]
        self.catalogue.keep(provider.url, offered)
        yield Served(name, model, via)
        async with aclosing(provider.create_async_generator(model, messages, **arguments).chunks()) as chunks:
            async for chunk in chunks:
                yield chunk

    def _base_url(self, provider: Provider, options: Options) -> str:
        """Return the host that is named for a provider; `OPENAI_BASE_URL` is meant for OpenAI's alone."""
        if options.is_local:  # what the cell says counts before what is set
            return options.base_url
        named = options.base_url or self._settings.base_url
        if named or provider is not OpenAI:
            return named
        return environment("OPENAI_BASE_URL")

    def _proxy(self, provider: Provider) -> str:
        is_here = issubclass(provider, OpenAI) and provider.is_local and provider.is_at_home()
        return "" if is_here else self._settings.proxy

    async def _credentials(self, provider: Provider, name: str, options: Options) -> dict[str, Any]:
        """Return cookies or a key, as the provider wants them.

        Raises:
            MissingAuthError: it wants them and there are none.
        """
        if provider.cookie_domain:
            source = cookie_path(options.cookies) if options.cookies else self._settings.cookie_path
            return {"cookies": get_cookies(provider.cookie_domain, source=source)}
        key = await self.key(provider, name)
        if key is not None:
            return {"api_key": key.secret}
        if provider.needs_auth and provider.key_variables and provider.is_at_home():
            raise MissingAuthError(
                f"{name} wants a key and none was found",
                hint=f"Set {provider.key_variables[0]}, or run %chat login {name}.",
            )
        return {}

    async def _at(self, provider: Provider, options: Options) -> tuple[Provider, str, dict[str, Any]]:
        """Return the provider at the host to use, how to say where that is, and what to pass along there."""
        base_url = self._base_url(provider, options)
        if base_url:
            provider = provider.at(base_url)
            return provider, urlsplit(provider.url).netloc.rpartition("@")[2], {}
        if not options.is_local and (provider.working or provider.is_moved()):
            return provider, "", {}
        gateway = await self._gateway()
        local = provider.at(gateway.base_url + provider.local_prefix)
        return local, f"{_OURS}({gateway.engine.label})", dict(provider.local_options)


def model_of(provider: Provider, name: str, model: str) -> str:
    """Return the provider's own name of a model; of an empty one its default, if it has one.

    Raises:
        InputError: it does not offer that model, or no choice at all.
    """
    if issubclass(provider, OpenAI) and not model:
        return ""  # the server is asked, where the default is not its own
    if issubclass(provider, ProviderModelMixin):
        return provider.get_model(model)
    if model:
        raise InputError(f"{name} offers no choice of models", hint="Leave --model out.")
    return ""


def _hosts(provider: Provider, proxy: str) -> tuple[str, ...]:
    """Return the hosts on the way, as an error may name them."""
    places = [urlsplit(url) for url in (provider.url, getattr(provider, "api_endpoint", ""), proxy)]
    return tuple({name for place in places for name in (place.netloc, place.hostname or "") if name})


def _check(provider: Provider, name: str, options: Options) -> None:
    """Check what can be checked before anything is sent.

    Raises:
        InputError: two hosts are named, cookies or parameters given that the service does not take.
    """
    if options.base_url and options.is_local:
        raise InputError("--base-url and --gateway name two hosts", hint="Give one of the two.")
    if any(map(names_a_key, options.params)):
        raise no_key_here()
    if options.cookies and not provider.cookie_domain:
        raise InputError(f"{name} takes no cookies", hint="Leave --cookies out.")
    takes = provider.parameters
    unknown = [] if takes is None else [key for key in options.parameters if key not in takes]
    if unknown:
        known = ", ".join(sorted(takes or ())) or "none"
        raise InputError(
            f"{name} takes no parameter called {unknown[0]!r}",
            hint=f"It takes {known}. Leave {unknown[0]} out.",
        )
