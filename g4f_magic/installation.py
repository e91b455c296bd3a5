"""What is set up here: versions, the way out, certificates, and where things are kept. Nothing secret is in it."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from g4f_magic.errors import ChatError, MissingAuthError
from g4f_magic.secret import redact
from g4f_magic.session import Session
from g4f_magic.settings import environment
from g4f_magic.wire import proxies, trust
from g4f_magic.wire.compression import accepted_encodings

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
_SET = "ChatMagics.proxy"


def versions() -> tuple[tuple[str, str], ...]:
    """Return the versions of Python and of the parts that are installed."""
    found = [("python", platform.python_version()), ("system", platform.platform(terse=True))]
    for part in PARTS:
        try:
            found.append((part, version(part)))
        except PackageNotFoundError:
            continue
    return (*found, ("compression", accepted_encodings()))


def setup(session: Session) -> tuple[tuple[str, str], ...]:
    """Return what is chosen, the way out, and where things are, in words."""
    settings = session.settings
    gateway = session.gateway.running
    rows = [
        ("provider", settings.provider + (f" ({settings.model})" if settings.model else "")),
        ("mode", settings.mode_in_force),
        ("base URL", redact(settings.base_url, ()) or "the services' own"),
        ("proxy", proxy_words(settings.proxy)),
        ("certificates", certificate_words(settings.ca_path)),
        ("history", str(session.conversations.file or "in memory")),
        ("gateway", f"runs ({gateway.engine.label})" if gateway else "starts when it is first needed"),
    ]
    if host := environment("OLLAMA_HOST"):
        rows.insert(3, ("OLLAMA_HOST", redact(host, ())))
    return tuple(rows)


def proxy_words(named: str) -> str:
    """Return in words which proxy leads out, and what is reached without it; passwords do not show.

    `named` is what the settings name.
    """
    if named.strip().lower() == proxies.NONE:
        return f"none ({_SET})"
    if named:
        return f"{redact(named, ())} ({_SET}), except for this machine"
    found = {}
    for scheme in ("https", "http"):
        variable, value = proxies.in_environment(scheme)
        if value:
            found[variable] = f"{redact(value, ())} ({variable}){_objection(scheme)}"
    if not found:
        return "none"
    exceptions = proxies.exceptions()
    spared = f" and {redact(exceptions, ())} (NO_PROXY)" if exceptions else ""
    return f"{', '.join(found.values())}, except for this machine{spared}"


def _objection(scheme: str) -> str:
    try:
        proxies.checked_environment(scheme)
    except ChatError as exc:
        return f": cannot be used. {exc.hint}"
    return ""


def certificate_words(ca_path: str | None) -> str:
    """Return in words which certificates are trusted."""
    named: dict[str, list[str]] = {}
    for variable, path in trust.in_environment():
        named.setdefault(path, []).append(variable)
    words = ", ".join(f"{path} ({', '.join(by)})" for path, by in named.items()) or "the system's own"
    if ca_path:
        words += f", and {ca_path} ({trust.SETTING})"
    try:
        trust.context_for(ca_path)
    except ChatError as exc:
        words += f": {exc}. {exc.hint}"
    return words


def road_objection(url: str, proxy: str | None, ca_file: str | None) -> ChatError | None:
    """Return why nothing can be sent to a URL at all: a proxy or certificates that cannot be used."""
    try:
        proxies.proxy_for(url, proxy)
        if url.startswith("https:"):
            trust.context_for(ca_file)
    except ChatError as exc:
        return exc
    return None


def answered_no_key(error: ChatError) -> bool:
    """Say whether a service itself said that it wants another key; else one was missing before it was asked."""
    return isinstance(error, MissingAuthError) and "HTTP 4" in str(error)
