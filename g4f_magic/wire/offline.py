"""The guard of the mode replay: where it holds, no request leaves. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from g4f_magic.errors import InputError

IS_OFFLINE: ContextVar[bool] = ContextVar("g4f_magic_offline", default=False)
"""Whether nothing may be sent here: who sends looks at it, and raises `refusal()`."""


@contextmanager
def offline() -> Iterator[None]:
    """Refuse every request that is sent inside this context, and in tasks that begin in it."""
    before = IS_OFFLINE.set(True)
    try:
        yield
    finally:
        IS_OFFLINE.reset(before)


def refusal() -> InputError:
    """Return the error of what would be sent where nothing may be."""
    return InputError("the mode is replay: nothing is sent", hint="%chat mode live comes first.")
