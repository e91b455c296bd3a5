"""Where a provider is asked: at the hosts that it was published with or at another one, and what may go there."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from g4f_magic.credentials import is_unseen, origins_of
from g4f_magic.errors import InputError
from g4f_magic.secret import Address, Secret
from g4f_magic.wire.cookies import cookies_of_host, get_cookies
from g4f_magic.wire.urls import base_of, below


class Hosted:
    """A service at its hosts. A key or a cookie belongs to those that it was published with, and goes nowhere else."""

    url: ClassVar[str] = ""
    """The service's page. Set it, or use `at`, to speak to another host."""
    key_variables: ClassVar[tuple[str, ...]] = ()
    """Environment variables that may hold its key, passed as `api_key`; empty: it takes none."""
    cookie_domain: ClassVar[str] = ""
    """The domain whose cookies a signed-in person has to give as `cookies`; empty: none."""
    takes_query: ClassVar[bool] = False
    """Whether a base URL may have a query (`?api-version=...`), which stays behind the service's paths."""

    _is_elsewhere: ClassVar[bool] = False
    _public_hosts: ClassVar[tuple[str, str]] = ("", "")

    _userinfo: ClassVar[Secret | None] = None
    """User and password of the host that it was moved to."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own = vars(cls)
        is_owner = "key_variables" in own or "cookie_domain" in own
        has_none = not (cls.key_variables or cls.cookie_domain) and ("url" in own or "api_endpoint" in own)
        # A class that only takes over the key of another one does not take over its home with it.
        if is_owner or (has_none and "_is_elsewhere" not in own):
            cls._public_hosts = cls._hosts()

    @classmethod
    def _hosts(cls) -> tuple[str, str]:
        return cls.url, getattr(cls, "api_endpoint", "")

    @classmethod
    def is_moved(cls) -> bool:
        """Say whether the class was pointed at another host than the public one."""
        return cls._hosts() != cls._public_hosts

    @classmethod
    def homes(cls) -> frozenset[str]:
        """Return the origins that its key or its cookies belong to: those that it was published with."""
        return origins_of(cls._public_hosts) - {""}

    @classmethod
    def origins(cls) -> frozenset[str]:
        """Return the origins that it speaks to now; an empty one among them where one is in doubt."""
        return (
            frozenset({""}) if cls._userinfo else origins_of(cls._hosts())
        )  # a user there is its credential

    @classmethod
    def is_at_home(cls) -> bool:
        """Say whether it speaks to the host that its key belongs to."""
        return cls.is_where_published()

    @classmethod
    def is_where_published(cls) -> bool:
        """Say whether it speaks to the host that it was published with, or is code that speaks to none."""
        origins, homes = cls.origins(), cls.homes()
        return origins <= homes and bool(origins) == bool(homes)

    @classmethod
    def own_cookies(cls, source: Path | None = None) -> dict[str, Secret]:
        """Return the cookies that the person exported for the host that is asked, each for that host alone.

        At another host than the service's own that is what a file holds for just that host, and mostly nothing.
        Over a connection that others can read there are none.

        Raises:
            MissingAuthError: it is the service's own host, and there are none for it.
        """
        origins = cls.origins()
        if cls.is_at_home() and cls.cookie_domain and all(map(is_unseen, origins)):
            found = get_cookies(cls.cookie_domain, source=source)
        else:
            found = cookies_of_host(origins, source=source)
        return {name: Secret(value, homes=origins) for name, value in found.items()}

    @classmethod
    def at(cls, base_url: str) -> type[Self]:
        """Return this provider at another scheme, host and path prefix; its own paths stay.

        Raises:
            InputError: `base_url` is no HTTP URL, or has a query that the service does not take.
        """
        base_url = Address(base_url)
        base, userinfo = base_of(base_url).bare, base_url.userinfo
        if "?" in base and not cls.takes_query:
            raise InputError(
                f"{cls.__name__} takes no query in its base URL", hint="Leave ? and what follows it out."
            )
        moved: dict[str, Any] = {
            name: below(base, urlsplit(address).path)
            for name in ("url", "api_endpoint")
            if "://" in (address := getattr(cls, name, ""))
        }
        moved |= {"url": moved.get("url", base), "_is_elsewhere": True}
        moved["_userinfo"] = userinfo.bound(origins_of([base]) - {""}) if userinfo else None
        return type(cls.__name__, (cls,), {**moved, "__module__": cls.__module__, "__doc__": cls.__doc__})

    @classmethod
    def whole_url(cls) -> str:
        """Return the URL with the user and password that the base URL has, for the wire alone."""
        scheme, mark, rest = cls.url.partition("://")
        return f"{scheme}{mark}{cls._userinfo.reveal()}@{rest}" if cls._userinfo else cls.url
