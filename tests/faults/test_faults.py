"""Every fault against every provider: two lines say what happened, what came is kept, nothing is left open."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.faults.faults import FAULTS, TEXT, Fault, whole_reply
from tests.faults.server import PROVIDERS, RAW_TEXT, Connection
from tests.faults.ways import Ask, Outcome, Server, cell, panel, python

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUICK = [fault for fault in FAULTS.values() if not fault.is_heavy]
IN_A_CELL = [
    "refused",
    "tls",
    "reset-in-the-middle",
    "stall-in-the-middle",
    "redirect",
    "401",
    "utf-8",
    "lone-half",
    "nul",
]
SWEEP = 23
"""At how many places a reply is cut, from its first byte to its last."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def in_python() -> AsyncIterator[Ask]:
    async with python() as ask:
        yield ask


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def in_a_cell() -> AsyncIterator[Ask]:
    async with cell() as ask:
        yield ask


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def in_a_panel() -> AsyncIterator[Ask]:
    async with panel() as ask:
        yield ask


def assert_holds(outcome: Outcome, provider: str, fault: Fault) -> None:
    error = fault.error_for(provider)
    if fault.name == "html-as-events" and provider in RAW_TEXT:
        error = ""  # text is text
    assert outcome.left == (0, 0, 0)
    assert "".join(outcome.sees[:1]).partition(":")[0] == error, outcome.sees
    assert len(outcome.sees) == (2 if error else 0)
    assert "<" not in "".join(outcome.sees)
    said = bool(outcome.reply or outcome.reasoning)
    assert outcome.status == ("done" if not error else "broken" if said else "failed")
    assert TEXT.startswith(outcome.reply.removesuffix("\ufffd")) or not fault.is_whole_text


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("fault", QUICK, ids=lambda fault: fault.name)
async def test_a_fault_is_said_in_two_lines_and_leaves_nothing_open(
    faulty: Server, in_python: Ask, fault: Fault, provider: str
) -> None:
    if provider not in fault.providers:
        pytest.skip("its protocol has no place for it")
    assert_holds(await in_python(faulty.place(provider, fault.name)), provider, fault)


@pytest.mark.parametrize("provider", ["koala", "openai"])
@pytest.mark.parametrize("name", IN_A_CELL)
async def test_a_fault_in_a_cell_is_the_same(
    faulty: Server, in_a_cell: Ask, name: str, provider: str
) -> None:
    assert_holds(await in_a_cell(faulty.place(provider, name)), provider, FAULTS[name])


@pytest.mark.parametrize("provider", ["koala", "openai"])
@pytest.mark.parametrize("fault", QUICK, ids=lambda fault: fault.name)
async def test_a_fault_in_the_panel_is_the_same(
    faulty: Server, in_a_panel: Ask, fault: Fault, provider: str
) -> None:
    if provider not in fault.providers:
        pytest.skip("its protocol has no place for it")
    assert_holds(await in_a_panel(faulty.place(provider, fault.name)), provider, fault)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_wherever_a_reply_is_reset_its_beginning_is_kept(
    faulty: Server, in_python: Ask, provider: str
) -> None:
    size = len(whole_reply(Connection(provider, "/", None)))  # type: ignore[arg-type]
    kept = []
    for number in range(SWEEP):
        outcome = await in_python(faulty.place(provider, f"cut-{number * size // SWEEP}"))
        assert outcome.left == (0, 0, 0)
        assert TEXT.startswith(outcome.reply.removesuffix("\ufffd"))
        name = "".join(outcome.sees[:1]).partition(":")[0]
        expected = ("BrokenOffError", "UnreachableError") if number < SWEEP // 2 else ("BrokenOffError", "")
        assert name in expected, (number, outcome)
        assert outcome.status == ("done" if not name else "broken" if outcome.reply else "failed")
        kept.append(len(outcome.reply))
    assert kept == sorted(kept)
    assert kept[0] == 0
    assert kept[-1] > 0
