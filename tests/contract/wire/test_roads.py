"""The way to a host: by the environment's proxies or around them, and with the certificates that it names."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from g4f_magic.chat import Chat
from g4f_magic.errors import ChatError, ChatTimeoutError, InputError, UnreachableError, WireError
from g4f_magic.providers.openai import OpenAI
from g4f_magic.session import Session
from g4f_magic.settings import Settings
from tests.contract.asking import text_and_error, text_of
from tests.contract.wire.proxies import Proxy, http_proxy
from tests.contract.wire.roads import Say, asked, certificate, own_address, saying
from tests.contract.wire.test_proxies import microsocks
from tests.patience import PATIENCE_SECONDS

HELLO = [{"role": "user", "content": "Hello"}]
NOBODY = "http://127.0.0.1:9"
_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that names neither proxy nor certificates."""
    for name in (*_VARIABLES, *map(str.upper, _VARIABLES), *_CERTIFICATES, "REQUEST_METHOD"):
        monkeypatch.delenv(name, raising=False)


def ask(url: str, **options: object) -> object:
    return OpenAI.at(f"{url}/v1").create_async_generator("m", HELLO, api_key="key-1", **options)


async def reply(url: str, **options: object) -> str:
    return await text_of(ask(url, **options))  # type: ignore[arg-type]


async def error(url: str, **options: object) -> ChatError:
    _, raised = await text_and_error(ask(url, **options))  # type: ignore[arg-type]
    assert isinstance(raised, UnreachableError | InputError | WireError), raised
    return raised


def lines(proxy: Proxy) -> str:
    return proxy.log.read_text()


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    return certificate(tmp_path_factory.mktemp("tls"), own_address())


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
async def test_the_environments_proxy_carries_a_chat(
    monkeypatch: pytest.MonkeyPatch, proxy: Proxy, variable: str
) -> None:
    async with asked(own_address()) as server:
        monkeypatch.setenv(variable, proxy.url)
        assert await reply(server.url) == "Hello there"
        assert proxy.was_used(server.url)
        assert server.requests[0].headers["Authorization"] == "Bearer key-1"


async def test_the_environments_socks_proxy_carries_a_chat(monkeypatch: pytest.MonkeyPatch) -> None:
    async with asked(own_address()) as server:
        with microsocks() as place:
            monkeypatch.setenv("ALL_PROXY", f"socks5h://{place}")
            assert await reply(server.url) == "Hello there"
        assert "microsocks" not in (await error(server.url)).hint
    assert len(server.requests) == 1


async def test_a_model_list_goes_the_same_way(monkeypatch: pytest.MonkeyPatch) -> None:
    async with asked(own_address()) as server:
        monkeypatch.setenv("HTTP_PROXY", NOBODY)
        with pytest.raises(UnreachableError, match=r"the proxy 127\.0\.0\.1:9"):
            await OpenAI.at(f"{server.url}/v1").list_models()
        monkeypatch.setenv("NO_PROXY", own_address())
        assert await OpenAI.at(f"{server.url}/v1").list_models() == ["m-1", "m-2"]


async def test_a_secure_host_is_reached_through_a_tunnel(
    monkeypatch: pytest.MonkeyPatch, tls: tuple[Path, ssl.SSLContext]
) -> None:
    file, context = tls
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))
    async with asked(own_address(), context) as server:
        with http_proxy("anna:open-sesame-1") as proxy:
            monkeypatch.setenv("HTTPS_PROXY", proxy.url)
            assert await reply(server.url) == "Hello there"
            await _until(lambda: "CONNECT" in lines(proxy))
            monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("sesame", "barley"))
            raised = await error(server.url)
    assert "407" in str(raised)
    assert "the proxy 127.0.0.1" in str(raised)
    assert "HTTPS_PROXY names it" in raised.hint
    assert "barley" not in f"{raised!r} {raised} {raised.hint}"


async def _until(is_so: object) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not is_so():  # type: ignore[operator]
            await asyncio.sleep(0.02)


