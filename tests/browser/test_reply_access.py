"""Replies in cells for who sees little or uses no mouse."""

from __future__ import annotations

from tests.browser.lab import Book, Desk
from tests.browser.stage import Stage
from tests.browser.test_panel_access import AXE
from tests.browser.themes import in_light_and_dark
from tests.browser.tour import ALL, EVERYTHING

LOAD = "%load_ext g4f_magic"
DRAWN = "```mermaid"  # the front end's own picture


async def violations(book: Book) -> list[tuple[str, object]]:
    """Return what axe finds wrong in the outputs of the cells."""
    await book.page.evaluate(AXE + "; null")
    result = await book.page.evaluate("() => axe.run('.jp-OutputArea')")
    return [
        (one["id"], [(node["target"], node["failureSummary"]) for node in one["nodes"]])
        for one in result["violations"]
    ]


async def test_axe_finds_nothing_wrong_in_a_reply_in_light_and_dark(desk: Desk, stage: Stage) -> None:
    stage.texts = {ALL: EVERYTHING.replace(DRAWN, "```"), "two": "Two."}
    async with desk.open("lab", "reply-axe.ipynb", LOAD, f"%%chat\n{ALL}", "%%chat\ntwo", fresh=True) as book:
        await book.page.set_viewport_size({"width": 1280, "height": 3000})
        await book.page.evaluate("() => { document.body.style.minHeight = '100vh'; }")
        for cell in (0, 1, 2, 1):
            await book.run(cell)
        stage.texts[ALL] += "\nAnd more."
        await book.run(1)
        await book.says(2, "An answer above has changed")
        found = await in_light_and_dark(book, violations)
        assert found == {"JupyterLab Light": [], "JupyterLab Dark": []}
