"""Who may come in: those who know the token and call the server by its own loopback name."""

from __future__ import annotations

import hmac
import re
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

from g4f_magic.errors import InputError

_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
_PUBLIC_ORIGINS = ("https://koala.sh", "https://free.netfly.top", "https://www.whiterabbitneo.com")
"""What clients of the public services send as they were made to, whatever host they are pointed at."""


class Door:
    """The address of a gateway and the check that every request passes.

    A web page in the person's browser can reach loopback, but cannot know the token; and should it ever know
    it, the browser says in headers that no page can set from where a request comes: another page's is refused
    before anything is asked. A name that was made to point at loopback (DNS rebinding) is not one of ours, and
    no CORS header lets a page read an answer.
    """

    def __init__(self, host: str, port: int, token: str) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_-]+", token):
            raise InputError(
                "gateway: the token has signs that do not stand in a path",
                hint="Use letters, digits, - and _, at least one.",
            )
        self.host = host
        self.port = port
        self.token = token

    @property
    def is_loopback(self) -> bool:
        """Say whether only this machine can reach it."""
        return self.host in ("127.0.0.1", "localhost", "::1")

    @property
    def origin(self) -> str:
        """Return scheme, host and port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @web.middleware
    async def guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Let a request pass, or refuse it without saying more than needed."""
        if self.is_loopback and not self._is_own_name(request.headers.get("Host", "")):
            return web.Response(status=421, text="Misdirected Request")
        if not self._is_of_no_other_page(request):
            return web.Response(status=403, text="Forbidden")
        if not self._knows_token(request):
            return web.Response(status=404, text="Not Found")
        return await handler(request)

    def _is_own_name(self, host: str) -> bool:
        names = {f"{name}:{self.port}" for name in _LOOPBACK_NAMES}
        return host.lower() in names or (self.port == 80 and host.lower() in _LOOPBACK_NAMES)

    def _is_of_no_other_page(self, request: web.Request) -> bool:
        """Say whether no page of another origin sent it: programs send none of these headers, or their service's own."""
        if request.headers.get("Sec-Fetch-Site", "none").lower() not in ("none", "same-origin"):
            return False
        origin = request.headers.get("Origin", "")
        if not origin or origin in _PUBLIC_ORIGINS:
            return True
        parts = urlsplit(origin)
        if not self.is_loopback:
            return parts.netloc == request.headers.get("Host", "")
        return parts.scheme == "http" and self._is_own_name(parts.netloc)

    def _knows_token(self, request: web.Request) -> bool:
        given = request.match_info.get("token")
        if given is None:
            given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), self.token.encode())
