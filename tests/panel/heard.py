"""A panel whose pages are in Python."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from g4f_magic.panel import ChatPanel
from tests.panel.page import Page
from tests.patience import PATIENCE_SECONDS


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

    @property
    def is_settled(self) -> bool:
        """Say whether all entries in the page have ended and nothing is under way."""
        statuses = [status for _, status, _ in self.page.texts()]
        return bool(statuses) and "open" not in statuses and not self.is_busy and not self.background.tasks

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


async def until(holds: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until something holds; fail where it does not within so many seconds."""
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.01)
