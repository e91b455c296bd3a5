"""`%chat providers`, `%chat models` and `%chat use`: who can answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from g4f_magic import providers, quoting
from g4f_magic.answering import availability
from g4f_magic.commands.models_here import local_models
from g4f_magic.commands.output import as_code, as_text, say, table
from g4f_magic.errors import ChatError
from g4f_magic.known import chains_of
from g4f_magic.options import Options
from g4f_magic.subcommand import Given, Group

if TYPE_CHECKING:
    from g4f_magic.session import Session

COMMANDS = Group("Who answers", topic="models")
_MOST_MODELS = 1_000
"""In one table."""


@COMMANDS.entry("providers", "who can answer: ready now, and what each of the others needs", is_waiting=True)
async def show_providers(session: Session, given: Given) -> None:
    """List who can answer: those that are ready, and what each of the others needs. The one in use is marked.

    What runs on this machine is found by asking its port; nobody outside of it is asked.
    """
    found, used = await availability.of_providers(session.services), await _in_use(session)
    ready = [one for one in found if one.kind == "ready"]
    rest = sorted((one for one in found if one.kind != "ready"), key=lambda one: _ORDER.index(one.kind))
    rows = [(_marked(one.name, used), as_text(one.model), as_text(one.words)) for one in ready]
    parts = [table(["ready", "answers with", ""], rows)] if rows else ["Nothing is ready to answer yet."]
    if used and used[0] == "guide":
        parts.insert(0, "**No model is connected**: the offline guide answers.")
    parts.append(
        table(["others", "what it needs"], [(_marked(one.name, used), as_text(one.words)) for one in rest])
    )
    parts.append(
        "`%chat connect NAME` makes one answer in every notebook, and so does the address of a server."
    )
    parts += [f"**{name}** is the chain {chain}." for name, chain in session.settings.chains.items()]
    wrong = providers.problems()
    parts += [f"**{name}** cannot be used: {error}. {error.hint}" for name, error in wrong.items()]
    parts.append(
        "`g4f:NAME` asks any service of an installed gpt4free (GPL-3.0; some relay prompts through third parties)."
    )
    say("\n\n".join(parts))


_ORDER = ("absent", "sign-in", "gateway")
"""In which order those are shown that are not ready."""


async def _in_use(session: Session) -> list[str]:
    """Return the names of those that answer where a cell does not say; none where that cannot be told."""
    if session.settings.mode_in_force == "replay":
        return []
    try:
        options = await session.services.resolved(Options())
        return [] if options.is_local else [one.name for one in session.services.named(options)]
    except ChatError:
        return []


def _marked(name: str, used: list[str]) -> str:
    return f"`{name}` **in use**" if name in used else f"`{name}`"


@COMMANDS.entry(
    "models",
    "the models of a provider; its list is kept for a day",
    takes="[PROVIDER] [--fresh]",
    is_waiting=True,
)
async def show_models(session: Session, given: Given) -> None:
    """List the models of a provider; they are asked for once a day, or with `--fresh` now."""
    options = await session.services.resolved(Options(provider=given.word()))
    name, provider, _ = session.services.named(options)[0]
    if name == "local":
        say(await local_models(session.services.at_its_host(name, provider, options)))
        return
    is_fresh = "--fresh" in given
    models = await availability.models(
        session.services, session.settings, name, options=options, is_fresh=is_fresh
    )
    if models is None:
        say(f"`{name}` offers no choice of models.")
        return
    default = getattr(provider, "default_model", "")
    if not models:
        say(f"`{name}` takes any model's name; its default is `{default or 'its own'}`.")
        return
    aliases = {target: alias for alias, target in getattr(provider, "model_aliases", {}).items()}
    rows = [
        (as_code(quoting.quote(one)), "default" if one == default else "", aliases.get(one, ""))
        for one in models[:_MOST_MODELS]
    ]
    rest = len(models) - len(rows)
    more = f"\n\nThere are {rest:,} more; Tab completes their names." if rest > 0 else ""
    say(table([f"`{name}`", "", "also called"], rows) + more)


def choose(session: Session, given: Given) -> tuple[str, str]:
    """Have somebody answer from now on, and return whom, with which model."""
    spec, model = session.services.chosen(*given.words)
    session.settings.provider, session.settings.model = spec, model
    return spec, model


@COMMANDS.entry(
    "use",
    "who answers in this notebook, where a cell does not say: a provider, a chain (groq,ollama) or an address",
    takes="PROVIDER [MODEL]",
    offers={"PROVIDER": chains_of},
    effect=choose,
)
async def use(session: Session, given: Given) -> None:
    """Set who answers in this notebook where a cell does not say: a provider, a chain of them (`groq,ollama`), the name of a chain, or the address of a server. `auto` is who you connected, or who is found."""
    spec, model = choose(session, given)
    say(f"`{spec}` answers in this notebook from now on" + (f", with `{model}`." if model else "."))
