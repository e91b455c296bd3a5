"""What a real browser sends to a site: its headers and its cookies, for requests of our own.

A Selenium webdriver that is given is used and left open. Else the system's Chromium is started and removed
again. A page that checks for a human is reported, never solved.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from g4f_magic.errors import ChatTimeoutError, CloudflareError, InputError, UnreachableError
from g4f_magic.wire.chromium import find_browser, parse_proxy, run_browser
from g4f_magic.wire.devtools import Page
from g4f_magic.wire.proxies import proxy_for

_SETTLE_SECONDS = 2.0
_PAGE = """({
    address: location.href, title: document.title, agent: navigator.userAgent, languages: [...navigator.languages]
})"""


async def get_args_from_browser(
    url: str, webdriver: object | None = None, proxy: str | None = None, *, timeout_seconds: float = 30
) -> dict[str, Any]:
    """Return what a browser has after loading `url`, as arguments for `aiohttp.ClientSession`.

    They are `headers` (user-agent, accept-language, referer) and `cookies` (name to value, those that
    scripts cannot see included). Without `proxy` the environment's is used. A given Selenium `webdriver` keeps its
    own proxy and stays open.

    Raises:
        InputError: the URL or the proxy cannot be used.
        MissingAuthError: there is no browser.
        UnreachableError: the site or the proxy cannot be reached, or the browser does not start.
        CloudflareError: a page that checks for a human came instead.
        ChatTimeoutError: the page was not loaded within `timeout_seconds`.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InputError(
            f"{url!r} is not an address of a page", hint="Give one such as https://example.com/."
        )
    if webdriver is not None:
        return await asyncio.to_thread(_from_webdriver, webdriver, url, timeout_seconds)
    way = proxy_for(url, proxy)
    server = parse_proxy(way.url) if way else None
    program = find_browser()
    try:
        async with (
            asyncio.timeout(timeout_seconds),
            run_browser(program, server) as line,
        ):
            page = Page(line, server)
            await page.open()
            return await _visit(page, url)
    except TimeoutError:
        raise _too_slow(url, timeout_seconds) from None


async def _visit(page: Page, url: str) -> dict[str, Any]:
    """Load a page, and return what it and its cookies are."""
    host = urlsplit(url).hostname
    begun = await page.call("Page.navigate", url=url)
    if page.response.get("status") == 407:
        raise UnreachableError("the proxy refuses the name or password", hint="Check the proxy's URL.")
    if begun.get("errorText"):
        raise UnreachableError(
            f"{host}: {begun['errorText']}", hint="Check the address, the network and the proxy."
        )
    await page.wait_for(page.loaded)
    # Many pages set their cookies, or lead on, by a script that runs later.
    with suppress(TimeoutError):
        await asyncio.wait_for(page.wait_for(page.settled), _SETTLE_SECONDS)
    await page.wait_for(page.loaded)
    seen = (await page.call("Runtime.evaluate", expression=_PAGE, returnByValue=True))["result"]["value"]
    headers = {name.lower(): value for name, value in page.response.get("headers", {}).items()}
    _refuse_challenge(url, seen["title"], int(page.response.get("status", 200)), headers)
    cookies = (await page.call("Network.getCookies", urls=[url, seen["address"]]))["cookies"]
    return _arguments(url, seen, cookies)


def _from_webdriver(webdriver: Any, url: str, timeout_seconds: float) -> dict[str, Any]:
    """Return what a Selenium webdriver has after loading a page; its own time-out is put back.

    Raises:
        InputError: it is none.
        UnreachableError: it was quit, or fails; or the page cannot be reached.
    """
    _refuse_others(webdriver)
    try:
        from selenium.common.exceptions import TimeoutException, WebDriverException
    except ImportError:
        raise InputError(
            "a webdriver needs the package selenium", hint="%pip install 'g4f-magic[browser]'"
        ) from None
    try:
        before = webdriver.timeouts.page_load
        webdriver.set_page_load_timeout(timeout_seconds)
        try:
            webdriver.get(url)
        finally:
            webdriver.set_page_load_timeout(before)
        seen = webdriver.execute_script(f"return {_PAGE}")
        if not isinstance(seen, dict):
            raise TypeError
        _refuse_challenge(url, seen["title"], 200, {})
        with _unlogged():
            cookies = webdriver.get_cookies()
        return _arguments(url, seen, cookies)
    except TimeoutException:
        raise _too_slow(url, timeout_seconds) from None
    except WebDriverException as exc:
        said = str(exc.msg)
        if any(sign in said.lower() for sign in _CLOSED):
            raise _closed() from None
        reason = re.search(r"net::\w+", said) or re.search(r".*", said)
        raise UnreachableError(
            f"{urlsplit(url).hostname}: {reason[0] if reason else ''}",
            hint="Check the address and the webdriver.",
        ) from None
    except (AttributeError, TypeError, LookupError):  # it answers as no webdriver does
        raise _no_webdriver(webdriver) from None
    except OSError:
        raise _closed() from None
    except Exception as exc:
        # What Selenium speaks through says so in its own way when the driver's program is gone.
        if type(exc).__module__.partition(".")[0] != "urllib3":
            raise
        raise _closed() from None


