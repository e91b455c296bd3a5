"""One HTTP client for one request: its proxy, its trust, its patience and its bounds."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast
from urllib.parse import urlsplit

import aiohttp

from g4f_magic.errors import InputError
from g4f_magic.wire import page_fetch, proxies, trust
from g4f_magic.wire.pool import POOL
from g4f_magic.wire.proxies import Proxy
from g4f_magic.wire.request import Route, basic
from g4f_magic.wire.urls import is_on_loopback

MOST_HEADER_BYTES = 64 * 2**10
"""Of a reply, all lines together."""
_MOST_HEADERS = 1024
_CONNECT_SECONDS = 30.0
_SOCKS_PORT = 1080
_TAKES_NUMBER = "max_headers" in inspect.signature(aiohttp.ClientSession.__init__).parameters


@dataclass(frozen=True, slots=True)
class Connection:
    """What a request is sent with."""

    http: aiohttp.ClientSession
    proxy: Proxy | None
    arguments: dict[str, Any]
    """What the client's `request` wants besides method, URL, headers and body."""
    headers: dict[str, str] = field(repr=False)
    """What the request carries for the proxy."""

    async def aclose(self) -> None:
        """Close its connections."""
        await self.http.close()


@asynccontextmanager
async def connect(url: str, route: Route) -> AsyncIterator[Connection]:
    """Give what a request to `url` is sent with, and close it, unless it is a pool's. Nothing is sent by that.

    Raises:
        InputError: the proxy or the certificates cannot be used.
    """
    pool = POOL.get()
    if pool is not None and route.connector is None:
        origin = url[: url.find("/", url.find("://") + 3)]
        way = (origin, route.proxy, route.ca_file, route.idle_seconds, route.total_seconds)
        yield pool.connection(way, partial(opened, url, route))
        return
    connection = opened(url, route)
    try:
        yield connection
    finally:
        await connection.aclose()


def opened(url: str, route: Route) -> Connection:
    """Return what requests to `url` are sent with; close its client.

    Raises:
        InputError: the proxy or the certificates cannot be used.
    """
    if page_fetch.IS_HERE:
        page_fetch.refuse(route)
        # The same as far as a request needs it.
        return Connection(cast("aiohttp.ClientSession", page_fetch.FetchClient()), None, {}, {})
    # Whoever brings a connector has chosen the way; to this machine it is direct unless the request names another.
    is_direct = route.connector is not None or (not route.proxy and is_on_loopback(url))
    proxy = None if is_direct else proxies.proxy_for(url, route.proxy)
    is_secure = url.lower().startswith("https:") or (proxy is not None and proxy.scheme == "https")
    context = trust.context_for(route.ca_file) if is_secure else None
    is_socks = proxy is not None and proxy.scheme.startswith("socks")
    # A redirected POST would lose its body or carry a key to a host that nobody named.
    arguments: dict[str, Any] = {"allow_redirects": False}
    headers: dict[str, str] = {}
    if context is not None:
        arguments["ssl"] = context
    if proxy is not None and not is_socks:
        # The client names the proxy's URL in what it warns of: user and password go into a header.
        arguments["proxy"] = proxy.url.bare
        if proxy.url.userinfo is not None:
            headers["Proxy-Authorization"] = basic(proxy.url.userinfo)
        if url.lower().startswith("https:"):  # the tunnel's, which the service does not see
            arguments["proxy_headers"], headers = headers, {}
    timeout = aiohttp.ClientTimeout(
        total=route.total_seconds, sock_connect=min(route.idle_seconds, _CONNECT_SECONDS)
    )
    bounds: dict[str, Any] = {"max_line_size": MOST_HEADER_BYTES, "max_field_size": MOST_HEADER_BYTES}
    if _TAKES_NUMBER:
        bounds["max_headers"] = _MOST_HEADERS
    http = aiohttp.ClientSession(
        timeout=timeout,
        connector=_socks(proxy) if proxy is not None and is_socks else route.connector,
        connector_owner=route.connector is None,
        # Cookies go out by hand, and none is kept.
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        **bounds,
    )
    return Connection(http, proxy, arguments, headers)


def _socks(proxy: Proxy) -> aiohttp.BaseConnector:
    """Return what connects through a SOCKS proxy.

    Raises:
        InputError: the package for that is not installed.
    """
    try:
        from aiohttp_socks import ProxyConnector
    except ImportError:
        where = f" ({proxy.source} names one)" if proxy.source else ""
        raise InputError(
            f"a SOCKS proxy needs the package aiohttp-socks{where}", hint="%pip install 'g4f-magic[socks]'"
        ) from None
    remote_dns = proxy.scheme in ("socks4a", "socks5h")
    port = "" if urlsplit(proxy.url).port else f":{_SOCKS_PORT}"
    url = f"{proxy.scheme.rstrip('ah')}://{proxy.whole.partition('://')[2].rstrip('/')}{port}"
    connector: aiohttp.BaseConnector = ProxyConnector.from_url(url, rdns=remote_dns)
    return connector
