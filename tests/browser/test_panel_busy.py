"""The panel while cells run: it stops at once, or says that it waits, and interrupts no cell."""

from __future__ import annotations

from pathlib import Path

from tests.browser.lab import Desk
from tests.browser.panel import opened
from tests.browser.stage import LIVE, Stage

AWAITS = "while not __import__('os').path.exists('{}'): await __import__('asyncio').sleep(0.02)\nprint('to its end')"
BLOCKS = "while not __import__('os').path.exists('{}'): __import__('time').sleep(0.02)\nprint('to its end')"


def let_go(folder: Path, name: str) -> None:
    """End the cell that waits for this file."""
    (folder / name).touch()


async def test_stop_works_at_once_while_a_cell_awaits_or_streams(desk: Desk, stage: Stage) -> None:
    folder = desk.server.folder
    cells = (AWAITS.format("awaited"), f"%%chat -c other\n{LIVE} cell")
    async with opened(desk, "lab", "panel-awaits.ipynb", *cells) as (book, panel):
        await panel.send(LIVE)
        stage.say("Said in the panel")
        await panel.says("Said in the panel")
        await book.start(2)
        await panel.act.click()
        await panel.settles()
        await stage.left.wait()
        let_go(folder, "awaited")
        await book.says(2, "to its end")
        await book.idle()

        stage.left.clear()
        await panel.send(LIVE)
        stage.say("Said again")
        await panel.says("Said again")
        await book.start(3)
        stage.say("Said in the cell, ", f"{LIVE} cell")
        await book.says(3, "Said in the cell")
        await panel.area.press("Escape")
        await panel.settles(1)
        await stage.left.wait()
        stage.say("to its end.", f"{LIVE} cell")
        stage.end(f"{LIVE} cell")
        await book.says(3, "live ·")

        assert "stopped" in await panel.line(0).inner_text()
        assert "stopped" in await panel.line(1).inner_text()
        assert "Said in the cell, to its end." in await book.text(3)
        assert [output["output_type"] for output in await book.outputs(2)] == ["stream"]


async def test_what_waits_for_a_chat_cell_comes_back_when_it_is_stopped(desk: Desk, stage: Stage) -> None:
    async with opened(desk, "lab", "panel-queued.ipynb", f"%%chat\n{LIVE} cell") as (book, panel):
        await book.start(2)
        stage.say("Said in the cell", f"{LIVE} cell")
        await panel.says("Said in the cell")
        await panel.send("later")
        await panel.root.locator(".g4f-pending").wait_for()
        await panel.area.press("Escape")
        await panel.told("Stopped before it was asked.")
        assert (await panel.area.input_value(), await panel.button()) == ("later", "Send")

        stage.end(f"{LIVE} cell")
        await book.idle()
        await panel.area.press("Enter")
        await panel.says("You said: later")
        assert stage.prompts == [f"{LIVE} cell", "later"]


async def test_the_panel_says_that_it_waits_for_a_cell_that_blocks(desk: Desk, stage: Stage) -> None:
    folder = desk.server.folder
    cells = (BLOCKS.format("first"), BLOCKS.format("second"))
    async with opened(desk, "lab", "panel-blocked.ipynb", *cells) as (book, panel):
        await book.start(2)
        await panel.send("hello")
        await panel.told("waits until it is free")
        sent = (await panel.turns.count(), await panel.root.locator(".g4f-pending .g4f-prompt").inner_text())
        while_blocked = stage.prompts
        let_go(folder, "first")
        await panel.settles()
        await book.idle()

        assert (sent, while_blocked, stage.prompts) == ((0, "hello"), [], ["hello"])
        assert await panel.status.inner_text() == ""
        assert await panel.prompts() == ["hello"]

        await panel.send(LIVE)
        stage.say("Said before the cell")
        await panel.says("Said before the cell")
        await book.start(3)
        await panel.area.press("Escape")
        await panel.told("waits until it is free")
        let_go(folder, "second")
        await panel.settles(1)
        await book.idle()

        assert "stopped" in await panel.line(1).inner_text()
        assert [await book.text(index) for index in (2, 3)] == ["to its end\n"] * 2
        assert stage.left.is_set()
