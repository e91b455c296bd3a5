from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from g4f_magic import Chat
from g4f_magic.many import running
from g4f_magic.many.job import store_of
from g4f_magic.settings import Settings
from tests.contract.many.serving import Service, serving


@pytest_asyncio.fixture
async def service() -> AsyncIterator[Service]:
    async with serving() as one:
        yield one


@pytest_asyncio.fixture
async def chat(service: Service, tmp_path: Path) -> AsyncIterator[Chat]:
    """A chat with that server; its history, and its answers, are in a file of the test's own."""
    async with at(service, tmp_path) as one:
        yield one


@pytest.fixture(autouse=True)
def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once: how long is waited is no matter here."""
    monkeypatch.setattr(running, "WAITS", (0.0, 0.0, 0.0))


class at:  # noqa: N801  # reads as a word
    """A chat with a server, its answers kept in `folder`."""

    def __init__(self, service: Service, folder: Path, **options: object) -> None:
        self.settings = Settings(history=str(folder / "history.sqlite"))
        self.chat = Chat(service.url, settings=self.settings, **{"model": "tiny", **options})

    async def __aenter__(self) -> Chat:
        return self.chat

    async def __aexit__(self, *exc_info: object) -> None:
        await store_of(self.settings).aclose()
        await self.chat.aclose()