async def test_a_wrong_password_is_the_proxys_without_a_tunnel_too(monkeypatch: pytest.MonkeyPatch) -> None:
    async with asked(own_address()) as server:
        with http_proxy("anna:open-sesame-1") as proxy:
            monkeypatch.setenv("HTTP_PROXY", proxy.url.replace("sesame", "barley"))
            raised = await error(server.url)
    assert isinstance(raised, UnreachableError)
    assert "the proxy 127.0.0.1" in str(raised)
    assert "password" in raised.hint


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])
async def test_this_machine_is_reached_directly_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", NOBODY)
    monkeypatch.setenv("HTTP_PROXY", NOBODY)
    async with asked("127.0.0.1") as server:
        assert await reply(server.url.replace("127.0.0.1", host)) == "Hello there"


async def test_a_proxy_that_is_set_for_all_leaves_this_machine_out() -> None:
    async with asked("127.0.0.1") as server, session(proxy=NOBODY, base_url=f"{server.url}/v1") as one:
        said = await Chat("openai:m", session=one).ask("Hello")
        assert said == "Hello there"


async def test_a_proxy_that_the_cell_names_is_used_for_this_machine_too_and_told(proxy: Proxy) -> None:
    async with asked("127.0.0.1") as server, session(base_url=f"{server.url}/v1") as one:
        said = await Chat("openai:m", session=one, proxy=proxy.url).ask("Hello")
        assert said == "Hello there"
        assert proxy.was_used(server.url)
        assert f"through the proxy {proxy.url.removeprefix('http://')}" in said.turn.via


async def test_none_switches_the_environments_proxy_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", NOBODY)
    async with asked(own_address()) as server:
        assert isinstance(await error(server.url), UnreachableError)
        assert await reply(server.url, proxy="none") == "Hello there"
        async with session(proxy="none", base_url=f"{server.url}/v1") as one:
            assert (await Chat("openai:m", session=one).ask("Hello")) == "Hello there"


async def test_what_we_were_told_counts_before_the_environment(
    monkeypatch: pytest.MonkeyPatch, proxy: Proxy
) -> None:
    monkeypatch.setenv("HTTP_PROXY", NOBODY)
    monkeypatch.setenv("NO_PROXY", "*")
    async with asked(own_address()) as server:
        async with session(proxy=proxy.url, base_url=f"{server.url}/v1") as one:
            assert (await Chat("openai:m", session=one).ask("Hello")) == "Hello there"
        assert proxy.was_used(server.url)


@asynccontextmanager
async def session(**given: object) -> AsyncIterator[Session]:
    one = Session(Settings(history="off", **given))
    try:
        yield one
    finally:
        await one.aclose()


async def test_a_proxy_that_hangs_up_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang_up(head: bytes, say: Say) -> None:
        pass

    async with saying(hang_up) as port:
        for variable, scheme in (("HTTP_PROXY", "http"), ("HTTPS_PROXY", "https")):
            monkeypatch.setenv(variable, f"http://127.0.0.1:{port}")
            raised = await error(f"{scheme}://service.invalid")
            assert f"the proxy 127.0.0.1:{port}" in str(raised)
            assert f"{variable} names it" in raised.hint


async def test_a_proxy_that_cannot_get_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(head: bytes, say: Say) -> None:
        await say(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")

    async with saying(refuse) as port:
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{port}")
        tunnel = await error("https://service.invalid")
        assert str(tunnel) == f"the proxy 127.0.0.1:{port} did not let the request through (HTTP 502)"
        _, plain = await text_and_error(ask("http://service.invalid"))  # type: ignore[arg-type]
        assert f"the proxy's own answer (127.0.0.1:{port})" in plain.hint  # type: ignore[union-attr]


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
async def test_certificates_that_a_variable_names_are_trusted(
    monkeypatch: pytest.MonkeyPatch, tls: tuple[Path, ssl.SSLContext], variable: str
) -> None:
    file, context = tls
    async with asked("127.0.0.1", context) as server:
        assert "certificate" in str(await error(server.url))
        monkeypatch.setenv(variable, str(file))
        assert await reply(server.url) == "Hello there"


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        (["SSL_CERT_FILE"], "what SSL_CERT_FILE names."),
        (["SSL_CERT_FILE", "CURL_CA_BUNDLE"], "what SSL_CERT_FILE and CURL_CA_BUNDLE name."),
        (
            ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"],
            "what SSL_CERT_FILE, REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE name.",
        ),
    ],
)
async def test_what_a_certificate_was_checked_against_is_named(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    tls: tuple[Path, ssl.SSLContext],
    variables: list[str],
    named: str,
) -> None:
    other, _ = certificate(tmp_path, own_address())
    for variable in variables:
        monkeypatch.setenv(variable, str(other))
    async with asked("127.0.0.1", tls[1]) as server:
        assert named in (await error(server.url)).hint


