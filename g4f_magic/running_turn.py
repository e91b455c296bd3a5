"""A turn while it runs: asked, kept before its first chunk, and settled however it ends."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing
from contextvars import ContextVar
from dataclasses import replace
from typing import Any, Protocol
from uuid import uuid4

from g4f_magic.answerer import Answerer
from g4f_magic.ask import Ask, Bound
from g4f_magic.cassette import kept_parameters
from g4f_magic.chunks import Chunk, Reasoning, Rethought, Served, Text, Unfit
from g4f_magic.costing import costed
from g4f_magic.errors import BrokenOffError, ChatError, InputError, UnfitReplyError
from g4f_magic.outcome import AnswerSteps, failure_of, noted
from g4f_magic.reply import ReplyText
from g4f_magic.secret import mask_known
from g4f_magic.turn import Status, ToolCall, ToolResult, Turn, closed, reasoning_of, text_of

FLUSH_SECONDS = 1.0
ASKING: ContextVar[tuple[object, ...]] = ContextVar("g4f_magic asking", default=())
"""The conversations for whose question a function runs right now: it cannot ask in them, as they wait for it."""


class Keeper(Protocol):
    """What a turn that runs needs of the conversation that it is asked in."""

    @property
    def is_watched(self) -> bool:
        """Say whether anyone is told what happens."""

    def queue(self, loop: asyncio.AbstractEventLoop) -> AbstractAsyncContextManager[None]:
        """Return what is held by the one whose turn it is."""

    def before(self, slot: str = "") -> tuple[Turn, ...]:
        """Return the turns before the one in `slot`."""

    def began(self, running: RunningTurn) -> None:
        """Keep a turn that begins."""

    def flush(self, turn_id: str, *, reply: str, reasoning: str) -> None:
        """Keep what has come so far."""

    def settled(self, running: RunningTurn) -> None:
        """Keep how it ended."""

    def tell(self, turn: Turn, chunk: Chunk | None) -> None:
        """Tell who watches of a chunk."""


class Reply:
    """A reply on its way: its chunks, and the turn that they make up."""

    def __init__(
        self,
        conversation: Keeper | None,
        ask: Ask,
        answerer: Answerer,
        slot: str = "",
        longest: int | None = None,
        compared: str = "",
    ) -> None:
        # The chunks know the record and not the reply: one that is dropped is in no cycle and ends at once.
        self._record = RunningTurn(conversation, ask, answerer, slot, longest, compared)
        self._chunks = self._record.run()

    @property
    def turn(self) -> Turn:
        """Return the turn as it stands: open until the last chunk has come, then settled."""
        return self._record.turn

    @property
    def value(self) -> Any:
        """Return what code gets of it: the value of a typed reply that fits, else its text; with `.turn`, where it can."""
        turn = self.turn
        if turn.ask.schema is None or turn.status != "done":
            return ReplyText(turn)
        from g4f_magic.reply_value import with_turn

        return with_turn(self._record.value, turn)

    def __aiter__(self) -> AsyncGenerator[Chunk]:
        return self._chunks

    async def aclose(self) -> None:
        """Stop: close the connection and settle the turn as stopped, if it has not ended yet."""
        await self._chunks.aclose()
        self._record.end_unasked()

    def begin(self) -> None:
        """Keep the turn as begun before it is asked: the order in which several are kept is then known."""
        self._record.begin()

    async def text(self) -> str:
        """Return the whole reply."""
        async with aclosing(self._chunks) as chunks:
            async for _ in chunks:
                pass
        return self.turn.reply


class RunningTurn:
    """Asks, and keeps what comes."""

    def __init__(
        self,
        conversation: Keeper | None,
        ask: Ask,
        answerer: Answerer,
        slot: str,
        longest: int | None,
        compared: str,
    ) -> None:
        identity, who = uuid4().hex, answerer.who
        self.turn = Turn(
            id=identity,
            slot=slot or identity,
            ask=_as_kept(ask),
            provider=who.provider,
            model=who.model,
            via=who.via,
            source=who.source,
            started_at=time.time(),
            compared=compared,
        )
        self._conversation = conversation
        self._ask = ask
        self._answerer = answerer
        self._longest = longest
        self._come = AnswerSteps()
        self._held = ""
        self._started = time.monotonic()
        self._recorded_seconds: float | None = None
        self._flush: asyncio.TimerHandle | None = None
        self._is_begun = False
        self._seller = ""
        self._sent_tokens = 0
        self.value: Any = None
        """Of a typed reply that has ended as it should."""

    async def run(self) -> AsyncGenerator[Chunk]:
        """Yield the chunks of the reply as they are kept; however this ends, or fails, the turn is settled."""
        async with AsyncExitStack() as stack:
            try:
                chunks = await self._asked(stack)
                async for chunk in chunks:
                    fitting = chunk if self._longest is None else self._fitting(chunk)
                    self._take(fitting)
                    yield fitting
                    if fitting is not chunk:
                        raise self._too_long()
                if (failure := await self._failure()) is not None:
                    raise failure
            except ChatError as exc:
                if isinstance(exc, UnfitReplyError):  # one that was recorded has lost it
                    exc.text = exc.text or str(self._come.text)
                self._settle(self._broken(), error=str(exc), hint=exc.hint)
                raise
            except (asyncio.CancelledError, GeneratorExit, KeyboardInterrupt):
                self._come.text.add(self._held)  # nothing follows for which it could wait
                self._settle("stopped")
                raise
            except BaseException as exc:
                self._settle(self._broken(), error=f"an unexpected {type(exc).__name__}")
                raise
            self._settle("done")

    async def _asked(self, stack: AsyncExitStack) -> AsyncGenerator[Chunk]:
        """Wait until nothing else of the conversation is asked, keep the turn, and return the reply's chunks."""
        turns: tuple[Turn, ...] = ()
        refuse_within(self._conversation)
        if self._conversation is not None:
            await stack.enter_async_context(self._conversation.queue(asyncio.get_running_loop()))
            turns = self._conversation.before(self.turn.slot)
        chunks = await stack.enter_async_context(aclosing(self._answerer.answer(turns, self._ask)))
        who = await anext(chunks)
        if isinstance(who, Served):
            self._recorded_seconds = who.seconds
            self.turn = noted(self.turn, who)
            if self.turn.source != who.source:
                self.turn = replace(self.turn, source=who.source)
            self._see(who)
        self.begin()
        return chunks

    def end_unasked(self) -> None:
        """Say of a turn that nobody waits for any more before it was asked that it was stopped."""
        if not self.turn.is_settled:
            self._settle("stopped")

    def _fitting(self, chunk: Chunk) -> Chunk:
        """Return the chunk, or as much of its text as the limit leaves room for."""
        if not isinstance(chunk, (Text, Reasoning)):
            return chunk
        room = (self._longest or 0) - self._come.characters
        return chunk if len(chunk.text) <= room else replace(chunk, text=chunk.text[:room])

    async def _failure(self) -> ChatError | None:
        """Return the error that the reply is though it ended by itself; what was recorded as a reply stays one."""
        turn, steps = self.turn, self._come.steps
        has_thought = bool(reasoning_of(steps))
        if turn.source == "replayed" and self._come:
            return await self._fit()
        failure = failure_of(
            turn.provider,
            has_text=bool(text_of(steps).strip()),
            has_thought=has_thought,
            finish=turn.finish,
            unshown=turn.unshown,
        )
        return failure or await self._fit()

    async def _fit(self) -> ChatError | None:
        """Make the value of a typed reply; return the error where it does not fit."""
        if self._ask.schema is None:
            return None
        from g4f_magic.schemas import schema_of
        from g4f_magic.schemas.fitting import loaded

        try:
            await loaded()
            self.value = schema_of(self._ask.schema).validate(str(self._come.text))
        except ChatError as exc:
            return exc
        return None

    def _too_long(self) -> ChatError:
        return BrokenOffError(
            f"{self.turn.provider}: the reply was ended after {self._longest:,} characters",
            hint="They are kept. Where longer replies are meant: %config ChatMagics.longest_reply = None",
        )

    def _broken(self) -> Status:
        return "broken" if self._come else "failed"

    def _take(self, chunk: Chunk) -> None:
        if isinstance(chunk, Text):  # nearly always, and so the shortest way
            self._come.text.add(chunk.text)
            self._held = chunk.held
            if self._flush is None:
                self._flush_soon()
        else:
            self._note(chunk)
        if self._conversation is not None and self._conversation.is_watched:
            self._conversation.tell(self.turn, chunk)

    def _note(self, chunk: Chunk) -> None:
        match chunk:
            case Reasoning(text):
                self._come.thought.add(text)
                self._flush_soon()
            case Rethought():
                self._come.rethink()
                self._flush_soon()
            case ToolCall() | ToolResult():
                self._come.take(chunk)
                self._flush_soon()
            case Unfit():
                self._come.drop_text()
                self.turn = noted(self.turn, chunk)
                self._flush_soon()
            case _:
                if isinstance(chunk, Served):
                    self._see(chunk)
                self.turn = noted(self.turn, chunk)

    def _see(self, who: Served) -> None:
        """Remember whose prices hold, and roughly how much was sent."""
        self._seller = who.seller or self._seller
        if who.carried is not None:
            self._sent_tokens = who.carried.tokens

    def begin(self) -> None:
        """Keep the turn as begun: its time counts from now."""
        self._is_begun = True
        self._started = time.monotonic()
        self.turn = replace(self.turn, started_at=time.time())
        if self._conversation is not None:
            self._conversation.began(self)

    def so_far(self) -> Turn:
        """Return the turn with the steps that have come."""
        return replace(self.turn, steps=self._come.steps)

    def _flush_soon(self) -> None:
        """Keep what has come, a second from now at the latest: also where nothing follows it."""
        if self._conversation is not None and self._flush is None:
            self._flush = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self._flush_now)

    def _flush_now(self) -> None:
        self._flush = None
        if self._conversation is not None:
            steps = self._come.steps
            self._conversation.flush(self.turn.id, reply=text_of(steps), reasoning=reasoning_of(steps))

    def _settle(self, status: Status, *, error: str = "", hint: str = "") -> None:
        if not self._is_begun:  # it waited for its turn: there is nothing to keep
            self.turn = replace(self.turn, status=status, error=error, hint=hint)
            return
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None
        settled = replace(
            self.turn,
            steps=closed(self._come.steps),
            status=status,
            error=error,
            hint=hint,
            seconds=self._seconds(),
        )
        self.turn = costed(settled, seller=self._seller, sent_tokens=self._sent_tokens)
        if self._conversation is not None:
            self._conversation.settled(self)

    def _seconds(self) -> float | None:
        if self.turn.source == "replayed":
            return self._recorded_seconds
        return time.monotonic() - self._started


