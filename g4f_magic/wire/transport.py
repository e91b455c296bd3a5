"""Send a request, yield the pieces of its reply. The only HTTP client; every connection is closed by it.

The client's package is loaded by the first request: it takes longer than all of this one, and what only
names services, or replays, needs none of it.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from g4f_magic.errors import InputError, WireError
from g4f_magic.secret import Address, Secret, remember
from g4f_magic.wire import status
from g4f_magic.wire.compression import decompressor
from g4f_magic.wire.offline import refuse_offline
from g4f_magic.wire.values import value_of

if TYPE_CHECKING:
    import aiohttp

HeaderValue = str | Secret

MOST_JSON_BYTES = 16 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One POST of a JSON body. Headers and cookies may hold secrets and do not show in its repr."""

    url: str
    body: Mapping[str, Any] = field(repr=False)
    headers: Mapping[str, HeaderValue] = field(default_factory=dict, repr=False)
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Sent as they are, unquoted, in the order given."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", Address(self.url))
        for value in self.cookies.values():
            remember(value)

    @property
    def host(self) -> str:
        """Return host and port, the part of the URL that may be shown."""
        from yarl import URL

        url = URL(self.url)
        return f"{url.host}" if url.is_default_port() else f"{url.host}:{url.port}"

    @property
    def secrets(self) -> list[Secret]:
        """Return what must not show if the service echoes it."""
        headers = [value for value in self.headers.values() if isinstance(value, Secret)]
        bare = [Secret(value.reveal().removeprefix("Bearer ")) for value in headers]
        return [*headers, *bare, *(Secret(value) for value in self.cookies.values() if len(value) >= 4)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How to get there, and how long to wait. Times are in seconds."""

    proxy: str | None = field(default=None, repr=False)
    connector: aiohttp.BaseConnector | None = None
    """The caller's; used and not closed."""
    idle_seconds: float = 120.0
    """The longest silence: while connecting, before the first piece, and between two pieces."""
    total_seconds: float | None = None
    ca_file: str | None = None
    """Certificates (PEM) to trust besides the system's own: a company's."""

    def __post_init__(self) -> None:
        if self.proxy:
            object.__setattr__(self, "proxy", Address(self.proxy))
        if self.proxy and self.connector is not None:
            raise InputError("both a connector and a proxy were given", hint="Give one of the two.")


class Response:
    """A reply whose status was a success; its body is read once, by `pieces`."""

    def __init__(self, reply: aiohttp.ClientResponse, host: str) -> None:
        self.headers: Mapping[str, str] = reply.headers
        self._reply = reply
        self._host = host

    async def pieces(self) -> AsyncGenerator[bytes]:
        """Yield the body's bytes as they arrive, decompressed; a piece may end anywhere.

        Raises:
            BrokenOffError: the connection ended before the body did.
            ChatTimeoutError: silence for longer than the route allows.
            WireError: the compression is broken.
        """
        from g4f_magic.wire import faults

        with faults.while_reading(self._host):
            decoder = decompressor(self.headers.get("Content-Encoding", ""))
            async for piece in self._reply.content.iter_any():
                for part in decoder.feed(piece):
                    yield part
            decoder.close()


@asynccontextmanager
async def send(request: Request, route: Route) -> AsyncIterator[Response]:
    """Send `request` and give its reply; leaving the context closes the connection at once.

    Raises:
        UnreachableError: no connection.
        ChatTimeoutError: silence for longer than the route allows, or status 504.
        MissingAuthError, CloudflareError, RateLimitError, ResponseStatusError: by status.
        WireError: a web page where a reply should be.
    """
    refuse_offline()
    import aiohttp

    from g4f_magic.wire import faults

    timeout = aiohttp.ClientTimeout(
        total=route.total_seconds, sock_connect=min(route.idle_seconds, 30.0), sock_read=route.idle_seconds
    )
    connector, proxy = _connection(route)
    async with aiohttp.ClientSession(
        timeout=timeout,
        connector=connector,
        connector_owner=route.connector is None,
        # Cookies go out by hand, and none is kept.
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
    ) as http:
        with faults.while_connecting(request.host):
            reply = await http.post(
                request.url,
                data=BytesIO(json.dumps(request.body).encode()),
                headers=_headers(request),
                proxy=proxy,
                # A redirected POST would lose its body or carry a key to a host that nobody named.
                allow_redirects=False,
                **_trust(route),
            )
        try:
            response = Response(reply, request.host)
            await _accept(reply, response, request)
            yield response
        finally:
            # Not `release`: some servers keep a finished reply open for seconds.
            reply.close()


async def fetch_json(request: Request, route: Route) -> Any:
    """GET `request.url` and return its JSON.

    Raises:
        ChatError: as `send`.
        WireError: what came is not JSON, or more than 16 MiB.
    """
    refuse_offline()
    import aiohttp

    from g4f_magic.wire import faults

    timeout = aiohttp.ClientTimeout(total=route.total_seconds, sock_read=route.idle_seconds)
    connector, proxy = _connection(route)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector, auto_decompress=False) as http:
        with faults.while_connecting(request.host):
            reply = await http.get(
                request.url, headers=_headers(request), proxy=proxy, allow_redirects=False, **_trust(route)
            )
        try:
            response = Response(reply, request.host)
            await _accept(reply, response, request)
            return value_of(await _whole(response))
        except ValueError:
            raise WireError(f"{request.host}: the answer is not JSON", hint="Look at the base URL.") from None
        finally:
            reply.close()


