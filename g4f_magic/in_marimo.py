"""A chat of marimo's own (`mo.ui.chat`), answered by a provider: `g4f_magic.marimo_chat("groq")`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from importlib import import_module
from typing import Any

from g4f_magic.chat import Chat
from g4f_magic.chunks import Text
from g4f_magic.errors import ChatError, InputError


def marimo_chat(provider: str = "", **options: Any) -> Any:
    """Return marimo's `mo.ui.chat`, whose replies stream from a provider. `options` are those of `Chat`.

    The page's messages and the conversation are one: what is cleared or taken back there is not sent any more.

    Raises:
        InputError: marimo is not installed, or an option is wrong.
    """
    try:
        marimo = import_module("marimo")
    except ImportError:
        raise InputError("marimo is not installed", hint="pip install marimo, and run it there.") from None
    return marimo.ui.chat(answering(Chat(provider, **options)))


def answering(chat: Chat) -> Callable[[Sequence[Any], Any], AsyncGenerator[str]]:
    """Return what answers a list of messages, the last of which is new: a chat keeps those before it."""

    async def answer(messages: Sequence[Any], config: Any = None) -> AsyncGenerator[str]:
        before = sum(1 for message in messages if message.role == "user") - 1
        while len(chat.turns) > max(0, before) and chat.undo():
            pass
        try:
            async with aclosing(chat.stream(_text(messages[-1]))) as chunks:
                async for chunk in chunks:
                    if isinstance(chunk, Text):
                        yield chunk.text
        except ChatError as exc:
            # Two lines instead of a traceback: marimo shows what a reply raises as a whole.
            yield f"\n\n**{type(exc).__name__}:** {exc}  \n{exc.hint}"

    return answer


def _text(message: Any) -> str:
    return message.content if isinstance(message.content, str) else str(message.content or "")
