"""What many requests cost: said before they are sent, and asked about where it is much."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from g4f_magic import Chat
from g4f_magic.errors import InputError
from g4f_magic.many.answer import Answer
from g4f_magic.many.before import told
from g4f_magic.many.charges import Charges, expected_dollars
from g4f_magic.many.job import Job, Wish, prepared
from g4f_magic.many_cell import confirm
from g4f_magic.settings import Settings
from tests.contract.many.serving import Service
from tests.hosts import Notebook

ROWS = [f"{number} " + "x" * 400 for number in range(500)]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("OPENAI_API_KEY", "corp-0123456789abcdef")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    return Settings(history=str(tmp_path / "history.sqlite"))


async def job_of(settings: Settings, **options: Any) -> Job:
    """A job of a service that charges; nothing of it is sent."""
    chat = Chat("openai", settings=settings, model="gpt-4o-mini", **options)
    return await prepared(chat._session, "{{item}}", ROWS, chat._options, Wish())


async def test_it_is_said_before_as_an_estimate(settings: Settings) -> None:
    job = await job_of(settings, max_tokens=10)
    dollars = expected_dollars(job)
    assert dollars is not None
    assert 0.005 < dollars < 0.05
    assert "~$0.0" in told(job)
    assert "replies of 10 tokens" in told(job)


async def test_what_is_dear_is_asked_about_first(settings: Settings) -> None:
    settings.ask_above_dollars = 0.001
    job = await job_of(settings)
    host = Notebook(answers=("n",))
    with pytest.raises(InputError, match="nothing was sent"):
        confirm([job], host, settings)
    assert "~$" in host.asked[0]
    confirm([job], Notebook(answers=("y",)), settings)
    with pytest.raises(InputError, match="nobody was there"):
        confirm([job], Notebook(), settings)


async def test_what_came_is_added_up(settings: Settings) -> None:
    charges = Charges(await job_of(settings))
    assert charges.in_words() == ""
    for _ in range(2):
        charges.note(Answer("yes", "openai", "", 1_000_000, 0))
    assert charges.in_words() == "$0.30"


async def test_a_budget_that_is_spent_ends_it(settings: Settings) -> None:
    chat = Chat("openai", settings=settings, model="gpt-4o-mini", budget=0.0000001)
    from g4f_magic.errors import RowsFailedError

    with pytest.raises(RowsFailedError, match="budget") as failed:
        await chat.map(ROWS, "{{item}}", parallel=1)
    table: Any = failed.value.table
    assert "not asked" in table[-1]["error"]


async def test_a_service_of_this_machine_charges_nothing(service: Service, chat: Chat) -> None:
    job = await prepared(chat._session, "{{item}}", ["a"], chat._options, Wish())
    assert "at no charge" in told(job)
