"""What can go wrong with a proxy, translated into errors that name the proxy and not the host behind it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import aiohttp

from g4f_magic.errors import ChatTimeoutError, UnreachableError, WireError
from g4f_magic.wire.error_translation import is_too_long
from g4f_magic.wire.proxies import Proxy

_GONE = "Look at its address, and whether it runs."
_SOCKS = frozenset({"python_socks", "aiohttp_socks"})
_PASSWORD = re.compile(r"authenticat|password", re.IGNORECASE)


def refused(proxy: Proxy, host: str, code: int) -> UnreachableError:
    """Return the error of a proxy that answers and lets a request not through."""
    hint = (
        "Look at its user name and password."
        if code == 407
        else f"It runs: does it let {host} through, and is that the right host?"
    )
    return UnreachableError(
        f"the proxy {proxy.place} did not let the request through (HTTP {code})", hint=hint + _named_by(proxy)
    )


def may_be_proxys(proxy: Proxy) -> str:
    """Return what to add to the error of a status that a proxy may have answered with itself."""
    return f"It may be the proxy's own answer ({proxy.place})."


def of_connecting(
    exc: Exception, proxy: Proxy, host: str
) -> UnreachableError | ChatTimeoutError | WireError | None:
    """Return the error for what the client raised on its way through a proxy, where that is the proxy's own.

    UnreachableError: it is not there, is not trusted, refuses, or hangs up. ChatTimeoutError: silence, of the proxy or
    behind it. WireError: what came through it is no HTTP.
    """
    if isinstance(exc, aiohttp.ClientHttpProxyError):
        return refused(proxy, host, exc.status)
    if isinstance(exc, aiohttp.ClientConnectorCertificateError):
        return _untrusted(exc, proxy) if _is_at(exc.host, exc.port, proxy) else None
    if isinstance(exc, aiohttp.ClientProxyConnectionError):
        return _failed(proxy, "did not let the request through", _GONE)
    if isinstance(exc, aiohttp.ClientConnectorError):
        at_proxy = _is_at(exc.host, exc.port, proxy)
        return _failed(proxy, "did not let the request through", _GONE) if at_proxy else None
    if type(exc).__module__.partition(".")[0] in _SOCKS or isinstance(exc, EOFError):
        return _of_socks(exc, proxy, host)
    if isinstance(exc, TimeoutError):
        return ChatTimeoutError(
            f"{host}, through the proxy {proxy.place}: silent for too long",
            hint=f"Try again, or allow more with --timeout SECONDS.{_named_by(proxy)}",
        )
    if isinstance(exc, aiohttp.ClientResponseError) and not is_too_long(exc):
        return WireError(
            f"what came through the proxy {proxy.place} is not HTTP",
            hint=f"Is it an HTTP proxy, and no SOCKS one (socks5://)?{_named_by(proxy)}",
        )
    if isinstance(exc, aiohttp.ClientConnectionError | ConnectionError):
        return _closed(proxy, host)
    return None


def _of_socks(exc: Exception, proxy: Proxy, host: str) -> UnreachableError:
    """Return the error of a SOCKS proxy. The package's errors share no base with the client's."""
    name = type(exc).__name__
    if name == "ProxyConnectionError":
        return _failed(proxy, "did not let the request through", _GONE)
    if isinstance(exc, EOFError) or name == "IncompleteReadError":
        return _failed(
            proxy, "speaks another kind of SOCKS, or hung up", "Try socks5:// in place of socks4://."
        )
    if name == "ProxyTimeoutError":
        return _failed(proxy, "did not answer in time", _GONE)
    if _PASSWORD.search(str(exc)):
        return _failed(proxy, "did not let the request through", "Look at its user name and password.")
    return _failed(
        proxy,
        "did not let the request through",
        f"It runs: does it let {host} through, and is that the right host?",
    )


def _untrusted(exc: aiohttp.ClientConnectorCertificateError, proxy: Proxy) -> UnreachableError:
    reason = getattr(exc.certificate_error, "verify_message", "") or "it does not hold"
    return _failed(
        proxy,
        f"has a certificate that was not accepted ({reason})",
        "If it is your company's own, set ChatMagics.ca_file (or G4F_MAGIC_CA_FILE) to its file.",
    )


def _closed(proxy: Proxy, host: str) -> UnreachableError:
    return _failed(
        proxy,
        f"closed the connection to {host} before a reply came",
        f"Try again; if it stays so, look whether it lets {host} through.",
    )


def _failed(proxy: Proxy, what: str, hint: str) -> UnreachableError:
    return UnreachableError(f"the proxy {proxy.place} {what}", hint=hint + _named_by(proxy))


def _named_by(proxy: Proxy) -> str:
    return f" {proxy.source} names it." if proxy.source else ""


def _is_at(host: str, port: int | None, proxy: Proxy) -> bool:
    parts = urlsplit(proxy.url)
    return host == parts.hostname and port == (parts.port or {"http": 80, "https": 443}.get(proxy.scheme))
