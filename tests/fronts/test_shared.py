"""Two people in one notebook: two pages of a JupyterLab with jupyter-collaboration, of which each shows what the other does."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from g4f_magic.gateway import Gateway
from g4f_magic.testing.script import SCRIPT_TEXT
from tests.browser.lab import Book, Server, chromium, chromium_path
from tests.browser.panel import Panel
from tests.browser.stage import LIVE, Stage
from tests.environments import FRONTS
from tests.serving import free_port

pytestmark = [
    pytest.mark.fronts,
    pytest.mark.timeout(300),
    pytest.mark.skipif(bool(FRONTS.missing()), reason=FRONTS.missing()),
    pytest.mark.skipif(not chromium_path(), reason="no chromium"),
]

LONG = "\n\n".join(f"Paragraph {number}: " + "some words of a long reply, " * 12 for number in range(40))


@asynccontextmanager
async def collaborating(folder: Path, **environment: str) -> AsyncIterator[Server]:
    """Serve a folder to several people."""
    port = free_port()
    env = {**os.environ, **environment, "HOME": str(folder), "IPYTHONDIR": str(folder / "ipython")}
    env["PATH"] = f"{FRONTS.bin}{os.pathsep}{env['PATH']}"
    for name in [name for name in env if name.startswith(("JPY_", "JUPYTER_", "PYTEST_"))]:
        del env[name]
    notebooks = folder / "notebooks"
    notebooks.mkdir()
    options = [
        f"--ServerApp.port={port}",
        "--IdentityProvider.token=for-tests",
        "--ServerApp.open_browser=False",
    ]
    options += ["--ServerApp.allow_root=True", "--LabApp.expose_app_in_browser=True", "--LabApp.news_url="]
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(str(FRONTS.bin / "jupyter"), "lab", *options, f"--ServerApp.root_dir={notebooks}"),
            env=env,
            cwd=folder,
            stdout=log,
            stderr=log,
        )
        server = Server(f"http://127.0.0.1:{port}", "for-tests", notebooks)
        try:
            async with aiohttp.ClientSession() as http:
                while True:
                    assert process.returncode is None, (folder / "log").read_text()
                    try:
                        async with http.get(f"{server.url}/api") as response:
                            response.raise_for_status()
                        break
                    except aiohttp.ClientError:
                        await asyncio.sleep(0.1)
            yield server
        finally:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), 10)
            except TimeoutError:  # it waits for what its pages left open
                process.kill()
                await process.wait()


async def outputs_of(book: Book, index: int) -> list[str]:
    """Return what the outputs of a cell show in one page, as text."""
    texts: list[str] = await book.page.evaluate(
        "index => window.jupyterapp.shell.currentWidget.content.widgets[index].model.outputs.toJSON()"
        ".map(one => [one.data?.['text/plain'] ?? one.data?.['text/markdown'] ?? one.text ?? ''].flat().join(''))",
        index,
    )
    return texts


@asynccontextmanager
async def two_people(folder: Path, stage: Stage, *cells: str) -> AsyncIterator[list[Book]]:
    """Open a notebook of these cells in two pages, each with a workspace of its own."""
    environment = {"G4F_MAGIC_HISTORY": "off", "G4F_MAGIC_PROVIDER": "koala", "G4F_MAGIC_MODE": "live"}
    async with Gateway(stage) as gateway, chromium() as context:
        environment["G4F_MAGIC_BASE_URL"] = gateway.base_url
        async with collaborating(folder, **environment) as server:
            server.write("a.ipynb", *cells)
            books = [Book(await context.new_page(), server.address("a.ipynb", "lab")) for _ in range(2)]
            for number, book in enumerate(books):
                if number:
                    book.address = book.address.replace("&reset", "").replace(
                        "/lab/", "/lab/workspaces/other/"
                    )
                book.page.set_default_timeout(60_000)
                await book.open()
            yield books


async def test_two_pages_show_the_same(tmp_path: Path) -> None:
    stage = Stage()
    stage.texts = {"long": LONG, "short": SCRIPT_TEXT}
    cells = ["%load_ext g4f_magic", "%%chat\nlong", f"%%chat\n{LIVE}", "%chat panel"]
    async with two_people(tmp_path, stage, *cells) as books:
        first, second = books
        for index in (0, 1):
            await first.run(index)
        await second.says(1, "Paragraph 39")
        await second.says(1, "live ·")
        long = [await outputs_of(book, 1) for book in books]

        await first.start(2)
        stage.say("Said while both look on. ")
        await second.says(2, "both look on")
        while_coming = len(await outputs_of(second, 2))
        stage.end()
        await second.says(2, "live ·")
        settled = [await outputs_of(book, 2) for book in books]

        await first.run(3)
        panel = Panel(first.page)
        await panel.is_there()
        await panel.ask("short")
        await second.page.wait_for_function(
            "() => JSON.stringify(window.jupyterapp.shell.currentWidget.content.widgets[3].model"
            ".outputs.toJSON()).includes('jumps over')"
        )
        kept = [await outputs_of(book, 3) for book in books]

    assert long[0] == long[1]
    assert "".join(long[0]).count("Paragraph 7:") == 1
    assert while_coming == 1
    assert settled[0] == settled[1]
    assert len(settled[0]) == 1
    assert kept[0] == kept[1]
    assert len(re.findall("jumps over", "".join(kept[1]))) == 1


async def test_each_of_two_people_has_a_side_bar_on_one_conversation(tmp_path: Path) -> None:
    stage = Stage()
    async with two_people(tmp_path, stage, "%load_ext g4f_magic", "%%chat\nin a cell", "6 * 7") as books:
        first, second = books
        await first.run(0)
        for book in books:  # the second one's page opened nothing itself
            await book.command("g4f-magic:chat")
        panels = [Panel(book.page) for book in books]
        for panel in panels:
            await panel.is_there()
        await first.run(1)
        for panel in panels:
            await panel.says("You said: in a cell")
        for book in books:
            bar = book.cell(1).get_by_role("toolbar", name="Reply")
            await bar.get_by_role("button", name="Ask again").wait_for()
        own = "() => jupyterapp.shell.currentWidget.content.model.getMetadata('g4f_magic')?.notebook ?? ''"
        for book in books:
            await book.page.wait_for_function(f"() => ({own})().length === 36")
        assert await first.page.evaluate(own) == await second.page.evaluate(own)

        # What one is writing and what one gives to the chat is one's own.
        await panels[0].area.fill("a draft of the first")
        await first.run(2)
        await first.output(2).first.click(button="right")
        await first.page.get_by_role("menuitem", name="Ask about This").click()
        await first.page.locator(".g4f-side .g4f-chip", has_text="Output").wait_for()
        await panels[1].ask("from the second")
        await panels[0].says("You said: from the second", 1)
        assert await panels[0].area.input_value() == "a draft of the first"
        assert await panels[1].area.input_value() == ""
        assert await second.page.locator(".g4f-side .g4f-chip").count() == 0

        await panels[0].area.press("Enter")
        for panel in panels:
            await panel.says("You said: a draft of the first", 2)
        assert await panels[0].prompts() == await panels[1].prompts()
        assert "42" in stage.prompts[-1]

        # Both turn to the reply at once, and each page has its own answer of the kernel.
        bar = second.cell(1).get_by_role("toolbar", name="Reply")
        await bar.get_by_role("button", name="Ask again").click()
        for book in books:
            await book.cell(1).locator(".g4f-output").last.hover()
        for book in books:
            await book.cell(1).get_by_role("toolbar", name="Reply").get_by_text("2 of 2").wait_for()
        sent = [message.content for message in stage.asked[-1].messages]
        assert sent == ["in a cell"]
