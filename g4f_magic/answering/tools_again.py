"""A recording whose functions are run again while it plays: for `check --run --run-tools`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from g4f_magic.answerer import Answerer
from g4f_magic.ask import Ask
from g4f_magic.chunks import Chunk, ToolCall, ToolResult
from g4f_magic.errors import InputError
from g4f_magic.tools import Toolbox
from g4f_magic.turn import Turn
from g4f_magic.visible import shortened

_SHORT = 200


class ToolsAgain:
    """Whoever plays, with each call that ran then run once more. Nobody is asked: who wants it says so for the whole run."""

    def __init__(self, answerer: Answerer, toolbox: Toolbox) -> None:
        self._answerer = answerer
        self._toolbox = toolbox
        self.who, self.hosts = answerer.who, answerer.hosts

    async def answer(self, turns: Sequence[Turn], ask: Ask) -> AsyncGenerator[Chunk]:
        """Yield what was recorded.

        Raises:
            InputError: a function gives something else than it did.
        """
        calls: dict[str, ToolCall] = {}
        async with aclosing(self._answerer.answer(turns, ask)) as chunks:
            async for chunk in chunks:
                yield chunk
                if isinstance(chunk, ToolCall):
                    calls[chunk.id] = chunk
                elif isinstance(chunk, ToolResult) and chunk.status in ("done", "failed"):
                    call = calls[chunk.id]
                    if (
                        call.name in self._toolbox or not self._toolbox.servers
                    ):  # a server's are not run again
                        await self._compare(call, chunk)

    async def _compare(self, call: ToolCall, recorded: ToolResult) -> None:
        now = await self._toolbox.again(call, recorded)
        if (now.status, now.text) != (recorded.status, recorded.text):
            raise InputError(
                f"{call.name} gives something else than when it was recorded: {_short(now.text)} in place of"
                f" {_short(recorded.text)}",
                hint="Record the cell anew, if that is meant.",
            )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return repr(shortened(line, _SHORT))
