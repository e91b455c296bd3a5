"""What works and what does not: each provider with its key, whether it is reached, and what became of it last.

Nothing secret is in what it returns, and nobody outside this machine is asked unless `is_online` says so.
"""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urlsplit

from g4f_magic import providers
from g4f_magic.chain import reason
from g4f_magic.errors import (
    ChatError,
    InputError,
    MissingAuthError,
    ResponseStatusError,
    UnreachableError,
    WireError,
)
from g4f_magic.messages import Turn
from g4f_magic.providers.base import AsyncGeneratorProvider
from g4f_magic.providers.openai import OpenAI
from g4f_magic.secret import redact
from g4f_magic.session import Session
from g4f_magic.wire.cookies import get_cookies
from g4f_magic.wire.transport import Request, Route, fetch_json

PARTS = (
    "g4f-magic",
    "ipython",
    "ipykernel",
    "jupyterlab",
    "notebook",
    "aiohttp",
    "ipywidgets",
    "anywidget",
    "nest-asyncio2",
    "nest-asyncio",
    "keyring",
    "aiohttp-socks",
    "rich",
    "selenium",
    "g4f",
)
_HERE_SECONDS = 0.5
_ONLINE_SECONDS = 10.0
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that the doctor found."""

    findings: tuple[Finding, ...]
    broken: dict[str, str]
    """What is installed or set up and cannot be used, and why."""
    parts: tuple[tuple[str, str], ...]
    """The versions that matter."""
    setup: tuple[tuple[str, str], ...]
    """Where things are, and what is chosen."""


async def examine(session: Session, *, is_online: bool = False) -> Report:
    """Return what is found. Services on this machine are asked at their ports, others only with `is_online`."""
    wrong = providers.problems()
    usable = {name: providers.get(name) for name in providers.names() if name not in wrong}
    last = _last_turns(session.history.latest(_MOST_TURNS))
    findings = await asyncio.gather(
        *(_finding(session, name, one, last.get(name, ()), is_online) for name, one in usable.items())
    )
    return Report(
        findings=tuple(findings),
        broken={name: f"{error}. {error.hint}" for name, error in wrong.items()},
        parts=versions(),
        setup=_setup(session),
    )


def versions() -> tuple[tuple[str, str], ...]:
    """Return the versions of Python and of the parts that are installed."""
    found = [("python", platform.python_version()), ("system", platform.platform(terse=True))]
    for part in PARTS:
        try:
            found.append((part, version(part)))
        except PackageNotFoundError:
            continue
    return tuple(found)


async def _finding(
    session: Session,
    name: str,
    provider: type[AsyncGeneratorProvider],
    turns: Iterable[Turn],
    is_online: bool,
) -> Finding:
    key = await session.services.key(provider, name)
    has = key.place if key else ""
    advice = ""
    if provider.cookie_domain:
        has, advice = _cookies(session, provider.cookie_domain)
    elif not has and provider.key_variables and provider.needs_auth:
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
        return "local gateway (its public site is gone)", ""
    if issubclass(provider, OpenAI) and provider.is_local and provider.is_at_home():
        return await _asked(session, provider, name, _HERE_SECONDS, provider.advice)
    if not urlsplit(provider.url).hostname:
        return "in this process", ""
    if not is_online:
        return "not asked (--online asks)", ""
    return await _asked(session, provider, name, _ONLINE_SECONDS, "")


async def _asked(
    session: Session, provider: type[AsyncGeneratorProvider], name: str, seconds: float, advice: str
) -> tuple[str, str]:
    is_local = issubclass(provider, OpenAI) and provider.is_local
    proxy = None if is_local else session.settings.proxy or None
    ca_file = session.settings.ca_path
    try:
        if issubclass(provider, OpenAI):
            key = await session.services.key(provider, name)
            secret = key.secret if key else None
            models = await provider.list_models(secret, timeout=seconds, proxy=proxy, ca_file=ca_file)
            return (f"yes, {len(models)} models", "") if models else ("yes, but it has no model", advice)
        route = Route(idle_seconds=seconds, total_seconds=seconds, proxy=proxy, ca_file=ca_file)
        await fetch_json(Request(url=provider.url, body={}), route)
    except MissingAuthError as exc:
        return "yes, but the key is not accepted", exc.hint
    except (WireError, InputError) as exc:
        # A page is what a site answers with; where a list of models should come, something else listens.
        return ("something else answers there", exc.hint) if issubclass(provider, OpenAI) else ("yes", "")
    except ResponseStatusError as exc:
        return f"yes (HTTP {exc.status})", ""
    except UnreachableError as exc:
        return ("not running" if is_local else "no"), advice or exc.hint
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
    return datetime.fromtimestamp(turn.started_at).strftime("%Y-%m-%d %H:%M") if turn else ""


def _setup(session: Session) -> tuple[tuple[str, str], ...]:
    settings = session.settings
    gateway = session.running_gateway
    return (
        ("provider", settings.provider + (f" ({settings.model})" if settings.model else "")),
        ("mode", settings.mode_in_force),
        ("base URL", redact(settings.base_url, ()) or "the services' own"),
        ("proxy", redact(settings.proxy, ()) or "none"),
        ("further certificates", settings.ca_file or "none"),
        ("history", str(session.history.file or "in memory")),
        ("gateway", f"runs ({gateway.engine.label})" if gateway else "starts at its first use"),
    )
