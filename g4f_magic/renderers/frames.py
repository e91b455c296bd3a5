"""When what grows is painted: at once, then a frame at a time while something is heard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Frames:
    """The frames of one reply, on its loop: `paint` is called with each, and says whether all that came is shown by now.

    Where it is not, as that would cost too much yet, it is asked again with the next frame.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float, paint: Callable[[], bool]) -> None:
        """`seconds` is the least time from one frame to the next."""
        self._loop = loop
        self._seconds = seconds
        self._paint = paint
        self._timer: asyncio.TimerHandle | None = None
        self.last = 0.0
        """When the last frame was, by the loop's clock."""
        self.heard_at = 0.0
        """When something came last."""

    @property
    def now(self) -> float:
        """Return what the loop's clock says."""
        return self._loop.time()

    def wake(self, *, at_once: bool = False) -> None:
        """Have a frame, for something came: `at_once`, if one is due, else as soon as the loop is free."""
        self.heard_at = self._loop.time()
        if self._timer is not None:
            return
        due = self.last + self._seconds - self.heard_at
        if at_once and due <= 0.0:
            try:
                self._frame()
            except Exception as exc:  # as what a loop calls: the reply goes on, and is shown in the end
                self._loop.call_exception_handler({"message": "a frame failed", "exception": exc})
        else:
            self._timer = self._loop.call_later(max(0.0, due), self._frame)

    def skip(self) -> None:
        """Count what is painted out of turn, now, as a frame."""
        self.stop()
        self.last = self._loop.time()

    def stop(self) -> None:
        """Have no more, until something comes."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _frame(self) -> None:
        self._timer = None
        self.last = self._loop.time()
        if not self._paint():
            self._timer = self._loop.call_later(self._seconds, self._frame)
