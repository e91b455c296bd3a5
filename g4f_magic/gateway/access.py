"""The access guard: those may come in who know the token and call the server by its own loopback name."""

from __future__ import annotations

import hmac
import re
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlsplit

from aiohttp import web

from g4f_magic.errors import InputError
from g4f_magic.gateway.actions import Refuse
from g4f_magic.gateway.dialects import public_dialects
from g4f_magic.gateway.dialects.refusals import error_answer
from g4f_magic.gateway.whole import whole_response

_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
_PUBLIC_ORIGINS = frozenset(one.origin for one in public_dialects() if one.origin)
_KEY_HEADERS = ("api-key", "x-api-key")
"""Where clients made for Azure's and Anthropic's services put a key."""


class AccessGuard:
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
    async def middleware(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Let a request pass, or refuse it without saying more than needed."""
        refuse = self._refuse(request)
        return await handler(request) if refuse is None else whole_response(error_answer(refuse))

    def _refuse(self, request: web.Request) -> Refuse | None:
        if self.is_loopback and not self._is_own_name(request.headers.get("Host", "")):
            return Refuse(421, "Misdirected Request")
        if not self._is_of_no_other_page(request):
            return Refuse(403, "Forbidden")
        if self._has_token_in_path(request) or is_public(request):
            return None
        if not request.path.startswith("/v1/"):
            return Refuse(404, "Not Found")
        keys = keys_in(request.headers)
        if any(hmac.compare_digest(key.encode(), self.token.encode()) for key in keys):
            return None
        what = "Incorrect API key provided" if keys else "You didn't provide an API key"
        how = "It is the gateway's token, in a header 'Authorization: Bearer TOKEN'."
        return Refuse(401, f"{what}. {how}", {"WWW-Authenticate": "Bearer"})

    def _is_own_name(self, host: str) -> bool:
        names = {f"{name}:{self.port}" for name in _LOOPBACK_NAMES}
        return host.lower() in names or (self.port == 80 and host.lower() in _LOOPBACK_NAMES)

    def _is_of_no_other_page(self, request: web.Request) -> bool:
        """Say whether no page of another origin sent it: programs send none of these headers, or their service's own."""
        sites = request.headers.getall("Sec-Fetch-Site", ())
        origins = request.headers.getall("Origin", ())
        if any(site.lower() not in ("none", "same-origin") for site in sites):
            return False
        return all(self._is_own_page(origin, request) for origin in origins)

    def _is_own_page(self, origin: str, request: web.Request) -> bool:
        if not origin or origin in _PUBLIC_ORIGINS:
            return True
        parts = urlsplit(origin)
        if not self.is_loopback:
            return parts.netloc == request.headers.get("Host", "")
        return parts.scheme == "http" and self._is_own_name(parts.netloc)

    def _has_token_in_path(self, request: web.Request) -> bool:
        given = request.path.removeprefix("/").partition("/")[0]
        return hmac.compare_digest(given.encode("utf-8", "replace"), self.token.encode())


def is_public(request: web.Request) -> bool:
    """Say whether it asks for nothing but a sign of life."""
    return request.path == "/health" and request.method in ("GET", "HEAD")


def keys_in(headers: Mapping[str, str]) -> list[str]:
    """Return the keys that a request gives, in the headers in which clients of the protocol send them."""
    scheme, _, credential = headers.get("Authorization", "").strip().partition(" ")
    bearer = credential.strip() if scheme.lower() == "bearer" else ""
    return [key for key in (bearer, *(headers.get(name, "").strip() for name in _KEY_HEADERS)) if key]
