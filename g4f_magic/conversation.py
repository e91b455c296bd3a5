"""The turns so far, and asking the next one. Every turn is kept before its first chunk and settled however it ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from uuid import uuid4
from weakref import WeakKeyDictionary

from g4f_magic.chunks import Chunk, Finish, Notice, Reasoning, Served, Text, Usage
from g4f_magic.errors import BrokenOffError, ChatError, ServiceError
from g4f_magic.growing import GrowingText
from g4f_magic.messages import Message, Source, Status, Turn, estimated_tokens
from g4f_magic.secret import hide

FLUSH_SECONDS = 1.0

Stream = Callable[[list[dict[str, Any]]], AsyncGenerator[Chunk]]
"""Asks a service: messages in, chunks out."""

Resolve = Callable[[list[dict[str, Any]]], Awaitable["Question"]]
"""Settles a question once it is known what is sent along with it."""

Watcher = Callable[[Turn, Chunk | None], None]
"""Is told of a turn that began or settled, and of each chunk between. Quick, and raises nothing."""


class TurnStore(Protocol):
    """What a conversation needs of the history."""

    def turns(self, notebook: str, conversation: str) -> tuple[Turn, ...]:
        """Return the turns in order."""

    def before(self, notebook: str, conversation: str, slot: str) -> tuple[Turn, ...]:
        """Return those of them that come before the one in `slot`, which need not be there yet."""

    def begin(self, notebook: str, conversation: str, turn: Turn) -> None:
        """Keep an open turn: at its slot's place, else at the end."""

    def flush(self, turn_id: str, *, reply: str, reasoning: str) -> None:
        """Keep what an open turn has received so far."""

    def settle(self, turn: Turn) -> None:
        """Keep how a turn ended."""


@dataclass(frozen=True, slots=True)
class Bound:
    """How much of a conversation is sent along at most: the newest turns, by their number, their tokens, or both."""

    turns: int | None = None
    tokens: int | None = None

    def first_of(self, said: Sequence[Turn]) -> int:
        """Return the number of the first turn that is sent along, counted from 0."""
        first = 0 if self.turns is None else max(0, len(said) - self.turns)
        if self.tokens is not None:
            left = self.tokens
            for number in range(len(said) - 1, first - 1, -1):
                left -= estimated_tokens(said[number].prompt) + estimated_tokens(said[number].reply)
                if left < 0:
                    return number + 1
        return first


@dataclass(frozen=True, slots=True)
class Context:
    """What a turn is told of before its own prompt, and how many turns were left out of it."""

    turns: Sequence[Turn] = ()
    omitted_turns: int = 0

    @property
    def messages(self) -> tuple[Message, ...]:
        """Return what was said in those turns, oldest first."""
        return tuple(message for turn in self.turns for message in turn.messages())


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing to ask, and of whom."""

    prompt: str
    provider: str
    """The provider's name, for the record."""
    stream: Stream = field(repr=False)
    model: str = ""
    system: str = ""
    via: str = ""
    slot: str = ""
    """The place in the conversation; empty: a new one at the end."""
    bound: Bound = Bound()
    """How much of the conversation is sent along at most."""
    resolve: Resolve | None = field(default=None, repr=False)
    """Gives the question to ask in place of this one, by the messages: a recorded one, for instance."""
    source: Source = "live"
    seconds: float | None = None
    """How long it took when it was recorded; None: it is measured."""
    hosts: tuple[str, ...] = field(default=(), repr=False)
    """What an error may name and a recording must not."""
    longest: int | None = None
    """After how many characters, the reasoning's included, the reply is ended; None: as it comes."""


