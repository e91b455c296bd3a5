"""Ending what holds the loop: a rendering that an interrupt found at work. No I/O.

An interrupt cancels the chat's task, which works while the task waits. A rendering does not wait: it asks here, again
and again, whether it is to give up, and then leaves text. It is given a moment, as most are done within it.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

GRACE_SECONDS = 0.5
"""How long a rendering goes on after an interrupt, in all."""


class _Stop:
    """What is known of the last interrupt."""

    __slots__ = ("asked_at", "began_at", "depth", "has_given_up")

    def __init__(self) -> None:
        self.asked_at = 0.0
        self.began_at = 0.0
        self.depth = 0
        self.has_given_up = False


_stop = _Stop()


def ask() -> None:
    """Note an interrupt."""
    _stop.asked_at = time.monotonic()


def forget() -> None:
    """Forget the interrupts so far: something new begins."""
    _stop.asked_at, _stop.began_at, _stop.has_given_up = 0.0, 0.0, False


def is_over() -> bool:
    """Say whether a rendering is to give up; once one has, none begins again until something new does."""
    if not _stop.asked_at:
        return False
    since = max(_stop.asked_at, _stop.began_at)
    _stop.has_given_up = _stop.has_given_up or time.monotonic() - since > GRACE_SECONDS
    return _stop.has_given_up


@contextmanager
def rendering() -> Iterator[None]:
    """Let an interrupt end what is rendered inside this context, also where no cell runs.

    There the kernel pays no heed to one, or would break off with an exception in the middle of something else; what is
    not for us alone is handed on at the end.
    """
    if threading.current_thread() is not threading.main_thread() or _stop.depth:
        yield
        return
    _stop.began_at = time.monotonic()
    before = signal.getsignal(signal.SIGINT)
    is_ours = before not in (signal.SIG_IGN, signal.default_int_handler)
    was_asked = False

    def note(signum: int, frame: FrameType | None) -> None:
        nonlocal was_asked
        was_asked = True
        ask()

    _stop.depth += 1
    if not is_ours:
        forget()
        signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        _stop.depth -= 1
        if not is_ours:
            forget()
            signal.signal(signal.SIGINT, before)
            if was_asked and before is signal.default_int_handler:
                signal.raise_signal(signal.SIGINT)
