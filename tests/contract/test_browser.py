"""Headers and cookies out of a real Chromium that loads pages from loopback."""

from __future__ import annotations

import asyncio
import base64
import logging
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psutil
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from g4f_magic.errors import (
    ChatTimeoutError,
    CloudflareError,
    InputError,
    MissingAuthError,
    UnreachableError,
)
from g4f_magic.wire.browser import get_args_from_browser
from g4f_magic.wire.chromium import find_browser

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None
)
CHROMEDRIVER = shutil.which("chromedriver")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
needs_chromedriver = pytest.mark.skipif(CHROMEDRIVER is None, reason="no chromedriver is installed")

SCRIPT_SETS_A_COOKIE = "<title>Welcome</title><script>document.cookie = 'by_script=c=d==; path=/'</script>"


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


@pytest.fixture(autouse=True)
def profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Keep temporary profiles in one folder, and see that neither they nor a browser are left."""
    folder = tmp_path / "profiles"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []
    _, left = psutil.wait_procs(browsers(folder), timeout=5)  # a process that was killed takes a moment
    assert left == []


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


@pytest.fixture
async def site() -> Site:
    return Site()


@pytest.fixture
async def server(site: Site) -> AsyncIterator[TestServer]:
    app = web.Application()
    for name in ("silence", "redirect", "away", "challenge", "refuse"):
        app.router.add_get(f"/{name}", getattr(site, name))
    app.router.add_get("/", site.welcome)
    async with TestServer(app) as running:
        yield running
        site.never.set()


@needs_chromium
async def test_cookies_come_by_header_and_by_script_and_those_that_scripts_cannot_see(
    server: TestServer,
) -> None:
    arguments = await get_args_from_browser(str(server.make_url("/")))
    assert arguments["cookies"] == {"plain": "1", "by_header": "a=b==", "by_script": "c=d=="}


@needs_chromium
async def test_headers_are_those_that_the_browser_sent(server: TestServer, site: Site) -> None:
    url = str(server.make_url("/"))
    arguments = await get_args_from_browser(url)
    sent = site.requests[0].headers
    assert arguments["headers"] == {
        "user-agent": sent["User-Agent"],
        "accept-language": sent["Accept-Language"],
        "referer": url,
    }


@needs_chromium
async def test_a_page_that_leads_to_another_gives_the_others_cookies(server: TestServer) -> None:
    arguments = await get_args_from_browser(str(server.make_url("/redirect")))
    assert arguments["cookies"]["by_header"] == "a=b=="


@needs_chromium
async def test_cancelling_leaves_no_process_and_no_profile(
    server: TestServer, site: Site, profiles: Path
) -> None:
    task = asyncio.create_task(get_args_from_browser(str(server.make_url("/silence"))))
    await site.asked.wait()
    running = browsers(profiles)
    kept = list(profiles.iterdir())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    _, alive = psutil.wait_procs(running, timeout=5)
    assert (len(kept), len(running) > 1) == (1, True)
    assert alive == []


@needs_chromium
async def test_cookies_of_another_site_that_a_page_leads_to_are_not_given(server: TestServer) -> None:
    arguments = await get_args_from_browser(str(server.make_url("/away")))
    assert arguments["cookies"] == {"own": "1"}


@needs_chromium
async def test_a_page_that_does_not_load_in_time_is_a_time_out(server: TestServer) -> None:
    with pytest.raises(ChatTimeoutError, match=r"127\.0\.0\.1: not loaded within 3 s"):
        await get_args_from_browser(str(server.make_url("/silence")), timeout_seconds=3)


@needs_chromium
@pytest.mark.parametrize(
    ("status", "server_header", "title"),
    [
        (403, "nginx", "Just a moment..."),
        (503, "cloudflare", "Please wait"),
        (200, "nginx", "Just a moment..."),
    ],
)
async def test_a_page_that_checks_for_a_human_is_reported(
    server: TestServer, status: int, server_header: str, title: str
) -> None:
    url = server.make_url("/challenge").with_query(status=status, server=server_header, title=title)
    with pytest.raises(CloudflareError, match="checks for a human") as caught:
        await get_args_from_browser(str(url))
    assert caught.value.status in {403, 503}
    assert caught.value.hint


@needs_chromium
async def test_a_page_that_only_refuses_is_no_challenge(server: TestServer) -> None:
    assert (await get_args_from_browser(str(server.make_url("/refuse"))))["cookies"] == {}


@needs_chromium
async def test_a_refused_host_is_unreachable(unused_port: int) -> None:
    with pytest.raises(UnreachableError, match=r"127\.0\.0\.1: net::ERR_CONNECTION_REFUSED") as caught:
        await get_args_from_browser(f"http://127.0.0.1:{unused_port}/")
    assert caught.value.hint


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
async def proxy() -> AsyncIterator[TestServer]:
    """Run a proxy that knows one person, and gives the page of every site itself."""
    expected = "Basic " + base64.b64encode(b"ann:p@ss").decode()

    async def forward(request: web.BaseRequest) -> web.Response:
        if request.headers.get("Proxy-Authorization") != expected:
            return web.Response(status=407, headers={"Proxy-Authenticate": 'Basic realm="proxy"'})
        return web.Response(
            text=f"<title>{request.headers['Host']}</title>",
            headers={"Set-Cookie": f"host={request.headers['Host']}"},
            content_type="text/html",
        )

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", forward)
    async with TestServer(app) as running:
        yield running


@needs_chromium
@pytest.mark.parametrize("host", ["site.test", "127.0.0.1:8099"])
async def test_a_proxy_with_a_password_carries_the_page(proxy: TestServer, host: str) -> None:
    arguments = await get_args_from_browser(
        f"http://{host}/", proxy=f"http://ann:p%40ss@127.0.0.1:{proxy.port}"
    )
    assert arguments["cookies"] == {"host": host}


@needs_chromium
async def test_a_proxy_that_refuses_the_password_is_reported_without_it(proxy: TestServer) -> None:
    with pytest.raises(UnreachableError, match="the proxy refuses") as caught:
        await get_args_from_browser("http://site.test/", proxy=f"http://ann:wrong@127.0.0.1:{proxy.port}")
    assert "wrong" not in f"{caught.value} {caught.value.hint}"


@needs_chromium
@pytest.mark.parametrize("scheme", ["http", "socks5h"])
async def test_a_proxy_that_is_not_there_is_never_gone_around(
    server: TestServer, site: Site, unused_port: int, scheme: str
) -> None:
    with pytest.raises(UnreachableError, match="net::ERR_"):
        await get_args_from_browser(str(server.make_url("/")), proxy=f"{scheme}://127.0.0.1:{unused_port}")
    assert site.requests == []


@pytest.mark.parametrize(
    "proxy_url", ["socks5://ann:secret@localhost:1", "ftp://ann:secret@x", "http://ann:secret@x:y"]
)
async def test_a_proxy_that_chromium_cannot_use_is_refused_without_its_password(proxy_url: str) -> None:
    with pytest.raises(InputError, match="proxy") as caught:
        await get_args_from_browser("http://site.test/", proxy=proxy_url)
    assert "secret" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("url", ["", "example.com", "file:///etc/hostname", "chrome://version"])
async def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="no address of a page"):
        await get_args_from_browser(url)


async def test_without_a_browser_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROME_PATH", raising=False)
    with pytest.raises(MissingAuthError, match="no browser") as caught:
        await get_args_from_browser("http://site.test/")
    assert "Install Chromium" in caught.value.hint


def test_the_browser_that_was_named_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "my-browser"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("CHROME_PATH", str(program))
    assert find_browser() == str(program)


async def test_a_named_browser_that_is_not_there_is_said_to_be_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROME_PATH", "/nowhere/chromium")
    with pytest.raises(InputError, match="CHROME_PATH='/nowhere/chromium' is no program"):
        await get_args_from_browser("http://site.test/")


async def test_a_browser_that_ends_at_once_is_reported_with_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "my-browser"
    program.write_text("#!/bin/sh\necho first >&2; echo no display >&2; exit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("CHROME_PATH", str(program))
    with pytest.raises(UnreachableError, match="ended with code 3") as caught:
        await get_args_from_browser("http://site.test/")
    assert caught.value.hint == "no display"


@pytest.fixture
def webdriver(profiles: Path) -> Iterator[object]:
    selenium = pytest.importorskip("selenium.webdriver")
    options = selenium.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"):
        options.add_argument(flag)
    driver = selenium.Chrome(options=options, service=selenium.ChromeService(CHROMEDRIVER))
    yield driver
    driver.quit()


@needs_chromium
@needs_chromedriver
async def test_a_given_webdriver_is_used_and_stays_open(
    server: TestServer, site: Site, webdriver: object
) -> None:
    url = str(server.make_url("/"))
    arguments = await get_args_from_browser(url, webdriver)
    assert arguments["cookies"] == {"plain": "1", "by_header": "a=b==", "by_script": "c=d=="}
    assert arguments["headers"]["user-agent"] == site.requests[0].headers["User-Agent"]
    assert (webdriver.title, webdriver.timeouts.page_load) == ("Welcome", 300)


@needs_chromium
@needs_chromedriver
async def test_the_cookies_of_a_webdriver_are_in_no_log(
    server: TestServer, webdriver: object, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        arguments = await get_args_from_browser(str(server.make_url("/")), webdriver)
    assert arguments["cookies"]["by_header"] == "a=b=="
    assert "a=b==" not in caplog.text


@needs_chromium
@needs_chromedriver
async def test_a_webdriver_that_is_led_to_another_site_gives_none_of_its_cookies(
    server: TestServer, webdriver: object
) -> None:
    arguments = await get_args_from_browser(str(server.make_url("/away")), webdriver)
    assert arguments["cookies"] == {}


@needs_chromium
@needs_chromedriver
async def test_a_host_that_refuses_a_webdriver_is_unreachable(webdriver: object, unused_port: int) -> None:
    with pytest.raises(UnreachableError, match=r"127\.0\.0\.1: net::ERR_CONNECTION_REFUSED"):
        await get_args_from_browser(f"http://127.0.0.1:{unused_port}/", webdriver)


@needs_chromium
@needs_chromedriver
async def test_a_webdriver_waits_no_longer_than_it_may(server: TestServer, webdriver: object) -> None:
    with pytest.raises(ChatTimeoutError, match="not loaded within 1 s"):
        await get_args_from_browser(str(server.make_url("/silence")), webdriver, timeout_seconds=1)


@needs_chromium
@needs_chromedriver
async def test_a_webdriver_solves_no_check_for_a_human(server: TestServer, webdriver: object) -> None:
    challenge = server.make_url("/challenge").with_query(status=403, server="x", title="Just a moment...")
    with pytest.raises(CloudflareError):
        await get_args_from_browser(str(challenge), webdriver)
