"""Where a key or a cookie may go: the one rule, for both. No I/O.

A credential goes to its home, or to a host that the person named for that credential, and nowhere else. Its home is
the origin (scheme, host and port) that its service was published with: whatever a class is pointed at later, a
subclass, a setting, an option, a variable, a redirect. SECURITY.md has the table.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from g4f_magic.secret import Secret, parts_of
from g4f_magic.settings import environment

OPENAI_KEY, OPENAI_HOST = "OPENAI_API_KEY", "OPENAI_BASE_URL"
"""Variables that name a key and the host that it is for: a pair."""
_DOUBTFUL = frozenset("\\ \t\r\n\0\v\f%")
_PORTS = {"https": 443, "http": 80}


def origin_of(url: str) -> str:
    """Return scheme, host and port of a URL in one spelling; empty where it is not beyond doubt what they are.

    A user, a dot after the host, or signs that programs read differently leave a doubt.
    """
    # What may hold a password or a key is not remembered; of others each request asks several times.
    return _read(url) if "@" in url or "?" in url else _remembered(url)


def _read(url: str) -> str:
    scheme, userinfo, rest = parts_of(url)
    authority = rest[: next((place for place, sign in enumerate(rest) if sign in "/?#"), len(rest))]
    if userinfo or "@" in authority or _DOUBTFUL & set(scheme + authority):
        return ""
    from yarl import URL  # what the client itself reads it with

    try:
        read, split = URL(url), urlsplit(url)
        host, port = (read.raw_host or "").lower(), read.port
        is_same = not authority.isascii() or split.hostname == host
    except ValueError:
        return ""
    if read.scheme not in _PORTS or not host or host.endswith(".") or not is_same or not port:
        return ""
    shown = f"[{host}]" if ":" in host else host
    return f"{read.scheme}://{shown}" + ("" if port == _PORTS[read.scheme] else f":{port}")


_remembered = lru_cache(maxsize=256)(_read)


def origins_of(urls: Iterable[str]) -> frozenset[str]:
    """Return the origins of the URLs, but for paths; an empty one among them where one is in doubt."""
    return frozenset(origin_of(url) for url in urls if url and not _is_path(url))


def _is_path(url: str) -> bool:
    return url.startswith("/") and not url.startswith("//")


def is_unseen(origin: str) -> bool:
    """Say whether what goes there cannot be read on the way: https, or this machine itself."""
    scheme, _, place = origin.partition("://")
    return scheme == "https" or (scheme == "http" and is_own_address(urlsplit(f"//{place}").hostname or ""))


@lru_cache(maxsize=256)
def is_own_address(host: str) -> bool:
    """Say whether a host is this machine beyond doubt; a name below `localhost` may be looked up elsewhere."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def login_name(origin: str) -> str:
    """Return what `%chat login` calls an origin: its host, with the scheme where that is an http that others can read."""
    return origin.partition("://")[2] if is_unseen(origin) else origin


def may_go(secret: Secret, url: str) -> bool:
    """Say whether a credential may be sent to a URL. One without a home was given by hand, for this very request."""
    return not secret.homes or origin_of(url) in secret.homes - {""}


def is_host_of_variable(variables: Iterable[str], origins: frozenset[str]) -> bool:
    """Say whether the environment itself names these origins for its key."""
    named = origins_of([environment(OPENAI_HOST)]) - {""}
    return OPENAI_KEY in variables and bool(origins) and origins == named


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a service is asked, seen from its key."""

    origins: frozenset[str] = frozenset()
    """Those that are asked."""
    is_home: bool = True
    """They are those that the service was published with."""
    names: tuple[str, ...] = ()
    """What `%chat login` calls a key that belongs there."""

    def belonging(self, variables: Iterable[str], host: str) -> tuple[str, ...]:
        """Return those of the variables whose values belong there.

        `host` is what `OPENAI_BASE_URL` says beside them, in the environment or the file: where it names a host,
        OpenAI's key there is that host's and no other's. So no source's host draws another source's key.
        """
        named = origins_of([host]) - {""}
        return tuple(
            name
            for name in variables
            if (self.origins == named if name == OPENAI_KEY and host else self.is_home)
        )
