"""Headers and cookies out of a webdriver that the person gives."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
from aiohttp.test_utils import TestServer

from g4f_magic.errors import (
    ChatTimeoutError,
    CloudflareError,
    InputError,
    UnreachableError,
)
from g4f_magic.wire.browser import get_args_from_browser
from tests.contract.wire.browser.site import CHROMEDRIVER, CHROMIUM, Site, needs_chromedriver, needs_chromium


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


@needs_chromium
@needs_chromedriver
async def test_a_webdriver_that_was_quit_is_said_to_be_closed(server: TestServer, webdriver: Any) -> None:
    webdriver.quit()
    with pytest.raises(UnreachableError, match="its browser was closed"):
        await get_args_from_browser(str(server.make_url("/")), webdriver)


@needs_chromium
@needs_chromedriver
async def test_a_webdriver_whose_window_was_closed_is_said_to_be_closed(
    server: TestServer, webdriver: Any
) -> None:
    webdriver.close()
    with pytest.raises(UnreachableError, match="its browser was closed"):
        await get_args_from_browser(str(server.make_url("/")), webdriver)


class Page:
    """What another library calls a page."""

    def goto(self, url: str) -> None:
        raise AssertionError(url)


class Halfway:
    """All the methods, and answers of another kind."""

    def __getattr__(self, name: str) -> Any:
        return lambda *given: self


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("chrome", "builtins.str"),
        (5, "builtins.int"),
        (Page(), "Page"),
        (Page, "the class"),
        (MagicMock(), "MagicMock"),
        (Halfway(), "Halfway"),
        (lambda: None, "function"),
    ],
)
async def test_what_is_no_webdriver_is_named(given: object, named: str) -> None:
    pytest.importorskip("selenium")
    with pytest.raises(InputError, match="no Selenium webdriver") as raised:
        await get_args_from_browser("http://127.0.0.1:9/", given)
    assert named in str(raised.value)
