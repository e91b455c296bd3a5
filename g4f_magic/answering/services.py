"""Who answers: from a name, a model, a key and a host to what can be asked. A chain of names is asked in turn."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from g4f_magic import providers
from g4f_magic.answerer import Answerer
from g4f_magic.answering.auto import GUIDE, Auto
from g4f_magic.answering.budget import Spending, Tariff
from g4f_magic.answering.chain import Chain, Cooldowns, Member
from g4f_magic.answering.known_ways import ways_in
from g4f_magic.answering.next_step import next_step
from g4f_magic.answering.service import Pictures, Provider, Service, hosts_of
from g4f_magic.answering.sights import Sights
from g4f_magic.answering.sign_in import SignIn
from g4f_magic.answering.ways import OURS, check_proxy_behind, via_proxy, who_in_gateway
from g4f_magic.chunks import Served
from g4f_magic.costing import FREE
from g4f_magic.errors import InputError
from g4f_magic.literals import names_a_key, no_key_here
from g4f_magic.options import Options
from g4f_magic.providers.base import AsyncGeneratorProvider
from g4f_magic.providers.model_cache import ModelCache
from g4f_magic.providers.openai import OpenAI
from g4f_magic.secret import Address
from g4f_magic.settings import AUTO, Settings, environment, models_file, ways_file
from g4f_magic.wire.proxies import for_all
from g4f_magic.wire.urls import is_on_loopback

if TYPE_CHECKING:
    from g4f_magic.gateway import Gateway


_MOST_ELSEWHERE = 32
"""Providers at other hosts that are remembered: moving one makes a class."""
_DOWN = "You connected it: start it again, connect another one (%chat connect), or %chat disconnect."


class NamedService(NamedTuple):
    """A service as a question names it."""

    name: str
    """As the registry spells it."""
    provider: Provider
    model: str
    """The provider's own name of the model; empty for its default."""


