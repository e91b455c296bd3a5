"""Voilà in a real page, with no notebook around: the panel works, its formulas are typeset, and no cell is offered to put code into."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import nbformat
import pytest

from tests.environments import FRONTS
from tests.fronts.apps import app_of, page_at
from tests.serving import free_port

pytestmark = [
    pytest.mark.fronts,
    pytest.mark.timeout(240),
    pytest.mark.skipif(bool(FRONTS.missing()), reason=FRONTS.missing()),
]

CELLS = (
    "%load_ext g4f_magic",
    """import g4f_magic

@g4f_magic.provider
async def toy(messages):
    yield "Half: $\\\\frac{1}{2}$\\n\\n```python\\nx = 1\\n```\\n"
""",
    "%config ChatMagics.provider = 'toy'",
    "%%chat\nin a cell",
    "%chat panel",
)


@asynccontextmanager
async def voila(folder: Path) -> AsyncIterator[str]:
    """Serve the notebook as an app, and give its address."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(book, folder / "talk.ipynb")
    port = free_port()
    options = ["talk.ipynb", "--no-browser", f"--port={port}"]
    async with app_of(folder, port, "voila", options) as address:
        yield address


async def test_the_panel_in_an_app_of_voila(tmp_path: Path) -> None:
    from playwright.async_api import expect

    expect.set_options(timeout=60_000)
    async with voila(tmp_path) as address, page_at(address) as page:
        panel = page.locator(".g4f-panel")
        field = panel.get_by_role("textbox", name="Message", exact=True)
        await expect(panel.get_by_text("in a cell")).to_be_visible()
        await field.fill("from the panel")
        await field.press("Enter")
        turn = panel.locator(".g4f-list > .g4f-turn").nth(1)
        await expect(turn.get_by_role("button", name="Copy this code")).to_be_visible()
        await expect(turn.locator("mjx-container, math").first).to_be_visible()
        await expect(turn.get_by_text("Insert below")).to_be_hidden()
        await turn.get_by_text("To a variable").click()
        await page.keyboard.press("Enter")
        await expect(panel.get_by_role("status").filter(has_text="code holds the code")).to_be_visible()
        if picture := os.environ.get("G4F_MAGIC_TEST_PICTURE"):
            await page.screenshot(path=picture, full_page=True)