def refuse_within(conversation: Keeper | None) -> None:
    """Refuse to wait for what waits for us.

    Raises:
        InputError: a tool asks in the conversation that asked for it.
    """
    if conversation is not None and any(one is conversation for one in ASKING.get()):
        raise InputError(
            "a tool cannot ask in the conversation that waits for it",
            hint="Let it ask in one of its own: g4f_magic.Chat(...).",
        )


def _as_kept(ask: Ask) -> Ask:
    """Return what is kept and shown of a question: without secrets. The request carries what the person wrote."""
    return replace(
        ask,
        prompt=mask_known(ask.prompt),
        sent=None if ask.sent is None else mask_known(ask.sent),
        system=mask_known(ask.system),
        attachments=tuple(replace(one, text=mask_known(one.text)) for one in ask.attachments),
        parameters=_parameters_as_kept(ask.parameters) if ask.parameters else {},
        bound=Bound(),
        toolbox=None,
        schema=None if ask.schema is None else _value_without_secrets(json.dumps(dict(ask.schema))),
    )


def _parameters_as_kept(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value_without_secrets(value) for name, value in kept_parameters(parameters)}


def _value_without_secrets(value: str) -> Any:
    """Return a value of its JSON, without secrets; where that is no JSON then, as a text."""
    masked = mask_known(value)
    try:
        return json.loads(masked)
    except ValueError:
        return masked
