"""Who is asked next, and who rests."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.answering.chain import LONGEST_ASKED_SECONDS, Chain, Cooldowns, Member, moves_on, reason
from g4f_magic.ask import Ask
from g4f_magic.chunks import Chunk, Finish, Notice, Reasoning, Served, Text, Usage
from g4f_magic.errors import (
    BrokenOffError,
    ChatError,
    ChatTimeoutError,
    CloudflareError,
    InputError,
    MissingAuthError,
    ModelNotSupportedError,
    RateLimitError,
    ResponseStatusError,
    ServiceError,
    UnreachableError,
    WireError,
)
from tests.answerers import Says

Item = Chunk | ChatError
ASK = Ask(prompt="?")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Service:
    """One that yields the given chunks, and raises a given error."""

    def __init__(self, name: str, *items: Item, on_link: ChatError | None = None) -> None:
        self.name, self.items, self.on_link = name, items, on_link
        self.asked = self.closed = 0

    @property
    def member(self) -> Member:
        return Member(self.name, self._make)

    async def _make(self) -> Says:
        self.asked += 1
        if self.on_link is not None:
            raise self.on_link
        return Says(self._stream, self.name, f"{self.name}-1", f"{self.name}'s way")

    async def _stream(self, messages: list[dict[str, Any]]) -> AsyncGenerator[Chunk]:
        try:
            for item in self.items:
                if isinstance(item, ChatError):
                    raise item
                yield item
        finally:
            self.closed += 1


async def ask(*services: Service, cooldowns: Cooldowns | None = None) -> list[Chunk]:
    chain = Chain([service.member for service in services], cooldowns or Cooldowns(Clock()))
    async with aclosing(chain.answer([], ASK)) as chunks:
        first = await anext(chunks)
        assert first == Served(",".join(service.name for service in services))
        return [chunk async for chunk in chunks]


def replies(text: str = "yes") -> tuple[Chunk, ...]:
    return (Text(text), Finish("stop"))


PASSING: list[Callable[[], ChatError]] = [
    lambda: UnreachableError("x"),
    lambda: MissingAuthError("x"),
    lambda: RateLimitError("x", status=402),
    lambda: RateLimitError("x", status=429),
    lambda: ResponseStatusError("x", status=403),
    lambda: ResponseStatusError("x", status=404),
    lambda: ResponseStatusError("x", status=500),
    lambda: ResponseStatusError("x", status=503),
    lambda: CloudflareError("x", status=403),
    lambda: ChatTimeoutError("x"),
    lambda: BrokenOffError("x"),
    lambda: ServiceError("x"),
    lambda: WireError("x"),
]
STAYING: list[Callable[[], ChatError]] = [
    lambda: InputError("x"),
    lambda: ModelNotSupportedError("x"),
    lambda: ResponseStatusError("x", status=400),
    lambda: ResponseStatusError("x", status=413),
    lambda: ResponseStatusError("x", status=422),
]


@pytest.mark.parametrize("make", PASSING)
async def test_who_fails_before_the_first_piece_gives_way_to_the_next(make: Callable[[], ChatError]) -> None:
    first, second = Service("first", make()), Service("second", *replies())
    notice, served, text, finish = await ask(first, second)
    assert isinstance(notice, Notice)
    assert isinstance(served, Served)
    assert (served.provider, served.model, served.via) == ("second", "second-1", "second's way")
    assert served.after.startswith("first (")
    assert (text, finish) == replies()


@pytest.mark.parametrize("make", STAYING)
async def test_what_is_wrong_with_the_request_itself_is_said_at_once(make: Callable[[], ChatError]) -> None:
    second = Service("second", *replies())
    with pytest.raises(ChatError, match="x"):
        await ask(Service("first", make()), second)
    assert second.asked == 0


@pytest.mark.parametrize("make", [*PASSING, *STAYING])
async def test_after_the_first_piece_nobody_else_is_asked(make: Callable[[], ChatError]) -> None:
    first, second = Service("first", Text("Half a"), make()), Service("second", *replies())
    chain = Chain([first.member, second.member], Cooldowns(Clock()))
    chunks = chain.answer([], ASK)
    assert await anext(chunks) == Served("first,second")
    assert isinstance(await anext(chunks), Served)
    assert await anext(chunks) == Text("Half a")
    with pytest.raises(ChatError, match="x"):
        await anext(chunks)
    assert second.asked == 0


def test_what_a_service_calls_empty_is_no_empty_reply() -> None:
    assert reason(ServiceError("groq: messages must not be empty")) == "an error"


@pytest.mark.parametrize(
    "empty", [(), (Finish("stop"),), (Usage(3, 0), Finish("stop")), (Text(""), Text(" \n"), Finish("stop"))]
)
async def test_an_empty_reply_is_a_failure(empty: tuple[Chunk, ...]) -> None:
    chunks = await ask(Service("first", *empty), Service("second", *replies()))
    assert [chunk for chunk in chunks if isinstance(chunk, Text)] == [Text("yes")]
    assert next(chunk for chunk in chunks if isinstance(chunk, Served)).after == "first (empty reply)"


async def test_a_thought_is_the_beginning_of_a_reply() -> None:
    second = Service("second", *replies())
    with pytest.raises(BrokenOffError):
        await ask(Service("first", Reasoning("Hm"), BrokenOffError("x")), second)
    assert second.asked == 0


async def test_what_comes_before_the_first_piece_is_kept_in_order() -> None:
    chunks = await ask(Service("only", Usage(1, 0), Text("  "), Text("a"), Usage(1, 1), Finish()))
    assert chunks[1:] == [Usage(1, 0), Text("  "), Text("a"), Usage(1, 1), Finish()]


async def test_who_answers_at_once_is_named_without_a_history() -> None:
    served, *_ = await ask(Service("first", *replies()), Service("second", *replies()))
    assert served == Served("first", "first-1", "first's way")


async def test_a_model_that_the_service_names_later_counts() -> None:
    chunks = await ask(Service("first", Served("first", "found", "here"), *replies()))
    assert chunks[0] == Served("first", "found", "here")


async def test_a_key_that_is_missing_moves_on_too() -> None:
    first = Service("first", on_link=MissingAuthError("no key"))
    chunks = await ask(first, Service("second", *replies()))
    assert next(chunk for chunk in chunks if isinstance(chunk, Served)).after == "first (no valid key)"


async def test_where_none_answers_all_are_named() -> None:
    with pytest.raises(ServiceError) as caught:
        await ask(Service("first", UnreachableError("x")), Service("second", RateLimitError("y", status=429)))
    assert str(caught.value) == "none of 2 services answered: first (no connection), second (HTTP 429)"
    assert "doctor" in caught.value.hint


async def test_leaving_early_closes_the_one_that_answers() -> None:
    only = Service("only", Text("a"), Text("b"), Text("c"))
    async with aclosing(Chain([only.member], Cooldowns(Clock())).answer([], ASK)) as chunks:
        async for chunk in chunks:
            if isinstance(chunk, Text):
                break
    assert only.closed == 1


async def test_a_service_that_asks_us_to_wait_is_left_alone_that_long() -> None:
    clock = Clock()
    cooldowns = Cooldowns(clock)
    busy = Service("busy", RateLimitError("x", status=429, retry_after_seconds=7))
    for _ in range(2):
        chunks = await ask(busy, Service("other", *replies()), cooldowns=cooldowns)
    assert busy.asked == 1
    assert next(chunk for chunk in chunks if isinstance(chunk, Served)).after == "busy (rests 7 s)"
    clock.now = 7.0
    await ask(busy, Service("other", *replies()), cooldowns=cooldowns)
    assert busy.asked == 2


async def test_one_failure_is_forgiven_and_two_in_a_row_are_not() -> None:
    cooldowns = Cooldowns(Clock())
    failing = Service("failing", UnreachableError("x"))
    for _ in range(4):
        await ask(failing, Service("other", *replies()), cooldowns=cooldowns)
    assert failing.asked == 2


async def test_an_answer_makes_a_service_as_good_as_new() -> None:
    cooldowns = Cooldowns(Clock())
    for items in ([UnreachableError("x")], replies(), [UnreachableError("x")]):
        await ask(Service("one", *items), Service("other", *replies()), cooldowns=cooldowns)
    assert cooldowns.seconds_left("one") == 0


async def test_where_all_rest_they_are_asked_all_the_same_the_first_to_wake_first() -> None:
    clock = Clock()
    cooldowns = Cooldowns(clock)
    cooldowns.failed("late", RateLimitError("x", status=429, retry_after_seconds=90))
    cooldowns.failed("soon", RateLimitError("x", status=429, retry_after_seconds=9))
    chunks = await ask(
        Service("late", *replies("late")), Service("soon", *replies("soon")), cooldowns=cooldowns
    )
    assert Text("soon") in chunks


async def test_a_wrong_request_is_not_held_against_the_service() -> None:
    cooldowns = Cooldowns(Clock())
    for _ in range(3):
        with pytest.raises(ResponseStatusError):
            await ask(Service("one", ResponseStatusError("x", status=400)), cooldowns=cooldowns)
    assert cooldowns.seconds_left("one") == 0


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e9)), max_size=30), st.sampled_from([402, 429]))
def test_no_rest_is_longer_than_an_hour(waits: list[float | None], status: int) -> None:
    cooldowns = Cooldowns(Clock())
    for wait in waits:
        cooldowns.failed("one", RateLimitError("x", status=status, retry_after_seconds=wait))
    assert 0 <= cooldowns.seconds_left("one") <= LONGEST_ASKED_SECONDS


@given(
    st.lists(
        st.one_of(st.just(None), st.lists(st.sampled_from(["", " ", "a", "bc"]), max_size=4)),
        min_size=1,
        max_size=5,
    )
)
async def test_the_text_is_always_that_of_one_service(plans: list[list[str] | None]) -> None:
    """None fails, a list replies with these pieces."""
    services = [
        Service(str(number), *([UnreachableError("x")] if plan is None else map(Text, plan)))
        for number, plan in enumerate(plans)
    ]
    whole = ["".join(plan) for plan in plans if plan is not None and "".join(plan).strip()]
    try:
        chunks = await ask(*services)
    except ServiceError:
        assert not whole
        return
    assert "".join(chunk.text for chunk in chunks if isinstance(chunk, Text)) == whole[0]
    assert sum(isinstance(chunk, Served) for chunk in chunks) == 1


def test_an_error_of_an_unknown_kind_does_not_move_on() -> None:
    assert not moves_on(ChatError("x"))
