"""What can go wrong on the wire, translated once into errors that a person can read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
from aiohttp.http_exceptions import ContentEncodingError

from g4f_magic.errors import BrokenOffError, ChatTimeoutError, InputError, UnreachableError, WireError

_NO_SUCH_NAME = (
    "Name or service not known",
    "nodename nor servname",
    "No address",
    "getaddrinfo",
    "Temporary failure",
)


@contextmanager
def while_connecting(host: str) -> Iterator[None]:
    """Translate what the client raises until the headers of the reply are there.

    Raises:
        UnreachableError: refused, no such name, TLS, a proxy that fails, a connection closed too early.
        ChatTimeoutError: silence.
        WireError: what came is no HTTP.
        InputError: the URL is none.
    """
    try:
        yield
    except aiohttp.InvalidURL:
        raise InputError(
            f"not a URL: {host}", hint="Write it as http://host:port or https://host/prefix."
        ) from None
    except (aiohttp.ClientProxyConnectionError, aiohttp.ClientHttpProxyError) as exc:
        raise _proxy_failed(exc) from None
    except aiohttp.ClientConnectorCertificateError as exc:
        reason = getattr(exc.certificate_error, "verify_message", "") or "it does not hold"
        raise UnreachableError(
            f"{host}: its certificate was not accepted ({reason})",
            hint=(
                "Nothing was sent. Is this the right host? If the certificate is your company's own, set "
                "ChatMagics.ca_file (or G4F_MAGIC_CA_FILE) to its file."
            ),
        ) from None
    except aiohttp.ClientSSLError:
        raise UnreachableError(
            f"{host}: no secure connection",
            hint="Perhaps the host speaks http:// there and not https://, or the port is another's.",
        ) from None
    except aiohttp.ClientConnectorError as exc:
        raise _no_connection(host, exc) from None
    except TimeoutError:
        raise _silence(host) from None
    except aiohttp.ClientResponseError:  # its parser's: a status line that is none, more than was announced
        raise WireError(
            f"{host}: what came is no HTTP, or goes on after its end",
            hint="Does the address begin with https:// rather than http://? Is it the right port?",
        ) from None
    except (aiohttp.ClientError, ConnectionError):
        raise UnreachableError(
            f"{host}: the connection was closed before a reply came",
            hint=(
                "Try again; if it stays so, look whether the service runs, and whether its address "
                "begins with https:// rather than http://."
            ),
        ) from None
    except OSError as exc:
        raise UnreachableError(f"{host}: {exc.strerror or exc}", hint="Is the network there?") from None
    except Exception as exc:
        # The SOCKS package's errors share no base with the client's, and the package is optional.
        if type(exc).__module__.partition(".")[0] not in ("python_socks", "aiohttp_socks"):
            raise
        raise _proxy_failed(exc) from None


@contextmanager
def while_reading(host: str) -> Iterator[None]:
    """Translate what the client raises while the body is read.

    Raises:
        BrokenOffError: the connection ended before the body did.
        ChatTimeoutError: silence.
        WireError: the body is not as its headers say.
    """
    try:
        yield
    except TimeoutError:
        raise _silence(host) from None
    except aiohttp.ClientPayloadError as exc:
        if "ContentEncodingError" in repr(exc) or isinstance(exc.__cause__, ContentEncodingError):
            raise WireError(f"{host}: the reply's compression is broken", hint="Try again.") from None
        raise _broken_off(host) from None
    except (aiohttp.ClientError, ConnectionError, OSError):
        raise _broken_off(host) from None


def _broken_off(host: str) -> BrokenOffError:
    return BrokenOffError(
        f"{host}: the reply broke off", hint="What had arrived is kept. Ask again for a new reply."
    )


def _silence(host: str) -> ChatTimeoutError:
    return ChatTimeoutError(
        f"{host}: silent for too long", hint="Try again, or allow more with --timeout SECONDS."
    )


def _no_connection(host: str, exc: aiohttp.ClientConnectorError) -> UnreachableError:
    reason = str(exc.os_error)
    if isinstance(exc, getattr(aiohttp, "ClientConnectorDNSError", ())) or any(
        sign in reason for sign in _NO_SUCH_NAME
    ):
        return UnreachableError(
            f"{host}: no such host", hint="Look at the name's spelling, and whether this machine is online."
        )
    if isinstance(exc.os_error, ConnectionRefusedError) or "refused" in reason.lower():
        return UnreachableError(
            f"{host}: refused the connection", hint="Nothing listens there: is the service running?"
        )
    return UnreachableError(
        f"{host}: no connection ({exc.os_error.strerror or type(exc.os_error).__name__})",
        hint="Is the network there, and the host right?",
    )


def _proxy_failed(exc: BaseException) -> UnreachableError:
    code = getattr(exc, "status", None)
    why = f" (HTTP {code})" if code else ""
    hint = (
        "Look at its user name and password." if code == 407 else "Look at its address, and whether it runs."
    )
    return UnreachableError(f"the proxy did not let the request through{why}", hint=hint)
