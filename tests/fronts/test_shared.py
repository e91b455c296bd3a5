"""Two people in one notebook: two pages of a JupyterLab with jupyter-collaboration, of which each shows what the other does."""

from __future__ import annotations

import asyncio
import os
import re
import socket
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
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
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
        ".map(one => [one.data?.['text/plain'] ?? one.text ?? ''].flat().join(''))",
        index,
    )
    return texts


async def test_two_pages_show_the_same(tmp_path: Path) -> None:
    stage = Stage()
    stage.texts = {"long": LONG, "short": SCRIPT_TEXT}
    environment = {"G4F_MAGIC_HISTORY": "off", "G4F_MAGIC_PROVIDER": "koala", "G4F_MAGIC_MODE": "live"}
    async with Gateway(stage) as gateway, chromium() as context:
        environment["G4F_MAGIC_BASE_URL"] = gateway.base_url
        async with collaborating(tmp_path, **environment) as server:
            cells = ["%load_ext g4f_magic", "%%chat\nlong", f"%%chat\n{LIVE}", "%chat panel"]
            server.write("a.ipynb", *cells)
            books = [Book(await context.new_page(), server.address("a.ipynb", "lab")) for _ in range(2)]
            for number, book in enumerate(books):
                if number:
                    book.address = book.address.replace("&reset", "").replace(
                        "/lab/", "/lab/workspaces/other/"
                    )
                book.page.set_default_timeout(60_000)
                await book.open()
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
