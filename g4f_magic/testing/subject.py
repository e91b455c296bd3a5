"""The provider under test, and how it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from g4f_magic.errors import InputError
from g4f_magic.gateway.dialects import public_dialects

if TYPE_CHECKING:
    from g4f_magic.gateway import Gateway
    from g4f_magic.providers.base import AsyncGeneratorProvider, AsyncResult

DIALECTS = ("openai", *(dialect.name for dialect in public_dialects()), "none")
"""The protocols that the gateway speaks; `none` for a provider that speaks another, or none at all."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One provider, and the gateway's protocol that it speaks."""

    provider: type[AsyncGeneratorProvider]
    dialect: str

    @property
    def is_at_gateway(self) -> bool:
        """Say whether the gateway can play its service."""
        return self.dialect != "none"

    def ask(self, gateway: Gateway, prompt: str, *, model: str = "", **options: Any) -> AsyncResult:
        """Return the reply to `prompt`, not yet sent."""
        provider, own = self.placed(gateway)
        messages = [{"role": "user", "content": prompt}]
        return provider.create_async_generator(model, messages, **{**own, **options})

    def placed(self, gateway: Gateway) -> tuple[type[AsyncGeneratorProvider], dict[str, Any]]:
        """Return the provider where it is tested, and what to pass along there; a failure is not tried again."""
        provider, options = self.provider, {}
        if self.is_at_gateway:
            provider = provider.at(gateway.base_url + ("/v1" if self.dialect == "openai" else ""))
            options = dict(provider.local_options)
        provider.retry_seconds = () if provider is not self.provider else provider.retry_seconds
        return provider, options


def subject_of(target: str, dialect: str = "") -> Subject:
    """Return what `module:name` stands for; without `dialect` it is the one of the class that it derives from.

    Raises:
        InputError: there is none of that name, or it can be no provider, or the dialect is unknown.
    """
    from g4f_magic.providers import plugins

    module, _, name = target.partition(":")
    try:
        found: Any = import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError, ValueError) as exc:
        raise InputError(f"{target} is not there: {exc}", hint="Write --chat-provider module:Name.") from exc
    provider = plugins.adapted(found, name.lower())
    if dialect and dialect not in DIALECTS:
        raise InputError(f"the gateway does not speak {dialect!r}", hint=f"It speaks {', '.join(DIALECTS)}.")
    return Subject(provider, dialect or _dialect(provider))


def _dialect(provider: type[AsyncGeneratorProvider]) -> str:
    from g4f_magic import providers

    names = [name for name in DIALECTS if name != "none" and issubclass(provider, providers.get(name))]
    return names[0] if names else "none"
