"""`%chat providers`, `%chat models` and `%chat use`: who can answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from g4f_magic import providers, reach
from g4f_magic.commands.output import say, table
from g4f_magic.errors import InputError
from g4f_magic.grammar import Words
from g4f_magic.options import Options

if TYPE_CHECKING:
    from g4f_magic.session import Session


async def show_providers(session: Session, words: list[str]) -> None:
    """List the providers and how each is reached; what runs on this machine is found by asking its port."""
    Words("providers", words, most=0)
    rows = [(f"`{one.name}`", one.words, one.model) for one in await reach.reach(session.services)]
    text = table(["provider", "how it is reached", "model where none is named"], rows)
    wrong = providers.problems()
    notes = [f"**{name}** cannot be used: {error}. {error.hint}" for name, error in wrong.items()]
    chains = [f"**{name}** is the chain {chain}." for name, chain in session.settings.chains.items()]
    g4f = "`g4f:NAME` asks any service of an installed gpt4free (GPL-3.0; some relay prompts through third parties)."
    say("\n\n".join([text, *chains, *notes, g4f]))


async def show_models(session: Session, words: list[str]) -> None:
    """List the models of a provider; they are asked for once a day, or with `--fresh` now."""
    given = Words("models", words, flags=("--fresh",), most=1)
    name, _ = session.services.named(Options(provider=given.rest[0] if given.rest else ""))[0]
    is_fresh = "--fresh" in given.flags
    models = await reach.models(session.services, session.settings, name, is_fresh=is_fresh)
    if models is None:
        say(f"`{name}` offers no choice of models.")
        return
    provider = providers.get(name)
    default = getattr(provider, "default_model", "")
    if not models:
        say(f"`{name}` takes any model's name; its default is `{default or 'its own'}`.")
        return
    aliases = {target: alias for alias, target in getattr(provider, "model_aliases", {}).items()}
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
