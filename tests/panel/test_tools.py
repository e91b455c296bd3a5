"""Functions that a model may ask for, in the panel: offered with switches, each call approved on a page."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from g4f_magic.session import Session
from g4f_magic.settings import Settings
from g4f_magic.turn import ToolResult
from tests.completions import Completions, completions
from tests.contract.tools.serving import in_turn
from tests.contract.tools.streams import openai, words
from tests.panel.heard import Heard, until
from tests.panel.sending import settled

RAN: list[str] = []


def lookup(item: str) -> str:
    """Look up a price."""
    RAN.append(item)
    return f"{item}: <b>3</b>"


def untyped(x):  # type: ignore[no-untyped-def]
    return x


class Front:
    """A notebook with these functions."""

    def __init__(self, names: dict[str, Any]) -> None:
        self._names = names

    def names(self) -> dict[str, Any]:
        return self._names

    def source(self) -> Any:
        from g4f_magic.attaching.given import GivenNames

        return GivenNames(self._names)

    async def ask(self, line: str, prompt: str) -> None: ...

    def offer(self, code: str) -> bool:
        return False


@pytest.fixture
async def server() -> AsyncIterator[Completions]:
    RAN.clear()
    async with completions(in_turn([openai([("lookup", {"item": "tea"})]), words("It costs 3.")])) as server:
        yield server


@pytest.fixture
async def shop(server: Completions) -> AsyncIterator[Heard]:
    """A panel in which the function is switched on."""
    settings = Settings(history="off", base_url=server.url, provider="openai", model="m")
    session = Session(settings, notebook="book")
    session.front = Front({"lookup": lookup})
    panel = Heard(session=session)
    panel.request("choose", values={"parameters": {"tools": "lookup"}})
    yield panel
    panel.close()
    await until(lambda: not panel.asking.is_under_way)
    await session.aclose()


def asked(panel: Heard) -> Callable[[], object]:
    return lambda: panel.page.approval.get("key")


async def test_a_call_waits_on_the_page_and_runs_once_it_is_approved(shop: Heard) -> None:
    shop.request("send", text="What does tea cost?")
    await until(asked(shop))
    assert shop.page.approval["code"] == "lookup(item='tea')"
    assert not RAN
    late = shop.join("two")
    assert late.approval == shop.page.approval
    shop.request("answer", name=shop.page.approval["key"], text="yes")
    await until(settled(shop, 1))
    assert RAN == ["tea"]
    assert shop.page.approval["key"] == "" == late.approval["key"]
    entry = shop.page.entry()
    assert "lookup(item='tea')" in entry["calls"]
    assert "&lt;b&gt;3&lt;/b&gt;" in entry["calls"]
    assert "It costs 3." in shop.page.entries[shop.page.order[-1]].html


async def test_a_refusal_goes_back_with_the_persons_words(shop: Heard, server: Completions) -> None:
    shop.request("send", text="What does tea cost?")
    await until(asked(shop))
    shop.request("answer", name=shop.page.approval["key"], text="no it is closed")
    await until(settled(shop, 1))
    assert server.bodies[-1]["messages"][-1]["content"] == "The person refused this call: it is closed"
    assert not RAN


async def test_a_call_that_cannot_be_is_told_and_goes_on_waiting(shop: Heard) -> None:
    shop.request("send", text="What does tea cost?")
    await until(asked(shop))
    key = shop.page.approval["key"]
    shop.request("answer", name=key, text="edit lookup(3)")
    assert "is not a string" in shop.page.notices[-1]["text"]
    assert shop.page.approval["key"] == key
    shop.request("answer", name=key, text="edit lookup('milk')")
    await until(settled(shop, 1))
    assert RAN == ["milk"]


async def test_stop_takes_the_question_back_and_closes_the_call(shop: Heard) -> None:
    shop.request("send", text="What does tea cost?")
    await until(asked(shop))
    key = shop.page.approval["key"]
    shop.request("stop")
    await until(settled(shop, 1))
    assert shop.page.approval["key"] == ""
    (turn,) = shop.turns
    assert [step.status for step in turn.steps if isinstance(step, ToolResult)] == ["stopped"]
    shop.request("answer", name=key, text="yes")
    assert not RAN


async def test_the_functions_of_the_notebook_are_offered_with_what_is_wrong_with_them(shop: Heard) -> None:
    shop.host = _Host({"lookup": lookup, "untyped": untyped, "n": 3, "_hidden": lookup, "Class": Front})  # type: ignore[assignment]
    shop.request("functions")
    offered = json.loads(shop.page.sources[-1])
    assert [(one["name"], one["is_possible"]) for one in offered] == [("lookup", True), ("untyped", False)]
    assert offered[0]["about"] == "Look up a price."
    assert "does not say what type x has" in offered[1]["about"]


class _Host:
    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names

    def variables(self) -> list[str]:
        return list(self.names)
