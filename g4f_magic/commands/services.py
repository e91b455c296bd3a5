"""`%chat providers`, `%chat models` and `%chat use`: who can answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from g4f_magic import providers
from g4f_magic.commands.output import say, table
from g4f_magic.errors import InputError
from g4f_magic.providers.base import AsyncGeneratorProvider, ProviderModelMixin
from g4f_magic.session import model_of

if TYPE_CHECKING:
    from g4f_magic.session import Session


async def show_providers(session: Session, words: list[str]) -> None:
    """List the providers and how each is reached."""
    rows = []
    for name in providers.names():
        provider = providers.get(name)
        model = provider.default_model if issubclass(provider, ProviderModelMixin) else ""
        rows.append((f"`{name}`", _reached(provider), model or "one, not to be chosen"))
    say(table(["provider", "how it is reached", "default model"], rows))


def _reached(provider: type[AsyncGeneratorProvider]) -> str:
    if provider.is_moved():
        return "at the host that you set"
    if not provider.working:
        return "through the local gateway: its public site is gone"
    if provider.needs_auth:
        return "its own site; needs the cookies of a signed-in person"
    return "its own site, or any server with `--base-url`"


async def show_models(session: Session, words: list[str]) -> None:
    """List the models of a provider."""
    name = providers.canonical(words[0] if words else session.settings.provider)
    provider = providers.get(name)
    if not issubclass(provider, ProviderModelMixin):
        say(f"`{name}` offers no choice of models.")
        return
    if session.settings.base_url:
        provider = provider.at(session.settings.base_url)
    models = await provider.list_models()
    if not models:
        say(f"`{name}` takes any model's name; its default is `{provider.default_model}`.")
        return
    aliases = {target: alias for alias, target in provider.model_aliases.items()}
    rows = [
        (f"`{model}`", "default" if model == provider.default_model else "", aliases.get(model, ""))
        for model in models
    ]
    say(table([f"`{name}`", "", "also called"], rows))


async def use(session: Session, words: list[str]) -> None:
    """Set who answers where a cell names nobody."""
    if not 1 <= len(words) <= 2:
        raise InputError(
            "%chat use takes a provider and perhaps a model", hint="Write %chat use PROVIDER [MODEL]."
        )
    name = providers.canonical(words[0])
    model = words[1] if len(words) == 2 else ""
    model = model_of(providers.get(name), name, model) if model else ""
    session.settings.provider, session.settings.model = name, model
    say(f"`{name}` answers from now on" + (f", with `{model}`." if model else "."))
