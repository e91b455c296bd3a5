"""What is asked behind the gateway is reached as a cell reaches it: through the proxy and with the certificates that are set."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from g4f_magic import remarks, settings
from g4f_magic.errors import InputError
from g4f_magic.options import Options
from g4f_magic.providers import nearby
from g4f_magic.providers.openai import OpenAI
from g4f_magic.session import Session
from g4f_magic.settings import Settings
from tests.completions import completions
from tests.contract.wire.roads import asked, certificate
from tests.serving import free_port

OUTSIDE = "http://llm.corp.invalid/v1"
"""Reached by a proxy alone, for its name stands for nothing."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    async def nobody() -> str:
        return ""

    monkeypatch.setattr(settings, "data_folder", lambda: tmp_path)
    monkeypatch.setattr(nearby, "running", nobody)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return tmp_path


@asynccontextmanager
async def session(folder: Path, url: str, **given: str) -> AsyncIterator[Session]:
    """Have a service at `url` connected."""
    (folder / "services.toml").write_text(
        f'[default]\nprovider = "corp"\nmodel = "m"\n[corp]\nbase_url = "{url}"\nmodel = "m"\n'
    )
    one = Session(Settings(engine="auto", history="off", **given))
    try:
        yield one
    finally:
        await one.aclose()


async def answer(one: Session, provider: str) -> str:
    return await (await one.ask("Hello", Options(provider=provider, is_once=True))).text()


@pytest.mark.parametrize("provider", ["corp", "koala", "darkai"])
async def test_an_outside_service_is_asked_through_the_proxy_that_is_set(folder: Path, provider: str) -> None:
    async with completions("By the proxy.") as proxy:
        async with session(folder, OUTSIDE, proxy=proxy.url.removesuffix("/v1")) as one:
            assert await answer(one, provider) == "By the proxy."
        assert proxy.hosts == ["llm.corp.invalid"]


async def test_so_is_what_a_client_of_the_gateway_asks_and_a_proxy_that_is_set_later_counts(
    folder: Path,
) -> None:
    async with completions("By the proxy.") as proxy, session(folder, OUTSIDE) as one:
        gateway = await one.gateway.started()
        one.settings.proxy = proxy.url.removesuffix("/v1")
        client = OpenAI.at(gateway.openai_base_url)
        said = client.create_async_generator("m", [{"role": "user", "content": "Hello"}])
        assert "".join([str(piece) async for piece in said]) == "By the proxy."
        assert proxy.hosts == ["llm.corp.invalid"]


@pytest.mark.parametrize("provider", ["corp", "koala"])
async def test_a_service_of_this_machine_is_asked_through_no_proxy(folder: Path, provider: str) -> None:
    dead = f"http://127.0.0.1:{free_port()}"
    async with completions("From here.") as server, session(folder, server.url, proxy=dead) as one:
        assert await answer(one, provider) == "From here."


@pytest.mark.parametrize("provider", ["corp", "koala"])
async def test_a_companys_certificates_are_trusted(folder: Path, provider: str) -> None:
    file, context = certificate(folder, "127.0.0.1")
    async with asked("127.0.0.1", context) as server, session(folder, server.url, ca_file=str(file)) as one:
        assert await answer(one, provider) == "Hello there"


async def test_a_cell_s_own_proxy_is_refused_where_it_would_not_be_used(folder: Path) -> None:
    async with completions() as server, completions() as proxy, session(folder, server.url) as one:
        options = Options(provider="koala", is_once=True, proxy=proxy.url.removesuffix("/v1"))
        with pytest.raises(InputError, match=r"--proxy does not reach m at .* which answers koala") as failed:
            await (await one.ask("Hello", options)).text()
        assert "ChatMagics.proxy" in failed.value.hint
        assert not server.raw
        assert not proxy.raw
        assert await answer(one, "koala") == "Fine."
        assert await (await one.ask("Hello", replace(options, proxy="none"))).text() == "Fine."


async def test_a_cell_s_own_proxy_is_said_to_be_of_no_use_on_this_machine(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remarks, "_said", set())
    remarks.take()
    one = Session(Settings(engine="script", history="off"))
    options = Options(provider="koala", is_once=True, proxy="http://127.0.0.1:9")
    assert await (await one.ask("!echo", options)).text()
    await one.aclose()
    assert remarks.take() == ["--proxy was not used: what answers in the local gateway runs on this machine."]
