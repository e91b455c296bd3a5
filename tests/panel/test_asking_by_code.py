"""What code asks through the panel."""

from __future__ import annotations

import asyncio

import pytest

from g4f_magic.errors import ChatError, InputError
from g4f_magic.session import Session
from tests.browser.stage import LIVE, Stage
from tests.panel.heard import Heard, until
from tests.panel.sending import settled


async def test_asking_by_code_streams_into_the_page_and_returns_the_reply(panel: Heard) -> None:
    answer = await panel.ask("hello")
    await until(settled(panel, 1))
    assert (answer, answer.provider) == ("You said: hello", "koala")


async def test_asking_by_code_raises_what_went_wrong(panel: Heard, session: Session) -> None:
    session.settings.base_url = "http://127.0.0.1:9"
    with pytest.raises(ChatError, match="127"):
        await panel.ask("hello")


async def test_stopping_what_code_asked_raises_that_it_was_stopped(panel: Heard, stage: Stage) -> None:
    task = asyncio.ensure_future(panel.ask(LIVE))
    await until(lambda: stage.asked)
    assert panel.stop()
    with pytest.raises(ChatError, match="the reply was stopped"):
        await task
    assert not panel.stop()


async def test_a_second_question_by_code_meanwhile_is_refused(panel: Heard, stage: Stage) -> None:
    task = asyncio.ensure_future(panel.ask(LIVE))
    await until(lambda: stage.asked)
    with pytest.raises(InputError, match="still under way"):
        await panel.ask("another")
    panel.stop()
    with pytest.raises(ChatError, match="stopped"):
        await task
