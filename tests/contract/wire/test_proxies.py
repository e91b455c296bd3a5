"""Through real proxies."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from g4f_magic import providers
from g4f_magic.errors import InputError, UnreachableError
from g4f_magic.gateway import Gateway
from g4f_magic.testing.script import SCRIPT_TEXT
from tests.contract.asking import Place, text_and_error, text_of
from tests.contract.wire.proxies import Proxy, await_listening, http_proxy
from tests.serving import free_port


async def test_a_reply_comes_through_an_http_proxy(place: Place, proxy: Proxy) -> None:
    assert await text_of(place.ask(proxy=proxy.url)) == SCRIPT_TEXT
    assert proxy.was_used(place.base_url)


async def test_a_proxys_password_is_used_and_does_not_show(gateway: Gateway) -> None:
    place = Place(providers.get("koala"), "koala", gateway.base_url)
    with http_proxy("anna:open-sesame") as proxy:
        assert await text_of(place.ask(proxy=proxy.url)) == SCRIPT_TEXT
        _, raised = await text_and_error(place.ask(proxy=proxy.url.replace("sesame", "barley")))
    assert raised is not None
    assert "barley" not in f"{raised!r} {raised} {getattr(raised, 'hint', '')}"


async def test_a_proxy_that_is_not_there_is_said(place: Place) -> None:
    _, raised = await text_and_error(place.ask(proxy="http://127.0.0.1:9"))
    assert isinstance(raised, UnreachableError)
    assert "proxy" in str(raised)


@pytest.mark.parametrize("proxy", ["carrier-pigeon://127.0.0.1:9", "http:///x", "http:/x", "a b", "x:y"])
async def test_what_is_no_proxys_url_is_refused(place: Place, proxy: str) -> None:
    _, raised = await text_and_error(place.ask(proxy=proxy))
    assert isinstance(raised, InputError)


@contextmanager
def microsocks(*options: str) -> Iterator[str]:
    """Run a SOCKS proxy and give its host and port."""
    program = shutil.which("microsocks")
    if program is None:
        pytest.skip("microsocks is not installed: apt-get install microsocks")
    port = free_port()
    command = [program, "-i", "127.0.0.1", "-p", str(port), *options]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            await_listening(port, process)
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()


@pytest.fixture
def socks() -> Iterator[str]:
    with microsocks() as place:
        yield place


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
async def test_a_reply_comes_through_a_socks_proxy(gateway: Gateway, socks: str, scheme: str) -> None:
    place = Place(providers.get("darkai"), "darkai", gateway.base_url)
    assert await text_of(place.ask(proxy=f"{scheme}://{socks}")) == SCRIPT_TEXT


async def test_a_socks_proxys_password_is_used_and_does_not_show(gateway: Gateway) -> None:
    place = Place(providers.get("darkai"), "darkai", gateway.base_url)
    with microsocks("-u", "anna", "-P", "open-sesame") as socks:
        assert await text_of(place.ask(proxy=f"socks5://anna:open-sesame@{socks}")) == SCRIPT_TEXT
        for login in ("anna:open-barley@", ""):
            _, raised = await text_and_error(place.ask(proxy=f"socks5://{login}{socks}"))
            assert isinstance(raised, UnreachableError), raised
            assert "barley" not in f"{raised!r} {raised} {raised.hint} {raised.__cause__}"


async def test_a_socks_proxy_that_is_not_there_is_said(gateway: Gateway) -> None:
    place = Place(providers.get("darkai"), "darkai", gateway.base_url)
    _, raised = await text_and_error(place.ask(proxy="socks5://127.0.0.1:9"))
    assert isinstance(raised, UnreachableError)
