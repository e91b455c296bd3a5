"""The part of ours in JupyterLab and Notebook 7, through what happens to a notebook and its kernel; and for who sees little."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.browser.lab import Book, Desk, FrontEnd
from tests.browser.stage import Stage
from tests.browser.test_front_end_part import CODE, LOAD, bar
from tests.browser.test_panel_access import AXE

if TYPE_CHECKING:
    from playwright.async_api import Page

OWN = "() => jupyterapp.shell.currentWidget.content.model.getMetadata('g4f_magic')?.notebook ?? ''"


async def buttons(book: Book, index: int) -> list[str]:
    """Return what the reply of a cell offers."""
    place = book.cell(index).locator(".g4f-output").last
    await place.hover()
    await place.get_by_role("toolbar", name="Reply").wait_for()
    found: list[str] = (
        await place.get_by_role("toolbar", name="Reply").get_by_role("button").all_inner_texts()
    )
    return found


async def test_a_kernel_that_restarts_is_followed(desk: Desk, stage: Stage) -> None:
    async with desk.open("lab", "restarts.ipynb", LOAD, "%%chat\nfirst", "%%chat\nsecond") as book:
        await book.command("g4f-magic:chat")
        side = book.page.locator(".g4f-side")
        await side.get_by_role("button", name="Start the chat").wait_for()
        await book.run(0)
        await book.run(1)
        await side.get_by_text("You said: first").wait_for()
        assert await buttons(book, 1) == ["Copy", "Ask again"]
        own = await book.page.evaluate(OWN)
        assert own
        await book.agree("kernelmenu:restart")
        await book.idle()
        await side.get_by_role("button", name="Start the chat").wait_for()
        assert await buttons(book, 1) == ["Copy"]
        await side.get_by_role("button", name="Start the chat").click()
        await side.get_by_text("You said: first").wait_for()
        assert await buttons(book, 1) == ["Copy", "Ask again"]
        await book.page.evaluate(
            "() => jupyterapp.serviceManager.contents.rename('restarts.ipynb', 'restarted.ipynb').then(() => null)"
        )
        await book.run(2)
        assert [one.content for one in stage.asked[-1].messages][::2] == ["first", "second"]
        assert await book.page.evaluate(OWN) == own
        assert "restarted.ipynb" in await book.kernel_says(
            "get_ipython().magics_manager.registry['ChatMagics'].session.notebook.file"
        )


async def test_a_notebook_that_is_opened_twice_is_one(desk: Desk, stage: Stage) -> None:
    async with desk.open("lab", "twice.ipynb", LOAD, "%%chat\nwhat", fresh=True) as book:
        await book.run(0)
        await book.run(1)
        await book.run(1)
        await book.save()
        other = Book(await desk.context.new_page(), desk.server.address("twice.ipynb", "lab"))
        try:
            await other.open()
            await other.page.locator(".g4f-output").last.hover()
            await bar(other, "Reply").get_by_text("2 of 2").wait_for()
            assert await other.page.evaluate(OWN) == await book.page.evaluate(OWN)
        finally:
            await other.page.close(run_before_unload=False)


@pytest.mark.parametrize("mode", ["full", "defer"])
async def test_cells_that_are_made_when_they_come_into_view(desk: Desk, mode: str) -> None:
    cells = [LOAD, *(f"%%chat\nquestion {number}" if number % 30 == 29 else "1" for number in range(60))]
    settings = (
        desk.server.folder.parent
        / "settings"
        / "@jupyterlab"
        / "notebook-extension"
        / "tracker.jupyterlab-settings"
    )
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(json.dumps({"windowingMode": mode}))
    try:
        async with desk.open("lab", f"{mode}.ipynb", *cells, fresh=True) as book:
            current = await book.page.evaluate(
                "() => jupyterapp.shell.currentWidget.content.notebookConfig.windowingMode"
            )
            assert current == mode
            await book.run_all()
            for number in (60, 30):
                await book.page.evaluate(
                    "at => jupyterapp.shell.currentWidget.content.scrollToItem(at, 'center')", number
                )
                assert await buttons(book, number) == ["Copy", "Ask again"]
                assert await book.cell(number).locator(".g4f-command").inner_text() == "%%chat"
    finally:
        settings.unlink()


async def test_no_page_error_comes_of_it(desk: Desk, front_end: FrontEnd) -> None:
    """Notebook 7 has some of its own, at random, while it reads its settings."""
    errors: list[str] = []

    def listen(page: Page) -> None:
        page.on("pageerror", lambda error: errors.append(error.stack or error.message))

    desk.context.on("page", listen)
    try:
        async with desk.open(front_end, f"errors-{front_end}.ipynb", LOAD, "%%chat\nHi", fresh=True) as book:
            for _ in range(2):
                await book.page.reload()
                await book._is_shown()
                await book.settled()
    finally:
        desk.context.remove_listener("page", listen)
    assert [one for one in errors if front_end == "lab" or "g4f" in one] == []


async def test_axe_finds_nothing_wrong_in_what_it_adds(desk: Desk, stage: Stage) -> None:
    stage.texts["code"] = CODE
    async with desk.open("lab", "axe.ipynb", LOAD, "%%chat\ncode", "1 / 0", fresh=True) as book:
        await book.page.evaluate("() => { document.body.style.minHeight = '100vh'; }")
        await book.run(0)
        await book.run(1)
        await book.run(1)
        await book.run(2)
        await book.page.locator(".g4f-output").first.hover()
        await bar(book, "Reply").get_by_text("2 of 2").wait_for()
        await book.page.add_style_tag(
            content=".g4f-toolbar { opacity: 1 !important; transition: none !important; }"
        )
        await book.page.evaluate(AXE + "; null")
        for theme in ("JupyterLab Dark", "JupyterLab Light"):
            await book.command("apputils:change-theme", theme=theme)
            light = str(theme.endswith("Light")).lower()
            await book.page.locator(f"body[data-jp-theme-light='{light}']").wait_for(state="attached")
            await book.settled()
            found = await book.page.evaluate("() => axe.run({include: ['.g4f-over']})")
            assert [
                (one["id"], [node["failureSummary"] for node in one["nodes"]]) for one in found["violations"]
            ] == []
            assert len(found["passes"]) > 5
        await book.agree("kernelmenu:restart")
        await book.command("g4f-magic:chat")
        await book.page.get_by_role("button", name="Start the chat").wait_for()
        found = await book.page.evaluate("() => axe.run({include: ['.g4f-side']})")
        assert [one["id"] for one in found["violations"]] == []
