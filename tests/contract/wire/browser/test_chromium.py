"""Headers and cookies out of a real Chromium that loads pages from loopback."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psutil
import pytest
from aiohttp.test_utils import TestServer

from g4f_magic.errors import (
    ChatTimeoutError,
    CloudflareError,
    InputError,
    MissingAuthError,
    UnreachableError,
)
from g4f_magic.wire.browser import get_args_from_browser
from g4f_magic.wire.chromium import find_browser, run_browser
from g4f_magic.wire.devtools import Page
from tests.contract.wire.browser.site import Site, browsers, needs_chromium
from tests.patience import PATIENCE_SECONDS


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
    listening = [one for it in running for one in it.net_connections("tcp") if one.status == "LISTEN"]
    kept = list(profiles.iterdir())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    _, alive = psutil.wait_procs(running, timeout=PATIENCE_SECONDS)
    assert (len(kept), len(running) > 1) == (1, True)
    assert listening == []  # any account of the machine could steer it there
    assert alive == []


@needs_chromium
async def test_where_programs_are_given_no_pipes_a_port_serves() -> None:
    async with run_browser(find_browser(), has_pipe=False) as line:
        page = Page(line)
        await page.open()
        assert (await page.call("Runtime.evaluate", expression="1 + 1"))["result"]["value"] == 2


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
    with pytest.raises(InputError, match="not an address of a page"):
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
    with pytest.raises(InputError, match="CHROME_PATH='/nowhere/chromium' is not a program"):
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


@needs_chromium
async def test_the_environments_proxy_is_the_browsers_by_our_rules(
    proxy: TestServer, server: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", f"http://ann:p%40ss@127.0.0.1:{proxy.port}")
    arguments = await get_args_from_browser("http://site.test/")
    assert arguments["cookies"] == {"host": "site.test"}
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert (await get_args_from_browser(str(server.make_url("/"))))["cookies"]["plain"] == "1"