class Services:
    """The services that one kernel can ask."""

    def __init__(
        self,
        settings: Settings,
        gateway: Callable[[], Awaitable[Gateway]],
        folder: Callable[[], Path] = Path,
        *,
        pictures: Pictures = lambda digests: {},
        is_recorded: Callable[[], bool] = lambda: False,
    ) -> None:
        self._settings = settings
        self._gateway = gateway
        self._folder = folder
        self._pictures = pictures
        self._is_recorded = is_recorded
        self.cooldowns = Cooldowns()
        self.model_cache = ModelCache(models_file())
        self.sights = Sights()
        self.ways = ways_in(ways_file())
        self.spending = Spending()
        self.auto = Auto(settings)
        self.sign_in = SignIn(settings, folder)
        self._elsewhere: dict[tuple[Provider, str], Provider] = {}

    def named(self, options: Options) -> list[NamedService]:
        """Return each that is asked in turn; `auto` must have been replaced by whom it means.

        Raises:
            InputError: a name is unknown, a model not offered, or a chain and `--model` were given together.
        """
        asked = (options.provider or self._settings.default[0]).strip()
        spec = self._settings.chains.get(asked, asked)
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
            if not wanted and len(parts) == 1 and self._settings.model:
                is_default = asked.lower() == self._settings.default[0].lower()
                wanted = self._settings.model if is_default else ""
            name, provider = providers.resolve(name)
            found.append(NamedService(name, provider, provider.own_model(name, wanted)))
        return found

    async def resolved(self, options: Options) -> Options:
        """Return the options with whom `auto` means now, where they leave it to that.

        Raises:
            InputError: what the person connected cannot be read.
        """
        return await self.auto.resolved(options) if self.is_auto(options) else options

    def presumed(self, options: Options) -> Options:
        """Return the options with whom `auto` means, as far as that is known without looking for anybody.

        Raises:
            InputError: what the person connected cannot be read.
        """
        return self.auto.presumed(options) if self.is_auto(options) else options

    def is_auto(self, options: Options) -> bool:
        """Say whether it is left to `auto` who is asked."""
        return (options.provider or self._settings.default[0]).strip().lower() == AUTO

    def chosen(self, spec: str, model: str = "") -> tuple[str, str]:
        """Return provider and model as the settings hold them once a person chose who answers, in their words.

        Raises:
            InputError: as `named`.
        """
        spec = spec.strip()
        if spec.lower() == AUTO:
            return AUTO, model
        if "://" in spec:
            OpenAI.at(spec)  # it is an address
            return spec, model
        named = self.named(Options(provider=spec, model=model))
        if len(named) != 1 or spec in self._settings.chains:
            return spec, model
        return named[0].name, (named[0].model if model or ":" in spec else "")

    @property
    def chains(self) -> Mapping[str, str]:
        """Return the chains that the settings name."""
        return dict(self._settings.chains)

    @property
    def ca_file(self) -> str | None:
        """Return the certificates to trust besides the system's."""
        return self._settings.ca_path

    @property
    def models_folder(self) -> str:
        """Return the folder of model files that the settings name."""
        return self._settings.models_folder

    def sees(self, options: Options) -> bool:
        """Say whether whoever is asked takes pictures, as far as it is known without asking.

        Raises:
            InputError: as `named`.
        """
        options = self.presumed(options)
        return self.is_auto(options) or any(self._may_see(one, options) for one in self.named(options))

    def _may_see(self, one: NamedService, options: Options) -> bool:
        provider = one.provider
        if not provider.takes_parts:
            return False
        return not self.sights.is_blind((self.at_its_host(one.name, provider, options).url, one.model))

    async def answerer(self, options: Options) -> Answerer:
        """Return who is asked: one service, or a chain of them.

        Raises:
            InputError: something of what was asked for cannot be; nothing was sent.
            MissingAuthError: the one that is asked wants a key or cookies and none were found; nothing was sent.
        """
        options = await self.resolved(options)
        named = self.named(options)
        for one in named:
            _check(one, options)
        if len(named) == 1:
            return await self._service(named[0], options)
        members = [
            Member(one.name, partial(self._service, one, options, retries=number == len(named) - 1))
            for number, one in enumerate(named)
        ]
        proxy = options.proxy or self._settings.proxy
        hosts = {host for one in named for host in hosts_of(one.provider, proxy)}
        return Chain(members, self.cooldowns, tuple(hosts))

    def at_its_host(self, name: str, provider: Provider, options: Options) -> Provider:
        """Return a provider at the host that the options or the settings name for it, else as it is."""
        base_url = self._base_url(name, provider, options)
        return self._moved(provider, base_url) if base_url else self._here(provider)

    def _moved(self, provider: Provider, base_url: str) -> Provider:
        if (moved := self._elsewhere.get((provider, base_url))) is None:
            moved = provider.at(base_url)
            if len(self._elsewhere) == _MOST_ELSEWHERE:
                self._elsewhere.clear()
            self._elsewhere[provider, base_url] = moved
        return moved

    def _here(self, provider: Provider) -> Provider:
        return provider.within(self._folder(), self.models_folder)

    async def way_to(self, name: str, options: Options | None = None) -> tuple[Provider, str]:
        """Return a provider where it is asked, and how to say where that is; the local gateway is started for it."""
        provider, via, _ = await self._at(name, providers.get(name), options or Options())
        return provider, via

    async def _service(self, named: NamedService, options: Options, *, retries: bool = True) -> Service:
        name, model = named.name, named.model
        provider, via, extra = await self._at(name, named.provider, options)
        is_ours = via.startswith(OURS)
        if is_ours and options.proxy:
            check_proxy_behind(
                name, (await self._gateway()).engine, options, is_set=bool(self._settings.proxy)
            )
        if name == GUIDE:
            extra = {"step": await next_step(self._folder(), is_recorded=self._is_recorded())}
        if not retries:
            provider = type(provider.__name__, (provider,), {"retry_seconds": ()})
        if issubclass(provider, OpenAI) and not provider.advice and self.auto.is_connected(name):
            provider = type(provider.__name__, (provider,), {"advice": _DOWN})
        proxy = None if is_ours else self.proxy(provider, options)
        if not is_ours and (provider.cookie_domain or provider.takes_key()):
            extra = {**extra, **await self.sign_in.arguments(provider, name, options)}
        timeout = options.timeout_seconds or self._settings.timeout_seconds
        if self._settings.ca_file and not is_ours:
            extra["ca_file"] = self._settings.ca_path
        picks = not model and not is_ours and issubclass(provider, OpenAI) and not provider.has_own_default()
        shown = model or getattr(provider, "default_model", "")
        who = (
            replace(who_in_gateway(name, provider, model, via), caution=(await self._gateway()).caution)
            if is_ours
            else Served(name, shown, via_proxy(provider, via, options) if options.proxy else via)
        )
        tariff = tariff_of(
            provider,
            who,
            self.spending,
            is_ours=is_ours,
            has_credentials=bool(extra.get("api_key") or extra.get("cookies")),
            of_kernel=self._settings.budget,
            of_cell=options.budget,
        )
        return Service(
            who=replace(who, seller=FREE if tariff.is_free else tariff.seller),
            tariff=tariff,
            provider=provider,
            model=model,
            route={"proxy": proxy, "timeout": timeout},
            arguments=extra,
            model_cache=self.model_cache,
            is_ours=is_ours,
            behind=(await self._gateway()).engine if is_ours else None,
            picks_model=picks,
            pictures=self._pictures,
            sights=self.sights,
            ways=self.ways,
        )

    def _base_url(self, name: str, provider: Provider, options: Options) -> str:
        """Return the host that is named for a provider.

        The settings' one is meant for the settings' provider alone, and `OPENAI_BASE_URL` for OpenAI's.
        """
        if options.is_local or options.base_url:  # what the cell says counts before what is set
            return options.base_url
        default, its_url = self._settings.default
        is_meant = name == ("openai" if default.lower() == AUTO else default.lower())
        if is_meant and its_url:
            return its_url
        return environment("OPENAI_BASE_URL") if provider is OpenAI else ""

    def proxy(self, provider: Provider, options: Options | None = None) -> str | None:
        """Return the proxy to ask a provider through; None: as the environment says.

        What the cell names counts for whatever it asks; what is set for all leaves this machine out.
        """
        if options is not None and options.proxy:
            return Address(options.proxy)
        return for_all(self._settings.proxy, provider._hosts()) if self._settings.proxy else None

    def is_behind_gateway(self, name: str, provider: Provider, options: Options) -> bool:
        """Say whether a provider is asked in the local gateway: its site is gone, or the options say so."""
        if self._base_url(name, provider, options):
            return False
        return options.is_local or not (provider.working or provider.is_moved())

    async def _at(
        self, name: str, provider: Provider, options: Options
    ) -> tuple[Provider, str, dict[str, Any]]:
        """Return the provider at the host to use, how to say where that is, and what to pass along there."""
        base_url = self._base_url(name, provider, options)
        if base_url:
            provider = self._moved(provider, base_url)
            return provider, urlsplit(provider.url).netloc.rpartition("@")[2], {}
        if not self.is_behind_gateway(name, provider, options):
            return self._here(provider), "", {}
        gateway = await self._gateway()
        local = provider.at(gateway.base_url + provider.local_prefix)
        if issubclass(local, OpenAI):
            local.default_model = ""  # the service's own is not there: the gateway says who answers
        return local, f"{OURS}({gateway.engine.label})", dict(provider.local_options)


