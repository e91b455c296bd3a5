"""What a turn is told of, and how it is kept, however it ends."""

from __future__ import annotations

import asyncio
import itertools
import tracemalloc
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from g4f_magic.ask import Bound
from g4f_magic.chunks import Chunk, Finish, Reasoning, Text, Usage
from g4f_magic.conversation import Conversation
from g4f_magic.errors import BrokenOffError, ServiceError
from g4f_magic.history import KERNEL, History
from g4f_magic.renderers.provenance import provenance
from g4f_magic.running_turn import Reply
from g4f_magic.turn import GUIDE
from tests.answerers import asked
from tests.patience import PATIENCE_SECONDS


@pytest.fixture
async def conversation() -> AsyncIterator[Conversation]:
    history = History(None)
    yield Conversation(history, f"{KERNEL}test", "main")
    history.close()


class Service:
    """Answers with the chunks that it was given, and keeps what it was asked."""

    def __init__(self, *chunks: Chunk | Exception) -> None:
        self.asked: list[list[dict[str, Any]]] = []
        self._chunks = chunks
        self.closed = 0

    async def __call__(self, messages: list[dict[str, Any]]) -> AsyncGenerator[Chunk]:
        self.asked.append(messages)
        try:
            for chunk in self._chunks:
                if isinstance(chunk, Exception):
                    raise chunk
                yield chunk
                await asyncio.sleep(0)
        finally:
            self.closed += 1


class Endless(Service):
    """Answers with the same chunk for ever."""

    def __init__(self, chunk: Chunk) -> None:
        super().__init__()
        self._chunks = itertools.repeat(chunk)  # type: ignore[assignment]


async def say(conversation: Conversation, prompt: str, **fields: Any) -> Service:
    service = Service(Text(f"Answer to {prompt}"))
    await asked(conversation, prompt, service, **fields).text()
    return service


async def test_a_turn_is_told_of_what_was_said_before(conversation: Conversation) -> None:
    await say(conversation, "one")
    service = await say(conversation, "two", system="Be brief.")
    assert service.asked == [
        [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "one"},
            {"role": "assistant", "content": "Answer to one"},
            {"role": "user", "content": "two"},
        ]
    ]


async def test_running_a_cell_again_sends_only_what_stands_before_it(conversation: Conversation) -> None:
    for slot in ("a", "b", "c"):
        await say(conversation, slot, slot=slot)
    service = await say(conversation, "b again", slot="b")
    assert [message["content"] for message in service.asked[0]] == ["a", "Answer to a", "b again"]
    assert [turn.prompt for turn in conversation.turns] == ["a", "b again", "c"]


async def test_the_turn_is_kept_open_before_the_first_chunk(conversation: Conversation) -> None:
    reply = asked(conversation, "one", Service(Text("Yes")))
    async with aclosing(reply):
        async for _ in reply:
            (kept,) = conversation.turns
            assert (kept.prompt, kept.status) == ("one", "open")
    assert conversation.turns[0].status == "done"


async def test_closing_early_keeps_what_was_said(conversation: Conversation) -> None:
    service = Service(Text("Once "), Text("upon "), Text("a time"))
    reply = asked(conversation, "Tell", service)
    async with aclosing(reply):
        async for _ in reply:
            break
    assert (conversation.turns[0].status, conversation.turns[0].reply) == ("stopped", "Once ")
    assert service.closed == 1


async def test_cancelling_settles_the_turn_as_stopped(conversation: Conversation) -> None:
    heard = asyncio.Event()

    async def silent(messages: list[dict[str, Any]]) -> AsyncGenerator[Chunk]:
        yield Text("Half")
        heard.set()
        await asyncio.Event().wait()

    reply = asked(conversation, "Tell", silent)
    task = asyncio.create_task(reply.text())
    await heard.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (conversation.turns[0].status, conversation.turns[0].reply) == ("stopped", "Half")


async def test_a_reply_that_breaks_off_is_kept_and_raised(conversation: Conversation) -> None:
    service = Service(Text("Half"), BrokenOffError("cut"))
    with pytest.raises(BrokenOffError):
        await asked(conversation, "Tell", service).text()
    turn = conversation.turns[0]
    assert (turn.status, turn.reply, turn.error) == ("broken", "Half", "cut")