@pytest.mark.parametrize("variable", ["SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"])
async def test_a_folder_of_certificates_is_one_that_was_rehashed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tls: tuple[Path, ssl.SSLContext], variable: str
) -> None:
    file, context = tls
    (tmp_path / "company.pem").write_bytes(file.read_bytes())
    monkeypatch.setenv(variable, str(tmp_path))
    async with asked("127.0.0.1", context) as server:
        assert "openssl rehash" in (await error(server.url)).hint
        subprocess.run(["openssl", "rehash", tmp_path], check=True, capture_output=True)
        assert await reply(server.url) == "Hello there"


@pytest.mark.parametrize("variable", _CERTIFICATES)
async def test_certificates_that_are_missing_are_named_with_their_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    monkeypatch.setenv(variable, str(tmp_path / "gone.pem"))
    raised = await error("https://127.0.0.1:9")
    assert isinstance(raised, InputError)
    assert "gone.pem" in str(raised)
    assert variable in raised.hint
    assert isinstance(await error("http://127.0.0.1:9"), UnreachableError)  # no certificate is wanted there


async def test_a_certificate_that_was_checked_against_a_variables_is_told_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tls: tuple[Path, ssl.SSLContext]
) -> None:
    (tmp_path / "other").mkdir()
    other, _ = certificate(tmp_path / "other", "127.0.0.1")
    monkeypatch.setenv("CURL_CA_BUNDLE", str(other))
    async with asked("127.0.0.1", tls[1]) as server:
        assert "CURL_CA_BUNDLE" in (await error(server.url)).hint
        assert await reply(server.url, ca_file=str(tls[0])) == "Hello there"


async def test_a_proxy_with_tls_is_used_and_its_certificate_is_its_own(
    monkeypatch: pytest.MonkeyPatch, tls: tuple[Path, ssl.SSLContext]
) -> None:
    async with asked(own_address(), tls[1]) as server:
        with http_proxy(certificate=tls[0]) as proxy:
            raised = await error(server.url, proxy=proxy.url)
            place = proxy.url.removeprefix("https://")
            assert str(raised).startswith(f"the proxy {place} has a certificate that was not accepted")
            assert await reply(server.url, proxy=proxy.url, ca_file=str(tls[0])) == "Hello there"


async def nothing(head: bytes, say: Say) -> None:
    await asyncio.Event().wait()


async def junk(head: bytes, say: Say) -> None:
    await say(b"SSH-2.0-OpenSSH\r\n\r\n")


async def no(head: bytes, say: Say) -> None:
    await say(b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    ("behave", "kind"), [(nothing, ChatTimeoutError), (junk, WireError), (no, ChatError)]
)
async def test_what_a_proxy_does_is_told_as_the_proxys(
    behave: Any, kind: type[ChatError], scheme: str
) -> None:
    async with saying(behave) as port:
        proxy = f"http://127.0.0.1:{port}"
        _, raised = await text_and_error(ask(f"{scheme}://service.invalid", proxy=proxy, timeout=1.0))  # type: ignore[arg-type]
    assert isinstance(raised, kind)
    assert f"127.0.0.1:{port}" in f"{raised} {raised.hint}"


async def test_a_proxy_whose_name_is_not_known_is_told_as_the_proxys() -> None:
    raised = await error("http://service.invalid", proxy="http://proxy.invalid:3128")
    assert "the proxy proxy.invalid:3128" in str(raised)


async def test_socks_of_another_kind_is_told() -> None:
    with microsocks() as place:
        raised = await error(f"http://{own_address()}:9", proxy=f"socks4://{place}")
        assert f"the proxy {place} speaks another kind of SOCKS" in str(raised)
        raised = await error(f"http://{own_address()}:9", proxy=f"socks5://{place}")
        assert f"the proxy {place}" in str(raised)
        assert f"let {own_address()}:9 through" in raised.hint
        raised = await error(f"http://{own_address()}:9", proxy=f"http://{place}", timeout=5.0)
        assert "socks5://" in raised.hint


async def test_a_socks_proxy_without_a_port_is_at_the_usual_one() -> None:
    raised = await error("http://service.invalid", proxy="socks5://proxy.invalid")
    assert str(raised) == "the proxy proxy.invalid did not let the request through"
