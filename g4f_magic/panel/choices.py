"""What a person chooses in the panel: who answers, and how. Checked before anything is asked."""

from __future__ import annotations

from typing import Any, TypedDict

from g4f_magic import providers, reach
from g4f_magic.errors import InputError
from g4f_magic.grammar import context_of, param_of
from g4f_magic.options import Options
from g4f_magic.session import Session

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
    found = await reach.reach(session.services)
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
    return [*chains, *listed]


async def model_choice(session: Session, provider: str) -> ModelChoice:
    """Return which models a provider offers; those of a service are asked for, once a day.

    Raises:
        ChatError: there is no such provider, or the service did not tell.
    """
    named = session.services.named(Options(provider=provider))
    if len(named) > 1:
        return ModelChoice(names=[], default="each its own", is_open=False, is_fixed=True)
    name = named[0][0]
    models = await reach.models(session.services, session.settings, name)
    default = str(getattr(providers.get(name), "default_model", "") or "")
    if models is None:
        return ModelChoice(names=[], default=default, is_open=False, is_fixed=True)
    # The services of OpenAI's kind may well know a model that they do not list.
    is_open = not models or not getattr(providers.get(name), "models", ())
    return ModelChoice(names=models, default=default, is_open=is_open, is_fixed=False)


PARAMETERS = ("system", "temperature", "max_tokens", "context", "more")


def options_of(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the keyword arguments of `Options` for what stands in the panel's fields.

    Raises:
        InputError: a field cannot be read; it names the field.
    """
    found: dict[str, Any] = {"system": str(parameters.get("system") or "")}
    for name, kind in (("temperature", float), ("max_tokens", int)):
        text = str(parameters.get(name) or "").strip()
        found[name] = _number(name, text, kind) if text else None
    turns, tokens = context_of(str(parameters.get("context") or "").strip())
    found |= {"context_turns": turns, "context_tokens": tokens}
    lines = [line.strip() for line in str(parameters.get("more") or "").splitlines() if line.strip()]
    found["params"] = dict(param_of(line) for line in lines)
    return found


def fields_of(given: Options, system: str) -> dict[str, str]:
    """Return what stands in the fields at first, `system` where the options name no system prompt."""
    context = "" if given.context_turns is None else str(given.context_turns)
    context = context if given.context_tokens is None else f"{given.context_tokens}t"
    fields = {
        "system": system if given.system is None else given.system,
        "temperature": "" if given.temperature is None else f"{given.temperature:g}",
        "max_tokens": "" if given.max_tokens is None else str(given.max_tokens),
        "context": context,
        "more": "\n".join(f"{name}={value}" for name, value in given.params.items()),
    }
    return {name: text for name, text in fields.items() if text}


def _number(name: str, text: str, kind: type[float] | type[int]) -> float | int:
    try:
        return kind(text)
    except ValueError as exc:
        raise InputError(
            f"{name.replace('_', ' ')}: {text!r} is no number", hint="Correct it, or leave it empty."
        ) from exc
