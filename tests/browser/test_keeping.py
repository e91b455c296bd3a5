"""What stays of a conversation: saved, reopened without a kernel, exported, and run again."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import nbformat

from tests.browser.lab import Desk, FrontEnd
from tests.browser.stage import Stage

LOAD = "%load_ext g4f_magic"
FIRST = "## The first\n\nWith a [link](https://example.org) and `code`.\n\n- one\n- two\n"
SECOND = "The second: $x^2$.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nprint('hi')\n```\n"
PARTS = ("h2", "li", "td", "pre code", "a[href='https://example.org']")


async def test_a_saved_conversation_reads_the_same_without_a_kernel(
    desk: Desk, stage: Stage, front_end: FrontEnd
) -> None:
    stage.texts = {"first": FIRST, "second": SECOND}
    name, copy = f"kept-{front_end}.ipynb", f"kernelless-{front_end}.ipynb"
    async with desk.open(front_end, name, LOAD, "%%chat\nfirst", "%%chat\nsecond") as book:
        await book.run_all()
        await book.settled()
        before = [await book.text(index) for index in (1, 2)]
        await book.save()
    without_kernel(desk.server.folder / name, desk.server.folder / copy)

    async with desk.open(front_end, copy, kernel=False) as book:
        await book.page.locator(".jp-Dialog select").select_option(label="No Kernel")
        await book.page.locator(".jp-Dialog .jp-mod-accept").click()
        await book.says(2, "live ·")
        await book.settled()
        after = [await book.text(index) for index in (1, 2)]
        found = [await book.page.locator(f".jp-OutputArea-output {part}").count() for part in PARTS]
        body = await book.page.inner_text("body")

    assert after == before
    assert all(found)
    assert "Loading widget" not in body
    assert "widgets" not in nbformat.read(desk.server.folder / name, 4).metadata


def without_kernel(saved: Path, copy: Path) -> None:
    """Write the notebook as one whose kernel this machine does not have, and that nobody here trusts."""
    book = nbformat.read(saved, 4)
    book.metadata["kernelspec"] = {"name": "gone", "display_name": "Gone", "language": "gone"}
    book.metadata.pop("language_info", None)
    nbformat.write(book, copy)


async def test_the_html_export_shows_the_conversation(desk: Desk, stage: Stage) -> None:
    stage.texts = {"first": FIRST, "second": SECOND}
    async with desk.open("lab", "export.ipynb", LOAD, "%%chat\nfirst", "%%chat\nsecond") as book:
        await book.run_all()
        await book.save()
    page = await export(desk.server.folder / "export.ipynb")

    async with await desk.context.new_page() as opened:
        await opened.route("http*://**", lambda route: route.abort())
        await opened.goto(page.as_uri())
        text = await opened.inner_text("body")
        found = [await opened.locator(f".jp-OutputArea-output {part}").count() for part in PARTS]

    assert "With a link and code." in text
    assert text.count("live ·") == 2
    assert all(found)


async def export(notebook: Path) -> Path:
    """Turn a notebook into a page by nbconvert."""
    command = (sys.executable, "-m", "nbconvert", "--to", "html", "--log-level", "ERROR", str(notebook))
    process = await asyncio.create_subprocess_exec(*command)
    assert await asyncio.wait_for(process.wait(), 50) == 0
    return notebook.with_suffix(".html")


def said(stage: Stage) -> list[list[str]]:
    """Return what each request told, and forget it."""
    asked = [[message.content for message in ask.messages] for ask in stage.asked]
    stage.asked.clear()
    return asked


async def test_running_a_cell_again_sends_only_what_came_before_it(
    desk: Desk, stage: Stage, front_end: FrontEnd
) -> None:
    cells = (LOAD, "%%chat\none", "%%chat\ntwo", "%%chat\nthree")
    async with desk.open(front_end, f"again-{front_end}.ipynb", *cells) as book:
        await book.run_all()
        first = said(stage)
        await book.run(2)
        again = said(stage)
        await book.restart_and_run_all()
        restarted = said(stage)

    one = ["one"]
    two = [*one, "You said: one", "two"]
    three = [*two, "You said: two", "three"]
    assert first == [one, two, three]
    assert again == [two]
    assert restarted == first
