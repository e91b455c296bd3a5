"""Running a coroutine from a magic, and stopping it."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeVar

from g4f_magic import stopping
from g4f_magic.errors import ChatStopped, InputError
from g4f_magic.host import here

T = TypeVar("T")
_awaited: dict[asyncio.Task[Any], int] = {}
"""What an interrupt ends in a terminal, and how often each is within."""


async def stoppable(work: Coroutine[Any, Any, T], *, is_reply: bool = True) -> T:
    """Return what `work` returns; it runs as a task of its own, so that stopping it stops nothing else.

    The signal is taken here for the time of the call: a terminal would let the task go on, and ipykernel's own
    handler does not wake a loop that waits for a silent service.

    Raises:
        ChatStopped: it was interrupted. Its clean-up has run by then.
    """
    task = asyncio.ensure_future(work)
    with _sigint_cancels(task):
        try:
            return await task
        except asyncio.CancelledError:
            # The clean-up of the work may itself wait for something; a second interrupt must not orphan it.
            while not task.done():
                try:
                    await asyncio.wait({task})
                except asyncio.CancelledError:
                    task.cancel()
            raise ChatStopped(is_reply=is_reply) from None


def check_loop() -> None:
    """Make sure that a loop of asyncio awaits this code: everything beneath waits by its means.

    Raises:
        InputError: it is another library's, such as trio's.
    """
    if running_loop() is None:
        raise InputError(
            "this code is awaited by no loop of asyncio, which chats need",
            hint="With trio: await trio.to_thread.run_sync(chat.ask_sync, text). Elsewhere: asyncio.run(...), or chat.ask_sync.",
        )


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` returns, which waits for nothing: it needs no loop, and none is patched for it.

    Raises:
        ChatStopped: it was interrupted.
        RuntimeError: it waits all the same.
    """
    try:
        work.send(None)
    except StopIteration as ended:
        result: T = ended.value
        return result
    except (asyncio.CancelledError, KeyboardInterrupt):
        raise ChatStopped(is_reply=False) from None
    work.close()
    raise RuntimeError("it waits for something, which needs a loop")


def run_sync(
    work: Coroutine[Any, Any, T],
    *,
    leave: Callable[[], Awaitable[object]] | None = None,
    is_reply: bool = True,
) -> T:
    """Return what `work` returns, from code that cannot await.

    Where a loop runs already, as in a kernel, the call is nested into it. Nesting patches asyncio for good,
    so that is left to the first such call. Elsewhere a loop is made for this call alone, and `leave` is
    awaited before it closes.

    Raises:
        ChatStopped: it was interrupted. Its clean-up has run by then.
        InputError: the loop that runs takes no call inside another one; nothing was done.
    """
    loop = running_loop()
    if loop is None:
        return asyncio.run(_and_leave(stoppable(work, is_reply=is_reply), leave))
    try:
        _nest(loop)
    except BaseException:
        work.close()
        raise
    task = loop.create_task(work)
    with _sigint_cancels(task):
        try:
            return loop.run_until_complete(task)
        except (asyncio.CancelledError, KeyboardInterrupt):
            task.cancel()
            while not task.done():
                loop.run_until_complete(asyncio.wait({task}))
            raise ChatStopped(is_reply=is_reply) from None


@contextmanager
def interruptible_here(told: str = "") -> Iterator[None]:
    """End what is awaited within at an interrupt; IPython shows one line then, `told` or that what had arrived is kept.

    A kernel cancels the cell by itself. In a terminal IPython ends the cell alone, and what it awaited went on in the
    next one, at the person's cost.

    Raises:
        InputError: no loop of asyncio awaits it.
    """
    check_loop()
    task = asyncio.current_task()
    is_ours = task is not None and _watch(task)
    try:
        yield
    except asyncio.CancelledError as exc:
        lines = [told or str(ChatStopped())]
        exc._render_traceback_ = lambda: lines  # type: ignore[attr-defined]
        raise
    finally:
        if task is not None and is_ours:
            _let_go(task)


def _watch(task: asyncio.Task[Any]) -> bool:
    if threading.current_thread() is not threading.main_thread():
        return False
    if not _awaited:
        host = here()
        is_plain = signal.getsignal(signal.SIGINT) is signal.default_int_handler
        if not (is_plain and host.is_terminal and host.awaits and not host.can_display):
            return False
        signal.signal(signal.SIGINT, _interrupt)
    _awaited[task] = _awaited.get(task, 0) + 1
    return True


def _let_go(task: asyncio.Task[Any]) -> None:
    _awaited[task] -= 1
    if not _awaited[task]:
        del _awaited[task]
    if not _awaited and signal.getsignal(signal.SIGINT) is _interrupt:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a second one is not waited for
    tasks = [task for task in _awaited if not task.done()]
    if running_loop() is None or not tasks:  # a cell that awaits nothing, beside one that was left open
        signal.default_int_handler(number, frame)
    for task in tasks:
        task.get_loop().call_soon_threadsafe(task.cancel)


@contextmanager
def interruptible() -> Iterator[None]:
    """Let an interrupt end at once what holds the loop: a question to the person, or a large file that is read.

    Raises:
        CancelledError: it was interrupted.
    """
    is_main = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGINT)
    try:  # an interrupt may come as soon as the handler is there
        if is_main:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        yield
    except KeyboardInterrupt:
        raise asyncio.CancelledError from None
    finally:
        if is_main:
            signal.signal(signal.SIGINT, before)


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the loop that runs in this thread."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


async def _and_leave(work: Coroutine[Any, Any, T], leave: Callable[[], Awaitable[object]] | None) -> T:
    try:
        return await work
    finally:
        if leave is not None:
            await leave()


def _nest(loop: asyncio.AbstractEventLoop) -> None:
    """Let calls be nested into a loop.

    Raises:
        InputError: it cannot be: it is not Python's own (uvloop's, for example).
    """
    if sys.platform == "emscripten":  # the browser's own, in which nothing can be waited for
        raise InputError(
            "Python in a browser takes no call inside another one",
            hint="Begin the cell with %%chat or %chat, or await it: answer = await chat.ask(...)",
        )
    if not isinstance(loop, asyncio.BaseEventLoop):
        # It could not be patched, as it is not written in Python; asyncio itself would be, before that shows.
        kind = f"{type(loop).__module__}.{type(loop).__qualname__}"
        raise InputError(
            f"the loop that runs here ({kind}) takes no call inside another one",
            hint="Begin the cell with %%chat or %chat, or await it: answer = await chat.ask(...)",
        )
    # ipykernel 7 drops queued cells under nest-asyncio 1.6; its maintained continuation, which new kernels
    # bring along, does not.
    try:
        import nest_asyncio2 as nesting
    except ImportError:
        import nest_asyncio as nesting
    nesting.apply(loop)


@contextmanager
def _sigint_cancels(task: asyncio.Task[T]) -> Iterator[None]:
    """Make SIGINT cancel `task` inside this context; other threads than the main one get no signals."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = task.get_loop()

    def cancel(signum: int, frame: FrameType | None) -> None:
        stopping.ask()
        loop.call_soon_threadsafe(task.cancel)

    before: Callable[[int, FrameType | None], Any] | int | None = signal.signal(signal.SIGINT, cancel)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        stopping.forget()
