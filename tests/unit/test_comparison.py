"""Several asked at once in one slot: what is kept, whatever happens and whenever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from g4f_magic.ask import Ask
from g4f_magic.chunks import Chunk, Text
from g4f_magic.comparison import Comparison, Contender
from g4f_magic.conversation import Conversation
from g4f_magic.errors import ServiceError
from g4f_magic.history import History
from g4f_magic.turn import Turn
from tests.answerers import Says, Stream
from tests.examples import share

STEPS = share(200)


@pytest.fixture
def conversation() -> Conversation:
    return Conversation(History(None), "notebook", "main")


def compared(conversation: Conversation, *streams: Stream, slot: str = "cell") -> Comparison:
    asked = [
        Contender(Ask(prompt="Hello", provider=f"p{number}"), Says(stream, provider=f"p{number}"))
        for number, stream in enumerate(streams)
    ]
    return conversation.compare(asked, slot=slot)


def saying(*texts: str) -> Stream:
    async def stream(messages: list[dict[str, Any]]) -> AsyncGenerator[Chunk]:
        for text in texts:
            await asyncio.sleep(0)
            yield Text(text)

    return stream


async def endless(messages: list[dict[str, Any]]) -> AsyncGenerator[Chunk]:
    while True:
        yield Text("on and ")
        await asyncio.sleep(0)


async def failing(messages: list[dict[str, Any]]) -> AsyncGenerator[Chunk]:
    await asyncio.sleep(0)
    raise ServiceError("no")
    yield Text("")


async def run(comparison: Comparison) -> None:
    await comparison.run(lambda number, chunk: None, lambda number: None)


async def test_an_interrupt_at_any_step_settles_all(conversation: Conversation) -> None:
    """A column that never ends, one that ends, one that fails: stopped after each number of steps of the loop."""
    before = asyncio.all_tasks()
    for steps in range(1, STEPS):
        comparison = compared(conversation, saying("a", "b", "c"), endless, failing, slot=f"cell {steps}")
        cell = asyncio.create_task(run(comparison))
        for _ in range(steps):
            await asyncio.sleep(0)
        cell.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cell
        assert all(turn.is_settled for turn in comparison.turns)
        assert conversation.under_way() == {}
        kept = conversation.revisions(f"cell {steps}")
        assert [turn.status for turn in kept] == [turn.status for turn in comparison.turns if kept]
        assert [turn.reply for turn in kept] == [turn.reply for turn in comparison.turns if kept]
        assert asyncio.all_tasks() == before
    again = compared(conversation, saying("All is well."), saying("Yes."), slot="last")
    await run(again)
    assert [turn.status for turn in again.turns] == ["done", "done"]


async def test_one_that_is_stopped_while_it_waits_is_not_kept(conversation: Conversation) -> None:
    first = compared(conversation, endless, endless, slot="first")
    running = asyncio.create_task(run(first))
    await asyncio.sleep(0)
    waiting = compared(conversation, saying("a"), saying("b"), slot="second")
    cell = asyncio.create_task(run(waiting))
    for _ in range(5):
        await asyncio.sleep(0)
    for task in (cell, running):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert [turn.status for turn in waiting.turns] == ["stopped", "stopped"]
    assert [turn.slot for turn in conversation.turns] == ["first"]


async def test_two_interrupts_orphan_nothing(conversation: Conversation) -> None:
    closing = asyncio.Event()
    may_close = asyncio.Event()

    async def slow_to_close(messages: list[dict[str, Any]]) -> AsyncGenerator[Chunk]:
        try:
            yield Text("Half")
            await asyncio.Event().wait()
        finally:
            closing.set()
            await may_close.wait()

    comparison = compared(conversation, slow_to_close, endless)
    cell = asyncio.create_task(run(comparison))
    while not comparison.turns[0].started_at or not conversation.under_way():
        await asyncio.sleep(0)
    for _ in range(10):
        await asyncio.sleep(0)
    cell.cancel()
    await closing.wait()
    cell.cancel()
    await asyncio.sleep(0)
    may_close.set()
    with pytest.raises(asyncio.CancelledError):
        await cell
    assert [turn.status for turn in comparison.turns] == ["stopped", "stopped"]
    assert conversation.under_way() == {}


async def test_revisions_stand_in_the_order_of_the_columns(conversation: Conversation) -> None:
    comparison = compared(conversation, saying("slow", "er"), saying("quick"), failing)
    await run(comparison)
    (turn,) = conversation.turns
    assert [one.id for one in conversation.columns(turn)] == [one.id for one in comparison.turns]
    assert [one.status for one in conversation.columns(turn)] == ["done", "done", "failed"]


async def test_a_turn_asked_alone_has_no_columns(conversation: Conversation) -> None:
    reply = conversation.ask(Ask(prompt="Hello", provider="p"), Says(saying("x")), slot="cell")
    await reply.text()
    assert conversation.columns(conversation.turns[0]) == ()


async def test_an_error_that_is_none_of_ours_ends_all(conversation: Conversation) -> None:
    async def broken(messages: list[dict[str, Any]]) -> AsyncGenerator[Chunk]:
        raise ZeroDivisionError
        yield Text("")

    comparison = compared(conversation, endless, broken)
    with pytest.raises(ZeroDivisionError):
        await run(comparison)
    assert [turn.status for turn in comparison.turns] == ["stopped", "failed"]


async def test_who_watches_is_told_of_the_first_and_of_how_all_end(conversation: Conversation) -> None:
    told: list[tuple[str, bool]] = []

    def watch(turn: Turn, chunk: Chunk | None) -> None:
        told.append((turn.provider, chunk is not None))

    conversation.watch(watch)
    await run(compared(conversation, saying("a"), saying("b")))
    assert {provider for provider, is_chunk in told if is_chunk} == {"p0"}
    assert ("p1", False) in told
