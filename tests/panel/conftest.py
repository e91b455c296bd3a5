from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from g4f_magic.gateway import Gateway
from g4f_magic.panel import ChatPanel
from g4f_magic.session import Session
from g4f_magic.settings import Settings
from tests.browser.stage import Stage
from tests.panel.page import Page


class Heard(ChatPanel):
    """A panel whose messages go to pages in Python, as the browser would get them."""

    def __init__(self, **options: Any) -> None:
        self.pages = [Page("one")]
        super().__init__(**options)
        self.request("hello", page="one")

    def send(self, content: Any, buffers: Any = None) -> None:
        for page in self.pages:
            page.hear(content)

    @property
    def page(self) -> Page:
        return self.pages[0]

    def request(self, do: str, **fields: Any) -> str:
        """Ask as a page does; return the request's key."""
        key = fields.pop("key", f"{do}-{len(self.page.acks)}")
        self._requests.hear({"do": do, "key": key, **fields})
        return key

    def join(self, name: str) -> Page:
        """Have another page come."""
        page = Page(name)
        self.pages.append(page)
        self.request("hello", page=name)
        return page


async def until(holds: Callable[[], object]) -> None:
    """Wait until something holds; fail where it does not within some seconds."""
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.01)


@pytest.fixture
async def stage() -> Stage:
    return Stage()


@pytest.fixture
async def session(stage: Stage, tmp_path: Path) -> AsyncIterator[Session]:
    async with Gateway(stage) as gateway:
        settings = Settings(history=str(tmp_path / "history.sqlite"), base_url=gateway.base_url)
        session = Session(settings, notebook="book")
        yield session
        await session.aclose()


@pytest.fixture
async def panel(session: Session) -> AsyncIterator[Heard]:
    panel = Heard(session=session)
    yield panel
    panel.close()
    await until(lambda: panel._task is None or panel._task.done())
    await asyncio.sleep(0)
