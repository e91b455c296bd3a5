"""marimo in a real page: its own chat streams, the panel works, a reply shows as cleaned HTML."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.environments import FRONTS
from tests.fronts.apps import app_of, page_at
from tests.serving import free_port

pytestmark = [
    pytest.mark.fronts,
    pytest.mark.timeout(240),
    pytest.mark.skipif(bool(FRONTS.missing()), reason=FRONTS.missing()),
]

NOTEBOOK = """\
import marimo
app = marimo.App()

@app.cell
async def _():
    import marimo as mo
    import g4f_magic
    reply = await g4f_magic.Chat("koala").ask("Hello")
    return mo, g4f_magic, reply

@app.cell
def _(reply):
    reply
    return

@app.cell
def _(g4f_magic, mo):
    panel = mo.ui.anywidget(g4f_magic.ChatPanel("koala"))
    panel
    return

@app.cell
def _(g4f_magic):
    chat = g4f_magic.marimo_chat("koala")
    chat
    return

if __name__ == "__main__":
    app.run()
"""


@asynccontextmanager
async def marimo(folder: Path) -> AsyncIterator[str]:
    """Serve the notebook as an app, and give its address."""
    (folder / "talk.py").write_text(NOTEBOOK)
    port = free_port()
    options = ["run", "talk.py", "--headless", "--no-token", "--port", str(port)]
    async with app_of(folder, port, "marimo", options, G4F_MAGIC_ENGINE="script") as address:
        yield address


async def test_a_real_page_of_marimo(tmp_path: Path) -> None:
    from playwright.async_api import expect

    expect.set_options(timeout=60_000)
    async with marimo(tmp_path) as address, page_at(address) as page:
        await expect(page.get_by_text("jumps over").first).to_be_visible()
        # A reply that a cell ends with is HTML: its list is one.
        await expect(page.locator("li", has_text="one").first).to_be_visible()
        field = page.get_by_role("textbox", name="Message", exact=True)
        await expect(field).to_be_visible()
        await field.fill("Hello from the panel")
        await field.press("Enter")
        await expect(page.get_by_text("Hello from the panel").first).to_be_visible()
        await expect(page.get_by_text("jumps over").nth(1)).to_be_visible()
        own = page.locator("marimo-chatbot")
        box = own.locator("[contenteditable=true], textarea").first
        await box.click()
        await page.keyboard.type("Hello from its own chat")
        await page.keyboard.press("Enter")
        await expect(own.get_by_text("jumps over").first).to_be_visible()
