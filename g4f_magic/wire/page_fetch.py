"""Requests by a page's own `fetch`, where Python runs in a browser (Pyodide) and opens no connections itself.

It is asked as the HTTP client is, and its replies are read as that one's, as far as `transport` does. What may go out is
the browser's to say: services that take no questions from pages (CORS) are not reached, and cookies and proxies are its own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from email.message import Message
from importlib import import_module
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from g4f_magic.errors import InputError, UnreachableError
from g4f_magic.wire.request import Route

_OUTSIDE = "A kernel that runs outside of the browser can."
_NOT_A_PAGES = ("accept-encoding", "content-length", "host")
"""What the browser writes itself."""
_AS_SENT = ("content-encoding", "content-length", "transfer-encoding")
"""What is said of the bytes that came, and not of those that the page hands on."""

IS_HERE = sys.platform == "emscripten"
"""Whether this Python runs in a browser."""


def refuse(route: Route) -> None:
    """Do nothing, unless the request is to go by a way that a page does not have.

    Raises:
        InputError: it is.
    """
    if route.connector is not None or route.proxy not in (None, "", "none"):
        raise InputError("a page takes no proxy for itself", hint=_OUTSIDE)


class FetchClient:
    """Sends requests; each has a connection of the page's own."""

    async def request(
        self, method: str, url: str, *, data: bytes | BytesIO | None, headers: dict[str, str], **_: Any
    ) -> FetchReply:
        """Return the reply once its headers are there.

        Raises:
            UnreachableError: nothing answers, or not to pages: the browser does not tell which.
            InputError: cookies are to be sent.
        """
        host = urlsplit(url).netloc.rpartition("@")[2]
        if any(name.lower() == "cookie" for name in headers):
            raise InputError(f"{host}: a page sends no cookies of ours", hint=_OUTSIDE)
        js, ffi = import_module("js"), import_module("pyodide.ffi")
        aborting = js.AbortController.new()
        given = {
            "method": method,
            "headers": {name: it for name, it in headers.items() if name.lower() not in _NOT_A_PAGES},
            "redirect": "error",
            "credentials": "omit",
            "cache": "no-store",
            "referrerPolicy": "no-referrer",
            "signal": aborting.signal,
        }
        if data is not None:
            given["body"] = data if isinstance(data, bytes) else data.getvalue()
        try:
            reply = await js.fetch(url, ffi.to_js(given, dict_converter=js.Object.fromEntries))
        except ffi.JsException:
            reply = None
        except BaseException:  # it takes too long, or was stopped
            aborting.abort()
            raise
        if reply is None:
            raise UnreachableError(
                f"{host}: the page could not ask it",
                hint=f"Nothing answers there, or it takes no questions from pages (CORS). {_OUTSIDE}",
            )
        return FetchReply(reply, aborting, ffi.JsException)

    async def close(self) -> None:
        """Leave all to the page."""


class _Headers(Mapping[str, str]):
    """Headers by their names, in whatever letters; a page gives those of one name as one."""

    def __init__(self, held: Mapping[str, str]) -> None:
        self._held = held

    def __getitem__(self, name: str) -> str:
        return self._held[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def getall(self, name: str, default: Sequence[str] = ()) -> Sequence[str]:
        """Return all that stand under a name."""
        return [self[name]] if name in self else default


class FetchReply:
    """A reply whose headers are there; its body is read piece by piece."""

    def __init__(self, reply: Any, aborting: Any, js_error: type[Exception]) -> None:
        self.status = int(reply.status)
        self.reason = str(reply.statusText)
        pairs = [(str(name), str(value)) for name, value in reply.headers]
        self.headers = _Headers({name.lower(): it for name, it in pairs if name.lower() not in _AS_SENT})
        self.raw_headers = tuple((name.encode(), value.encode("utf-8", "replace")) for name, value in pairs)
        kind = Message()
        kind["Content-Type"] = self.headers.get("Content-Type", "")
        self.content_type = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        self.charset = kind.get_content_charset()
        self.content = self
        self._reader = reply.body.getReader() if reply.body else None
        self._aborting = aborting
        self._js_error = js_error

    async def readany(self) -> bytes:
        """Return the next bytes, none at the end.

        Raises:
            aiohttp.ClientPayloadError: the connection ended before the body did.
        """
        while self._reader is not None:
            try:
                read = await self._reader.read()
            except self._js_error as exc:
                raise aiohttp.ClientPayloadError(str(exc)) from None
            if read.done:
                break
            if piece := bytes(read.value.to_bytes()):
                return piece
        return b""

    def close(self) -> None:
        """End the connection."""
        self._aborting.abort()
