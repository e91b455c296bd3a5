"""What a person does in a page, and what is waited for then."""

from __future__ import annotations

from collections.abc import Callable

from tests.panel.heard import Heard, until


def settled(panel: Heard, count: int) -> Callable[[], bool]:
    """Return a test whether so many entries stand in the page, all ended and painted."""
    return lambda: (
        len(panel.page.order) == count
        and all(status != "open" for _, status, _ in panel.page.texts())
        and not panel.is_busy
    )


async def send(panel: Heard, text: str) -> None:
    count = len(panel.page.order) + 1
    panel.request("send", text=text)
    await until(settled(panel, count))


async def send_and_fail(panel: Heard, text: str) -> None:
    panel.request("send", text=text)
    await until(lambda: panel.page.notices)
