"""The URLs of services: their base and what stands below it, which hosts are this machine, which a list of exceptions means. No I/O."""

from __future__ import annotations

import re
import socket
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from g4f_magic.errors import InputError
from g4f_magic.secret import Address

CHAT = "/chat/completions"
EMBEDDINGS = "/embeddings"
RESPONSES = "/responses"
_COPIED = re.compile(r"(?<=/v1)/(?:chat|completions|embeddings|messages|models|responses)/?$")
_HINT = "Write it as http://host:port or https://host/prefix."
_OWN_NAMES = frozenset({"localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"})
_OLD_ADDRESS = re.compile(r"(?:0x[0-9a-f]+|\d+)(?:\.(?:0x[0-9a-f]+|\d+)){0,3}")


def base_of(text: str) -> Address:
    """Return a base URL without the slashes at the end of its path; a query stays.

    Raises:
        InputError: it is no HTTP URL, or has a fragment, which no server would see.
    """
    address = Address(text)
    if not _is_http(address.bare.strip()):
        raise InputError("the base URL must begin with http:// or https:// and name a host", hint=_HINT)
    if "#" in address.bare:
        raise InputError(
            "the base URL has a part behind #, which is never sent", hint="Leave # and what follows it out."
        )
    parts = urlsplit(address.reveal().strip())
    return Address(parts._replace(path=parts.path.rstrip("/")).geturl())


def below(base: str, path: str) -> str:
    """Return the URL of a path below a base URL; the base's query stays behind it."""
    if "?" not in base and "#" not in base:
        return base.rstrip("/") + path
    parts = urlsplit(base)
    return parts._replace(path=parts.path.rstrip("/") + path).geturl()


def without_chat(base: str) -> str:
    """Return a base URL without the path of the chat itself, or of another interface below `/v1`, where that was copied along."""
    parts = urlsplit(base)
    path = _COPIED.sub("", parts.path.rstrip("/").removesuffix(CHAT))
    return parts._replace(path=path.rstrip("/")).geturl()


def without_query(url: str) -> str:
    """Return a URL without its query and fragment."""
    return urlsplit(url)._replace(query="", fragment="").geturl()


def _is_http(text: str) -> bool:
    try:
        parts = urlsplit(text)
        is_plain = parts.netloc.isprintable() and " " not in parts.netloc
        return parts.scheme in ("http", "https") and bool(parts.hostname) and is_plain and parts.port != 0
    except ValueError:  # a port that is none, a bracket that is not closed
        return False


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine itself: 127.0.0.0/8, ::1, localhost and what ends with it, 0.0.0.0.

    It is told from the name alone; nothing is looked up.
    """
    name = _bare(host)
    if name in _OWN_NAMES or name.endswith(".localhost"):
        return True
    address = _address(name)
    return address is not None and (address.is_loopback or address.is_unspecified)


@lru_cache(256)
def is_on_loopback(url: str) -> bool:
    """Say whether a URL leads to this machine itself."""
    return is_loopback(_parts(url)[0])


def is_excepted(url: str, exceptions: str) -> bool:
    """Say whether a list as in `NO_PROXY` means that URL's host.

    Its words are parted by commas or blanks: `*`, a host's name (which stands for the hosts below it too, with a
    dot or `*.` before it or without), an address, a network (`10.0.0.0/8`), each with a port or without.
    """
    host, port = _parts(url)
    return any(_means(word, host, port) for word in re.split(r"[,\s]+", exceptions) if word)


def _means(word: str, host: str, port: int | None) -> bool:
    if word == "*":
        return True
    if "/" in word.rpartition("://")[2].rstrip("/"):
        return _is_inside(host, word)
    place, its_port = _parts(word if "://" in word else f"//{word}")
    if its_port is not None and its_port != port:
        return False
    name = place.removeprefix("*").lstrip(".")
    if (address := _address(name)) is not None:
        return address == _address(host)
    return bool(name) and (host == name or host.endswith(f".{name}"))


def _is_inside(host: str, network: str) -> bool:
    address = _address(host)
    try:
        return address is not None and address in ip_network(network.replace("[", "").replace("]", ""), False)
    except ValueError:
        return False


def _parts(url: str) -> tuple[str, int | None]:
    """Return a URL's host as it is compared, and its port; both of nothing where it is no URL."""
    if url.startswith("//") and url.count(":") > 1 and "[" not in url:  # a bare IPv6 address
        return _bare(url[2:]), None
    try:
        parts = urlsplit(url)
        return _bare(parts.hostname or ""), parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return "", None


def _bare(host: str) -> str:
    return host.strip("[]").partition("%")[0].rstrip(".").lower()


def _address(name: str) -> IPv4Address | IPv6Address | None:
    """Return the address that a name is, in the older forms too (`127.1`): the system's resolver reads them."""
    try:
        address = ip_address(name)
    except ValueError:
        if not _OLD_ADDRESS.fullmatch(name):
            return None
        try:
            return IPv4Address(socket.inet_aton(name))
        except OSError:
            return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