_CLOSED = (
    "session id",
    "no such session",
    "not reachable",
    "disconnected",
    "no such window",
    "window already closed",
)
_METHODS = ("get", "execute_script", "get_cookies", "set_page_load_timeout")


def _refuse_others(webdriver: Any) -> None:
    """Raise InputError for what has not even the methods of a Selenium webdriver."""
    is_class = isinstance(webdriver, type)
    if is_class or not all(callable(getattr(webdriver, name, None)) for name in _METHODS):
        raise _no_webdriver(webdriver)


def _no_webdriver(webdriver: Any) -> InputError:
    kind = webdriver if isinstance(webdriver, type) else type(webdriver)
    what = "the class" if isinstance(webdriver, type) else "an object of"
    return InputError(
        f"the webdriver is {what} {kind.__module__.partition('.')[0]}.{kind.__name__}, and no Selenium webdriver",
        hint="Give a running one (selenium.webdriver.Chrome(), Firefox(), ...), or leave it out.",
    )


def _closed() -> UnreachableError:
    return UnreachableError(
        "the webdriver does not answer: its browser was closed",
        hint="Give one that runs, or leave it out: then a browser is started for the moment.",
    )


@contextmanager
def _unlogged() -> Iterator[None]:
    """Keep what a webdriver answers out of Selenium's log, which has it in full where a person turned that on."""
    log = logging.getLogger("selenium.webdriver.remote.remote_connection")

    def is_no_answer(record: logging.LogRecord) -> bool:
        return record.levelno > logging.DEBUG

    log.addFilter(is_no_answer)
    try:
        yield
    finally:
        log.removeFilter(is_no_answer)


def _refuse_challenge(url: str, title: str, status: int, headers: dict[str, str]) -> None:
    """Raise CloudflareError for a page that checks for a human."""
    is_guarded = "cf-mitigated" in headers or headers.get("server", "").lower() == "cloudflare"
    if (status in {403, 503} and is_guarded) or title.strip().lower().startswith("just a moment"):
        raise CloudflareError(
            f"{urlsplit(url).hostname}: a page that checks for a human",
            status=status if status in {403, 503} else 403,
            hint="Open it in your own browser, and export its cookies or give that browser as a webdriver.",
        )


def _arguments(url: str, seen: dict[str, Any], cookies: list[dict[str, Any]]) -> dict[str, Any]:
    headers = {
        "user-agent": seen["agent"],
        "accept-language": _accept_language(seen["languages"]),
        "referer": url,
    }
    host = str(urlsplit(url).hostname)
    own = {cookie["name"]: cookie["value"] for cookie in cookies if _is_of_site(cookie["domain"], host)}
    return {"headers": headers, "cookies": own}


def _is_of_site(domain: str, host: str) -> bool:
    """Say whether a cookie's domain is the host, above it or below it.

    A page may lead to its `www.`, whose cookies are meant; one that leads to a place for signing in, with
    cookies of its own, does not get those.
    """
    below, above = f".{host}", f".{domain.lstrip('.')}"
    return below.endswith(above) or above.endswith(below)


def _accept_language(languages: list[str]) -> str:
    """Return languages as Chromium sends them: each weighs a tenth less than the one before."""
    weights = [f";q={max(10 - place, 1) / 10}" if place else "" for place in range(len(languages))]
    return ",".join(language + weight for language, weight in zip(languages, weights, strict=True))


def _too_slow(url: str, seconds: float) -> ChatTimeoutError:
    return ChatTimeoutError(
        f"{urlsplit(url).hostname}: not loaded within {seconds:g} s",
        hint="Allow more time, or check the network.",
    )
