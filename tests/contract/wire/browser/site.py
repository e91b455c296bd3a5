"""A site on loopback that a real Chromium loads pages from."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from aiohttp import web

Test = Callable[..., object]
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None
)
CHROMEDRIVER = shutil.which("chromedriver")
needs_chromedriver = pytest.mark.skipif(CHROMEDRIVER is None, reason="no chromedriver is installed")
SCRIPT_SETS_A_COOKIE = "<title>Welcome</title><script>document.cookie = 'by_script=c=d==; path=/'</script>"


def needs_chromium(test: Test) -> Test:
    """Try `test` with what needs a browser (`-m browser`), where Chromium is installed."""
    return pytest.mark.browser(pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")(test))


def browsers(profiles: Path) -> list[psutil.Process]:
    """Return the running processes of browsers that keep a profile in `profiles`, whoever their parent is."""
    running = []
    for process in psutil.process_iter():
        try:
            if any(str(profiles) in argument for argument in process.cmdline()):
                running.append(process)
        except psutil.Error:
            continue  # it has ended, or a zombie has no command line
    return running


class Site:
    """What the pages of the loopback site saw."""

    def __init__(self) -> None:
        self.requests: list[web.Request] = []
        self.asked = asyncio.Event()
        self.never = asyncio.Event()

    async def welcome(self, request: web.Request) -> web.Response:
        self.requests.append(request)
        reply = web.Response(text=SCRIPT_SETS_A_COOKIE, content_type="text/html")
        reply.set_cookie("plain", "1", path="/")
        reply.headers.add("Set-Cookie", "by_header=a=b==; Path=/; HttpOnly")
        return reply

    async def silence(self, request: web.Request) -> web.Response:
        self.asked.set()
        await self.never.wait()
        return web.Response()

    async def redirect(self, request: web.Request) -> web.Response:
        return web.Response(text="<script>location.replace('/')</script>", content_type="text/html")

    async def away(self, request: web.Request) -> web.Response:
        elsewhere = str(request.url.with_host("localhost").with_path("/"))
        return web.Response(status=302, headers={"Location": elsewhere, "Set-Cookie": "own=1; Path=/"})

    async def challenge(self, request: web.Request) -> web.Response:
        status, server = int(request.query["status"]), request.query["server"]
        text = f"<title>{request.query['title']}</title>"
        return web.Response(status=status, text=text, headers={"Server": server}, content_type="text/html")

    async def refuse(self, request: web.Request) -> web.Response:
        return web.Response(status=403, text="<title>No</title>", content_type="text/html")