async def test_a_failure_without_text_is_failed_and_confuses_no_later_turn(
    conversation: Conversation,
) -> None:
    with pytest.raises(ServiceError):
        await asked(conversation, "Tell", Service(ServiceError("no"))).text()
    service = await say(conversation, "Again")
    assert conversation.turns[0].status == "failed"
    assert [message["content"] for message in service.asked[0]] == ["Again"]


async def test_an_empty_reply_is_an_error(conversation: Conversation) -> None:
    with pytest.raises(ServiceError, match="empty"):
        await asked(conversation, "Tell", Service(Finish("stop"))).text()
    assert conversation.turns[0].status == "failed"


async def test_an_error_that_nobody_foresaw_settles_the_turn(conversation: Conversation) -> None:
    with pytest.raises(ZeroDivisionError):
        await asked(conversation, "Tell", Service(Text("Half"), ZeroDivisionError())).text()
    assert conversation.turns[0].status == "broken"


async def test_what_came_besides_text_is_kept(conversation: Conversation) -> None:
    service = Service(Reasoning("Hm. "), Text("Yes"), Usage(3, 4), Finish("length", 2))
    await asked(conversation, "Tell", service).text()
    turn = conversation.turns[0]
    assert (turn.reasoning, turn.usage, turn.finish, turn.skipped_lines) == ("Hm. ", Usage(3, 4), "length", 2)


async def test_once_sees_nothing_and_leaves_nothing(conversation: Conversation) -> None:
    await say(conversation, "one")
    service = Service(Text("Yes"))
    reply = asked(conversation, "aside", service, is_kept=False)
    assert await reply.text() == "Yes"
    assert [message["content"] for message in service.asked[0]] == ["aside"]
    assert [turn.prompt for turn in conversation.turns] == ["one"]
    assert reply.turn.status == "done"


async def test_two_turns_of_one_conversation_queue_up(conversation: Conversation) -> None:
    services = [Service(Text(f"Answer {number}")) for number in range(5)]
    replies = [asked(conversation, f"Q{number}", service) for number, service in enumerate(services)]
    await asyncio.gather(*(reply.text() for reply in replies))
    assert [len(service.asked[0]) for service in services] == [1, 3, 5, 7, 9]


async def test_conversations_run_side_by_side() -> None:
    history = History(None)
    both = asyncio.Barrier(2)

    async def meet(messages: list[dict[str, Any]]) -> AsyncGenerator[Chunk]:
        await both.wait()
        yield Text("Met")

    talks = [Conversation(history, f"{KERNEL}x", name) for name in ("a", "b")]
    replies = [asked(talk, "Hi", meet) for talk in talks]
    assert await asyncio.wait_for(asyncio.gather(*(reply.text() for reply in replies)), PATIENCE_SECONDS) == [
        "Met",
        "Met",
    ]
    history.close()


@pytest.mark.parametrize(
    ("bound", "kept", "omitted"),
    [
        (Bound(), ["one", "two", "three"], 0),
        (Bound(turns=2), ["two", "three"], 1),
        (Bound(turns=0), [], 3),
        (Bound(turns=9), ["one", "two", "three"], 0),
        (Bound(tokens=12), ["two", "three"], 1),
        (Bound(tokens=0), [], 3),
        (Bound(turns=1, tokens=1000), ["three"], 2),
    ],
)
async def test_the_context_is_bounded_by_the_newest_turns(
    conversation: Conversation, bound: Bound, kept: list[str], omitted: int
) -> None:
    for prompt in ("one", "two", "three"):
        await say(conversation, prompt)
    context = conversation.context(bound)
    assert [message.content for message in context.messages if message.role == "user"] == kept
    assert context.omitted_turns == omitted


async def test_what_was_left_out_is_said_in_the_turn(conversation: Conversation) -> None:
    await say(conversation, "one")
    await say(conversation, "two", bound=Bound(turns=0), system="Stay.")
    assert conversation.turns[-1].omitted_turns == 1


