"""What stays of a panel in the saved notebook: the conversation, and no widget."""

from __future__ import annotations

import nbformat
import pytest

from g4f_magic.panel.showing import RESTS
from tests.browser.lab import Desk, FrontEnd
from tests.browser.panel import LOAD, SHOW, UNLOAD, Panel, opened
from tests.browser.stage import Stage
from tests.browser.test_keeping import FIRST, PARTS, SECOND, export, without_kernel

WIDGETS = ".jp-OutputArea-output.jupyter-widgets"
SAYS = f"""text => [...document.querySelectorAll('.jp-OutputArea-output')].some(it => it.textContent.trim() === text
    || (it.matches('{WIDGETS}') && getComputedStyle(it, '::after').content.includes(text)))"""
KEPT = """() => [...document.querySelectorAll('.g4f-kept')].map(it => it.textContent).join('')
    .split('live ·').length === 3"""


async def test_the_saved_conversation_is_there_without_a_kernel_and_in_the_export(
    desk: Desk, stage: Stage, front_end: FrontEnd
) -> None:
    stage.texts = {"first": FIRST, "second": SECOND}
    name, copy = f"panel-kept-{front_end}.ipynb", f"panel-kernelless-{front_end}.ipynb"
    async with opened(desk, front_end, name) as (book, panel):
        await panel.ask("first")
        await panel.ask("second")
        await book.page.wait_for_function(KEPT)
        hidden = not await book.page.locator(".g4f-kept").first.is_visible()
        await book.save()
    file = desk.server.folder / name
    without_kernel(file, desk.server.folder / copy)
    async with desk.open(front_end, copy, kernel=False) as book:
        await book.page.locator(".jp-Dialog select").select_option(label="No Kernel")
        await book.page.locator(".jp-Dialog .jp-mod-accept").click()
        await book.page.locator(".g4f-kept h2").wait_for()
        text = await book.page.locator(".jp-Notebook").inner_text()
        found = [await book.page.locator(f".jp-OutputArea-output {part}").count() for part in PARTS]

    assert hidden
    assert RESTS in text  # it is not trusted: no widget is tried
    assert "The first" in text
    assert text.count("live ·") == 2
    assert all(found)
    assert "widgets" not in nbformat.read(file, 4).metadata

    page = await export(file)
    async with await desk.context.new_page() as opened_page:
        await opened_page.route("http*://**", lambda route: route.abort())
        await opened_page.goto(page.as_uri())
        text = await opened_page.inner_text("body")
    assert text.count("live ·") == 2
    assert "With a link and code." in text


async def test_a_panel_that_is_opened_again_says_that_it_rests(
    desk: Desk, stage: Stage, front_end: FrontEnd
) -> None:
    name = f"panel-rests-{front_end}.ipynb"
    async with opened(desk, front_end, name) as (book, panel):
        await panel.ask("first")
        await book.page.locator(".g4f-kept", has_text="You said: first").wait_for(state="attached")
        await book.save()
    async with desk.open(front_end, name, fresh=True) as book:
        await book.page.locator(".g4f-kept", has_text="You said: first").wait_for()
        await book.page.wait_for_function(SAYS, arg=RESTS)
        errors = book.page.locator(WIDGETS).filter(has_text="model not found")
        sizes = await errors.evaluate_all("all => all.map(one => getComputedStyle(one).fontSize)")
        assert set(sizes) <= {"0px"}  # what it says instead is seen


async def test_a_panel_beside_the_notebook_shows_the_cells_conversation(desk: Desk, stage: Stage) -> None:
    pytest.importorskip("sidecar")
    async with desk.open("lab", "panel-side.ipynb", LOAD, f"{SHOW} --side", "%%chat\nfrom a cell") as book:
        await book.run_all()
        panel = Panel(book.page)
        await panel.says("You said: from a cell")
        assert await panel.root.locator("xpath=ancestor::*[contains(@class, 'jp-Notebook')]").count() == 0
        height = "node => [node.clientHeight, innerHeight]"
        tall, window = await panel.root.evaluate(height)
        assert tall > window / 2
        await panel.ask("beside it")
        assert await panel.prompts() == ["from a cell", "beside it"]
        assert await book.page.locator(".g4f-kept").locator("visible=true").count() == 0
        await book.kernel_says("1", UNLOAD)
        await book.page.locator(".g4f-panel").wait_for(state="detached")
