"""What is done to a conversation besides asking in it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from g4f_magic.chunks import Chunk, Text
from g4f_magic.conversation import Conversation, Conversations
from g4f_magic.errors import InputError
from g4f_magic.history import KERNEL, History
from g4f_magic.open_notebook import OpenNotebook
from tests.answerers import asked


@pytest.fixture
def notebook() -> Conversations:
    return held_in(History(None), "test")


def held_in(history: History, name: str) -> Conversations:
    return Conversations(history, OpenNotebook(history, f"{KERNEL}{name}"))


async def yes(messages: list[dict[str, Any]]) -> AsyncGenerator[Chunk]:
    yield Text("Yes")
    yield Text(".")


async def say(conversation: Conversation, *prompts: str, slot: str = "") -> None:
    for prompt in prompts:
        await asked(conversation, prompt, yes, slot=slot).text()


def prompts(conversation: Conversation) -> list[str]:
    return [turn.prompt for turn in conversation.turns]


async def test_what_was_done_last_is_taken_back_and_done_again(notebook: Conversations) -> None:
    one = notebook.get()
    await say(one, "a", "b")
    assert one.undo()
    assert prompts(one) == ["a"]
    assert one.redo()
    assert prompts(one) == ["a", "b"]
    assert not one.redo()
    assert prompts(one) == ["a", "b"]


async def test_redo_right_after_a_reset_brings_back_what_it_emptied(notebook: Conversations) -> None:
    one = notebook.get()
    await say(one, "a", "b")
    assert one.reset() == 2
    assert prompts(one) == []
    assert one.redo()
    assert prompts(one) == ["a", "b"]


async def test_redo_where_nothing_was_done_does_nothing(notebook: Conversations) -> None:
    one = notebook.get()
    assert not one.redo()
    await say(one, "a")
    one.delete(one.turns[0].id)
    assert not one.redo()  # what emptied it was no reset
    assert prompts(one) == []
    assert one.undo()
    assert prompts(one) == ["a"]


async def test_a_fork_goes_on_from_a_turn(notebook: Conversations) -> None:
    one = notebook.get()
    await say(one, "a", "b")
    one.fork("side", one.turns[0].id)
    side = notebook.get("side")
    await say(side, "c")
    assert (prompts(one), prompts(side)) == (["a", "b"], ["a", "c"])
    assert notebook.names() == ["main", "side"]
    with pytest.raises(InputError, match="already"):
        one.fork("side")


async def test_an_earlier_revision_is_put_back(notebook: Conversations) -> None:
    one = notebook.get()
    await say(one, "a", "b", slot="cell")
    first, second = one.revisions("cell")
    assert one.revised() == {"cell": (first.id, second.id)}
    one.restore(first.id)
    assert prompts(one) == ["a"]


async def test_what_is_forgotten_is_gone_for_good(notebook: Conversations) -> None:
    one = notebook.get()
    await say(one, "a", "b", slot="cell")
    await say(one, "c")
    assert one.forget("cell") == 2
    assert prompts(one) == ["c"]
    assert one.revisions("cell") == ()
    assert notebook.search("a") == ()
    assert notebook.forget() == 1
    assert notebook.outlines() == ()


async def test_turns_from_elsewhere_are_one_step(notebook: Conversations) -> None:
    one, other = notebook.get(), notebook.get("other")
    await say(other, "a", "b")
    assert one.add(other.turns) == 2
    assert one.undo()
    assert prompts(one) == []


async def test_nothing_steers_what_a_reply_is_written_into(notebook: Conversations) -> None:
    one = notebook.get()
    await say(one, "a")
    reply = asked(one, "b", yes)
    await anext(aiter(reply))
    for steer in (one.undo, one.redo, one.reset, lambda: one.delete(one.turns[-1].id)):
        with pytest.raises(InputError, match="under way"):
            steer()
    await reply.aclose()
    assert one.undo()


def test_a_name_that_can_be_none_is_refused(notebook: Conversations) -> None:
    with pytest.raises(InputError, match="not a name for a conversation"):
        notebook.get("a\nb")


async def test_another_notebook_s_turns_are_adopted() -> None:
    history = History(None)
    first, second = held_in(history, "a"), held_in(history, "b")
    await say(first.get(), "a")
    (other,) = second.others()
    assert (other.is_kernel, other.is_file, other.turns) == (True, False, 1)
    assert second.adopt(other) == 1
    assert prompts(second.get()) == ["a"]