class Conversation:
    """Turns in order. Turns of one conversation queue up; conversations run side by side."""

    def __init__(self, store: TurnStore, notebook: str, name: str) -> None:
        self.name = name
        self.notebook = notebook
        self.store = store
        # A lock belongs to the loop that first waits for it, and a terminal may have a new loop for each cell.
        self._locks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()
        self._watchers: list[Watcher] = []
        self._under_way: dict[str, _Record] = {}

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Have `watcher` told what happens here, whoever asks; call what this returns to end that."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    @property
    def is_watched(self) -> bool:
        """Say whether anyone is told what happens here."""
        return bool(self._watchers)

    def under_way(self) -> dict[str, Turn]:
        """Return the open turns of this kernel, with what has come so far, by their ids."""
        return {identity: record.so_far() for identity, record in self._under_way.items()}

    def _began(self, record: _Record) -> None:
        self.store.begin(self.notebook, self.name, record.turn)
        self._under_way[record.turn.id] = record
        self._tell(record, None)

    def _settled(self, record: _Record) -> None:
        self.store.settle(record.turn)
        self._under_way.pop(record.turn.id, None)
        self._tell(record, None)

    def _tell(self, record: _Record, chunk: Chunk | None) -> None:
        for watcher in tuple(self._watchers):
            watcher(record.turn, chunk)

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Return the turns in the order of the notebook."""
        return self.store.turns(self.notebook, self.name)

    def context(self, slot: str = "", bound: Bound | None = None) -> Context:
        """Return what a turn in `slot` is told of before its own prompt: what was said in the turns before it."""
        said = [turn for turn in self.store.before(self.notebook, self.name, slot) if turn.is_said]
        first = (bound or Bound()).first_of(said)
        return Context(said[first:], first)

    def ask(self, question: Question, *, is_kept: bool = True) -> Reply:
        """Return the reply to a question, not yet sent: iterate it, inside `aclosing`.

        With `is_kept` false the turn sees nothing of the conversation and leaves nothing in it.
        """
        return Reply(self if is_kept else None, question)

    @asynccontextmanager
    async def _its_turn(self, slot: str, bound: Bound) -> AsyncGenerator[Context]:
        lock = self._locks.setdefault(asyncio.get_running_loop(), asyncio.Lock())
        async with lock:
            yield self.context(slot, bound)


class Reply:
    """A reply on its way: its chunks, and the turn that they make up."""

    def __init__(self, conversation: Conversation | None, question: Question) -> None:
        # The chunks know the record and not the reply: one that is dropped is in no cycle and ends at once.
        self._record = _Record(conversation, question)
        self._chunks = self._record.run()

    @property
    def turn(self) -> Turn:
        """Return the turn as it stands: open until the last chunk has come, then settled."""
        return self._record.turn

    def __aiter__(self) -> AsyncGenerator[Chunk]:
        return self._chunks

    async def aclose(self) -> None:
        """Stop: close the connection and settle the turn as stopped, if it has not ended yet."""
        await self._chunks.aclose()

    async def text(self) -> str:
        """Return the whole reply."""
        async with aclosing(self._chunks) as chunks:
            async for _ in chunks:
                pass
        return self.turn.reply


class _Record:
    """Asks, and keeps what comes."""

    def __init__(self, conversation: Conversation | None, question: Question) -> None:
        identity = uuid4().hex
        self.turn = Turn(
            id=identity,
            slot=question.slot or identity,
            # What is kept and shown; the request itself carries what the person wrote.
            prompt=hide(question.prompt),
            system=hide(question.system),
            provider=question.provider,
            model=question.model,
            via=question.via,
            source=question.source,
            started_at=time.time(),
        )
        self._conversation = conversation
        self._question = question
        self._text = GrowingText()
        self._held = ""
        self._thought = GrowingText()
        self._started = time.monotonic()
        self._flush: asyncio.TimerHandle | None = None

    async def run(self) -> AsyncGenerator[Chunk]:
        async with self._its_turn() as context:
            messages = self._messages(context.turns)
            await self._resolve(messages, context.omitted_turns)
            self._begin()
            try:
                async with aclosing(self._question.stream(messages)) as chunks:
                    async for chunk in chunks:
                        fitting = chunk if self._question.longest is None else self._fitting(chunk)
                        self._take(fitting)
                        yield fitting
                        if fitting is not chunk:
                            raise self._too_long()
                if not self._text and not self._thought:
                    raise ServiceError(
                        f"{self.turn.provider}: the reply is empty",
                        hint="Try again, or use another provider.",
                    )
            except ChatError as exc:
                self._settle(self._broken(), error=str(exc))
                raise
            except (asyncio.CancelledError, GeneratorExit, KeyboardInterrupt):
                self._text.add(self._held)  # nothing follows for which it could wait
                self._settle("stopped")
                raise
            except BaseException as exc:
                self._settle(self._broken(), error=f"an unexpected {type(exc).__name__}")
                raise
            self._settle("done")

    def _its_turn(self) -> AbstractAsyncContextManager[Context]:
        """Wait until nothing else of the conversation is asked, and give what is sent along."""
        if self._conversation is None:
            return nullcontext(Context())
        return self._conversation._its_turn(self.turn.slot, self._question.bound)

    async def _resolve(self, messages: list[dict[str, Any]], omitted_turns: int) -> None:
        if self._question.resolve is not None:
            self._question = await self._question.resolve(messages)
        question = self._question
        self.turn = replace(
            self.turn,
            provider=question.provider,
            model=question.model,
            via=question.via,
            source=question.source,
            context_messages=len(messages),
            omitted_turns=omitted_turns,
        )

    def _messages(self, context: Sequence[Turn]) -> list[dict[str, Any]]:
        asked = self._question
        messages = [{"role": "system", "content": asked.system}] if asked.system else []
        for turn in context:
            messages.append({"role": "user", "content": turn.prompt})
            messages.append({"role": "assistant", "content": turn.reply})
        return [*messages, {"role": "user", "content": asked.prompt}]

    def _fitting(self, chunk: Chunk) -> Chunk:
        """Return the chunk, or as much of its text as the limit leaves room for."""
        if not isinstance(chunk, (Text, Reasoning)):
            return chunk
        room = (self._question.longest or 0) - self._text.characters - self._thought.characters
        return chunk if len(chunk.text) <= room else replace(chunk, text=chunk.text[:room])

    def _too_long(self) -> ChatError:
        return BrokenOffError(
            f"{self.turn.provider}: the reply was ended after {self._question.longest:,} characters",
            hint="They are kept. Where longer replies are meant: %config ChatMagics.longest_reply = None",
        )

    def _broken(self) -> Status:
        return "broken" if self._text or self._thought else "failed"

    def _take(self, chunk: Chunk) -> None:
        if isinstance(chunk, Text):  # nearly always, and so the shortest way
            self._text.add(chunk.text)
            self._held = chunk.held
            if self._flush is None:
                self._flush_soon()
        else:
            self._note(chunk)
        if self._conversation is not None and self._conversation.is_watched:
            self._conversation._tell(self, chunk)

    def _note(self, chunk: Chunk) -> None:
        match chunk:
            case Reasoning(text):
                self._thought.add(text)
                self._flush_soon()
            case Usage():
                self.turn = replace(self.turn, usage=chunk)
            case Finish(reason, skipped_lines):
                self.turn = replace(self.turn, finish=reason, skipped_lines=skipped_lines)
            case Served(provider, model, via, after):
                way = ", ".join(filter(None, (via, f"fallback after {after}" if after else "")))
                self.turn = replace(self.turn, provider=provider, model=model, via=way)
            case Text() | Notice():
                pass

    def _begin(self) -> None:
        self._started = time.monotonic()
        self.turn = replace(self.turn, started_at=time.time())
        if self._conversation is not None:
            self._conversation._began(self)

    def so_far(self) -> Turn:
        return replace(self.turn, reply=str(self._text), reasoning=str(self._thought))

    def _flush_soon(self) -> None:
        """Keep what has come, a second from now at the latest: also where nothing follows it."""
        if self._conversation is not None and self._flush is None:
            self._flush = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self._flush_now)

    def _flush_now(self) -> None:
        self._flush = None
        if self._conversation is not None:
            self._conversation.store.flush(self.turn.id, reply=str(self._text), reasoning=str(self._thought))

    def _settle(self, status: Status, *, error: str = "") -> None:
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None
        self.turn = replace(
            self.turn,
            reply=str(self._text),
            reasoning=str(self._thought),
            status=status,
            error=error,
            seconds=self._seconds(),
        )
        if self._conversation is not None:
            self._conversation._settled(self)

    def _seconds(self) -> float | None:
        if self.turn.source == "replayed":
            return self._question.seconds
        return time.monotonic() - self._started
