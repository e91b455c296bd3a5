"""The service in use: reached or not, which model answers there, how fast, and the one thing to do."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from g4f_magic.answering.next_step import next_step
from g4f_magic.errors import ChatError, MissingAuthError, ResponseStatusError, WireError
from g4f_magic.installation import answered_no_key, road_objection
from g4f_magic.options import Options
from g4f_magic.providers.base import AsyncGeneratorProvider
from g4f_magic.providers.local import HERE, Local
from g4f_magic.providers.openai import OpenAI
from g4f_magic.renderers.provenance import shown_name
from g4f_magic.session import Session
from g4f_magic.wire.request import Request, Route
from g4f_magic.wire.transport import fetch_json

_SECONDS = 5.0
_NOTHING = "Nothing, it is ready."


@dataclass(frozen=True, slots=True, kw_only=True)
class InUse:
    """What a cell that names nobody asks."""

    provider: str
    model: str = ""
    """What answers, in words as they may be shown; empty where it cannot be told."""
    place: str = ""
    is_reached: bool = False
    milliseconds: int | None = None
    """How long its list of models, or its page, took; None: nothing was asked."""
    problem: str = ""
    advice: str = _NOTHING
    """The one thing to do."""

    @property
    def is_ready(self) -> bool:
        """Say whether nothing has to be done."""
        return self.advice == _NOTHING


async def services_in_use(session: Session) -> tuple[InUse, ...]:
    """Return what is asked where a cell names nobody: one service, or those of a chain. Each is asked, at once.

    Where the mode is replay nobody is.
    """
    if session.settings.mode_in_force == "replay":
        advice = "Nothing: replies come from the recording. `%chat mode live` asks a service."
        return (InUse(provider=session.settings.provider, problem="the mode is replay", advice=advice),)
    try:
        options = await session.services.resolved(Options())
        named = session.services.named(options)
    except ChatError as exc:
        return (InUse(provider=session.settings.provider, problem=str(exc), advice=exc.hint),)
    return tuple(await asyncio.gather(*(_in_use(session, one.name, one.model, options) for one in named)))


async def _in_use(session: Session, name: str, model: str, options: Options) -> InUse:
    if name == "guide":
        return InUse(provider=name, is_reached=True, advice=await next_step(session.notebook.folder))
    begun = time.perf_counter()
    place = ""
    try:
        async with asyncio.timeout(_SECONDS):
            provider, via = await session.services.way_to(name, options)
            place = via or urlsplit(provider.url).netloc.rpartition("@")[2]
            if via.startswith("local gateway "):
                return await _of_gateway(session, name, is_meant=options.is_local)
            begun = time.perf_counter()
            if issubclass(provider, Local):
                found = await provider.ready(model)
                return InUse(provider=name, model=shown_name(found.name), place=HERE, is_reached=True)
            if not issubclass(provider, OpenAI):
                return await _of_page(session, provider, name, model, place)
            return await _of_models(session, provider, name, model, place)
    except ChatError as exc:
        is_there = isinstance(exc, ResponseStatusError) or answered_no_key(exc)
        return InUse(
            provider=name,
            place=place,
            is_reached=is_there,
            milliseconds=_since(begun) if is_there else None,
            problem=str(exc).removeprefix(f"{place}: "),
            advice=exc.hint,
        )
    except TimeoutError:
        return InUse(
            provider=name,
            place=place,
            problem=f"no answer within {time.perf_counter() - begun:.0f} s",
            advice="Is the network there? Try again, or use another provider.",
        )


async def _of_gateway(session: Session, name: str, *, is_meant: bool) -> InUse:
    """Return what answers in the local gateway: because it `is_meant`, or for a service whose site is gone."""
    gateway = await session.gateway.started()
    begun = time.perf_counter()
    await OpenAI.at(gateway.openai_base_url).list_models(timeout=_SECONDS)
    is_guide = gateway.engine.name == "guide"
    return InUse(
        provider=name,
        model="the offline guide, which is not a model" if is_guide else gateway.engine.label,
        place="the local gateway" if is_guide or is_meant else "the local gateway (its public site is gone)",
        is_reached=True,
        milliseconds=_since(begun),
        advice=(
            "Connect a model: start Ollama, or `%chat use groq` (or another of `%chat providers`) with its key."
            if is_guide
            else _NOTHING
        ),
    )


async def _of_models(session: Session, provider: type[OpenAI], name: str, model: str, place: str) -> InUse:
    key = await session.services.sign_in.key(provider, name)
    if key is None and provider.needs_key():
        missing = session.services.sign_in.missing_key(provider, name)
        return InUse(provider=name, place=place, problem=str(missing), advice=missing.hint)
    if objection := road_objection(provider.url, session.services.proxy(provider), session.settings.ca_path):
        return InUse(provider=name, place=place, problem=str(objection), advice=objection.hint)
    asking: dict[str, Any] = {
        "timeout": _SECONDS,
        "proxy": session.services.proxy(provider),
        "ca_file": session.settings.ca_path,
    }
    secret = key.secret if key else None
    begun = time.perf_counter()
    # Where a model is named, or the service has one of its own, nobody chooses among those that are offered.
    named = model or (provider.default_model if provider.has_own_default() else "")
    if named:
        models, offered = [named], await provider.list_models(secret, **asking)
    else:
        models, offered = await provider.choice(secret, **asking)
    took = _since(begun)
    answering, advice = models[0], _NOTHING
    if offered and answering not in offered:
        advice = f"It does not list {shown_name(answering)}; if it refuses that name, `%chat models {name}` shows its own."
    return InUse(
        provider=name,
        model=shown_name(answering),
        place=place,
        is_reached=True,
        milliseconds=took,
        advice=advice,
    )


async def _of_page(
    session: Session, provider: type[AsyncGeneratorProvider], name: str, model: str, place: str
) -> InUse:
    """Return whether the page of a service that has no list of models answers; one of this process is always there."""
    known = model or str(getattr(provider, "default_model", "") or "")
    if not urlsplit(provider.url).hostname:
        return InUse(provider=name, model=shown_name(known), place="this process", is_reached=True)
    begun = time.perf_counter()
    route = Route(
        idle_seconds=_SECONDS,
        total_seconds=_SECONDS,
        proxy=session.services.proxy(provider),
        ca_file=session.settings.ca_path,
    )
    # A page is what a site answers with, and some have none there.
    with suppress(WireError, ResponseStatusError):
        await fetch_json(Request(url=provider.url, body={}), route)
    took = _since(begun)
    reached = InUse(provider=name, model=shown_name(known), place=place, is_reached=True, milliseconds=took)
    if not provider.cookie_domain:
        return reached
    try:
        provider.own_cookies(session.settings.cookie_path)
    except MissingAuthError as exc:
        return replace(reached, problem=str(exc), advice=exc.hint)
    return reached


def _since(begun: float) -> int:
    return round((time.perf_counter() - begun) * 1000)