async def test_text_is_kept_a_second_after_it_came_though_nothing_follows(
    conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("g4f_magic.running_turn.FLUSH_SECONDS", 0.0)
    kept = asyncio.Event()
    flush = conversation.store.flush

    def noticed(turn_id: str, *, reply: str, reasoning: str) -> None:
        flush(turn_id, reply=reply, reasoning=reasoning)
        kept.set()

    monkeypatch.setattr(conversation.store, "flush", noticed)

    async def pausing(messages: list[dict[str, Any]]) -> AsyncGenerator[Chunk]:
        yield Text("Half")
        await kept.wait()
        assert conversation.turns[0].reply == "Half"
        yield Text(" and half")

    reply: Reply = asked(conversation, "Tell", pausing)
    assert await asyncio.wait_for(reply.text(), PATIENCE_SECONDS) == "Half and half"


@pytest.mark.parametrize("kind", [Text, Reasoning])
async def test_a_reply_that_never_ends_is_ended_at_the_limit_and_kept(
    conversation: Conversation, kind: type[Text | Reasoning]
) -> None:
    service = Endless(kind("0123456789"))
    reply = asked(conversation, "one", service, longest=25)
    with pytest.raises(BrokenOffError, match="25 characters") as caught:
        await reply.text()
    assert "longest_reply" in caught.value.hint
    (turn,) = conversation.turns
    assert turn.reply + turn.reasoning == "0123456789012345678901234"
    assert turn.status == "broken"
    assert service.closed == 1


async def test_a_reply_of_just_the_limit_is_whole(conversation: Conversation) -> None:
    service = Service(Text("01234"), Reasoning("56789"), Text(""), Finish("stop"))
    reply = asked(conversation, "one", service, longest=10)
    await reply.text()
    assert (reply.turn.status, reply.turn.finish) == ("done", "stop")


async def test_without_a_limit_a_reply_may_be_as_long_as_it_is(conversation: Conversation) -> None:
    reply = asked(conversation, "one", Service(*[Text("x" * 1000)] * 5000), longest=None)
    assert len(await reply.text()) == 5_000_000


@pytest.mark.heavy
async def test_very_many_pieces_are_kept_as_few(conversation: Conversation) -> None:
    tracemalloc.start()
    try:
        reply = asked(conversation, "one", Service(*[Text("ab")] * 40_000))
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        async with aclosing(reply):
            async for _ in reply:
                pass
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert len(reply.turn.reply) == 80_000
    # A pointer for each piece alone would be 320 KB, and here the text is held thrice.
    assert peak < 600_000


async def test_a_turn_that_is_stopped_while_it_queues_says_so_and_leaves_nothing(
    conversation: Conversation,
) -> None:
    running = asked(conversation, "one", Service(Text("a"), Text("b")))
    await anext(aiter(running))
    waiting = asked(conversation, "two", Service(Text("c")))
    task = asyncio.create_task(waiting.text())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert waiting.turn.status == "stopped"
    assert provenance(waiting.turn).startswith("— stopped before it was asked · ")
    await running.aclose()
    assert [turn.prompt for turn in conversation.turns] == ["one"]


async def test_a_reply_that_is_closed_before_it_began_is_not_under_way(conversation: Conversation) -> None:
    reply = asked(conversation, "one", Service(Text("a")))
    await reply.aclose()
    assert reply.turn.status == "stopped"
    assert conversation.turns == ()


async def test_no_model_is_told_what_the_guide_said(conversation: Conversation) -> None:
    guide = Service(Text("a page"))
    for prompt in ("one", "two"):
        await asked(conversation, prompt, guide, via=GUIDE).text()
    model = Service(Text("an answer"))
    reply = asked(conversation, "three", model)
    await reply.text()
    assert [message["content"] for message in model.asked[-1]] == ["three"]
    assert (reply.turn.context_turns, reply.turn.guide_turns, reply.turn.omitted_turns) == (0, 2, 0)
    await asked(conversation, "four", guide, via=GUIDE, bound=Bound(turns=2)).text()
    assert [message["content"] for message in guide.asked[-1]][::2] == ["two", "three", "four"]
