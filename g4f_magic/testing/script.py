"""Answers as told, for tests: a text, and a behaviour that real servers show at times."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable

from g4f_magic.chunks import Served, Text
from g4f_magic.gateway.actions import Action
from g4f_magic.gateway.chat_request import ChatRequest
from g4f_magic.testing.behaviours import Scene, behaviour_of

SCRIPT_TEXT = "The quick brown fox — schnell & größer — jumps over 懒狗 🦊 and 👩‍👩‍👧.\n\n- one\n- two\n"


class ScriptEngine:
    """Replies with `text` in the manner of `behaviour`.

    A last user message that begins with `!name` has the behaviour of that name; what follows is an argument
    where it takes one (`!long 200`: KB).

    `delay_seconds` passes before each piece of text, which has `piece_characters`. `pause` waits before each
    move, where a test wants to say when the next one comes.
    """

    name = "script"

    def __init__(
        self,
        text: str = SCRIPT_TEXT,
        behaviour: str = "plain",
        delay_seconds: float = 0.0,
        *,
        piece_characters: int = 4,
        models: tuple[str, ...] = ("script",),
        pause: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.text = text
        self.behaviour = behaviour
        self.delay_seconds = delay_seconds
        self.piece_characters = piece_characters
        self._models = models
        self._pause = pause
        behaviour_of(behaviour)

    @property
    def label(self) -> str:
        """Return that it is the script."""
        return "script"

    async def models(self) -> list[str]:
        """Return the names it was given."""
        return list(self._models)

    async def reply(self, chat: ChatRequest) -> AsyncGenerator[Action]:
        """Yield the actions of the behaviour."""
        asked = re.match(r"!([\w-]+)\s*(.*)", chat.prompt, re.DOTALL)
        name, argument = (asked[1], asked[2]) if asked else (self.behaviour, "")
        wait = self.delay_seconds or (0.05 if name == "slow" else 0.0)
        text = long_text(argument) if name == "long" else self.text
        yield Served(self.name, chat.model)
        for action in behaviour_of(name)(Scene(chat, text, self.piece_characters)):
            if wait and isinstance(action, Text):
                await asyncio.sleep(wait)
            elif isinstance(action, Text) and name == "never-closing":
                await asyncio.sleep(0.001)  # lets the loop breathe
            if self._pause is not None:
                await self._pause()
            yield action


def long_text(argument: str) -> str:
    """Return a text of `argument` KB (100 where it gives no number): lines with their numbers."""
    given = re.match(r"\d+", argument)
    size_bytes = (int(given[0]) if given else 100) * 1024
    lines = (f"{number:07d} " + "lorem ipsum " * 4 + "dolor.\n" for number in range(size_bytes // 60 + 1))
    return "".join(lines)[:size_bytes]
