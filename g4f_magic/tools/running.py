"""Running one function for a model: on the kernel's loop, within a time, and what it prints kept apart.

A coroutine is awaited, and what a generator yields is a list; a plain function runs as a cell's code would, in the main
thread where there is one, so that it may plot and change the notebook's variables. An interrupt ends either, wherever it
is in Python code.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import signal
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator
from contextlib import aclosing, closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from types import FrameType
from typing import Any

from g4f_magic.describing.guard import OutOfTimeError, is_within, timed
from g4f_magic.errors import ChatStopped
from g4f_magic.tools.printed import printed

_MOST_YIELDED = 10_000
"""Values of a generator; one that has more of them may have no end."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a function ended."""

    value: Any = None
    error: BaseException | None = None
    is_out_of_time: bool = False
    printed: str = ""


async def ran(
    function: Callable[..., Any], given: list[Any], named: dict[str, Any], *, seconds: float
) -> Ran:
    """Return how a call ended; what it raises is told, and is no error of ours.

    Raises:
        CancelledError: it was stopped.
    """
    task = asyncio.current_task()
    cancels = task.cancelling() if task else 0
    with printed() as kept:
        try:
            found = Ran(await _value(function, given, named, seconds))
        except OutOfTimeError:
            found = Ran(is_out_of_time=True)
        except (KeyboardInterrupt, ChatStopped):
            raise asyncio.CancelledError from None
        except asyncio.CancelledError as exc:
            if task is None or task.cancelling() > cancels:
                raise
            found = Ran(error=exc)
        except (Exception, SystemExit, GeneratorExit) as exc:
            found = Ran(error=exc)
        if task is not None and task.cancelling() > cancels:  # it went on all the same
            raise asyncio.CancelledError
    return Ran(found.value, found.error, found.is_out_of_time, kept.text)


async def _value(
    function: Callable[..., Any], given: list[Any], named: dict[str, Any], seconds: float
) -> Any:
    # Made where no interrupt can come between that and its being awaited.
    if inspect.iscoroutinefunction(function):
        return await _awaited(function(*given, **named), seconds)
    context = contextvars.copy_context()  # for the threads of a platform without timers

    def call() -> Any:
        value = function(*given, **named)
        return _yielded(value) if inspect.isgenerator(value) else value

    with _raising():
        value = timed(lambda: context.run(call), seconds)
    if inspect.isasyncgen(value):
        value = _yielded_async(value)
    return await _awaited(value, seconds) if inspect.isawaitable(value) else value


def _yielded(values: Generator[Any, Any, Any]) -> list[Any]:
    """Return what a generator yields: a model can take nothing bit by bit.

    Raises:
        ValueError: it yields too much.
    """
    with closing(values):
        found = list(islice(values, _MOST_YIELDED + 1))
    return _if_bounded(found)


async def _yielded_async(values: AsyncGenerator[Any, Any]) -> list[Any]:
    found: list[Any] = []
    async with aclosing(values):
        async for one in values:
            found.append(one)
            if len(found) > _MOST_YIELDED:
                break
    return _if_bounded(found)


def _if_bounded(found: list[Any]) -> list[Any]:
    if len(found) > _MOST_YIELDED:
        raise ValueError(f"it yielded more than {_MOST_YIELDED:,} values, and was ended")
    return found


@contextmanager
def _raising() -> Iterator[None]:
    """Let an interrupt end a plain function at once, as it would end a cell."""
    is_main = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGINT)
    try:  # an interrupt may come as soon as the handler is there
        if is_main:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        yield
    finally:
        if is_main:
            signal.signal(signal.SIGINT, before)


async def _awaited(value: Awaitable[Any], seconds: float) -> Any:
    limit = asyncio.timeout(seconds)
    try:
        with _interrupting():
            async with limit:
                return await value
    except TimeoutError:
        if limit.expired():
            raise OutOfTimeError from None
        raise
    finally:
        if inspect.iscoroutine(value):
            value.close()  # an interrupt may have come before it began: from `_interrupting` on, that raises


@contextmanager
def _interrupting() -> Iterator[None]:
    """Let an interrupt end a coroutine that does not wait, too: one that does is cancelled."""
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        if callable(before):
            before(number, frame)
        if is_within(frame, _awaited.__code__):
            raise KeyboardInterrupt

    try:
        signal.signal(signal.SIGINT, interrupt)
        yield
    finally:
        signal.signal(signal.SIGINT, before)
