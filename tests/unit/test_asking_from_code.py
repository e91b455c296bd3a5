"""What code gives a chat that cannot be: said in two lines, and nothing is sent."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from g4f_magic import Chat
from g4f_magic.errors import InputError
from g4f_magic.settings import Settings


@pytest.mark.parametrize(
    ("prompt", "kind"), [(None, "NoneType"), (3, "int"), (["a"], "list"), (b"x", "bytes")]
)
def test_a_prompt_that_is_no_text_is_named_by_its_kind(prompt: Any, kind: str) -> None:
    with pytest.raises(InputError, match=f"not text but a {kind}"):
        Chat("koala").ask_sync(prompt)


@pytest.mark.parametrize(
    ("option", "hint"),
    [
        ("temprature", "Did you mean temperature?"),
        ("maxtokens", "max_tokens"),
        ("api_key", "A key is not given here"),
    ],
)
def test_an_option_that_there_is_not_is_said_with_the_nearest(option: str, hint: str) -> None:
    with pytest.raises(InputError, match="no option") as caught:
        Chat("koala", **{option: 1})
    assert hint in caught.value.hint


class Named:
    """A class of another library's provider."""


@pytest.mark.parametrize(
    ("provider", "what"), [(None, "None"), (3, "of type int"), (Named, "the class Named")]
)
def test_a_provider_that_is_no_name_is_said(provider: Any, what: str) -> None:
    with pytest.raises(InputError, match=f"not a name but {what}"):
        Chat(provider)


@pytest.mark.parametrize("take", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_chat_that_is_to_be_copied_says_what_to_do(take: Callable[[Any], Any]) -> None:
    with pytest.raises(InputError, match="is open in this process") as caught:
        take(Chat("koala"))
    assert "Chat(...)" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("messages", "--context"),
        ("model", "--model"),
        ("cls", "out"),
        ("base-url", "--base-url"),
        ("proxy", "--proxy"),
        ("timeout", "timeout_seconds"),
    ],
)
def test_a_parameter_that_is_said_in_another_way_is_refused(name: str, hint: str) -> None:
    with pytest.raises(InputError, match=f"{name} is no parameter") as caught:
        Chat("koala", params={name: []})
    assert hint in caught.value.hint


async def _map(chat: Chat) -> None:
    await chat.map(["a"], "Say {{item}}")


async def _stream(chat: Chat) -> None:
    async for _ in chat.stream("Hello"):
        pass


WAYS: list[Callable[[Chat], Any]] = [lambda chat: chat.ask("Hello"), _stream, _map, lambda chat: chat.compare("?", ["a", "b"])]  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=["ask", "stream", "map", "compare"])
def test_a_loop_of_another_kind_is_refused_with_what_to_do(way: Callable[[Chat], Any]) -> None:
    asked = way(Chat("koala"))
    with pytest.raises(InputError, match="no loop of asyncio") as caught:
        asked.send(None)  # as trio does, which runs none
    assert "ask_sync" in caught.value.hint


def test_a_chat_closes_what_it_opened_at_the_end_of_a_with() -> None:
    settings = Settings(history="off", engine="script")
    with Chat("koala", settings=settings) as chat:
        assert chat.ask_sync("Hello")
        assert chat.turns
    assert not chat.turns  # what lay in memory alone went with it


@pytest.mark.parametrize("name", ["MODE", "BUDGET", "PROVIDER", "PROXY", "HISTORY", "TOOL_ROUNDS"])
def test_an_empty_variable_says_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Settings().trait_values(config=True)
    monkeypatch.setenv(f"G4F_MAGIC_{name}", "")
    assert Settings().trait_values(config=True) == plain
