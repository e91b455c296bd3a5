"""The Python way in: what the magic does, for code."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

from g4f_magic.conversation import Reply
from g4f_magic.loop import run_sync
from g4f_magic.messages import ReplyText, Turn
from g4f_magic.options import Options
from g4f_magic.session import Session
from g4f_magic.settings import Settings


class Chat:
    """A conversation with one provider.

    ```python
    chat = Chat("koala")
    print(await chat.ask("What is a magic?"))
    async for chunk in await chat.stream("And a cell magic?"):
        ...
    ```

    Options are those of `%%chat`, with underscores: `model`, `system`, `temperature`, `base_url`, ...
    Use it as an async context manager, or call `aclose`, to stop the local gateway with it.
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
        self._session = session or Session(settings)

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Return the turns so far, oldest first."""
        return self._session.conversation(self._options.conversation).turns

    async def stream(self, prompt: str) -> Reply:
        """Return the reply on its way: iterate it for typed chunks, inside `aclosing`.

        Raises:
            ChatError: nothing could be sent.
        """
        return await self._session.ask(prompt, self._options)

    async def ask(self, prompt: str) -> ReplyText:
        """Return the whole reply.

        Raises:
            ChatError: it failed; what had arrived is the reply of the last of `turns`.
        """
        reply = await self.stream(prompt)
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

    async def aclose(self) -> None:
        """Stop what runs and let the history's file go."""
        await self._session.aclose()

    async def __aenter__(self) -> Chat:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.aclose()
