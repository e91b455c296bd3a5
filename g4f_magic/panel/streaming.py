"""A reply on its way to the pages: pieces, a few times a second, each character of the text once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, assert_never, cast

from g4f_magic import stopping
from g4f_magic.chunks import (
    Chunk,
    Citations,
    Finish,
    Named,
    Notice,
    Reasoning,
    Rethought,
    Served,
    Text,
    ToolCall,
    ToolResult,
    Unfit,
    Unshown,
    Usage,
)
from g4f_magic.panel.protocol import ReplyPiece
from g4f_magic.panel.rendering import blocks_of, growing_of
from g4f_magic.renderers.calls import all_folded as folded
from g4f_magic.turn import Turn

_FRAME_SECONDS = 1 / 15
_MESSAGE = 1_000
"""Bytes that a message costs beside what it says."""
_BYTES_A_SECOND = 12_000
_BYTES_A_CHARACTER = 2.2
"""What painting the tail may cost: so many bytes a second, or so many for each character that comes, if that
is more. Finished blocks travel once and are not counted."""
_FEED = 12_000
"""Characters that are rendered in one go, so that the kernel's loop is never held long."""
_GROWN = 1.5
"""While more waits than can be rendered in one go, what is open is painted each time that it is so much longer."""
_GLIMPSE = 240

Say = Callable[[ReplyPiece], None]
Done = Callable[["StreamingReply", Turn, int, list[str]], None]
"""Told when all has been painted: the settled turn, and how many blocks stay before the last ones."""


class StreamingReply:
    """Paints one open turn. All of it runs on the kernel's loop."""

    def __init__(
        self, turn: Turn, loop: asyncio.AbstractEventLoop, *, say: Say, done: Done, remote_images: bool
    ) -> None:
        self.turn = turn
        self.growing = growing_of(turn, remote_images=remote_images)
        self._loop = loop
        self._say = say
        self._done = done
        self._remote_images = remote_images
        self._backlog: list[str] = []
        self._new: list[str] = []
        self._sent = 0
        self._thoughts: list[str] = []
        self._steps: list[ToolCall | ToolResult] = []
        self._about: dict[str, str | float] = {}
        self._began = loop.time()
        self._painted_at = 0.0
        self._received = 0
        self._last_cost = 2 * _MESSAGE
        self._tail_shown = 0
        self._settled: Turn | None = None
        self._timer: asyncio.TimerHandle | None = None

    def take(self, chunk: Chunk) -> None:
        """Keep a chunk for the next frame."""
        match chunk:
            case Text(text):
                self._backlog.append(text)
                self._received += len(text)
            case Reasoning(text):
                self._thoughts.append(text)
                if self._received:
                    return
                self._about["thinking"] = "".join(self._thoughts[-_GLIMPSE:])[-_GLIMPSE:]
            case Rethought():
                self._thoughts.append("".join((self.growing.text, *self._backlog)))
            case Unfit(why):
                self._backlog.clear()  # another whole answer follows
                self._tail_shown = 0
                self.growing = growing_of(self.turn, remote_images=self._remote_images)
                self._about |= {"note": f"{why} · asking once more", "note_seconds": 0.0}
            case ToolCall() | ToolResult():
                self._steps.append(chunk)
                self._about["calls"] = self.calls
            case Notice(text, seconds):
                self._about |= {"note": text, "note_seconds": seconds}
            case Served() | Named() | Usage() | Finish() | Citations() | Unshown():
                return  # what it is and how it ended stands there once it is settled
            case _:
                assert_never(chunk)
        self._wake()

    @property
    def calls(self) -> str:
        """Return the functions that were asked for so far, folded."""
        return folded(self._steps)

    def resume(self, text: str) -> None:
        """Go on from what had come before anybody looked on."""
        self._new += self.growing.feed(text)

    def settle(self, turn: Turn) -> None:
        """Paint what is left, and then say how it ended."""
        self._settled = turn
        self._wake()

    def close(self) -> None:
        """Paint no more."""
        if self._timer is not None:
            self._timer.cancel()

    def painted(self) -> tuple[list[str], str]:
        """Return the blocks and the tail as the pages are to show them now: for one that comes later."""
        blocks, tail = list(self.growing.blocks), self.growing.tail()
        if self._painted_at:
            # The others hold less: what a late page is told, they are told again, and it fits them all.
            self._say_blocks({"tail": tail})
        else:  # no page holds anything of it yet
            self._sent, self._new = len(blocks), []
        return blocks, tail

    def _wake(self) -> None:
        if self._timer is None:
            rate = self._received / max(0.2, self._loop.time() - self._began)
            pause = self._last_cost / max(_BYTES_A_SECOND, _BYTES_A_CHARACTER * rate)
            due = self._painted_at + max(_FRAME_SECONDS, pause) - self._loop.time()
            is_late = self._settled is not None or not self._painted_at
            self._timer = self._loop.call_later(0.0 if is_late else max(0.0, due), self._frame)

    def _frame(self) -> None:
        with stopping.rendering():
            self._show()
            self.growing.is_plain = self.growing.is_plain or stopping.is_over()

    def _show(self) -> None:
        self._timer = None
        text = "".join(self._backlog)
        now, later = text[:_FEED], text[_FEED:]
        self._backlog = [later] if later else []
        self._new += self.growing.feed(now)
        if self._settled is not None and not later:
            self._end(self._settled)
            return
        if self._new or not later or len(self.growing.tail_text) >= _GROWN * self._tail_shown:
            self._paint()
        if later:
            self._timer = self._loop.call_later(_FRAME_SECONDS / 3, self._frame)

    def _paint(self) -> None:
        self._tail_shown = len(self.growing.tail_text)
        more = self.growing.more_code() if not self._new else None
        if more is None:
            said: dict[str, Any] = {"tail": self.growing.tail()}
        else:
            said = {"code": more[1], "code_at": more[0]}
        self._say_blocks(said)

    def _say_blocks(self, said: dict[str, Any]) -> None:
        piece = ReplyPiece(kind="piece", turn=self.turn.id, at=self._sent, blocks=self._new)
        piece.update(cast("ReplyPiece", said | self._about))
        self._sent += len(self._new)
        self._last_cost = _MESSAGE + sum(len(value) for value in said.values() if isinstance(value, str))
        self._new, self._about = [], {}
        self._painted_at = self._loop.time()
        self._say(piece)

    def _end(self, turn: Turn) -> None:
        stay, last = self.growing.end(turn.reply)
        if stay >= self._sent:  # those that were finished in this frame
            last = self.growing.blocks[self._sent :]
            stay = self._sent
        self._done(self, turn, stay, last)

    def reasoning(self) -> list[str]:
        """Return the blocks of the reasoning so far."""
        return blocks_of("".join(self._thoughts), remote_images=self._remote_images)
