"""From a status that is no success to an error with the server's own words."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing, suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from g4f_magic.causes import Cause
from g4f_magic.errors import (
    ChatError,
    ChatTimeoutError,
    CloudflareError,
    MissingAuthError,
    RateLimitError,
    ResponseStatusError,
)
from g4f_magic.secret import Secret
from g4f_magic.wire import hints
from g4f_magic.wire.diagnosis import diagnose
from g4f_magic.wire.error_words import said_in, words_in
from g4f_magic.wire.json_values import value_of

if TYPE_CHECKING:
    import aiohttp

_BODY_BYTES = 64 * 1024
_BODY_SECONDS = 5.0
_HTML = re.compile(r"^\s*<(?:!doctype|html|head|body|\?xml)", re.IGNORECASE)
_CHARSET = re.compile(
    r"iso-8859-\d{1,2}|windows-\d{3,4}|latin-?1|utf-(?:16|32)(?:[bl]e)?|gb(?:k|2312|18030)|big5|shift[_-]jis|euc-(?:jp|kr)|koi8-[ru]",
    re.I,
)
"""Those that pages are written in; Python knows more, some of which take long."""
_ONE_WORD = re.compile(r"[!-~]*")
_SIGN_IN = re.compile(r"log-?in|sign-?in|oauth|authorize|/auth\b|\bsso\b|saml|cloudflareaccess", re.I)
_FIREWALL = re.compile(r"\s*error code: 10\d\d\s*$|\"cloudflare_error\":\s*true")
"""What Cloudflare says in plain words, and to programs in JSON."""
_CLOUDFLARE = re.compile(
    r"just a moment|cf-chl|cf_chl|attention required!.*cloudflare|challenge-platform", re.I
)


async def error_body(pieces: AsyncGenerator[bytes], charset: str | None = None) -> str:
    """Return the beginning of the body of a reply that is an error: 64 KiB, and what comes of it within 5 s.

    The status says more than that its body broke off. `charset` is what the headers say, for what is no UTF-8.
    """
    body = bytearray()
    with suppress(ChatError, TimeoutError):
        async with asyncio.timeout(_BODY_SECONDS), aclosing(pieces):
            async for piece in pieces:
                body += piece
                if len(body) >= _BODY_BYTES:
                    break
    with suppress(UnicodeDecodeError):
        return body[:_BODY_BYTES].decode()
    if charset and _CHARSET.fullmatch(charset):
        with suppress(UnicodeDecodeError, LookupError):
            return body[:_BODY_BYTES].decode(charset)
    return body[:_BODY_BYTES].decode(errors="replace")


def error_of(
    reply: aiohttp.ClientResponse, body: str, *, host: str, secrets: Iterable[Secret] = ()
) -> ChatError:
    """Return the error that a reply which is no success stands for, with the server's own words.

    What they say decides; the status only where they say nothing.
    """
    code = reply.status
    secrets = list(secrets)
    words = words_in(_value(body))
    reason = _own_reason(reply)
    if reason and (not words.text or _ONE_WORD.fullmatch(words.text) or _HTML.match(body)):
        said_there = words_in(reason)  # it says more than a single word, or the title of a page
        words = said_there if said_there.text else words
    headers = {name.lower(): value for name, value in reply.headers.items()}
    found = diagnose(words, status=code, headers=headers)
    said = words.shown(secrets)
    what = f"{host}: HTTP {code}" + (f": {said}" if said else "")
    hint = found.hint or _hint(reply)
    if code in (403, 429, 503) and _is_challenge(reply, body):
        return CloudflareError(
            f"{host}: a page that checks for a human stands before it",
            status=code,
            hint="Open the page in a browser yourself, or use another provider; this is not solved for you.",
        )
    if code == 511:
        return ResponseStatusError(what, status=code, hint=hints.PORTAL_HINT)
    if code == 403 and found.cause is Cause.PERMISSION and _HTML.match(body):
        hint = hints.PAGE_HINT
    elif code == 403 and found.cause is Cause.PERMISSION and _FIREWALL.search(body):
        hint = hints.FIREWALL_HINT
    if code == 401 or found.cause is Cause.WRONG_KEY:
        return MissingAuthError(what, hint=hint, diagnosis=found)
    if code in (402, 429) or found.cause in (Cause.NO_CREDIT, Cause.RATE_LIMITED):
        return RateLimitError(what, status=code, hint=hint, diagnosis=found)
    if code == 504:
        return ChatTimeoutError(what, hint=hint, diagnosis=found)
    return ResponseStatusError(what, status=code, hint=hint, diagnosis=found)


def _hint(reply: aiohttp.ClientResponse) -> str:
    """Return what to do where the words say nothing of a cause."""
    if 300 <= reply.status < 400:
        where = said_in(reply.headers.get("Location", "")) or "another place"
        if _SIGN_IN.search(where):
            return hints.SIGN_IN_HINT.format(urlsplit(where).netloc or where)
        return f"It points to {where}; if you trust that, give it with --base-url."
    if reply.status == 407:
        return hints.PROXY_HINT
    if reply.status == 404:
        return "Look at the base URL and the model: nothing is there under that name."
    if reply.status >= 500:
        return hints.FAILED_HINT
    return "The service did not accept the request; look at the model and the parameters."


def _value(body: str) -> Any:
    """Return the value of a body that is JSON, else its text."""
    try:
        return value_of(body)
    except ValueError:
        return body


def _own_reason(reply: aiohttp.ClientResponse) -> str:
    """Return the status line's reason where the server wrote its own: Aura puts its message there."""
    reason = (reply.reason or "").strip()
    standard = {status.value: status.phrase for status in HTTPStatus}.get(reply.status, "")
    return "" if reason.lower() == standard.lower() else reason


def _is_challenge(reply: aiohttp.ClientResponse, body: str) -> bool:
    headers = reply.headers
    if "cf-mitigated" in headers or headers.get("x-vercel-mitigated") == "challenge":
        return True
    return bool(_CLOUDFLARE.search(body)) and (
        "cloudflare" in headers.get("Server", "").lower() or bool(_HTML.match(body))
    )
