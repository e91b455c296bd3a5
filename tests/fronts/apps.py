"""A notebook served as an app by a program of others, and a real page that looks at it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.environments import FRONTS

if TYPE_CHECKING:
    from playwright.async_api import Page


@asynccontextmanager
async def app_of(
    folder: Path, port: int, program: str, arguments: Sequence[str], **environment: str
) -> AsyncIterator[str]:
    """Run a program of the front ends in a folder, which serves at a port, and give the address once it listens there."""
    env = {**os.environ, "HOME": str(folder), "G4F_MAGIC_HISTORY": "off", **environment}
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            str(FRONTS.bin / program), *arguments, cwd=folder, env=env, stdout=log, stderr=log
        )
        try:
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                except OSError:
                    assert process.returncode is None, (folder / "log").read_text()
                    await asyncio.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            await process.wait()


@asynccontextmanager
async def page_at(address: str) -> AsyncIterator[Page]:
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = await browser.new_page()
        page.set_default_timeout(60_000)
        await page.goto(address)
        yield page
        await browser.close()
