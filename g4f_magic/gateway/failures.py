"""The refusal that tells of an engine's error. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from math import ceil
from typing import Any

from g4f_magic.causes import Cause
from g4f_magic.errors import (
    ChatError,
    ChatTimeoutError,
    InputError,
    MissingAuthError,
    ModelNotSupportedError,
    ResponseStatusError,
)
from g4f_magic.gateway.actions import Refuse
from g4f_magic.secret import redact
from g4f_magic.visible import make_visible
from g4f_magic.wire.json_values import value_of

_MOST_WORDS = 4_000
_FRAME = re.compile(
    r"(?:127\.0\.0\.1:\d{1,5}: HTTP \d{3}|the service reported an error): (?=[\w.:\[\]-]{1,300}: )"
)
"""Where a failure of another server was told here, and by whom."""
_HINT = re.compile(r" \(([A-Z][^()]{1,300}(?:\([^()]{1,200}\)[^()]{0,200}){0,3})\)$")
"""What to do, as it ends a refusal: a sentence in brackets."""
_MOST_NAME = 200
_BY_CAUSE = {
    Cause.WRONG_KEY: 401,
    Cause.NO_CREDIT: 402,
    Cause.PERMISSION: 403,
    Cause.UNKNOWN_MODEL: 404,
    Cause.RATE_LIMITED: 429,
    Cause.OVERLOADED: 503,
    Cause.TIMED_OUT: 504,
}
"""The status of an error that a service reported with a success' status."""


def refusal_of(error: ChatError) -> Refuse:
    """Return the refusal that tells of `error`, with what to do."""
    message = f"{error} ({error.hint})" if error.hint else str(error)
    if isinstance(error, ModelNotSupportedError):
        return Refuse(404, message, param="model", code="model_not_found")
    return Refuse(status_of(error), message, headers_of(error))


def untold(error: ChatError) -> None:
    """Take apart what `refusal_of` put together: an error that our own gateway told is that of the server behind it.

    The gateway's address goes where another server is named, and what to do stands once.
    """
    what, hint = str(error), error.hint
    if found := _FRAME.match(what):
        what = what[found.end() :]
    if found := _HINT.search(what):
        what, hint = what[: found.start()], found[1]
    error.args = (what,)
    error.hint = hint


def status_of(error: ChatError) -> int:
    """Return the HTTP status that tells of `error`."""
    match error:
        case ResponseStatusError():
            return error.status if 400 <= error.status < 600 else 502
        case MissingAuthError():
            return 401
        case ChatTimeoutError():
            return 504
        case ModelNotSupportedError():
            return 404
        case InputError():
            return 400
        case _:
            return _BY_CAUSE.get(error.cause, 502) if error.cause else 502


def headers_of(error: ChatError) -> dict[str, str]:
    """Return the headers that go with that status."""
    if error.retry_after_seconds is None:
        return {}
    return {"Retry-After": str(ceil(error.retry_after_seconds))}


def passed_on(error: ChatError) -> Refuse:
    """Return the refusal of a server that was asked, in its own words where it gave some in OpenAI's form."""
    refuse = refusal_of(error)
    try:
        said = value_of(error.answer)
    except ValueError:
        return refuse
    said = said.get("error") if isinstance(said, Mapping) else None
    if not isinstance(said, Mapping) or not isinstance(said.get("message"), str):
        return refuse
    return replace(
        refuse,
        message=_shown(said["message"], _MOST_WORDS) or refuse.message,
        kind=_shown(said.get("type"), _MOST_NAME),
        param=_shown(said.get("param"), _MOST_NAME) or None,
        code=_shown(said.get("code"), _MOST_NAME),
    )


def _shown(value: Any, most: int) -> str:
    """Return a text of the server's as it may be shown, in at most so many characters; empty if it is none."""
    return make_visible(redact(value)[:most]) if isinstance(value, str) else ""
