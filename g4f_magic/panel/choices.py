"""What a person chooses in the panel: who answers, and how. Checked before anything is asked."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import Any, TypedDict

from g4f_magic.answering import availability
from g4f_magic.conversation import MAIN
from g4f_magic.errors import InputError
from g4f_magic.names import is_name
from g4f_magic.option_table import OPTIONS
from g4f_magic.options import Option, Options
from g4f_magic.providers.local import Local
from g4f_magic.providers.openai import OpenAI
from g4f_magic.secret import redact
from g4f_magic.session import Session
from g4f_magic.settings import AUTO

_GROUPS = {
    "ready": "Ready",
    "gateway": "Through the local gateway",
    "sign-in": "Needs a key or a sign-in",
    "absent": "Not running here",
}


class ProviderChoice(TypedDict):
    """One line of the dropdown."""

    name: str
    group: str
    words: str


class ModelChoice(TypedDict):
    """What can be chosen of a provider's models."""

    names: list[str]
    default: str
    """What answers where none is chosen."""
    is_open: bool
    """Any name can be given."""
    is_fixed: bool
    """There is no choice."""


async def provider_choices(session: Session) -> list[ProviderChoice]:
    """Return the providers by how they are reached, the named chains first."""
    found = await availability.of_providers(session.services)
    chains = [
        ProviderChoice(name=name, group="Chains", words=f"asks {chain} in turn")
        for name, chain in session.settings.chains.items()
    ]
    listed = [
        ProviderChoice(name=one.name, group=_GROUPS[kind], words=one.words)
        for kind in _GROUPS
        for one in found
        if one.kind == kind
    ]
    whoever = ProviderChoice(
        name=AUTO, group="Automatic", words="what you connected, else a model that is found on this machine"
    )
    return [whoever, *chains, *listed]


async def model_choice(session: Session, provider: str) -> ModelChoice:
    """Return which models a provider offers; those of a service are asked for, once a day.

    Raises:
        ChatError: there is no such provider, or the service did not tell.
    """
    options = await session.services.resolved(Options(provider=provider))
    named = session.services.named(options)
    if len(named) > 1:
        return ModelChoice(names=[], default="each its own", is_open=False, is_fixed=True)
    name, asked, chosen = named[0]
    models = await availability.models(session.services, session.settings, name, options=options)
    default = chosen or str(getattr(asked, "default_model", "") or "")
    if models is None:
        return ModelChoice(names=[], default=default, is_open=False, is_fixed=True)
    placed = session.services.at_its_host(name, asked, options)
    is_first = issubclass(placed, OpenAI) and not placed.has_own_default()
    if not chosen and models and default not in models and (is_first or issubclass(placed, Local)):
        default = models[0]  # those that chat come first
    # The services of OpenAI's kind may well know a model that they do not list.
    is_open = not models or not getattr(asked, "models", ())
    return ModelChoice(names=models, default=default, is_open=is_open, is_fixed=False)


class ConversationOffer(TypedDict):
    """A conversation that can be gone to."""

    name: str
    turns: int
    is_main: bool
    """It is the one of the cells, and keeps its name."""


def conversation_choices(session: Session, shown: str) -> list[ConversationOffer]:
    """Return the notebook's conversations, and the one that is shown though it holds nothing yet; `main` first."""
    turns = {one.name: one.turns for one in session.conversations.outlines() if is_name(one.name)}
    names = dict.fromkeys((MAIN, *turns, shown))
    return [ConversationOffer(name=one, turns=turns.get(one, 0), is_main=one == MAIN) for one in names]


FIELDS = {option.panel.name: option for option in OPTIONS if option.panel is not None}
"""The fields behind the fold, by their names in `parameters`."""


class Field(TypedDict):
    """One of them, as the page shows it."""

    name: str
    label: str
    hint: str
    is_long: bool


def fields() -> list[Field]:
    """Return the fields, in their order."""
    panels = (option.panel for option in FIELDS.values())
    return [
        Field(name=one.name, label=one.label, hint=one.hint, is_long=one.is_long)
        for one in panels
        if one is not None
    ]


def options_of(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the keyword arguments of `Options` for what stands in the panel's fields.

    Raises:
        InputError: a field cannot be read, or there is none of that name; it names the field.
    """
    usual = Options(system="")  # an empty field is none, and not what the settings say
    found = {field: getattr(usual, field) for option in FIELDS.values() for field in option.fields}
    if unknown := next((name for name in parameters if name not in FIELDS), ""):
        near = difflib.get_close_matches(unknown, FIELDS, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"It has {', '.join(FIELDS)}."
        raise InputError(f"the panel has no parameter {redact(unknown)!r}", hint=hint)
    for name, option in FIELDS.items():
        given = parameters.get(name)
        text = "" if given is None else str(given)
        if option.read is not str:  # what is read as it stands may be blank
            text = text.strip()
        if text:
            lines = [line.strip() for line in text.splitlines() if line.strip()]
            found |= _filled(name, option, lines if option.is_repeated else text)
    return found


def fields_of(given: Options, system: str) -> dict[str, str]:
    """Return what stands in the fields at first, `system` where the options name no system prompt."""
    given = replace(given, system=system) if given.system is None else given
    texts = {
        name: option.write(*(getattr(given, field) for field in option.fields))
        for name, option in FIELDS.items()
    }
    return {name: text for name, text in texts.items() if text}


def _filled(name: str, option: Option, given: Any) -> dict[str, Any]:
    try:
        return option.fill(given)
    except ValueError as exc:
        raise InputError(
            f"{name.replace('_', ' ')}: {redact(str(exc))}", hint="Correct it, or leave it empty."
        ) from exc
