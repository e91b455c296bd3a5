"""The guard of the mode replay: where it holds, no request leaves. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from g4f_magic.errors import InputError

_IS_OFFLINE: ContextVar[bool] = ContextVar("g4f_magic_offline", default=False)


@contextmanager
def offline() -> Iterator[None]:
    """Refuse every request that is sent inside this context, and in tasks that begin in it."""
    before = _IS_OFFLINE.set(True)
    try:
        yield
    finally:
        _IS_OFFLINE.reset(before)


def refuse_offline() -> None:
    """Do nothing, unless nothing may be sent here.

    Raises:
        InputError: nothing may.
    """
    if _IS_OFFLINE.get():
        raise InputError("the mode is replay: nothing is sent", hint="%chat mode live comes first.")
