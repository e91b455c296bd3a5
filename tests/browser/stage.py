"""An engine for the gateway that says what a test wants, when the test wants it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator

from g4f_magic.chunks import Finish, Text
from g4f_magic.gateway.actions import Action, Refuse
from g4f_magic.gateway.chat_request import ChatRequest
from g4f_magic.testing.script import ScriptEngine

LIVE = "live"
"""The prompt that is answered with what is said from then on; `live` and another word has an answer of its own."""


class Stage:
    """Answers `live` with what the test says meanwhile, and each other prompt with the text under its name.

    A prompt that begins with `!` is answered as the script engine would.
    """

    name = "stage"
    label = "stage"

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.refusals: dict[str, Refuse] = {}
        self.asked: list[ChatRequest] = []
        self.left = asyncio.Event()
        self._lines: defaultdict[str, asyncio.Queue[str | None]] = defaultdict(asyncio.Queue)

    @property
    def prompts(self) -> list[str]:
        """Return what was asked, oldest first."""
        return [ask.prompt.strip() for ask in self.asked]

    def say(self, text: str, to: str = LIVE) -> None:
        """Send `text` as the next pieces of the live reply, 7 characters each."""
        for start in range(0, len(text), 7):
            self._lines[to].put_nowait(text[start : start + 7])

    def end(self, to: str = LIVE) -> None:
        """End the live reply as a service does that has said all."""
        self._lines[to].put_nowait(None)

    def clear(self) -> None:
        """Forget everything."""
        self.texts.clear()
        self.refusals.clear()
        self.asked.clear()
        self.left.clear()
        self._lines.clear()

    async def models(self) -> list[str]:
        return ["stage"]

    async def reply(self, ask: ChatRequest) -> AsyncGenerator[Action]:
        self.asked.append(ask)
        prompt = ask.prompt.strip()
        if prompt.startswith("!"):
            async for action in ScriptEngine().reply(ask):
                yield action
            return
        if prompt.partition(" ")[0] == LIVE:
            try:
                while (text := await self._lines[prompt].get()) is not None:
                    yield Text(text)
                yield Finish("stop")
            finally:
                self.left.set()
            return
        if prompt in self.refusals:
            yield self.refusals[prompt]
            return
        text = self.texts.get(prompt, f"You said: {prompt}")
        for start in range(0, len(text), 64):
            yield Text(text[start : start + 64])
        yield Finish("stop")
