"""One service per file, and the registry of their names. No provider imports another.

In come the messages of a request, the model and parameters; a provider builds one request of them, has the room `wire`
send it, and reads what comes. Out come chunks, or an error that says what to do. A name is one of the built-in
services, a preset, a person's own preset, one that a notebook registered, a plug-in's, or `g4f:NAME`; what it stands
for is imported when it is first used.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, cast

from g4f_magic.errors import ChatError, InputError
from g4f_magic.providers import connections, plugins, presets

if TYPE_CHECKING:
    from g4f_magic.providers.base import AsyncGeneratorProvider

_BUILT_IN = {
    "koala": "koala:Koala",
    "darkai": "darkai:DarkAI",
    "freenetfly": "freenetfly:FreeNetfly",
    "aura": "aura:Aura",
    "whiterabbitneo": "whiterabbitneo:WhiteRabbitNeo",
    "openai": "openai:OpenAI",
    "local": "local:Local",
}
_UNLISTED = {"guide": "guide:Guide"}
"""What is no service, and can be named all the same."""
_NO_PRESET = frozenset({*_BUILT_IN, *_UNLISTED, "auto"})
"""Names that mean something already: a service of a person's own that is called so would never be asked."""
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
    try:
        ours = presets.ours()
    except InputError:
        ours = presets.built_in()
    return {**ours, **{name: preset for name, preset in own.items() if name not in _NO_PRESET}}


def problems() -> dict[str, ChatError]:
    """Return what cannot be used of what is installed and set up, and why: each of it is passed over."""
    found: dict[str, ChatError] = {}
    try:
        own = _own_presets()
    except InputError as exc:
        found["services.toml"], own = exc, {}
    for name in sorted(_NO_PRESET & own.keys()):
        found[f"[{name}] in services.toml"] = InputError(
            f"{name} is a name of g4f_magic's own, and means that",
            hint=f"Give it another name there: [my-{name}].",
        )
    try:
        presets.ours()
    except InputError as exc:
        found["ollama"] = exc
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


def is_reserved(name: str) -> bool:
    """Say whether a person's own service cannot be called so."""
    return name in _BUILT_IN or name in _UNLISTED or name in ("auto", "default", "local", "g4f")


def canonical(name: str) -> str:
    """Return the registry's spelling of a name given in any case.

    Raises:
        InputError: there is none of that name; it names the nearest.
    """
    lower = name.strip().lower()
    if lower in _BUILT_IN or lower in _UNLISTED:
        return lower  # nobody else can be called so: nothing needs to be looked into
    if lower.startswith(_G4F):
        return _G4F + name.strip()[len(_G4F) :]
    known = names()
    spelled = {one.lower(): one for one in known}
    if lower in spelled:
        return spelled[lower]
    if lower == presets.COLAB:
        raise InputError(
            "colab is the model proxy of Google Colab's machines, and this is none",
            hint="%chat providers lists who can answer here.",
        )
    import difflib

    nearest = difflib.get_close_matches(lower, spelled, n=1, cutoff=0.5)
    raise InputError(
        f"no provider is called {name!r}",
        hint=(f"Did you mean {nearest[0]}? " if nearest else "") + "%chat providers shows all.",
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
    """Return the provider of that name, in any case; the errors are those of `resolve`."""
    return resolve(name)[1]


def resolve(name: str) -> tuple[str, type[AsyncGeneratorProvider]]:
    """Return the registry's spelling of a name given in any case, and the provider of that name.

    Raises:
        InputError: there is none of that name; it names the nearest. Or a plug-in of that name is broken.
    """
    known = canonical(name)
    return known, _provider(known)


def _provider(known: str) -> type[AsyncGeneratorProvider]:
    if (ours := {**_BUILT_IN, **_UNLISTED}.get(known)) is not None:
        module, _, attribute = ours.partition(":")
        found = getattr(import_module(f"g4f_magic.providers.{module}"), attribute)
        return cast("type[AsyncGeneratorProvider]", found)
    if known.startswith(_G4F):
        from g4f_magic.providers import g4f

        return g4f.provider(known.removeprefix(_G4F))
    if known == "ollama":
        presets.ours()  # a variable that names no host is said, and not replaced by another host
    if known in (services := known_presets()):
        return services[known].provider()
    return plugins.load(known)


def _own_presets() -> dict[str, presets.Preset]:
    file = connections.services_file()
    try:
        changed_at = file.stat().st_mtime
    except OSError:
        return {}
    return presets.of_person(file, changed_at)
