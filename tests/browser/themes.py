"""A page in JupyterLab's light theme, and in its dark one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from tests.browser.lab import Book

T = TypeVar("T")
THEMES = ("JupyterLab Light", "JupyterLab Dark")


async def in_light_and_dark(book: Book, look: Callable[[Book], Awaitable[T]]) -> dict[str, T]:
    """Return what is seen in each theme, by its name; the light one is left."""
    found = {}
    for theme in THEMES:
        await book.command("apputils:change-theme", theme=theme)
        light = str(theme.endswith("Light")).lower()
        await book.page.locator(f"body[data-jp-theme-light='{light}']").wait_for(state="attached")
        await book.settled()
        found[theme] = await look(book)
    await book.command("apputils:change-theme", theme=THEMES[0])
    return found