def accepted_encodings() -> str:
    """Return the compressions that can be read here, as an `Accept-Encoding` header."""
    has_brotli = any(find_spec(name) for name in ("brotli", "brotlicffi"))
    return "gzip, deflate, br" if has_brotli else "gzip, deflate"


async def _whole(response: Response) -> bytes:
    body = bytearray()
    async with aclosing(response.pieces()) as pieces:
        async for piece in pieces:
            body += piece
            if len(body) > MOST_JSON_BYTES:
                raise ValueError("it does not end")
    return bytes(body)


async def _accept(reply: aiohttp.ClientResponse, response: Response, request: Request) -> None:
    if reply.status != 200:
        body = await status.error_body(response.pieces())
        raise status.error_of(reply, body, host=request.host, secrets=request.secrets)
    if reply.content_type == "text/html" and "Content-Type" in reply.headers:
        raise WireError(
            f"{request.host}: a web page came instead of a reply",
            hint="Look at the base URL, and whether a sign-in page or a proxy stands before the service.",
        )


def _headers(request: Request) -> dict[str, str]:
    headers = {"Content-Type": "application/json"}
    lower = {name.lower(): name for name in headers}
    for name, value in request.headers.items():
        headers.pop(lower.get(name.lower(), ""), None)
        headers[name] = value.reveal() if isinstance(value, Secret) else value
    if request.cookies:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in request.cookies.items())
    if "authorization" in map(str.lower, headers) and "@" in urlsplit(request.url).netloc:
        raise InputError(
            f"{request.host}: a user in the address and a key cannot both be sent",
            hint="Take the user out of the base URL, or the key away.",
        )
    if any(sign in value for value in headers.values() for sign in "\r\n\0"):
        raise InputError(
            "a key, cookie or header holds a line end", hint="Copy it again, without the end of the line."
        )
    return headers


def _trust(route: Route) -> dict[str, Any]:
    """Return what makes the client trust the route's certificates too. Checking is never switched off."""
    if not route.ca_file:
        return {}
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(route.ca_file)
    except (OSError, ssl.SSLError):
        raise InputError(
            f"the certificates in {route.ca_file} cannot be read",
            hint="ChatMagics.ca_file has to name a file in PEM form (-----BEGIN CERTIFICATE-----).",
        ) from None
    return {"ssl": context}


def _connection(route: Route) -> tuple[aiohttp.BaseConnector | None, str | None]:
    """Return the connector to use, and the proxy that the client itself is to speak to."""
    if not route.proxy:
        return route.connector, None
    scheme = route.proxy.partition("://")[0].lower()
    if scheme in ("http", "https"):
        return None, route.proxy
    if scheme not in ("socks4", "socks5", "socks4a", "socks5h"):
        raise InputError(
            "the proxy's URL has no scheme that is known",
            hint="Write http://, https://, socks4://, socks5:// or socks5h:// before host and port.",
        )
    try:
        from aiohttp_socks import ProxyConnector
    except ImportError:
        raise InputError(
            "a SOCKS proxy needs the package aiohttp-socks", hint="%pip install 'g4f-magic[socks]'"
        ) from None
    remote_dns = scheme in ("socks4a", "socks5h")
    url = f"{scheme.rstrip('ah')}://{route.proxy.partition('://')[2]}"
    connector: aiohttp.BaseConnector = ProxyConnector.from_url(url, rdns=remote_dns)
    return connector, None
