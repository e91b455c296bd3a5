"""Code of others (`repr`, a library's methods) run with an end: in bounded time, and without what it prints.

On the main thread a timer of the system ends it, wherever it is: in a loop, asleep, waiting for a lock. In other
threads, and on Windows, it runs in a thread beside ours, which is left behind when the time is over, and goes on where
it never ends (an exception that is set from outside, as a debugger does, makes CPython 3.11 hang while it is traced).
What never lets Python run again, a loop inside of C code, has no end on the main thread.
"""

from __future__ import annotations

import gc
import signal
import sys
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from types import CodeType, FrameType, FunctionType, MethodType
from typing import Any, TypeVar
from weakref import WeakSet, WeakValueDictionary

T = TypeVar("T")

_WEAK_FILES = frozenset(one.__init__.__code__.co_filename for one in (WeakSet, WeakValueDictionary))
_AGAIN_SECONDS = 0.5
"""Before it is ended in a harder way: on a machine that much else uses, unwinding alone may take a tenth of that."""


class OutOfTimeError(BaseException):
    """The time is over. No `Exception`: what catches all of those does not catch this."""


def guarded(call: Callable[[], T], seconds: float) -> T:
    """Return what a call returns, and show nothing of what it prints.

    Raises:
        OutOfTimeError: it took longer.
    """
    if _has_timer():
        with _quiet(threading.current_thread()), warnings.catch_warnings():  # these, on one thread alone
            warnings.simplefilter("ignore")
            return _with_timer(call, seconds)
    return _beside(call, seconds)


def timed(call: Callable[[], T], seconds: float) -> T:
    """Return what a call returns, and let it print.

    Raises:
        OutOfTimeError: it took longer.
    """
    return _with_timer(call, seconds) if _has_timer() else _beside(call, seconds, is_quiet=False)


def _has_timer() -> bool:
    """Say whether a signal can end what runs here. One that others wait for in C is theirs."""
    is_main = threading.current_thread() is threading.main_thread()
    return is_main and hasattr(signal, "setitimer") and signal.getsignal(signal.SIGALRM) is not None


def _with_timer(call: Callable[[], T], seconds: float) -> T:
    fired, is_running = 0, True

    def inside() -> Iterator[T]:
        """Yield what the call returns. What a generator was handling when it ended is no context of later errors."""
        nonlocal is_running
        result = call()
        is_running = False
        yield result

    def end(_number: int, frame: FrameType | None) -> None:
        nonlocal fired
        # Inside of the call alone: raised in what puts everything back, it would leave the timer running.
        if is_running and is_within(frame, inside.__code__) and not _is_lost(frame):
            fired += 1
            if fired > 1:  # what caught the first one goes on
                _end_at_next_line(frame, inside.__code__)
            raise OutOfTimeError

    traced, started = sys.gettrace(), time.monotonic()
    before = signal.signal(signal.SIGALRM, end)
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN_SECONDS)
    try:
        return next(inside())
    finally:
        is_running = False
        if fired > 1:
            sys.settrace(traced)
        if left:  # somebody else's timer goes on, as if nothing had been
            left = max(left - (time.monotonic() - started), 0.001)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if left:
            signal.setitimer(signal.ITIMER_REAL, left, interval)


def is_within(frame: FrameType | None, code: CodeType) -> bool:
    """Say whether a frame runs a code, or was called from what does."""
    while frame is not None and frame.f_code is not code:
        frame = frame.f_back
    return frame is not None


def _is_lost(frame: FrameType | None) -> bool:
    """Say whether what is raised there is printed and lost, and soon over: where a weak dictionary or set lets go of an object,
    or in what a library wants to be done before or after garbage is collected."""
    callbacks = {one.__code__ for one in gc.callbacks if isinstance(one, FunctionType | MethodType)}
    while frame is not None:
        code = frame.f_code
        if code in callbacks or (code.co_filename in _WEAK_FILES and code.co_name in ("remove", "_remove")):
            return True
        frame = frame.f_back
    return False


def _end_at_next_line(frame: FrameType | None, outermost: CodeType) -> None:
    """Have the error raised at the next line, too: in `except BaseException:` itself, from where it gets out."""

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line" and not _is_lost(frame):
            raise OutOfTimeError
        return trace

    while frame is not None and frame.f_code is not outermost:
        frame.f_trace = trace
        frame = frame.f_back
    sys.settrace(trace)


def _beside(call: Callable[[], T], seconds: float, *, is_quiet: bool = True) -> T:
    """Run it in another thread, and leave that behind when the time is over."""
    result: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            result.append(call())
        except BaseException as exc:  # raised again where it is waited for
            failed.append(exc)

    thread = threading.Thread(target=run, name="g4f_magic describing", daemon=True)
    try:
        with (
            _quiet(thread) if is_quiet else nullcontext()
        ):  # before it runs, or what it prints first is shown
            thread.start()
            thread.join(seconds)
    except RuntimeError:  # no threads here (Pyodide): it runs without an end
        with _quiet(threading.current_thread()) if is_quiet else nullcontext():
            return call()
    if thread.is_alive():
        raise OutOfTimeError
    if failed:
        raise failed[0]
    return result[0]


class _Quiet:
    """A stream that drops what the silenced threads write; what others write goes on to where it went."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        if threading.current_thread() in _silenced:
            return len(text)
        written: int = self.stream.write(text)
        return written

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


_silenced: Counter[threading.Thread] = Counter()
_lock = threading.Lock()


@contextmanager
def _quiet(thread: threading.Thread) -> Iterator[None]:
    """Have nothing shown of what a thread prints. The first one puts the streams in place, the last takes them away."""
    with _lock:
        _silenced[thread] += 1
        for name in ("stdout", "stderr"):
            if not isinstance(stream := getattr(sys, name), _Quiet):
                setattr(sys, name, _Quiet(stream))
    try:
        yield
    finally:
        with _lock:
            _silenced[thread] -= 1
            if not _silenced[thread]:
                del _silenced[thread]
            for name in () if _silenced else ("stdout", "stderr"):
                if isinstance(stream := getattr(sys, name), _Quiet):
                    setattr(sys, name, stream.stream)
