"""Send a request, yield the pieces of its reply. The only HTTP client; every connection is closed by it.

The client's package is loaded by the first request: it takes longer than all of this one, and what only
names services, or replays, needs none of it.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

from g4f_magic.credentials import may_go
from g4f_magic.errors import ChatError, InputError, WireError, bare
from g4f_magic.secret import Secret, redact
from g4f_magic.wire import status_errors
from g4f_magic.wire.compression import accepted_encodings, decompressor
from g4f_magic.wire.json_values import value_of, web_page
from g4f_magic.wire.offline import IS_OFFLINE, refusal
from g4f_magic.wire.pool import POOL
from g4f_magic.wire.request import HeaderValue, Request, Route, basic
from g4f_magic.wire.text_decoding import writable

if TYPE_CHECKING:
    import aiohttp

    from g4f_magic.wire.proxies import Proxy

MOST_JSON_BYTES = 16 * 2**20
_SENT_BYTES_A_SECOND = 64 * 2**10
"""A picture may take its time to be sent, which is no silence of the service."""
_LITTLE = 64 * 2**10
"""Of what is sent: so much goes out in one piece, more of it bit by bit."""
_HALF_PAIR = re.compile(r"\\ud(?:[89ab]..(?!\\ud[c-f])|(?<!\\ud[89ab]..\\ud)[c-f])")
"""In JSON of plain ASCII; what only looks so costs a second look."""
_BLANK = b" \t\r\n\xef\xbb\xbf"


class Response:
    """A reply whose status was a success; its body is read once, by `pieces`."""

    def __init__(self, reply: aiohttp.ClientResponse, host: str, idle_seconds: float) -> None:
        self.headers: Mapping[str, str] = reply.headers
        self._reply = reply
        self.host = host
        self.idle_seconds = idle_seconds
        is_html = reply.content_type == "text/html" and "Content-Type" in reply.headers
        self._may_be_page = is_html and reply.status < 300
        self.has_begun = False
        """Whether a byte of the body came."""

    def at_once(self) -> bytes | None:
        """Return the plain body where all of it came together with its headers; None where it has to be waited for or read.

        That is so of most short replies: nothing is left that could fall silent, break off or be compressed.
        """
        content = self._reply.content
        is_here = content.is_eof() and content.exception() is None
        if not is_here or self._may_be_page or "Content-Encoding" in self.headers:
            return None
        return content.read_nowait()

    async def pieces(self) -> AsyncGenerator[bytes]:
        """Yield the body's bytes as they arrive, decompressed; a piece may end anywhere.

        Raises:
            BrokenOffError: the connection ended before the body did.
            ChatTimeoutError: silence for longer than the route allows; bytes that decompress to nothing are silence.
            WireError: the compression is broken.
        """
        now = asyncio.get_running_loop().time
        try:
            decoder = decompressor(",".join(self._reply.headers.getall("Content-Encoding", ())))
            deadline = now() + self.idle_seconds
            while True:
                # What is there already comes without waiting, and would never be too late.
                if now() > deadline:
                    raise TimeoutError
                async with asyncio.timeout_at(deadline):
                    piece = await self._reply.content.readany()
                if not piece:
                    break
                self.has_begun = True
                for part in decoder.feed(piece):
                    if self._may_be_page and (begun := part.strip(_BLANK)):
                        self._may_be_page = False
                        if begun.startswith(b"<"):
                            raise web_page(self.host)
                    yield part
                    deadline = now() + self.idle_seconds
            decoder.close()
        except Exception as exc:
            from g4f_magic.wire import error_translation

            raise error_translation.of_reading(exc, self.host) or exc from None


def send(request: Request, route: Route) -> AbstractAsyncContextManager[Response]:
    """POST `request` and give its reply; leaving the context closes the connection at once.

    Raises:
        UnreachableError: no connection.
        ChatTimeoutError: silence for longer than the route allows, or status 504.
        MissingAuthError, CloudflareError, RateLimitError, ResponseStatusError: by status.
        WireError: a web page where a reply should be.
        InputError: proxy, certificates or headers cannot be used; nothing was sent.
    """
    return _exchange("POST", request, route)


async def post(request: Request, route: Route) -> bytes:
    """POST `request` and return the whole body of its reply.

    Raises:
        ChatError: as `send`.
        WireError: more than 16 MiB came.
    """
    async with _exchange("POST", request, route) as response:
        return await _whole(response)


async def fetch_json(request: Request, route: Route) -> Any:
    """GET `request.url`, or POST its body where it has one, and return the JSON that comes.

    Raises:
        ChatError: as `send`.
        WireError: what came is not JSON, or more than 16 MiB.
    """
    try:
        return value_of(await _fetched(request, route))
    except ValueError:
        failure: BaseException = WireError(
            f"{request.host}: the answer is not JSON", hint="Look at the base URL."
        )
    except BaseException as exc:
        failure = bare(exc)
    raise failure


@asynccontextmanager
async def _exchange(method: str, request: Request, route: Route) -> AsyncIterator[Response]:
    if IS_OFFLINE.get():
        raise refusal()
    from g4f_magic.wire.client_errors import as_client_error
    from g4f_magic.wire.connection import connect

    sent = _encoded(request) if method == "POST" else b""
    host = request.host
    seconds = route.idle_seconds + max(0, len(sent) - _SENT_BYTES_A_SECOND) / _SENT_BYTES_A_SECOND
    async with connect(request.url, route) as way:
        reply: aiohttp.ClientResponse | None = None
        try:
            try:
                async with asyncio.timeout(seconds):
                    reply = await way.http.request(
                        method,
                        request.url,
                        data=(sent if len(sent) < _LITTLE else BytesIO(sent)) or None,
                        headers=_headers(request) | way.headers,
                        **way.arguments,
                    )
            except Exception as exc:
                raise _unconnected(exc, way.proxy, host) from None
            if (pool := POOL.get()) is not None and pool.hear is not None:
                pool.hear(reply.status, reply.headers)
            response = Response(reply, host, route.idle_seconds)
            await _accept(reply, response, request, way.proxy)
            yield response
        except ChatError as exc:
            as_client_error(exc)
            raise
        finally:
            if reply is not None:
                # Not `release`: some servers keep a finished reply open for seconds.
                reply.close()


def _encoded(request: Request) -> bytes:
    """Return the body as JSON that every service reads: most refuse halves of surrogate pairs, and what is no number.

    Raises:
        InputError: a number in it is none that JSON has.
    """
    try:
        text = json.dumps(request.body, allow_nan=False)
        if _HALF_PAIR.search(text):
            text = json.dumps(writable(request.body))
    except ValueError:
        raise InputError(
            f"{request.host}: a parameter is nan or infinite, which cannot be sent",
            hint="Give it a number, or leave it out.",
        ) from None
    return text.encode()


def _unconnected(exc: Exception, proxy: Proxy | None, host: str) -> Exception:
    """Return the error for what failed before there was a reply: the proxy's own, the wire's, or what it was."""
    from g4f_magic.wire import error_translation, proxy_errors

    error = None if proxy is None else proxy_errors.of_connecting(exc, proxy, host)
    return error or error_translation.of_connecting(exc, host) or exc


async def _fetched(request: Request, route: Route) -> bytes:
    async with _exchange("POST" if request.body else "GET", request, route) as response:
        return await _whole(response)


async def _whole(response: Response) -> bytes:
    if (whole := response.at_once()) is not None:
        return whole
    body = bytearray()
    async with aclosing(response.pieces()) as pieces:
        async for piece in pieces:
            body += piece
            if len(body) > MOST_JSON_BYTES:
                raise WireError(
                    f"{response.host}: more than {MOST_JSON_BYTES // 2**20} MiB came", hint="Ask for less."
                )
    return bytes(body)


async def _accept(
    reply: aiohttp.ClientResponse, response: Response, request: Request, proxy: Proxy | None
) -> None:
    from g4f_magic.wire import error_translation, proxy_errors

    error_translation.refuse_long_headers(reply, request.host)
    if proxy is not None and reply.status == 407:
        raise proxy_errors.refused(proxy, request.host, reply.status)
    if not 200 <= reply.status < 300:
        body = await status_errors.error_body(response.pieces(), reply.charset)
        error = status_errors.error_of(reply, body, host=request.host, secrets=request.secrets)
        error.answer = redact(body, request.secrets)
        if proxy is not None and reply.status in (403, 502, 503, 504) and request.url.startswith("http:"):
            error.hint = f"{error.hint} {proxy_errors.may_be_proxys(proxy)}"
        raise error


def _headers(request: Request) -> dict[str, str]:
    headers = {"Content-Type": "application/json"}
    lower = {name.lower(): name for name in headers}
    for name, value in request.headers.items():
        headers.pop(lower.get(name.lower(), ""), None)
        headers[name] = _revealed(value, request)
    given = next((name for name in headers if name.lower() == "accept-encoding"), "Accept-Encoding")
    headers[given] = (
        accepted_encodings()
    )  # the client would announce what it can read itself, and it reads nothing
    if request.cookies:
        pairs = (f"{name}={_revealed(value, request)}" for name, value in request.cookies.items())
        headers["Cookie"] = "; ".join(pairs)
    if request.userinfo is not None:
        if "authorization" in map(str.lower, headers):
            raise InputError(
                f"{request.host}: a user in the address and a key cannot both be sent",
                hint="Take the user out of the base URL, or the key away.",
            )
        _revealed(request.userinfo, request)
        headers["Authorization"] = basic(request.userinfo)
    if any(sign in value for value in headers.values() for sign in "\r\n\0"):
        raise InputError(
            "a key, cookie or header holds a line end", hint="Copy it again, without the end of the line."
        )
    return headers


def _revealed(value: HeaderValue, request: Request) -> str:
    """Return what goes into a header.

    Raises:
        InputError: it is a credential, and the request does not go where it belongs. Whoever made the request was to
            see to that; this is the last place where it can be seen.
    """
    if not isinstance(value, Secret):
        return value
    if not may_go(value, request.url):
        raise InputError(
            f"{request.host}: a key or cookie of another host would have been sent; nothing was",
            hint="A key goes to the host that it was given for. Give this host its own: %chat login HOST",
        )
    return value.reveal()
