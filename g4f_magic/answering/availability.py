"""The availability of each service from here, in words, and which models it offers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Literal

from g4f_magic import providers
from g4f_magic.answering import keys
from g4f_magic.answering.services import Services
from g4f_magic.errors import ChatError
from g4f_magic.options import Options
from g4f_magic.providers.base import AsyncGeneratorProvider, ProviderModelMixin
from g4f_magic.providers.chooser import ranked
from g4f_magic.providers.local import Local
from g4f_magic.providers.openai import OpenAI
from g4f_magic.settings import Settings

_PROBE_SECONDS = 0.5

Kind = Literal["ready", "gateway", "sign-in", "absent"]
"""Ready to answer; through the local gateway; wants a key or cookies that are not there; runs nowhere."""


@dataclass(frozen=True, slots=True)
class Availability:
    """How one provider is reached."""

    name: str
    kind: Kind
    words: str
    """One sentence for the person, without a full stop."""
    model: str
    """What answers where no model is named, in words where that is not a name."""


async def of_providers(services: Services) -> list[Availability]:
    """Return how each usable provider is reached; what runs on this machine is found by asking its port."""
    wrong = providers.problems()
    usable = {
        name: services.at_its_host(name, providers.get(name), Options())
        for name in providers.names()
        if name not in wrong
    }
    here = dict(zip(usable, await asyncio.gather(*map(running_models, usable.values())), strict=True))
    found = []
    for name, provider in usable.items():
        if issubclass(provider, Local):
            found.append(await _local(name, provider))
            continue
        key = await services.sign_in.key(provider, name)
        kind, words = _reached(name, provider, key, is_running=here[name] is not None)
        found.append(Availability(name, kind, words, _model(provider, here[name])))
    return found


async def _local(name: str, provider: type[Local]) -> Availability:
    """Return whether a model of this machine can be run, and which one where none is named."""
    try:
        return Availability(name, "ready", "a model file, run on this machine", (await provider.ready()).name)
    except ChatError as exc:
        return Availability(name, "absent", f"{exc}. {exc.hint}", "none")


def _model(provider: type[AsyncGeneratorProvider], running: list[str] | None) -> str:
    if running is not None:
        return running[0] if running else "no chat model is loaded"
    if model := getattr(provider, "default_model", ""):
        return str(model)
    has_choice = issubclass(provider, ProviderModelMixin) and not getattr(provider, "models", ())
    return "the first that chats" if has_choice else "its only one"


async def running_models(provider: type[AsyncGeneratorProvider]) -> list[str] | None:
    """Return the models that chat of a service on this machine, the one to ask first; None where none answers, or it is no such service.

    A server of another kind on that port is none: it answers with no list of models.
    """
    if not issubclass(provider, OpenAI) or not provider.runs_here or not provider.is_at_home():
        return None
    try:
        offered = await provider.offers(timeout=_PROBE_SECONDS)
    except ChatError:
        return None
    return ranked(offered, provider.url)[0]


def _reached(
    name: str, provider: type[AsyncGeneratorProvider], key: keys.FoundKey | None, *, is_running: bool
) -> tuple[Kind, str]:
    if not provider.is_at_home():
        return "ready", "at the address that you set"
    if not provider.working:
        return "gateway", "its public site is gone; the local gateway speaks its protocol"
    if provider.cookie_domain:
        return "sign-in", "cookies of a browser that is signed in: --cookies FILE"
    if issubclass(provider, OpenAI) and provider.runs_here:
        if is_running:
            return "ready", "runs on this machine"
        return "absent", f"it is not running. {provider.advice}"
    if key is not None:
        return "ready", f"with your key ({key.place})"
    if provider.needs_key():
        return "sign-in", f"a key: %chat login {name}, or set {provider.key_variables[0]}"
    return "ready", "code of this notebook or a plug-in" if not provider.url else "without a key"


async def models(
    services: Services,
    settings: Settings,
    name: str,
    *,
    options: Options | None = None,
    is_fresh: bool = False,
) -> list[str] | None:
    """Return the models of a provider; empty where it takes any name, None where it offers no choice.

    They are asked for once a day, or with `is_fresh` now.

    Raises:
        ChatError: the service did not tell.
    """
    provider = services.at_its_host(name, providers.get(name), options or Options())
    if issubclass(provider, OpenAI):
        key = await services.sign_in.key(provider, name)
        return await services.model_cache.models(
            provider,
            key.secret if key else None,
            is_fresh=is_fresh,
            proxy=services.proxy(provider),
            ca_file=settings.ca_path,
        )
    if issubclass(provider, ProviderModelMixin):
        return await provider.list_models()
    return None