def _check(named: NamedService, options: Options) -> None:
    """Check what can be checked before anything is sent.

    Raises:
        InputError: two hosts are named, cookies or parameters given that the service does not take.
    """
    name, provider = named.name, named.provider
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


def tariff_of(
    provider: type[AsyncGeneratorProvider],
    who: Served,
    spending: Spending,
    *,
    is_ours: bool,
    has_credentials: bool,
    of_kernel: float | None,
    of_cell: float | None,
) -> Tariff:
    """Return what requests to a service cost, and how much they may."""
    is_here = not is_ours and (is_on_loopback(provider.url) or not provider.url)
    seller = "" if is_ours or is_here else seller_at(provider.url)
    is_here = is_here and who.provider != "litellm"  # which asks others, and at a price
    is_within = is_ours and any(f"({name}" in who.via for name in ("guide", "local", "script"))
    return Tariff(
        spending=spending,
        provider=who.provider,
        seller=seller,
        model=who.model,
        is_free=is_here or is_within or not (seller or has_credentials or is_ours),
        of_kernel=of_kernel,
        of_cell=of_cell,
    )


def seller_at(url: str) -> str:
    """Return whose prices hold at an address; empty where that is not known."""
    from g4f_magic.prices import newest_prices

    return newest_prices().seller(url)
