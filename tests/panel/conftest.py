from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from g4f_magic.gateway import Gateway
from g4f_magic.session import Session
from g4f_magic.settings import Settings
from tests.browser.stage import Stage
from tests.panel.heard import Heard, until


@pytest.fixture
async def stage() -> Stage:
    return Stage()


@pytest.fixture
async def session(stage: Stage, tmp_path: Path) -> AsyncIterator[Session]:
    async with Gateway(stage) as gateway:
        history = str(tmp_path / "history.sqlite")
        settings = Settings(history=history, base_url=gateway.base_url, provider="koala")
        session = Session(settings, notebook="book")
        yield session
        await session.aclose()


@pytest.fixture
async def panel(session: Session) -> AsyncIterator[Heard]:
    panel = Heard(session=session)
    yield panel
    panel.close()
    await until(lambda: not panel.asking.is_under_way)
    await asyncio.sleep(0)
