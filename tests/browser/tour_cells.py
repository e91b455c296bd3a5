"""Pictures of replies in cells in each of their states, and of the panel in the narrow side bar of JupyterLab."""

from __future__ import annotations

from pathlib import Path

from tests.browser.lab import Book, Desk
from tests.browser.panel import LOAD, Panel
from tests.browser.stage import LIVE, Stage
from tests.browser.test_columns import TOYS
from tests.browser.tour import OPENED, SHORT, THINGS, looks, state
from tests.contract.tools.serving import service
from tests.contract.tools.streams import anthropic, words

MENU = '''def price(item: str) -> str:
    "Look up what something costs."
    return "3 euros"'''
THINKS = """
from g4f_magic.chunks import Reasoning

@g4f_magic.provider
async def thinks(messages):
    yield Reasoning("Let me think about it.\\n\\nFirst, ...")
    yield "It is so."
"""
ASKED = "What does tea cost?"
OF_A_CELL = (
    "older",
    "mark",
    "failed",
    "stopped",
    "reasoning",
    "attached",
    "columns",
    "waiting",
    "calls",
    "approving",
)


async def in_cells(desk: Desk, stage: Stage, folder: Path) -> None:
    """Picture what a cell can show beside a reply that simply ended."""
    stage.texts |= {"How?": SHORT, "Why?": SHORT}
    streams = [anthropic([("price", {"item": "tea"})]), words("It costs 3 euros.")] * 2
    async with service(streams) as server:
        tools = f"%%chat -p {server.url} -m m --tools price\n{ASKED}"
        cells = (
            LOAD,
            f"{MENU}\n{TOYS}\n{THINKS}",
            *("%%chat\nHow?", "%%chat\nWhy?", "%%chat\n!401", f"%%chat\n{LIVE}", "%%chat -p thinks\nThink."),
            "%%chat --with price --system 'Be brief.'\nWhat is it for?",
            "%%chat -p tick,tock --compare\nWhich?",
            f"%%chat\n{LIVE} at once",
            *(tools, tools),
        )
        async with desk.open("lab", "cells.ipynb", *cells, fresh=True) as book:
            await book.page.set_viewport_size({"width": 1400, "height": 3600})
            await book.command("application:toggle-left-area")
            await book.unwindow()
            for cell in (0, 1, 2, 3):
                await book.run(cell)
            stage.texts["How?"] = f"{SHORT} Or by hand."
            await book.run(2)
            await _stop_one(book, stage)
            for cell in (4, 6, 7, 8):
                await book.run(cell)
            for cell in (10, 11):
                await _ask_to_run(book, cell, is_answered=cell == 10)
            async for name in looks(book):
                for what, cell in zip(OF_A_CELL, (2, 3, 4, 5, 6, 7, 8, 9, 10, 11), strict=True):
                    if what != "waiting":
                        await book.cell(cell).screenshot(path=folder / f"{what}-{name}.png")
            await book.page.locator(".jp-Stdin-input").fill("no")
            await book.page.keyboard.press("Enter")
            await book.idle()
            await book.start(9)
            await book.output(9).get_by_text("waiting").first.wait_for()
            async for name in looks(book):
                await book.cell(9).screenshot(path=folder / f"waiting-{name}.png")
            stage.end(f"{LIVE} at once")
            await book.idle()


async def _stop_one(book: Book, stage: Stage) -> None:
    await book.start(5)
    stage.say("Some words that had come")
    await book.says(5, "had come")
    await book.stop()
    await book.idle()
    await stage.left.wait()
    stage.left.clear()


async def _ask_to_run(book: Book, cell: int, *, is_answered: bool) -> None:
    await book.start(cell)
    await book.page.locator(".jp-Stdin-input").wait_for()
    answers = book.cell(cell).locator(".g4f-answers")
    await answers.wait_for()
    if is_answered:
        await answers.get_by_role("button", name="Run it").click()
        await book.idle()
        await book.output(cell).locator("details").first.evaluate("it => { it.open = true; }")


async def at_the_side(desk: Desk, stage: Stage, folder: Path) -> None:
    """Picture the panel in the side bar, as narrow as JupyterLab opens it."""
    stage.texts["Show me code."] = (
        "In one line:\n\n```python\nx = sum(range(10))\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    )
    async with desk.open("lab", "side.ipynb", LOAD, *THINGS, fresh=True) as book:
        book.page.set_default_timeout(30_000)
        await book.page.set_viewport_size({"width": 1100, "height": 800})
        await book.command("application:toggle-left-area")
        for cell in range(3):
            await book.run(cell)
        await book.command("g4f-magic:chat")
        panel = Panel(book.page)
        await panel.is_there()
        await panel.ask("Show me code.")
        async for name in looks(book, widths=(1100,)):
            for what in OPENED:
                async with state(panel, stage, what):
                    await book.settled()
                    await book.page.mouse.move(0, 0)
                    await panel.root.screenshot(path=folder / f"side-{what}-{name}.png")
