"""One service per file, and the registry of their names. No provider imports another.

A name is one of the built-in services, a preset, a person's own preset, one that a notebook registered, a
plug-in's, or `g4f:NAME`. What a name stands for is imported when it is first used.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, cast

from g4f_magic import settings
from g4f_magic.errors import ChatError, InputError
from g4f_magic.providers import plugins, presets

if TYPE_CHECKING:
    from g4f_magic.providers.base import AsyncGeneratorProvider

_BUILT_IN = {
    "koala": "koala:Koala",
    "darkai": "darkai:DarkAI",
    "freenetfly": "freenetfly:FreeNetfly",
    "aura": "aura:Aura",
    "whiterabbitneo": "whiterabbitneo:WhiteRabbitNeo",
    "openai": "openai:OpenAI",
}
_G4F = "g4f:"


def names() -> list[str]:
    """Return the names that `--provider` takes, in the order in which they are shown."""
    known = [*_BUILT_IN, *known_presets(), *plugins.registered, *plugins.installed()]
    return list(dict.fromkeys(known))


def g4f_names() -> list[str]:
    """Return the names of gpt4free's services, if that is loaded already: it is not loaded for this."""
    loaded = sys.modules.get("g4f.Provider")
    return (
        [] if loaded is None else [_G4F + name for name in import_module("g4f_magic.providers.g4f").names()]
    )


def known_presets() -> dict[str, presets.Preset]:
    """Return the presets by name; a person's own in place of ours. A file of theirs that is broken is passed over."""
    try:
        own = _own_presets()
    except InputError:
        own = {}
    return {**presets.built_in(), **{name: preset for name, preset in own.items() if name not in _BUILT_IN}}


def problems() -> dict[str, ChatError]:
    """Return what cannot be used of what is installed and set up, and why: each of it is passed over."""
    found: dict[str, ChatError] = {}
    try:
        _own_presets()
    except InputError as exc:
        found["services.toml"] = exc
    for name in plugins.installed():
        if name in _BUILT_IN or name in presets.built_in():
            found[name] = InputError(
                f"the plug-in {name!r} has the name of a service that is built in", hint="Ask its author."
            )
            continue
        try:
            plugins.load(name)
        except ChatError as exc:
            found[name] = exc
    return found


def canonical(name: str) -> str:
    """Return the registry's spelling of a name given in any case.

    Raises:
        InputError: there is none of that name; it names the nearest.
    """
    lower, known = name.strip().lower(), names()
    if lower.startswith(_G4F):
        return _G4F + name.strip()[len(_G4F) :]
    spelled = {one.lower(): one for one in known}
    if lower in spelled:
        return spelled[lower]
    import difflib

    nearest = difflib.get_close_matches(lower, spelled, n=1, cutoff=0.5)
    raise InputError(
        f"no provider is called {name!r}",
        hint=(f"Did you mean {nearest[0]}? " if nearest else "") + f"There are {', '.join(known)}.",
    )


def split(name: str) -> tuple[str, str]:
    """Return provider and model of `provider:model`; the model is empty where none is named.

    `g4f:NAME` is a provider's name as a whole, `g4f:NAME:MODEL` one with its model.
    """
    if name.strip().lower().startswith(_G4F):
        provider, _, model = name.strip()[len(_G4F) :].partition(":")
        return _G4F + provider, model
    provider, _, model = name.strip().partition(":")
    return provider, model


def get(name: str) -> type[AsyncGeneratorProvider]:
    """Return the provider of that name, in any case.

    Raises:
        InputError: there is none of that name; it names the nearest. Or a plug-in of that name is broken.
    """
    known = canonical(name)
    if known in _BUILT_IN:
        module, _, attribute = _BUILT_IN[known].partition(":")
        found = getattr(import_module(f"g4f_magic.providers.{module}"), attribute)
        return cast("type[AsyncGeneratorProvider]", found)
    if known.startswith(_G4F):
        from g4f_magic.providers import g4f

        return g4f.provider(known.removeprefix(_G4F))
    if known in (services := known_presets()):
        return services[known].provider()
    return plugins.load(known)


def _own_presets() -> dict[str, presets.Preset]:
    file = settings.data_folder() / "services.toml"
    try:
        changed_at = file.stat().st_mtime
    except OSError:
        return {}
    return presets.of_person(file, changed_at)
