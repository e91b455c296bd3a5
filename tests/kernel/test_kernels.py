"""A cell that does not end fails its own test, with what it had said, and no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.kernel.kernels import Kernel, kernel

ENDLESS = "print('on its way', flush=True)\nwhile True: __import__('time').sleep(0.01)"
DEAF = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n" + ENDLESS


def given_up_at_its_first_output(one: Kernel, patience_seconds: float) -> Callable[[dict[str, Any]], None]:
    """Have no more patience once something was said: nobody waits, and a slow machine does the same."""

    def notice(message: dict[str, Any]) -> None:
        if message["msg_type"] == "stream":
            one.patience_seconds = patience_seconds
            raise TimeoutError

    return notice


async def test_a_cell_without_end_is_told_with_what_it_said_and_the_next_one_runs() -> None:
    async with kernel() as one:
        with pytest.raises(AssertionError, match="no end of a cell") as raised:
            await one.run(ENDLESS, on_message=given_up_at_its_first_output(one, one.patience_seconds))
        assert "its kernel is alive\nprint('on its way'" in str(raised.value)
        assert "stream: {'name': 'stdout', 'text': 'on its way" in str(raised.value)
        assert (await one.ok("print(1)")).stdout == "1\n"


async def test_a_kernel_that_hears_no_interrupt_is_not_waited_for_again() -> None:
    async with kernel() as one:
        with pytest.raises(AssertionError, match="no end of a cell"):
            await one.run(DEAF, on_message=given_up_at_its_first_output(one, 0.5))
        with pytest.raises(AssertionError, match="gave no answer to an earlier cell"):
            await one.run("1")
