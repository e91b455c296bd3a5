"""What is sent, and by which way: values, without I/O."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from g4f_magic.errors import InputError
from g4f_magic.secret import Address, Secret

if TYPE_CHECKING:
    import aiohttp

HeaderValue = str | Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One POST of a JSON body. Headers and cookies may hold secrets and do not show in its repr."""

    url: str
    """Without user and password, which become `userinfo`."""
    body: Mapping[str, Any] = field(repr=False)
    headers: Mapping[str, HeaderValue] = field(default_factory=dict, repr=False)
    cookies: Mapping[str, HeaderValue] = field(default_factory=dict, repr=False)
    """Sent as they are, unquoted, in the order given."""
    userinfo: Secret | None = field(default=None, repr=False)
    """`user:password` as in a URL, quoted, for the authorization that HTTP calls basic."""

    def __post_init__(self) -> None:
        if "@" in self.url or "?" in self.url:  # else nothing in it is secret
            address = Address(self.url)
            object.__setattr__(self, "url", address.bare)
            if address.userinfo is not None:
                object.__setattr__(self, "userinfo", address.userinfo)
        sealed = {
            name: value if isinstance(value, Secret) else Secret(value)
            for name, value in self.cookies.items()
        }
        object.__setattr__(self, "cookies", sealed)

    @property
    def host(self) -> str:
        """Return host and port, the part of the URL that may be shown."""
        return _host(self.url)

    @property
    def secrets(self) -> list[Secret]:
        """Return what must not show if the service echoes it."""
        given = [*self.headers.values(), *self.cookies.values()]
        found = [value for value in given if isinstance(value, Secret)]
        if self.userinfo is not None:
            user, _, password = self.userinfo.reveal().partition(":")
            found.append(Secret(unquote(password or user), is_known=False))
        return [*found, *(Secret(value.reveal().removeprefix("Bearer ")) for value in found)]


@lru_cache(maxsize=64)  # thousands of rows go to one
def _host(bare: str) -> str:
    from yarl import URL

    url = URL(bare)
    return f"{url.host}" if url.is_default_port() else f"{url.host}:{url.port}"


def basic(userinfo: Secret) -> str:
    """Return the value of the header for a user and password as they stand in a URL."""
    user, _, password = userinfo.reveal().partition(":")
    return f"Basic {b64encode(f'{unquote(user)}:{unquote(password)}'.encode()).decode()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How to get there, and how long to wait. Times are in seconds."""

    proxy: str | None = field(default=None, repr=False)
    """The proxy for this request; `none`: no proxy at all; None: as the environment says."""
    connector: aiohttp.BaseConnector | None = None
    """The caller's; used and not closed."""
    idle_seconds: float = 120.0
    """The longest silence: from the first attempt to connect up to the last header, and then from one decoded piece
    of the body to the next. Headers that trickle in, and compressed bytes that hold nothing, are silence."""
    total_seconds: float | None = None
    ca_file: str | None = None
    """Certificates (PEM) to trust besides the system's own: a company's."""

    def __post_init__(self) -> None:
        if self.proxy:
            object.__setattr__(self, "proxy", Address(self.proxy))
        if self.proxy and self.connector is not None:
            raise InputError("both a connector and a proxy were given", hint="Give one of the two.")
