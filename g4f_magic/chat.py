"""The Python way in: what the magic does, for code."""

from __future__ import annotations

import sys
import warnings
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any
from uuid import uuid4

from g4f_magic.chunks import Chunk
from g4f_magic.conversation import Reply
from g4f_magic.errors import InputError
from g4f_magic.loop import run_sync
from g4f_magic.messages import Message, ReplyText, Turn
from g4f_magic.notebook import identify
from g4f_magic.options import Options
from g4f_magic.session import Session
from g4f_magic.settings import Settings


class Chat:
    """A conversation with one provider, of its own: it ends with the program.

    ```python
    chat = Chat("koala", system="Be brief.")
    answer = await chat.ask("What is a magic?")
    async for chunk in chat.stream("And a cell magic?"):
        ...
    ```

    Options are those of `%%chat`, with underscores: `model`, `system`, `temperature`, `max_tokens`, `params`,
    `base_url`, `proxy`, `cookies`, `timeout_seconds`, `context_turns`, ... `aclose`, or `async with`, stops
    the local gateway where one was started.
    """

    def __init__(
        self,
        provider: str = "",
        *,
        settings: Settings | None = None,
        session: Session | None = None,
        **options: Any,
    ) -> None:
        self._options = Options(provider=provider, **options)
        self._session = session or _session(settings)
        self._warned = 0 if session is None else len(session.warnings)

    @classmethod
    def current(cls, provider: str = "", **options: Any) -> Chat:
        """Return the notebook's own conversation, the one that its cells are in.

        Raises:
            InputError: the extension is not loaded here.
        """
        magics = loaded_magics()
        if magics is None:
            raise InputError(
                "there is no notebook's conversation here", hint="Run %load_ext g4f_magic first."
            )
        # A cell may ask by code before any chat cell has run.
        magics.session.enter(identify(magics.shell.user_ns))
        return cls(provider, session=magics.session, **options)

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Return the turns so far, oldest first."""
        return self._session.conversation(self._options.conversation).turns

    @property
    def messages(self) -> tuple[Message, ...]:
        """Return what the next request carries besides its own prompt and the system prompt."""
        conversation = self._session.conversation(self._options.conversation)
        return conversation.context("", self._session.bound(self._options)).messages

    async def stream(self, prompt: str) -> AsyncGenerator[Chunk]:
        """Yield the typed chunks of the reply; when leaving early, close it (`aclosing`).

        Raises:
            ChatError: it failed; what had arrived is the reply of the last of `turns`.
        """
        reply = await self._asked(prompt)
        async with aclosing(reply):
            async for chunk in reply:
                yield chunk

    async def ask(self, prompt: str) -> ReplyText:
        """Return the whole reply.

        Raises:
            ChatError: it failed; what had arrived is the reply of the last of `turns`.
        """
        reply = await self._asked(prompt)
        async with aclosing(reply):
            await reply.text()
        return ReplyText(reply.turn)

    def ask_sync(self, prompt: str) -> ReplyText:
        """Return the whole reply, from code that cannot await.

        Raises:
            ChatError: it failed.
            ChatStopped: it was interrupted.
        """
        return run_sync(self.ask(prompt), leave=self._session.stop_gateway)

    def undo(self) -> bool:
        """Take back the last thing that was done to the conversation, and say whether there was one."""
        return self._session.history.undo(*self._place()) is not None

    def redo(self) -> bool:
        """Do again what was taken back last, and say whether there was anything."""
        return self._session.history.redo(*self._place()) is not None

    def fork(self, name: str = "") -> Chat:
        """Return a conversation that begins with the turns of this one and goes on apart from it."""
        name = name or f"fork-{uuid4().hex[:8]}"
        notebook, conversation = self._place()
        self._session.history.fork(notebook, conversation, name)
        chat = Chat(session=self._session)
        chat._options = replace(self._options, conversation=name)
        return chat

    async def aclose(self) -> None:
        """Stop the gateway, if one runs, and let the history's file go."""
        await self._session.aclose()

    async def __aenter__(self) -> Chat:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.aclose()

    async def _asked(self, prompt: str) -> Reply:
        reply = await self._session.ask(prompt, self._now())
        told = self._session.warnings
        for text in told[self._warned :]:
            warnings.warn(text, stacklevel=3)
        self._warned = len(told)
        return reply

    def _now(self) -> Options:
        """Return the options, with what the notebook has come to say since this was made: where it is, and the mode replay."""
        magics = loaded_magics()
        if magics is None or self._session.settings is magics:
            return self._options
        self._session.file = self._session.file or magics.session.file
        return replace(self._options, mode="replay") if magics.mode_in_force == "replay" else self._options

    def _place(self) -> tuple[str, str]:
        conversation = self._session.conversation(self._options.conversation)
        return conversation.notebook, conversation.name


def loaded_magics() -> Any:
    """Return the magics where the extension is loaded, else None. IPython is not imported for that."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return None if shell is None else shell.magics_manager.registry.get("ChatMagics")


def _session(settings: Settings | None) -> Session:
    """Return a new session; without settings of its own it follows the notebook's: the mode, for instance."""
    magics = loaded_magics() if settings is None else None
    if magics is None:
        return Session(settings)
    session = Session(magics)
    session.file = magics.session.file
    return session
