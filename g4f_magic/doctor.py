"""What works and what does not: each provider with its key, whether it is reached, and what became of it last.

Nothing secret is in what it returns, and nobody outside this machine is asked unless `is_online` says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from g4f_magic import providers
from g4f_magic.answering.chain import reason
from g4f_magic.errors import (
    ChatError,
    InputError,
    MissingAuthError,
    ResponseStatusError,
    UnreachableError,
    WireError,
)
from g4f_magic.in_use import InUse, services_in_use
from g4f_magic.installation import answered_no_key, road_objection, setup, versions
from g4f_magic.messages import date_of
from g4f_magic.providers.base import AsyncGeneratorProvider
from g4f_magic.providers.chooser import ranked
from g4f_magic.providers.local import Local
from g4f_magic.providers.openai import OpenAI
from g4f_magic.renderers.provenance import shown_name
from g4f_magic.secret import redact
from g4f_magic.session import Session
from g4f_magic.turn import Turn
from g4f_magic.wire.cookies import get_cookies
from g4f_magic.wire.request import Request, Route
from g4f_magic.wire.transport import fetch_json

_HERE_SECONDS = 0.5
_ONLINE_SECONDS = 10.0
_MOST_SECONDS = 12.0
_NO_KEY = frozenset({"", "none", "needs none", "no cookies"})
_AT_GATEWAY = "local gateway (its public site is gone)"
_NOT_ASKED = "not asked (--online asks)"
_NOT_RUNNING = "not running"
_MOST_TURNS = 1000
_ERROR_CHARACTERS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is known of one provider."""

    provider: str
    key: str
    reached: str
    last_success: str
    last_error: str
    advice: str

    @property
    def is_unused(self) -> bool:
        """Say whether it has neither key nor server here, and was not asked yet: there is nothing to find out of it."""
        is_set_up = self.key not in _NO_KEY or self.reached not in (_AT_GATEWAY, _NOT_ASKED, _NOT_RUNNING)
        return not (is_set_up or self.last_success or self.last_error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that the doctor found."""

    in_use: tuple[InUse, ...]
    """The service in use, or those of the chain; it comes first."""
    findings: tuple[Finding, ...]
    broken: dict[str, str]
    """What is installed or set up and cannot be used, and why."""
    parts: tuple[tuple[str, str], ...]
    """The versions that matter."""
    setup: tuple[tuple[str, str], ...]
    """Where things are, and what is chosen."""


async def examine(session: Session, *, is_online: bool = False) -> Report:
    """Return what is found. The service in use is asked, and what runs on this machine; others only with `is_online`.

    All are asked at once, and none is waited for longer than a few seconds.
    """
    wrong = providers.problems()
    usable = {
        name: providers.get(name).within(session.notebook.folder, session.settings.models_folder)
        for name in providers.names()
        if name not in wrong
    }
    last = _last_turns(session.conversations.latest(_MOST_TURNS))
    asking = (_within(session, name, one, last.get(name, ()), is_online) for name, one in usable.items())
    in_use, findings = await asyncio.gather(services_in_use(session), asyncio.gather(*asking))
    held = [f"{one.provider} ({one.key})" for one in findings if one.key not in _NO_KEY]
    return Report(
        in_use=in_use,
        findings=tuple(findings),
        broken={name: f"{error}. {error.hint}" for name, error in wrong.items()},
        parts=versions(),
        setup=(*setup(session), ("keys", ", ".join(held) or "none found")),
    )


async def _within(
    session: Session,
    name: str,
    provider: type[AsyncGeneratorProvider],
    turns: Iterable[Turn],
    is_online: bool,
) -> Finding:
    """Return what is found in time; a keyring may wait for a person, and a plug-in for whatever it likes."""
    try:
        async with asyncio.timeout(_MOST_SECONDS):
            return await _finding(session, name, provider, turns, is_online)
    except TimeoutError:
        late = f"not found out within {_MOST_SECONDS:.0f} s"
        return Finding(
            provider=name, key="", reached=late, last_success="", last_error="", advice="Try again."
        )


async def _finding(
    session: Session,
    name: str,
    provider: type[AsyncGeneratorProvider],
    turns: Iterable[Turn],
    is_online: bool,
) -> Finding:
    key = await session.services.sign_in.key(provider, name)
    has = key.place if key else ""
    advice = ""
    if provider.cookie_domain:
        has, advice = _cookies(session, provider.cookie_domain)
    elif not has and provider.needs_key():
        has, advice = "none", f"Set {provider.key_variables[0]}, or run %chat login {name}."
    reached, way_out = await _reached(session, provider, name, is_online)
    success = next((turn for turn in turns if turn.status == "done"), None)
    error = next((turn for turn in turns if turn.status in ("failed", "broken") and turn.error), None)
    return Finding(
        provider=name,
        key=has or "needs none",
        reached=reached,
        last_success=_when(success),
        last_error=f"{_when(error)}: {redact(error.error, ())[:_ERROR_CHARACTERS]}" if error else "",
        advice=way_out or advice,
    )


def _cookies(session: Session, domain: str) -> tuple[str, str]:
    try:
        get_cookies(domain, source=session.settings.cookie_path)
    except ChatError as exc:
        return "no cookies", exc.hint
    return "cookies found", ""


async def _reached(
    session: Session, provider: type[AsyncGeneratorProvider], name: str, is_online: bool
) -> tuple[str, str]:
    """Return whether a provider is reached, and what to do where it is not."""
    if not provider.working and provider.is_at_home():
        return _AT_GATEWAY, ""
    if issubclass(provider, OpenAI) and provider.runs_here and provider.is_at_home():
        return await _asked(session, provider, name, _HERE_SECONDS, provider.advice)
    if issubclass(provider, Local):
        return await _file_here(provider)
    if not urlsplit(provider.url).hostname:
        return "in this process", ""
    if not is_online:
        return _NOT_ASKED, ""
    return await _asked(session, provider, name, _ONLINE_SECONDS, "")


async def _file_here(provider: type[Local]) -> tuple[str, str]:
    """Return which model file of this machine would answer, or what to do where none can."""
    try:
        return f"yes: {shown_name((await provider.ready()).name)}", ""
    except ChatError as exc:
        return f"no: {exc}", exc.hint


async def _asked(
    session: Session, provider: type[AsyncGeneratorProvider], name: str, seconds: float, advice: str
) -> tuple[str, str]:
    runs_here = issubclass(provider, OpenAI) and provider.runs_here
    proxy = session.services.proxy(provider)
    ca_file = session.settings.ca_path
    if objection := road_objection(provider.url, proxy, ca_file):
        return f"not asked: {objection}", objection.hint
    try:
        if issubclass(provider, OpenAI):
            key = await session.services.sign_in.key(provider, name)
            secret = key.secret if key else None
            offered = await provider.offers(secret, timeout=seconds, proxy=proxy, ca_file=ca_file)
            if not offered:
                return "yes, but it has no model", advice
            if not ranked(offered, provider.url)[0]:
                return f"yes, but none of its {len(offered)} models chats", advice
            return f"yes, {len(offered)} models", ""
        route = Route(idle_seconds=seconds, total_seconds=seconds, proxy=proxy, ca_file=ca_file)
        await fetch_json(Request(url=provider.url, body={}), route)
    except MissingAuthError as exc:
        return ("yes, but the key is not accepted" if answered_no_key(exc) else f"not asked: {exc}"), exc.hint
    except (WireError, InputError) as exc:
        # A page is what a site answers with; where a list of models should come, something else listens.
        return ("something else answers there", exc.hint) if issubclass(provider, OpenAI) else ("yes", "")
    except ResponseStatusError as exc:
        return f"yes (HTTP {exc.status})", ""
    except UnreachableError as exc:
        return (_NOT_RUNNING if runs_here else "no"), advice or exc.hint
    except ChatError as exc:
        return f"no ({reason(exc)})", exc.hint
    return "yes", ""


def _last_turns(turns: Iterable[Turn]) -> dict[str, list[Turn]]:
    found: dict[str, list[Turn]] = {}
    for turn in sorted(turns, key=lambda one: one.started_at, reverse=True):
        if turn.source == "live":
            found.setdefault(turn.provider, []).append(turn)
    return found


def _when(turn: Turn | None) -> str:
    return date_of(turn.started_at) if turn else ""
