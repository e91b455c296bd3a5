"""Conversations that get another name, and what can be taken back."""

from __future__ import annotations

import pytest

from g4f_magic.conversation import Conversations
from g4f_magic.errors import InputError
from g4f_magic.history import History
from g4f_magic.open_notebook import OpenNotebook
from tests.shows import settled


@pytest.fixture
def history() -> History:
    return History(None)


def test_a_conversation_goes_by_its_new_name_with_all_that_it_holds(history: History) -> None:
    conversations = Conversations(history, OpenNotebook(history, "book"))
    conversations.get("aside").keep(settled("One."))
    conversations.in_use = "aside"
    conversations.rename("aside", "plots")
    assert [turn.reply for turn in conversations.get("plots").turns] == ["One."]
    assert (conversations.names(), conversations.in_use) == (["plots"], "plots")
    assert conversations.get("aside").turns == ()
    assert conversations.get("plots").undo()


@pytest.mark.parametrize("new", ["other", "main", "", "-x", "a\nb"])
def test_a_name_that_is_taken_or_is_none_is_refused(history: History, new: str) -> None:
    conversations = Conversations(history, OpenNotebook(history, "book"))
    for name in ("aside", "other"):
        conversations.get(name).keep(settled("One."))
    with pytest.raises(InputError):
        conversations.rename("aside", new)
    assert conversations.names() == ["aside", "other"]


def test_main_keeps_its_name_as_cells_ask_in_it(history: History) -> None:
    with pytest.raises(InputError, match="keeps its name"):
        Conversations(history, OpenNotebook(history, "book")).rename("main", "other")


def test_what_can_be_taken_back_and_done_again_is_said(history: History) -> None:
    main = Conversations(history, OpenNotebook(history, "book")).get()
    seen = [(main.steps().can_undo, main.steps().can_redo)]
    main.keep(settled("One."))
    seen.append((main.steps().can_undo, main.steps().can_redo))
    main.undo()
    seen.append((main.steps().can_undo, main.steps().can_redo))
    assert seen == [(False, False), (True, False), (False, True)]
