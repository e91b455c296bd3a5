"""What can go wrong on the wire, translated once into errors that a person can read."""

from __future__ import annotations

import aiohttp
from aiohttp.http_exceptions import ContentEncodingError

from g4f_magic.errors import (
    BrokenOffError,
    ChatError,
    ChatTimeoutError,
    InputError,
    UnreachableError,
    WireError,
)
from g4f_magic.wire import trust
from g4f_magic.wire.connection import MOST_HEADER_BYTES

_NO_SUCH_NAME = (
    "Name or service not known",
    "nodename nor servname",
    "No address",
    "getaddrinfo",
    "Temporary failure",
)


def of_connecting(exc: Exception, host: str) -> ChatError | None:
    """Return the error for what the client raised before the headers of the reply were there; None for what is not the wire's.

    UnreachableError: refused, no such name, TLS, a connection closed too early. ChatTimeoutError: silence. WireError: what
    came is no HTTP. InputError: the URL is none.
    """
    match exc:
        case ChatError():
            return None
        case aiohttp.InvalidURL():
            return InputError(
                f"not a URL: {host}", hint="Write it as http://host:port or https://host/prefix."
            )
        case aiohttp.ClientConnectorCertificateError():
            reason = getattr(exc.certificate_error, "verify_message", "") or "it does not hold"
            return UnreachableError(f"{host}: its certificate was not accepted ({reason})", hint=_untrusted())
        case aiohttp.ClientSSLError():
            return UnreachableError(
                f"{host}: no secure connection",
                hint="Perhaps the host speaks http:// there and not https://, or the port is another's.",
            )
        case aiohttp.ClientConnectorError():
            return _no_connection(host, exc)
        case TimeoutError():
            return _silence(host)
        case aiohttp.ClientResponseError():  # its parser's
            return _long_headers(host) if is_too_long(exc) else _no_http(host)
        case aiohttp.ClientError() | ConnectionError():
            return _closed(host)
        case OSError():
            return UnreachableError(f"{host}: {exc.strerror or exc}", hint="Is the network there?")
        case NotImplementedError():  # a loop without sockets: Pyodide's
            return UnreachableError(
                f"{host}: this Python opens no connections (it runs in a browser)",
                hint="What was recorded replays here: %chat mode replay. Ask live in a kernel outside of the browser.",
            )
        case _:
            return None


def of_reading(exc: Exception, host: str) -> ChatError | None:
    """Return the error for what the client raised while the body was read; None for what is not the wire's.

    BrokenOffError: the connection ended before the body did. ChatTimeoutError: silence. WireError: the body is not as its
    headers say.
    """
    match exc:
        case ChatError():
            return None
        case TimeoutError():
            return _silence(host)
        case aiohttp.ClientPayloadError() if "ContentEncodingError" in repr(exc) or isinstance(
            exc.__cause__, ContentEncodingError
        ):
            return WireError(f"{host}: the reply's compression is broken", hint="Try again.")
        case aiohttp.ClientError() | OSError():
            return BrokenOffError(
                f"{host}: the reply broke off", hint="What had arrived is kept. Ask again for a new reply."
            )
        case _:
            return None


def _no_http(host: str) -> WireError:
    """Return the error for a status line that is none, or more than was announced."""
    return WireError(
        f"{host}: what came is not HTTP, or goes on after its end",
        hint="Does the address begin with https:// rather than http://? Is it the right port?",
    )


def _closed(host: str) -> UnreachableError:
    return UnreachableError(
        f"{host}: the connection was closed before a reply came",
        hint=(
            "Try again; if it stays so, look whether the service runs, and whether its address "
            "begins with https:// rather than http://."
        ),
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


def refuse_long_headers(reply: aiohttp.ClientResponse, host: str) -> None:
    """Raise WireError where a reply's headers are longer, all together, than is read."""
    if sum(len(name) + len(value) for name, value in reply.raw_headers) > MOST_HEADER_BYTES:
        raise _long_headers(host)


def _long_headers(host: str) -> WireError:
    return WireError(
        f"{host}: the headers of its reply are longer than {MOST_HEADER_BYTES // 1024} KB",
        hint="Services send a few hundred bytes of them; look at the address, and at a proxy before it.",
    )


def is_too_long(exc: BaseException | None) -> bool:
    """Say whether the parser gave up on too much; older clients say it in a cause of the cause."""
    while exc is not None:
        if "Got more than" in str(exc) or "Too many headers" in str(exc):
            return True
        exc = exc.__cause__
    return False


def _untrusted() -> str:
    variables = list(dict.fromkeys(variable for variable, _ in trust.in_environment()))
    *others, last = variables or [""]
    named = f"{', '.join(others)} and {last} name" if others else f"{last} names"
    checked = f"It was checked against what {named}. " if variables else ""
    return (
        f"Nothing was sent. Is this the right host? {checked}If the certificate is your company's own, set "
        "ChatMagics.ca_file (or G4F_MAGIC_CA_FILE) to its file."
    )
