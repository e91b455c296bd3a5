"""Whether a request that failed is tried again, and after how long. No I/O."""

from __future__ import annotations

import random

from g4f_magic.errors import (
    BrokenOffError,
    ChatError,
    ChatTimeoutError,
    ResponseStatusError,
    ServiceError,
    UnreachableError,
)

MOST_WAIT_SECONDS = 60.0
"""A service that asks for more is not waited for: the person may have better things to do."""

_LASTING = (501, 505, 511)
"""What a server cannot do at all, and a network that wants a person to sign in first."""

_jitter = random.uniform


def is_reported(error: ChatError) -> bool:
    """Say whether the service itself said why there will be no reply, before a word of it."""
    return isinstance(error, ServiceError) and error.cause is not None


def broken_off(error: ServiceError) -> BrokenOffError:
    """Return the error for a reply that the service gave up: with its words, and what it had said is kept."""
    hint = f"What had arrived is kept. {error.hint}"
    return BrokenOffError(str(error), hint=hint, diagnosis=error.diagnosis)


def seconds_to_wait(left: list[float], error: ChatError) -> float | None:
    """Return how long to wait: a little more than the next wait that is left, or what the service asks for.

    None: no other try, as none is left, it would not help, or the service wants to be left alone for long.
    """
    if not left or not may_pass(error):
        return None
    asked = error.retry_after_seconds or 0.0
    # Never below the documented wait, and not all kernels of a class at the same moment.
    return max(left[0] * _jitter(1.0, 1.25), asked) if asked <= MOST_WAIT_SECONDS else None


def may_pass(error: ChatError) -> bool:
    """Say whether what failed may pass by itself: connections, silence, 408, 425, 429 and 5xx, but no wrong key."""
    if error.cause is not None:
        return error.cause.may_pass
    match error:
        case UnreachableError() | ChatTimeoutError() | BrokenOffError():
            return True
        case ResponseStatusError():
            return error.status in (408, 425, 429) or (error.status >= 500 and error.status not in _LASTING)
        case _:
            return False
