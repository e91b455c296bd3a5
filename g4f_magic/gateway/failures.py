"""The HTTP status and headers that tell of an engine's error. No I/O."""

from __future__ import annotations

from g4f_magic.errors import (
    ChatError,
    ChatTimeoutError,
    InputError,
    MissingAuthError,
    RateLimitError,
    ResponseStatusError,
)


def status_of(error: ChatError) -> int:
    """Return the HTTP status that tells of `error`."""
    match error:
        case ResponseStatusError():
            return error.status if 400 <= error.status < 600 else 502
        case MissingAuthError():
            return 401
        case ChatTimeoutError():
            return 504
        case InputError():
            return 400
        case _:
            return 502


def headers_of(error: ChatError) -> dict[str, str]:
    """Return the headers that go with that status."""
    if isinstance(error, RateLimitError) and error.retry_after_seconds is not None:
        return {"Retry-After": str(round(error.retry_after_seconds))}
    return {}
