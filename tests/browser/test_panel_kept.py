"""What stays of a panel in the saved notebook: the conversation, and no widget."""

from __future__ import annotations

import nbformat

from tests.browser.lab import Desk, FrontEnd
from tests.browser.panel import opened
from tests.browser.stage import Stage
from tests.browser.test_keeping import FIRST, PARTS, SECOND, export, without_kernel

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
