"""marimo in a real page: its own chat streams, the panel works, a reply shows as cleaned HTML."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.environments import FRONTS

if TYPE_CHECKING:
    from playwright.async_api import Page

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


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@asynccontextmanager
async def marimo(folder: Path) -> AsyncIterator[str]:
    """Serve the notebook as an app, and give its address."""
    (folder / "talk.py").write_text(NOTEBOOK)
    port = free_port()
    env = {**os.environ, "HOME": str(folder), "G4F_MAGIC_HISTORY": "off", "G4F_MAGIC_ENGINE": "script"}
    command = [str(FRONTS.bin / "marimo"), "run", "talk.py", "--headless", "--no-token", "--port", str(port)]
    log = (folder / "log").open("wb")
    process = await asyncio.create_subprocess_exec(*command, cwd=folder, env=env, stdout=log, stderr=log)
    try:
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                break
            except OSError:
                assert process.returncode is None, (folder / "log").read_text()
                await asyncio.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()
        log.close()


@asynccontextmanager
async def page_at(address: str) -> AsyncIterator[Page]:
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = await browser.new_page()
        page.set_default_timeout(60_000)
        await page.goto(address)
        yield page
        await browser.close()


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
