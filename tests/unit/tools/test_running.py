"""An interrupt that comes at the very moment at which it begins to be listened for."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest

from g4f_magic.loop import interruptible
from g4f_magic.tools.running import ran


async def waits() -> None:
    await asyncio.sleep(60)


def returns() -> int:
    return 1


@contextmanager
def interrupted_as_soon_as_listening() -> Iterator[None]:
    """Send a real interrupt when the first handler for one has just been set."""

    def watch(frame: FrameType, event: str, argument: Any) -> None:
        if event == "return" and frame.f_code is signal.signal.__code__:
            sys.setprofile(None)
            signal.raise_signal(signal.SIGINT)

    sys.setprofile(watch)
    try:
        yield
    finally:
        sys.setprofile(None)


@pytest.mark.parametrize("function", [waits, returns])
async def test_a_call_ends_and_leaves_nothing_behind(function: Any) -> None:
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, lambda *_: None)  # a cell's, which cancels from the loop
    mine = signal.getsignal(signal.SIGINT)
    try:
        with pytest.raises(asyncio.CancelledError), interrupted_as_soon_as_listening():
            await ran(function, [], {}, seconds=5)
        assert signal.getsignal(signal.SIGINT) is mine
    finally:
        signal.signal(signal.SIGINT, before)
    gc.collect()  # a coroutine that nobody awaited would be told of, which fails the test


def test_what_holds_the_loop_ends_and_leaves_nothing_behind() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(asyncio.CancelledError), interrupted_as_soon_as_listening(), interruptible():
        pass
    assert signal.getsignal(signal.SIGINT) is before
