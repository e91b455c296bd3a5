"""A panel whose kernel restarts, ends, or closes it: it says so, and nothing is lost or left open."""

from __future__ import annotations

from tests.browser.lab import Desk
from tests.browser.panel import COMMS, UNLOAD, Panel, opened
from tests.browser.stage import LIVE, Stage

WIDGETS = "len(__import__('ipywidgets').widgets.widget._instances)"


async def test_a_restart_in_mid_stream_is_told_and_the_cell_brings_the_conversation_back(
    desk: Desk, stage: Stage
) -> None:
    async with opened(desk, "lab", "panel-restart.ipynb") as (book, panel):
        await panel.ask("before")
        await panel.send(LIVE)
        stage.say("Said before the restart")
        await panel.says("Said before the restart")
        await panel.area.fill("not sent yet")
        await book.agree("notebook:restart-kernel")
        await panel.told("Run this cell again")
        await stage.left.wait()

        assert await panel.act.is_disabled()
        assert await panel.area.input_value() == "not sent yet"
        await panel.area.press("Enter")
        assert await panel.area.input_value() == "not sent yet"
        assert await panel.reply() == "Said before the restart"

        await book.idle()
        await book.run_all()
        await book.page.locator(".g4f-panel:not(.g4f-lost)").wait_for()
        await panel.has(2)
        assert await panel.prompts() == ["before", LIVE]
        assert "broken off" in await panel.line(1).inner_text()
        await panel.ask("after")
        assert stage.prompts == ["before", LIVE, "after"]


async def test_a_kernel_that_ends_is_told(desk: Desk, stage: Stage) -> None:
    async with desk.open("lab", "panel-ends.ipynb", "%load_ext g4f_magic", "%chat panel") as book:
        await book.run_all()
        panel = Panel(book.page)
        await panel.is_there()
        await panel.ask("before")
        await desk.server.shut_kernels_down()
        await panel.told("has ended")

        assert await panel.act.is_disabled()
        assert await panel.reply() == "You said: before"


async def test_running_the_cell_again_and_unloading_leave_no_comm_open(desk: Desk, stage: Stage) -> None:
    panels = "from g4f_magic import ChatPanel\nit = ChatPanel()\nit"
    async with opened(desk, "lab", "panel-comms.ipynb", panels) as (book, panel):
        once = await book.kernel_says(COMMS)
        await panel.send(LIVE)
        stage.say("Said before")
        await panel.says("Said before")
        await book.run(1)
        await stage.left.wait()
        await panel.is_there()
        again = await book.kernel_says(COMMS)
        shown = await book.page.locator(".g4f-panel").count()
        await panel.settles()
        line = await panel.line().inner_text()
        await book.run(2)
        await book.kernel_says("it.close()")
        closed = await book.kernel_says(COMMS)
        unloaded = await book.kernel_says(f"({COMMS}, {WIDGETS})", UNLOAD)

        assert "stopped" in line
        # A panel's own, its layout's, and the way of the page: the front-end part is there.
        assert (once, again, shown, closed, unloaded) == ("3", "3", 1, "3", "(0, 0)")
