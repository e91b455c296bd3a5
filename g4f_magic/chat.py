"""The Python way in: what the magic does, for code."""

from __future__ import annotations

import logging
import warnings
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, TypeVar, overload
from uuid import uuid4

from g4f_magic import remarks
from g4f_magic.ask import bound_of
from g4f_magic.asker import Asker, loaded_magics
from g4f_magic.chunks import Chunk
from g4f_magic.conversation import Conversation
from g4f_magic.errors import InputError
from g4f_magic.loop import interruptible_here, run_sync
from g4f_magic.messages import Message
from g4f_magic.options import Options
from g4f_magic.reply import ReplyText
from g4f_magic.running_turn import Reply
from g4f_magic.session import Session
from g4f_magic.settings import Settings
from g4f_magic.turn import Turn

Value = TypeVar("Value")
"""What a typed reply is."""


class Chat(Asker):
    """A conversation with one provider, of its own: it ends with the program.

    ```python
    chat = Chat("koala", system="Be brief.")
    answer = await chat.ask("What is a magic?")
    async for chunk in chat.stream("And a cell magic?"):
        ...
    ```

    Options are those of `%%chat`, with underscores: `model`, `system`, `temperature`, `max_tokens`, `params`,
    `base_url`, `proxy`, `cookies`, `timeout_seconds`, `context_turns`, ... `aclose`, or `async with` or `with`, stops
    the local gateway where one was started; that of a fork, or of the notebook's conversation, closes nothing.

    Questions that are asked at once wait for each other, for each sees the turns before it. In threads they do not, and
    see what was answered by then: there give each a `Chat`.
    """

    def __init__(
        self,
        provider: str = "",
        *,
        settings: Settings | None = None,
        session: Session | None = None,
        **options: Any,
    ) -> None:
        super().__init__(Options.of(provider, options), session, settings)
        self._last: Reply | None = None

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
        magics.enter()
        return cls(provider, session=magics.session, **options)

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Return the turns so far, oldest first."""
        return self._conversation.turns

    @property
    def last(self) -> Turn | None:
        """Return the turn that this chat asked last, or of the notebook's conversation a cell; None where nothing was asked."""
        of_cell = None if self._is_owner else self._session.last
        return of_cell if self._last is None else self._last.turn

    @property
    def messages(self) -> tuple[Message, ...]:
        """Return what the next request carries besides its own prompt and the system prompt."""
        return self._conversation.context(bound_of(self._options, self._session.settings)).messages

    async def stream(
        self,
        prompt: str,
        *,
        names: Mapping[str, Any] | None = None,
        schema: object = None,
        tools: Sequence[Any] = (),
        approve: Sequence[str] = (),
    ) -> AsyncGenerator[Chunk]:
        """Yield the typed chunks of the reply; when leaving early, close it (`aclosing`). Arguments are those of `ask`.

        Raises:
            ChatError: it failed; what had arrived is the reply of the last of `turns`.
        """
        with interruptible_here():
            reply = await self._asked(prompt, names, schema, False, tools, approve)
            try:
                async with aclosing(reply):
                    async for chunk in reply:
                        yield chunk
            finally:
                _remark()

    @overload
    async def ask(
        self,
        prompt: str,
        *,
        names: Mapping[str, Any] | None = None,
        tools: Sequence[Any] = (),
        approve: Sequence[str] = (),
    ) -> ReplyText: ...

    @overload
    async def ask(
        self,
        prompt: str,
        *,
        names: Mapping[str, Any] | None = None,
        schema: type[Value],
        tools: Sequence[Any] = (),
        approve: Sequence[str] = (),
    ) -> Value: ...

    @overload
    async def ask(
        self,
        prompt: str,
        *,
        names: Mapping[str, Any] | None = None,
        schema: object,
        schema_many: bool = False,
        tools: Sequence[Any] = (),
        approve: Sequence[str] = (),
    ) -> Any: ...

    async def ask(
        self,
        prompt: str,
        *,
        names: Mapping[str, Any] | None = None,
        schema: object = None,
        schema_many: bool = False,
        tools: Sequence[Any] = (),
        approve: Sequence[str] = (),
    ) -> Any:
        """Return the whole reply.

        A prompt is sent as it stands. With `names`, each `{{name}}` in it stands for what the mapping holds under
        that name, described and bounded as in a cell: `ask("What of {{df}}?", names={"df": df})`, `names=globals()`.
        So does what the option `attached` names.

        With `schema` (a pydantic model, a dataclass, a TypedDict, an Enum, a JSON Schema, or a line such as
        `"label: good|bad, why: str"`) the reply is the value, with `.turn` where that can be; with `schema_many` a
        list of them.

        With `tools` (functions, or their names in the notebook or in `names`) the model may ask for them. Each call is
        shown to the person first, unless `approve` names the function or it is marked `tool(asks=False)`.

        Raises:
            UnfitReplyError: the reply does not fit the schema; `text` is what came.
            ChatError: it failed; what had arrived is the reply of the last of `turns`.
        """
        with interruptible_here():
            reply = await self._asked(prompt, names, schema, schema_many, tools, approve)
            try:
                async with aclosing(reply):
                    await reply.text()
            finally:
                _remark()
        return reply.value

    @overload
    def ask_sync(
        self,
        prompt: str,
        *,
        names: Mapping[str, Any] | None = None,
        tools: Sequence[Any] = (),
        approve: Sequence[str] = (),
    ) -> ReplyText: ...

    @overload
    def ask_sync(
        self,
        prompt: str,
        *,
        names: Mapping[str, Any] | None = None,
        schema: type[Value],
        tools: Sequence[Any] = (),
        approve: Sequence[str] = (),
    ) -> Value: ...

    @overload
    def ask_sync(
        self,
        prompt: str,
        *,
        names: Mapping[str, Any] | None = None,
        schema: object,
        schema_many: bool = False,
        tools: Sequence[Any] = (),
        approve: Sequence[str] = (),
    ) -> Any: ...

    def ask_sync(
        self,
        prompt: str,
        *,
        names: Mapping[str, Any] | None = None,
        schema: object = None,
        schema_many: bool = False,
        tools: Sequence[Any] = (),
        approve: Sequence[str] = (),
    ) -> Any:
        """Return the whole reply, from code that cannot await. Arguments are those of `ask`.

        Raises:
            ChatError: it failed.
            ChatStopped: it was interrupted.
        """
        asked = self.ask(
            prompt, names=names, schema=schema, schema_many=schema_many, tools=tools, approve=approve
        )
        return run_sync(asked, leave=self._session.gateway.stop)

    async def compare(
        self,
        prompt: str,
        providers: Sequence[str] = (),
        *,
        models: Sequence[str] = (),
        names: Mapping[str, Any] | None = None,
        schema: object = None,
        schema_many: bool = False,
    ) -> dict[str, Any]:
        """Ask several at once, and return the replies of those that answered, by their names: `chat.compare("Why?", ["groq", "local"])`.

        Each of `providers` is a name or `"NAME:MODEL"`; with `models`, the chat's own provider is asked for each of these.
        They are revisions of one turn of the conversation, of which the first is the turn until another is restored. `names` and
        `schema` are those of `ask`. One that fails is not in the dict, and its error is in `turns` and the history.

        Raises:
            ServiceError: none of them answered.
            InputError: something of what was asked for cannot be; nothing was sent.
        """
        from g4f_magic.side_by_side.asking import replies_of

        options = self._typed(schema, names, schema_many)
        source = None if names is None else self._given(names)
        try:
            with interruptible_here():
                return await replies_of(self._session, prompt, options, providers, models, source)
        finally:
            _remark()

    def undo(self) -> bool:
        """Take back the last thing that was done to the conversation, and say whether there was one."""
        return self._conversation.undo()

    def redo(self) -> bool:
        """Do again what was taken back last, and say whether there was anything."""
        return self._conversation.redo()

    def fork(self, name: str = "") -> Chat:
        """Return a conversation that begins with the turns of this one and goes on apart from it."""
        name = name or f"fork-{uuid4().hex[:8]}"
        self._conversation.fork(self._session.conversation(name).name)
        chat = Chat(session=self._session)
        chat._options = replace(self._options, conversation=name)
        return chat

    async def _asked(
        self,
        prompt: str,
        names: Mapping[str, Any] | None,
        schema: object,
        schema_many: bool,
        tools: Sequence[Any],
        approve: Sequence[str],
    ) -> Reply:
        source = None if names is None else self._given(names)
        options = self._typed(schema, names, schema_many)
        if tools or approve or (names and options.tools):
            from g4f_magic.tools.named import with_tools

            options = with_tools(options, tools, approve, names or {})
        reply = self._last = await self._session.ask(prompt, options, source=source)
        for text in self._session.untold():
            warnings.warn(text, stacklevel=3)
        return reply

    @property
    def _conversation(self) -> Conversation:
        return self._session.conversation(self._options.conversation)


def _remark() -> None:
    """Say once, in the log, where a key came from, or that one was not sent."""
    for text in remarks.take():
        logging.getLogger("g4f_magic").warning(text)
