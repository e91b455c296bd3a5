"""How each service is reached from here, in words, and which models it offers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Literal

from g4f_magic import keys, providers
from g4f_magic.errors import ChatError
from g4f_magic.options import Options
from g4f_magic.providers.base import AsyncGeneratorProvider, ProviderModelMixin
from g4f_magic.providers.openai import OpenAI
from g4f_magic.services import Services
from g4f_magic.settings import Settings

_PROBE_SECONDS = 0.5

Kind = Literal["ready", "gateway", "sign-in", "absent"]
"""Ready to answer; through the local gateway; wants a key or cookies that are not there; runs nowhere."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How one provider is reached."""

    name: str
    kind: Kind
    words: str
    """One sentence for the person, without a full stop."""
    model: str
    """What answers where no model is named, in words where that is not a name."""


async def reach(services: Services) -> list[Reach]:
    """Return how each usable provider is reached; what runs on this machine is found by asking its port."""
    wrong = providers.problems()
    usable = {
        name: services.placed(providers.get(name), Options())
        for name in providers.names()
        if name not in wrong
    }
    here = dict(zip(usable, await asyncio.gather(*map(running_models, usable.values())), strict=True))
    found = []
    for name, provider in usable.items():
        key = await services.key(provider, name)
        kind, words = _reached(provider, key, is_running=here[name] is not None)
        found.append(Reach(name, kind, words, _model(provider, here[name])))
    return found


def _model(provider: type[AsyncGeneratorProvider], running: list[str] | None) -> str:
    if running is not None:
        return running[0] if running else "none is loaded"
    if model := getattr(provider, "default_model", ""):
        return str(model)
    has_choice = issubclass(provider, ProviderModelMixin) and not getattr(provider, "models", ())
    return "its first" if has_choice else "one, not to be chosen"


async def running_models(provider: type[AsyncGeneratorProvider]) -> list[str] | None:
    """Return the models of a service on this machine; None where none answers, or it is no such service.

    A server of another kind on that port is none: it answers with no list of models.
    """
    if not issubclass(provider, OpenAI) or not provider.is_local or not provider.is_at_home():
        return None
    try:
        return await provider.list_models(timeout=_PROBE_SECONDS)
    except ChatError:
        return None


def _reached(
    provider: type[AsyncGeneratorProvider], key: keys.Key | None, *, is_running: bool
) -> tuple[Kind, str]:
    if not provider.is_at_home():
        return "ready", "at the host that you set"
    if not provider.working:
        return "gateway", "through the local gateway: its public site is gone"
    if provider.cookie_domain:
        return "sign-in", "its own site; needs the cookies of a signed-in person"
    if issubclass(provider, OpenAI) and provider.is_local:
        if is_running:
            return "ready", "runs on this machine"
        return "absent", f"does not run on this machine. {provider.advice}"
    if key is not None:
        return "ready", f"its own site; key from {key.place}"
    if provider.key_variables and provider.needs_auth:
        return "sign-in", f"its own site; needs a key: {provider.key_variables[0]}"
    return "ready", "its own code" if not provider.url else "its own site"


async def models(
    services: Services, settings: Settings, name: str, *, is_fresh: bool = False
) -> list[str] | None:
    """Return the models of a provider; empty where it takes any name, None where it offers no choice.

    They are asked for once a day, or with `is_fresh` now.

    Raises:
        ChatError: the service did not tell.
    """
    provider = services.placed(providers.get(name), Options())
    if issubclass(provider, OpenAI):
        key = await services.key(provider, name)
        return await services.catalogue.models(
            provider,
            key.secret if key else None,
            is_fresh=is_fresh,
            proxy=None if provider.is_local else settings.proxy or None,
            ca_file=settings.ca_path,
        )
    if issubclass(provider, ProviderModelMixin):
        return await provider.list_models()
    return None
