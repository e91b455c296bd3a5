"""Connecting a model, once: what a person names is asked, a model that chats is picked, and both are kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from g4f_magic import providers
from g4f_magic.answering import keys
from g4f_magic.answering.auto import GUIDE, LOCAL
from g4f_magic.answering.services import Services
from g4f_magic.answering.sign_in import destination_of
from g4f_magic.answering.target import (
    address_of,
    is_built_in,
    is_file,
    is_same,
    key_variable,
    known_as,
    new_name,
    service_name,
)
from g4f_magic.causes import Cause
from g4f_magic.errors import ChatError, InputError, MissingAuthError, ResponseStatusError, WireError
from g4f_magic.options import Options
from g4f_magic.providers import chooser, connections, presets
from g4f_magic.providers.connections import DefaultService, NewService
from g4f_magic.providers.listing import Offered
from g4f_magic.providers.openai import OpenAI
from g4f_magic.settings import AUTO
from g4f_magic.wire.urls import below

_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """What answers from now on."""

    name: str
    model: str = ""
    place: str = ""
    """The host, or the file; empty where the name says it."""
    note: str = ""
    """What the person should know of it; usually nothing."""


async def connect(
    services: Services, target: str, model: str = "", *, name: str = "", variable: str = "", folder: Path
) -> Connected:
    """Ask what is named, an address, a provider, or a model's file, and make it what answers in every notebook.

    Raises:
        InputError: it cannot be connected; what was connected before still is.
        ChatError: it does not answer; what was connected before still is.
    """
    if (url := address_of(target)) is not None:
        return await _connect_server(services, url, model, name=name, variable=variable, folder=folder)
    if name or variable:
        raise InputError(
            "--name and --key-env go with an address",
            hint="Write %chat connect URL --name NAME --key-env VARIABLE.",
        )
    if is_file(target, folder):
        return await _connect_file(services, target, model, folder)
    return await _connect_named(services, target, model, folder)


async def _connect_server(
    services: Services, url: str, model: str, *, name: str, variable: str, folder: Path
) -> Connected:
    tried = [url] if urlsplit(url).path.strip("/") else [below(url, "/v1"), url]
    name = service_name(name) if name else (known_as(tried) or new_name(url))
    known = providers.known_presets().get(name)
    kept = known if known is not None and not is_built_in(name) and is_same(known.base_url, tried) else None
    variables = (key_variable(variable, folder),) if variable else (kept.keys if kept else ())
    for number, base_url in enumerate(tried, start=1):
        preset = presets.Preset(name=name, base_url=base_url, keys=variables)
        provider = preset.provider()
        if known is not None and is_built_in(name) and is_same(known.base_url, tried) and not variable:
            return await _connect_named(services, name, model, folder)
        try:
            key = await keys.look_up(name, variables, folder, destination_of(provider, name))
            offered = await _offered(services, provider, key)
        except ChatError as exc:
            if _is_elsewhere(exc) and number < len(tried):
                continue
            if _is_elsewhere(exc) and model:
                offered = []
            else:
                raise _explained(exc, name, url, has_key=bool(variables)) from None
        picked, note = _picked(provider, name, offered, model)
        keep = NewService(name=name, base_url=base_url, keys=(variable,) if variable else ())
        connections.connect(DefaultService(name, picked), keep)
        if offered:
            services.model_cache.keep(provider.url, [one.name for one in offered])
        return Connected(name=name, model=picked, place=urlsplit(base_url).netloc, note=note)
    raise AssertionError("the last address either answers or raises")


async def _offered(services: Services, provider: type[OpenAI], key: keys.FoundKey | None) -> list[Offered]:
    return await provider.offers(
        key.secret if key else None,
        timeout=_SECONDS,
        proxy=services.proxy(provider),
        ca_file=services.ca_file,
    )


async def _connect_named(services: Services, spec: str, model: str, folder: Path) -> Connected:
    if spec.strip().lower() in (AUTO, GUIDE):
        raise InputError(
            f"{spec} is not a model to connect", hint="%chat disconnect lets whoever is found answer."
        )
    if spec.strip().lower() == LOCAL and LOCAL not in providers.names():
        raise InputError(
            "there is no provider 'local' here", hint="Update g4f_magic: %pip install -U g4f-magic"
        )
    named = services.named(Options(provider=spec, model=model))
    if len(named) != 1 or spec in services.chains:
        connections.connect(DefaultService(spec.strip()))
        return Connected(name=spec.strip())
    name, found, asked_model = named[0].name, named[0].provider, named[0].model
    if not found.working:
        raise InputError(
            f"the public site of {name} is gone, so there is nothing to connect",
            hint="Connect what you have: %chat connect URL, or one of those in %chat providers.",
        )
    provider = services.at_its_host(name, found, Options())
    if not issubclass(provider, OpenAI):
        if name == LOCAL:
            return await _connect_file(services, asked_model, "", folder)
        connections.connect(DefaultService(name, asked_model))
        return Connected(name=name, model=asked_model)
    key = await services.sign_in.found(provider, name)
    if key is None and provider.needs_key():
        missing = services.sign_in.missing_key(provider, name)
        missing.hint = f"{missing.hint.removesuffix('.')}; then %chat connect {name}."
        raise missing
    try:
        offered = await _offered(services, provider, key)
    except ChatError as exc:
        if not _is_elsewhere(exc) or not (asked_model or provider.default_model):
            raise _explained(exc, name, provider.url, has_key=key is not None) from None
        offered = []
    picked, note = _picked(provider, name, offered, asked_model)
    connections.connect(DefaultService(name, picked))
    return Connected(name=name, model=picked, note=note)


async def _connect_file(services: Services, target: str, model: str, folder: Path) -> Connected:
    if model:
        raise InputError("a model's file needs no further model", hint="Write %chat connect FILE.")
    from g4f_magic.providers.local import Local, caution

    found = await Local.within(folder, services.models_folder).ready(target)
    kept = str(found.path) if is_file(target, folder) else (target or found.name)
    connections.connect(DefaultService(LOCAL, kept))
    return Connected(name=LOCAL, model=found.name, place="this machine", note=caution(found))


def _picked(provider: type[OpenAI], name: str, offered: list[Offered], model: str) -> tuple[str, str]:
    """Return the model that will answer, and a note where it is not among those that are listed."""
    listed = [one.name for one in offered]
    if model:
        if not listed:
            return model, f"{name} has no list of models: whether it has that one, the first question shows."
        return model, "" if model in listed else f"{name} does not list {model}."
    default = provider.default_model
    if not listed and default:
        return default, ""
    found = chooser.candidates(offered, provider.url, default=default)
    if not found:
        raise chooser.no_model(
            name, offered, provider.advice or "Load one there, or name one: %chat connect URL MODEL"
        )
    return found[0], ""


def _explained(error: ChatError, name: str, url: str, *, has_key: bool) -> ChatError:
    """Return the error with the step that helps while connecting; nothing was kept."""
    if isinstance(error, MissingAuthError):
        host = urlsplit(url).netloc
        error.hint = (
            f"The key is not accepted: try another one, %chat login {name}."
            if has_key
            else f"It needs a key: %chat login {host} asks for it, or name its variable: --key-env VARIABLE."
        )
    elif _is_elsewhere(error):
        error.hint = "Is that the address of its OpenAI-compatible part? It often ends with /v1. A server without a list of models is connected with its model: %chat connect URL MODEL"
    return error


def _is_elsewhere(error: ChatError) -> bool:
    """Say whether something answers there that has no list of models."""
    is_missing = isinstance(error, ResponseStatusError) and error.status in (404, 405)
    return is_missing or isinstance(error, WireError) or error.cause is Cause.NO_SERVICE
