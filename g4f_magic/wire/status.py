"""From a status that is no success to an error with the server's own words."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from g4f_magic.errors import (
    ChatError,
    ChatTimeoutError,
    CloudflareError,
    MissingAuthError,
    RateLimitError,
    ResponseStatusError,
)
from g4f_magic.secret import Secret
from g4f_magic.wire.values import said_in, value_of

if TYPE_CHECKING:
    import aiohttp

_BODY_BYTES = 64 * 1024
_BODY_SECONDS = 5.0
_HTML = re.compile(r"^\s*<(?:!doctype|html|head|body|\?xml)", re.IGNORECASE)
_CLOUDFLARE = re.compile(
    r"just a moment|cf-chl|cf_chl|attention required!.*cloudflare|challenge-platform", re.I
)


_CAUSES = (
    (
        re.compile(
            r"context.?(?:length|window|size)|prompt is too long|too (?:large|many tokens)|reduce the length",
            re.I,
        ),
        (
            "The conversation is too long for this model: send less of it (--context 4, or --once), or name "
            "one with a longer context."
        ),
    ),
    (
        re.compile(
            r"\b(?:system|developer)\W+(?:role|message|instruction|prompt)s?\b.*\bnot\b"
            r"|only user and assistant",
            re.I,
        ),
        'This model takes no system message: leave it out with --system "", or name another model.',
    ),
    (
        re.compile(
            r"\bmodel\b.*(?:not found|not exist|not a valid|no such|unknown|invalid)"
            r"|(?:no such|unknown|invalid|not a valid) model",
            re.I,
        ),
        "Is the model's name right? %chat models PROVIDER lists those that the service offers.",
    ),
)
"""What the words of a refusal say about its cause, whatever its status: servers do not agree on that."""


async def error_body(pieces: AsyncGenerator[bytes]) -> str:
    """Return the beginning of the body of a reply that is an error: 64 KiB, and what comes of it within 5 s.

    The status says more than that its body broke off.
    """
    body = bytearray()
    with suppress(ChatError, TimeoutError):
        async with asyncio.timeout(_BODY_SECONDS), aclosing(pieces):
            async for piece in pieces:
                body += piece
                if len(body) >= _BODY_BYTES:
                    break
    return body[:_BODY_BYTES].decode(errors="replace")


def error_of(
    reply: aiohttp.ClientResponse, body: str, *, host: str, secrets: Iterable[Secret] = ()
) -> ChatError:
    """Return the error that a reply's status stands for, with the server's own message."""
    code = reply.status
    said = said_in(_words(body), secrets) or said_in(_own_reason(reply), secrets)
    what = f"{host}: HTTP {code}" + (f": {said}" if said else "")
    if code == 401:
        return MissingAuthError(
            what, hint="The service wants a key, an access code or a signed-in person's cookies."
        )
    if code in (403, 503) and _is_challenge(reply, body):
        return CloudflareError(
            f"{host}: a page that checks for a human stands before it",
            status=code,
            hint="Open the page in a browser yourself, or use another provider; this is not solved for you.",
        )
    if code in (402, 429):
        seconds = _retry_after(reply.headers.get("Retry-After", ""))
        wait = f"Try again in {seconds:.0f} s" if seconds is not None else "Wait a little"
        hint = (
            f"{wait}, or use another provider."
            if code == 429
            else "No credit is left there; use another provider."
        )
        return RateLimitError(what, status=code, retry_after_seconds=seconds, hint=hint)
    if code == 504:
        return ChatTimeoutError(what, hint="The service itself waited too long. Try again.")
    return ResponseStatusError(what, status=code, hint=_hint(reply, said))


def _hint(reply: aiohttp.ClientResponse, said: str) -> str:
    if 300 <= reply.status < 400:
        where = said_in(reply.headers.get("Location", "")) or "another place"
        return f"It points to {where}; if you trust that, give it with --base-url."
    for sign, hint in _CAUSES:
        if sign.search(said):
            return hint
    if reply.status == 413:
        return _CAUSES[0][1]
    if reply.status == 404:
        return "Look at the base URL and the model: nothing is there under that name."
    if reply.status >= 500:
        return "The service failed. Try again, or use another provider."
    return "The service did not accept the request; look at the model and the parameters."


def _words(body: str) -> Any:
    """Return the value of a body that is JSON, or the text of one that is no web page."""
    try:
        return value_of(body)
    except ValueError:
        return (
            "" if _HTML.match(body) or body.lstrip()[:1] in ("{", "[") else body
        )  # half of a JSON says nothing


def _own_reason(reply: aiohttp.ClientResponse) -> str:
    """Return the status line's reason where the server wrote its own: Aura puts its message there."""
    reason = (reply.reason or "").strip()
    standard = {status.value: status.phrase for status in HTTPStatus}.get(reply.status, "")
    return "" if reason.lower() == standard.lower() else reason


def _is_challenge(reply: aiohttp.ClientResponse, body: str) -> bool:
    headers = reply.headers
    return "cf-mitigated" in headers or (
        bool(_CLOUDFLARE.search(body))
        and ("cloudflare" in headers.get("Server", "").lower() or bool(_HTML.match(body)))
    )


def _retry_after(value: str) -> float | None:
    """Return seconds from now, of a number of seconds or an HTTP date."""
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
