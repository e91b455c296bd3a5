"""The part of ours in JupyterLab, while the kernel of its notebook is changed, ends, restarts, or knows no chat."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING

from tests.browser.kernels import OTHER, WITHOUT, offer
from tests.browser.lab import Book, Desk, FrontEnd
from tests.browser.panel import Panel
from tests.browser.stage import LIVE, Stage
from tests.browser.test_front_end_life import buttons
from tests.browser.test_front_end_part import LOAD

if TYPE_CHECKING:
    from playwright.async_api import Locator

START = "Start the chat"
NOT_YET = "This notebook's kernel has not loaded the chat yet."
ASKED = "() => jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.name ?? ''"


async def side_bar(book: Book) -> Locator:
    """Open the side bar, and return it."""
    await book.command("g4f-magic:chat")
    side = book.page.locator(".g4f-side")
    await side.locator("p, .g4f-panel").first.wait_for()
    return side


async def choose(book: Book, label: str, name: str) -> None:
    """Choose another kernel, as a person does it in the dialog."""
    running = asyncio.ensure_future(book.command("notebook:change-kernel"))
    await book.page.locator(".jp-Dialog select").select_option(label=label)
    await book.page.locator(".jp-Dialog .jp-mod-accept").click()
    await running
    await book.page.wait_for_function(f"name => ({ASKED})() === name", arg=name)
    if name:
        await book.idle()


async def offers(side: Locator) -> list[str]:
    """Return what buttons the side bar has where no panel is."""
    found: list[str] = await side.locator(".g4f-pane > button").all_inner_texts()
    return found


async def test_kernels_are_changed_and_changed_back(desk: Desk, stage: Stage, front_end: FrontEnd) -> None:
    log = offer(desk.server)
    name = f"changed-{front_end}.ipynb"
    async with desk.open(
        front_end, name, LOAD, "%%chat\nfirst", "1 / 0", "%%chat\nsecond", fresh=True
    ) as book:
        await book.run(0)
        await book.run(1)
        await book.run(2)
        side = await side_bar(book)
        await side.get_by_text("You said: first").wait_for()
        assert await buttons(book, 1) == ["Copy", "Ask again"]
        assert await book.page.get_by_role("toolbar", name="Error").count() == 1

        await choose(book, OTHER, "other")
        await side.get_by_text("The chat needs a Python kernel. This one speaks other.").wait_for()
        assert await offers(side) == []
        assert await buttons(book, 1) == ["Copy"]
        assert await book.page.get_by_role("toolbar", name="Error").count() == 0
        assert "%%chat" in await book.cell(3).locator(".g4f-command").inner_text()  # the colours are left
        assert log.read_text() == ""  # nothing ran there

        await choose(book, WITHOUT, "without")
        await side.get_by_text(NOT_YET).wait_for()
        assert await buttons(book, 1) == ["Copy"]
        await side.get_by_role("button", name=START).click()
        await side.get_by_text("This notebook's kernel does not have g4f_magic.").wait_for()
        assert await side.locator("pre").inner_text() == "%pip install g4f-magic"
        assert await offers(side) == [START]  # once it is installed

        await choose(book, "No Kernel", "")
        await side.get_by_text("This notebook has no kernel. Choose one to chat about it.").wait_for()
        assert await offers(side) == []
        assert await buttons(book, 1) == ["Copy"]

        spec = await book.page.evaluate(
            "() => jupyterapp.serviceManager.kernelspecs.specs.kernelspecs.python3.display_name"
        )
        await choose(book, spec, "python3")
        await side.get_by_text(NOT_YET).wait_for()
        assert await book.kernel_says("'g4f_magic' in __import__('sys').modules") == "False"
        await side.get_by_role("button", name=START).click()
        await side.get_by_text("You said: first").wait_for()
        assert await buttons(book, 1) == ["Copy", "Ask again"]
        await book.run(3)
        assert [one.content for one in stage.asked[-1].messages][::2] == ["first", "second"]


async def test_a_kernel_that_dies_while_it_answers_is_started_anew(desk: Desk, stage: Stage) -> None:
    async with desk.open("lab", "dies.ipynb", LOAD, "%%chat\nfirst", f"%%chat\n{LIVE}") as book:
        await book.run(0)
        await book.run(1)
        side = await side_bar(book)
        await side.get_by_text("You said: first").wait_for()
        pid = int(await book.kernel_says("__import__('os').getpid()"))
        await book.start(2)
        stage.say("Half of an answer ")
        await book.says(2, "Half of an answer")
        os.kill(pid, signal.SIGKILL)
        await side.get_by_text(NOT_YET).wait_for()
        dialog = book.page.locator(".jp-Dialog")
        await dialog.get_by_role("button").last.click()
        await book.idle()
        assert await buttons(book, 1) == ["Copy"]
        await side.get_by_role("button", name=START).click()
        await side.get_by_text("You said: first").wait_for()
        panel = Panel(book.page)
        await panel.has(2)
        assert await panel.prompts() == ["first", LIVE]
        assert await buttons(book, 1) == ["Copy", "Ask again"]
        assert await buttons(book, 2) == ["Copy", "Ask again"]


async def test_a_kernel_that_is_shut_down_is_spoken_of(desk: Desk, stage: Stage) -> None:
    async with desk.open("lab", "ends.ipynb", LOAD, "%%chat\nfirst") as book:
        await book.run(0)
        await book.run(1)
        side = await side_bar(book)
        await side.get_by_text("You said: first").wait_for()
        await book.command("kernelmenu:shutdown")
        await side.get_by_text("This notebook has no kernel. Choose one to chat about it.").wait_for()
        assert await offers(side) == []
        assert await buttons(book, 1) == ["Copy"]


async def test_a_chat_that_is_interrupted_keeps_its_buttons(desk: Desk, stage: Stage) -> None:
    async with desk.open("lab", "stops.ipynb", LOAD, f"%%chat\n{LIVE}") as book:
        await book.run(0)
        side = await side_bar(book)
        await side.get_by_role("textbox", name="Message", exact=True).wait_for()
        await book.start(1)
        stage.say("Half of an answer ")
        await book.says(1, "Half of an answer")
        assert await book.cell(1).get_by_role("toolbar", name="Reply").count() == 0  # it still grows
        await book.stop()
        await book.idle()
        assert await buttons(book, 1) == ["Copy", "Ask again"]
        await side.get_by_text("Half of an answer").wait_for()
        await side.get_by_role("textbox", name="Message", exact=True).fill("and now")
        await book.page.keyboard.press("Enter")
        await side.get_by_text("You said: and now").wait_for()


async def test_a_second_view_of_a_notebook_is_no_less(desk: Desk, stage: Stage) -> None:
    async with desk.open("lab", "views.ipynb", LOAD, "%%chat\nfirst", fresh=True) as book:
        await book.run(0)
        await book.run(1)
        await book.command("docmanager:clone")
        await book.page.wait_for_function("() => [...jupyterapp.shell.widgets('main')].length === 2")
        bars = book.page.get_by_role("toolbar", name="Reply").filter(has_text="Ask again")
        await bars.nth(1).wait_for()
        assert [await one.get_by_role("button").all_inner_texts() for one in await bars.all()] == [
            ["Copy", "Ask again"]
        ] * 2
