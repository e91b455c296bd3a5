"""When a growing reply is painted; what fails there fails alone."""

from __future__ import annotations

import asyncio
from typing import Any

from g4f_magic.renderers.frames import Frames

LONG = 60.0


async def test_what_is_due_is_painted_before_it_returns_and_what_is_not_waits() -> None:
    painted: list[int] = []

    def paint() -> bool:
        painted.append(len(painted))
        return True

    frames = Frames(asyncio.get_running_loop(), LONG, paint)
    frames.wake(at_once=True)
    assert painted == [0]
    frames.wake(at_once=True)
    assert painted == [0]
    frames.stop()


async def test_a_first_frame_that_fails_leaves_the_reply_to_go_on_and_the_next_is_painted() -> None:
    told: list[dict[str, Any]] = []
    painted: list[bool] = []

    def paint() -> bool:
        painted.append(len(painted) > 0)
        if len(painted) == 1:
            raise RuntimeError("no output")
        return True

    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: told.append(context))
    frames = Frames(loop, 0.0, paint)
    frames.wake(at_once=True)
    assert [str(one["exception"]) for one in told] == ["no output"]
    frames.wake()
    while len(painted) < 2:
        await asyncio.sleep(0)
    frames.stop()
