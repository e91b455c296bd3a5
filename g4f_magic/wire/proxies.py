"""Which proxy leads to a URL: the one that is named for it, or the environment's. No I/O.

The environment is read as curl, requests and httpx read it: `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and
`NO_PROXY`, in lower case first; `HTTP_PROXY` not in a CGI program, where a stranger's header sets it. What macOS
and Windows keep in their own settings is not read. This machine itself is never reached through the environment's
proxy: nobody else could answer for it, and what is asked of a model here is not to leave.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from g4f_magic.errors import InputError
from g4f_magic.secret import Address
from g4f_magic.settings import environment
from g4f_magic.wire.urls import is_excepted, is_on_loopback

NONE = "none"
"""What is named in place of a proxy's URL where there is to be none, whatever the environment says."""

SCHEMES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")
_HINT = "Write http://, https://, socks4://, socks5:// or socks5h:// before host and port."


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy, and where its URL comes from: a variable's name, or nothing where it was named for the request."""

    url: Address = field(repr=False)
    source: str = ""

    @property
    def scheme(self) -> str:
        """Return the scheme, in lower case."""
        return self.url.partition("://")[0].lower()

    @property
    def whole(self) -> str:
        """Return the URL with user and password, for the client alone."""
        return self.url.reveal()

    @property
    def place(self) -> str:
        """Return host and port, the part of the URL that may be shown."""
        return urlsplit(self.url).netloc.rpartition("@")[2]


def for_all(named: str, urls: Iterable[str]) -> str | None:
    """Return the proxy that is set for whatever is asked, for a service at `urls`; None: as the environment says.

    It leaves this machine out: a prompt for a model that runs here is not to leave.
    """
    if not named or (named.lower() != NONE and any(map(is_on_loopback, urls))):
        return None
    return Address(named)


def proxy_for(url: str, named: str | None = None) -> Proxy | None:
    """Return the proxy that leads to `url`; None: the way is direct.

    `named` is one that was named for this request, and is taken as it is; `none` means no proxy at all.

    Raises:
        InputError: what is named is no proxy's URL.
    """
    if named:
        return None if named.strip().lower() == NONE else _checked(named, "")
    if is_on_loopback(url):
        return None
    variable, value = in_environment(urlsplit(url).scheme)
    if not value or is_excepted(url, exceptions()):
        return None
    return _checked(value, variable)


def in_environment(scheme: str) -> tuple[str, str]:
    """Return the variable that names the proxy for `http` or `https`, and its value; both empty if there is none."""
    from urllib.request import getproxies_environment

    values = getproxies_environment()
    for kind in (scheme, "all"):
        if value := values.get(kind, "").strip():
            name = f"{kind}_proxy"
            return (name if environment(name) == values[kind] else name.upper()), Address(value)
    return "", ""


def checked_environment(scheme: str) -> Proxy | None:
    """Return the environment's proxy for `http` or `https`, or None.

    Raises:
        InputError: it is no proxy's URL.
    """
    variable, value = in_environment(scheme)
    return _checked(value, variable) if value else None


def exceptions() -> str:
    """Return what `NO_PROXY` says."""
    from urllib.request import getproxies_environment

    return getproxies_environment().get("no", "")


def _checked(text: str, source: str) -> Proxy:
    """Return a proxy whose URL can be used; one without a scheme is an HTTP proxy, as everywhere.

    Raises:
        InputError: it cannot.
    """
    text = Address(Address(text).reveal().strip())  # from here on no frame shows a password
    url, objection = _read(text)
    if objection:
        raise InputError(f"the proxy{f' in {source}' if source else ''} {objection}", hint=_HINT)
    return Proxy(url, source)


def _read(text: str) -> tuple[Address, str]:
    """Return a proxy's URL with its scheme, and what is wrong with it."""
    whole = Address(text).reveal()
    scheme, has_scheme, rest = whole.partition("://")
    scheme, rest = (scheme.lower(), rest) if has_scheme else ("http", whole)
    scheme = "socks5" if scheme == "socks" else scheme
    if scheme not in SCHEMES:
        return Address(""), "has no scheme that is known"
    try:
        parts = urlsplit(f"{scheme}://{rest}")
        # `http:/host`, with a slash too few, would be a host called http.
        host = parts.hostname or ""
        is_host = bool(host) and host not in SCHEMES and not any(sign.isspace() for sign in host)
        is_whole = is_host and (parts.port is None or parts.port > 0)
    except ValueError:  # a port that is none, a bracket that is not closed
        is_whole = False
    return (Address(f"{scheme}://{rest}"), "") if is_whole else (Address(""), "is no URL")
