"""The ways to the chat in JupyterLab and Notebook 7, by pointer and by keyboard, and that opening a notebook changes nothing."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from g4f_magic.gateway import Gateway
from tests.browser.lab import PYTHON, Desk, FrontEnd, jupyter
from tests.browser.panel import Panel
from tests.browser.stage import Stage
from tests.browser.test_front_end_kernels import side_bar
from tests.browser.test_front_end_part import CODE, LOAD, sources

FOCUS = "() => document.activeElement.ariaLabel || document.activeElement.textContent"
RING = """() => { const look = getComputedStyle(document.activeElement);
    return look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) >= 1; }"""


async def test_each_way_leads_to_the_side_bar(desk: Desk, front_end: FrontEnd) -> None:
    async with desk.open(front_end, f"ways-{front_end}.ipynb", "x = 1") as book:
        side = book.page.locator(".g4f-side")

        async def opens_and_closes() -> None:
            await side.get_by_role("button", name="Start the chat").wait_for()
            await book.page.evaluate("() => jupyterapp.shell.collapseRight()")
            await side.wait_for(state="hidden")

        await (
            book.page.locator(".jp-NotebookPanel-toolbar")
            .get_by_role("button", name="Open the chat panel")
            .click()
        )
        await opens_and_closes()
        await book.cell(0).locator(".cm-content").click()
        await book.page.keyboard.press("Control+Alt+c")
        await opens_and_closes()
        await book.cell(0).locator(".jp-InputPrompt").click()  # not writing
        await book.page.keyboard.press("Control+Alt+c")
        await opens_and_closes()
        await book.page.get_by_role("menuitem", name="View", exact=True).click()
        await book.page.get_by_role("menuitem", name="Chat about This Notebook").click()
        await opens_and_closes()
        await book.command("apputils:activate-command-palette")
        await book.page.keyboard.type("chat about")
        await book.page.locator(".lm-CommandPalette-item", has_text="Chat about This Notebook").first.click()
        await opens_and_closes()
        await book.cell(0).locator(".jp-InputPrompt").click()
        await book.page.keyboard.press("Control+Alt+c")
        await book.page.wait_for_function("() => document.activeElement.textContent === 'Start the chat'")
        await book.page.keyboard.press("Enter")
        await book.page.wait_for_function("() => document.activeElement.matches('.g4f-side textarea')")
        await book.page.keyboard.type("dd")  # which deletes the cell where the notebook has the focus
        assert await Panel(book.page).area.input_value() == "dd"


async def test_opening_a_notebook_leaves_it_as_it_was(desk: Desk, front_end: FrontEnd) -> None:
    name = f"clean-{front_end}.ipynb"
    async with desk.open("lab", name, "%%chat\nwhat", "x = 1") as book:
        written = "() => jupyterapp.shell.currentWidget.content.model.getMetadata('language_info')?.version"
        await book.page.wait_for_function(written)  # by JupyterLab itself, into each new notebook
        await book.save()
    path = desk.server.folder / name
    before = path.read_bytes()
    async with desk.open(front_end, name) as book:
        await side_bar(book)
        await book.settled()
        assert await book.page.evaluate("() => jupyterapp.shell.currentWidget.content.model.dirty") is False
    assert path.read_bytes() == before


async def test_buttons_are_pressed_by_the_keyboard(desk: Desk, stage: Stage) -> None:
    stage.texts["code"] = CODE
    async with desk.open("lab", "pressed.ipynb", LOAD, "%%chat\ncode", "1 / 0") as book:
        await book.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await book.run(0)
        await book.run(1)
        toolbar = book.cell(1).get_by_role("toolbar", name="Reply")
        await toolbar.get_by_role("button", name="Copy").focus()
        await book.page.keyboard.press("Shift+Tab")
        await book.page.keyboard.press("Tab")
        assert await book.page.evaluate(FOCUS) == "Copy"
        assert await book.page.evaluate(RING)
        await book.page.keyboard.press("Enter")
        await toolbar.get_by_role("button", name="Copied").wait_for()
        assert await sources(book) == [LOAD, "%%chat\ncode", "1 / 0"]
        await book.page.keyboard.press("Tab")
        assert await book.page.evaluate(FOCUS) == "Ask again"
        asked = len(stage.asked)
        await book.page.keyboard.press("Space")
        await book.idle()
        await toolbar.get_by_text("2 of 2").wait_for()
        assert len(stage.asked) == asked + 1
        await toolbar.get_by_role("button", name="Copy").focus()
        await book.page.keyboard.press("Escape")
        assert await book.page.evaluate("() => document.activeElement.matches('.jp-Cell')")


async def test_a_block_of_code_goes_into_a_cell_below(desk: Desk, stage: Stage, front_end: FrontEnd) -> None:
    stage.texts["code"] = CODE
    cells = [LOAD, "%%chat\ncode", "x = 1"]
    async with desk.open(front_end, f"block-{front_end}.ipynb", *cells) as book:
        await book.run(0)
        await book.run(1)
        await book.page.get_by_role("button", name="Code to a new cell").click()
        assert await sources(book) == [*cells[:2], "print('hello')", *cells[2:]]
        assert await book.count(2) is None


async def test_nothing_of_the_side_bar_is_cut(desk: Desk, stage: Stage, front_end: FrontEnd) -> None:
    async with desk.open(front_end, f"narrow-{front_end}.ipynb", LOAD, "%%chat\nfirst") as book:
        await book.run(0)
        await book.run(1)
        side = await side_bar(book)
        await side.get_by_role("button", name="Send").wait_for()
        right = "node => Math.ceil(node.getBoundingClientRect().right)"
        assert await side.get_by_role("button", name="Send").evaluate(right) <= 1280
        assert await side.evaluate(right) <= 1281  # rounded up


async def test_the_side_bar_follows_the_notebook_in_front(desk: Desk, stage: Stage) -> None:
    desk.server.write("front-b.ipynb", LOAD, "%%chat\nin the second")
    async with desk.open("lab", "front-a.ipynb", LOAD, "%%chat\nin the first") as book:
        side = await side_bar(book)
        await book.run(0)
        await book.run(1)
        await side.get_by_text("You said: in the first").wait_for()
        await book.open_here("front-b.ipynb")
        await side.get_by_role("button", name="Start the chat").wait_for()
        await book.page.locator(".jp-Notebook:visible [data-windowed-list-index='0'] .cm-content").click()
        await book.page.keyboard.press("Shift+Enter")
        await book.page.keyboard.press("Shift+Enter")
        await side.get_by_text("You said: in the second").wait_for()
        assert await side.get_by_text("You said: in the first").count() == 0
        await book.command("docmanager:open", path="front-a.ipynb")
        await side.get_by_text("You said: in the first").wait_for()
        await book.page.evaluate("() => [...jupyterapp.shell.widgets('main')].forEach(one => one.dispose())")
        await side.get_by_text("Open a notebook to chat about it.").wait_for()


async def test_it_is_turned_off_and_on_by_jupyter_itself(
    desk: Desk, theatre: Gateway, stage: Stage, tmp_path: Path
) -> None:
    environment = {
        "G4F_MAGIC_HISTORY": "off",
        "G4F_MAGIC_BASE_URL": theatre.base_url,
        "G4F_MAGIC_PROVIDER": "koala",
    }
    async with jupyter(tmp_path / "off", **environment) as server:
        here = Desk(server, desk.context)

        async def labextension(what: str) -> None:
            command = [PYTHON, "-m", "jupyter", "labextension", what, "--level=user", "g4f-magic"]
            env = {**os.environ, "JUPYTER_CONFIG_DIR": str(tmp_path / "off" / "config")}
            process = await asyncio.create_subprocess_exec(*command, env=env)
            assert await process.wait() == 0

        await labextension("disable")
        async with here.open("lab", "off.ipynb", LOAD, "%%chat\nfirst", "%chat panel", fresh=True) as book:
            await book.run(0)
            await book.run(1)
            await book.says(1, "You said: first")
            await book.run(2)
            panel = Panel(book.page)
            await panel.says("You said: first")
            await panel.ask("second")
            assert await book.page.locator(".g4f-command, .g4f-over, .g4f-side").count() == 0
        await labextension("enable")
        async with here.open("lab", "on.ipynb", "%%chat\nfirst", fresh=True) as book:
            await book.page.locator(".g4f-command").wait_for()
