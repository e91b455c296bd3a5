"""`%chat providers`, `%chat models` and `%chat use`: who can answer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from g4f_magic import keys, providers
from g4f_magic.commands.output import say, table
from g4f_magic.errors import ChatError, InputError
from g4f_magic.grammar import Words
from g4f_magic.options import Options
from g4f_magic.providers.base import AsyncGeneratorProvider, ProviderModelMixin
from g4f_magic.providers.openai import OpenAI

if TYPE_CHECKING:
    from g4f_magic.session import Session

_PROBE_SECONDS = 0.5


async def show_providers(session: Session, words: list[str]) -> None:
    """List the providers and how each is reached; what runs on this machine is found by asking its port."""
    Words("providers", words, most=0)
    wrong = providers.problems()
    usable = {name: providers.get(name) for name in providers.names() if name not in wrong}
    here = dict(zip(usable, await asyncio.gather(*map(running_models, usable.values())), strict=True))
    rows = []
    for name, provider in usable.items():
        model = getattr(provider, "default_model", "")
        if (found := here[name]) is not None:
            model = found[0] if found else "none is loaded"
        elif not model:
            has_choice = issubclass(provider, ProviderModelMixin) and not getattr(provider, "models", ())
            model = "its first" if has_choice else "one, not to be chosen"
        key = await session.services.key(provider, name)
        rows.append((f"`{name}`", reached(provider, key, is_running=found is not None), model))
    text = table(["provider", "how it is reached", "model where none is named"], rows)
    notes = [f"**{name}** cannot be used: {error}. {error.hint}" for name, error in wrong.items()]
    chains = [f"**{name}** is the chain {chain}." for name, chain in session.settings.chains.items()]
    g4f = "`g4f:NAME` asks any service of an installed gpt4free (GPL-3.0; some relay prompts through third parties)."
    say("\n\n".join([text, *chains, *notes, g4f]))


async def running_models(provider: type[AsyncGeneratorProvider]) -> list[str] | None:
    """Return the models of a service on this machine; None where none answers, or it is no such service.

    A server of another kind on that port is none: it answers with no list of models.
    """
    if not issubclass(provider, OpenAI) or not provider.is_local:
        return None
    try:
        return await provider.list_models(timeout=_PROBE_SECONDS)
    except ChatError:
        return None


def reached(provider: type[AsyncGeneratorProvider], key: keys.Key | None, *, is_running: bool) -> str:
    """Say in a few words how a provider is reached."""
    if provider.is_moved():
        return "at the host that you set"
    if not provider.working:
        return "through the local gateway: its public site is gone"
    if provider.cookie_domain:
        return "its own site; needs the cookies of a signed-in person"
    if issubclass(provider, OpenAI) and provider.is_local:
        return "runs on this machine" if is_running else f"does not run on this machine. {provider.advice}"
    if key is not None:
        return f"its own site; key from {key.place}"
    if provider.key_variables and provider.needs_auth:
        return f"its own site; needs a key: {provider.key_variables[0]}"
    return "its own code" if not provider.url else "its own site"


async def show_models(session: Session, words: list[str]) -> None:
    """List the models of a provider; they are asked for once a day, or with `--fresh` now."""
    given = Words("models", words, flags=("--fresh",), most=1)
    name, _ = session.services.named(Options(provider=given.rest[0] if given.rest else ""))[0]
    provider = session.services.placed(providers.get(name), Options())
    if issubclass(provider, OpenAI):
        key = await session.services.key(provider, name)
        models = await session.services.catalogue.models(
            provider,
            key.secret if key else None,
            is_fresh="--fresh" in given.flags,
            proxy=None if provider.is_local else session.settings.proxy or None,
            ca_file=session.settings.ca_path,
        )
    elif issubclass(provider, ProviderModelMixin):
        models = await provider.list_models()
    else:
        say(f"`{name}` offers no choice of models.")
        return
    default = provider.default_model
    if not models:
        say(f"`{name}` takes any model's name; its default is `{default or 'its own'}`.")
        return
    aliases = {target: alias for alias, target in provider.model_aliases.items()}
    rows = [(f"`{one}`", "default" if one == default else "", aliases.get(one, "")) for one in models]
    say(table([f"`{name}`", "", "also called"], rows))


async def use(session: Session, words: list[str]) -> None:
    """Set who answers where a cell names nobody: a provider, a chain of them, or a chain's name."""
    if not 1 <= len(words) <= 2:
        raise InputError(
            "%chat use takes a provider and perhaps a model", hint="Write %chat use PROVIDER [MODEL]."
        )
    spec = words[0].strip()
    model = words[1] if len(words) == 2 else ""
    named = session.services.named(Options(provider=spec, model=model))
    if len(named) == 1 and spec not in session.settings.chains:
        spec, own = named[0]
        model = own if model or ":" in words[0] else ""
    session.settings.provider, session.settings.model = spec, model
    say(f"`{spec}` answers from now on" + (f", with `{model}`." if model else "."))
