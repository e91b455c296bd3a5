"""The way to a service, in a real kernel: what a person sees of proxies, certificates, Ollama's host and the doctor."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.contract.wire.proxies import http_proxy
from tests.contract.wire.roads import Asked, Say, asked, certificate, saying
from tests.kernel.kernels import Kernel, kernel
from tests.serving import free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOBODY = "http://127.0.0.1:9"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Kernel]:
    """A kernel in a company: every way out leads through a proxy, which is not there."""
    home = tmp_path_factory.mktemp("home")
    environment = {
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "HTTPS_PROXY": NOBODY.replace("//", "//anna:open-sesame-1@"),
        "ALL_PROXY": NOBODY,
        "NO_PROXY": "",
        **dict.fromkeys(("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"), ""),
    }
    async with kernel(**environment) as found:
        await found.ok(f"import os\n%load_ext g4f_magic\n%cd -q {home}")
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def server() -> AsyncIterator[Asked]:
    async with asked("127.0.0.1") as found:
        yield found


async def test_a_model_on_this_machine_is_asked_directly(one: Kernel, server: Asked) -> None:
    ran = await one.ok(f"%%chat -p openai --base-url {server.url}/v1 -m m-1\nHello")
    assert ran.reply == "Hello there"


async def test_a_cells_own_proxy_is_used_and_told(one: Kernel, server: Asked) -> None:
    with http_proxy() as proxy:
        ran = await one.ok(f"%%chat -p openai --base-url {server.url}/v1 -m m-1 --proxy {proxy.url}\nHello")
        assert ran.reply == "Hello there"
        assert f"through the proxy {proxy.url.removeprefix('http://')}" in ran.provenance
        assert proxy.was_used(server.url)


async def test_a_proxy_that_is_not_there_takes_two_lines_and_no_password(one: Kernel) -> None:
    ran = await one.run("%%chat -p openai --base-url https://llm.invalid/v1 -m m-1\nHello")
    assert ran.error == [
        "UnreachableError: the proxy 127.0.0.1:9 did not let the request through",
        "Look at its address, and whether it runs. HTTPS_PROXY names it.",
    ]
    assert "sesame" not in repr(ran.messages)


async def test_ollama_is_asked_where_its_variable_says(one: Kernel, server: Asked) -> None:
    await one.ok(f"os.environ['OLLAMA_HOST'] = '{server.url.removeprefix('http://')}'")
    assert (await one.ok("%%chat -p ollama\nHello")).reply == "Hello there"
    port = free_port()
    await one.ok(f"os.environ['OLLAMA_HOST'] = '0.0.0.0:{port}'")
    ran = await one.run("%%chat -p ollama\nHello")
    assert f"127.0.0.1:{port}" in ran.error[0]
    assert f"OLLAMA_HOST names 127.0.0.1:{port}" in ran.error[1]
    await one.ok("del os.environ['OLLAMA_HOST']")


async def test_certificates_can_be_named_while_the_kernel_runs(one: Kernel, tmp_path: Path) -> None:
    file, context = certificate(tmp_path, "127.0.0.1")
    async with asked("127.0.0.1", context) as secure:
        cell = f"%%chat -p openai --base-url {secure.url}/v1 -m m-1\nHello"
        assert "certificate was not accepted" in (await one.run(cell)).error[0]
        await one.ok(f"os.environ['REQUESTS_CA_BUNDLE'] = '{file}'")
        assert (await one.ok(cell)).reply == "Hello there"
        await one.ok("os.environ['REQUESTS_CA_BUNDLE'] = '/no/such/file.pem'")
        ran = await one.run(cell)
        assert "/no/such/file.pem cannot be read" in ran.error[0]
        assert "REQUESTS_CA_BUNDLE" in ran.error[1]
        await one.ok("del os.environ['REQUESTS_CA_BUNDLE']")


async def test_parameters_arrive_as_what_they_are(one: Kernel, server: Asked) -> None:
    line = "--param chat_template_kwargs='{\"enable_thinking\":false}' --param stop=None"
    await one.ok(f"%%chat -p openai --base-url {server.url}/v1 -m m-1 {line}\nHello")
    body = await server.requests[-1].json()
    assert (body["chat_template_kwargs"], body["stop"]) == ({"enable_thinking": False}, None)
    ran = await one.run("%%chat --param chat_template_kwargs='{\"enable_thinking\":false'\nHello")
    assert ran.error[0].startswith("InputError: chat_template_kwargs: no valid JSON at its end")
    assert len(ran.error) == 2


async def test_a_chain_moves_on_from_headers_that_never_end(one: Kernel, server: Asked) -> None:
    async def drip(head: bytes, say: Say) -> None:
        await say(b"HTTP/1.1 200 OK\r\n")
        while True:
            await say(b"X-More: yes\r\n")
            await asyncio.sleep(0.3)

    async with saying(drip) as port:
        folder = (
            await one.ok("from g4f_magic import settings\nprint(settings.data_folder())")
        ).stdout.strip()
        Path(folder).mkdir(parents=True, exist_ok=True)
        services = Path(folder) / "services.toml"
        services.write_text(
            f'[slow]\nbase_url = "http://127.0.0.1:{port}/v1"\nmodel = "m"\n'
            f'[quick]\nbase_url = "{server.url}/v1"\nmodel = "m"\n'
        )
        ran = await one.ok("%%chat -p slow,quick --timeout 2\nHello")
        services.unlink()
    assert ran.reply == "Hello there"
    assert "quick" in ran.provenance


async def test_the_doctor_begins_with_the_service_in_use(one: Kernel, server: Asked) -> None:
    await one.ok(f"%config ChatMagics.base_url = '{server.url}/v1'\n%config ChatMagics.provider = 'openai'")
    plain = (await one.ok("%chat doctor")).plain
    place = re.escape(server.url.removeprefix("http://"))
    assert re.match(rf"\*\*openai\*\* · reached at {place} in \d+ ms · answers: ", plain)
    assert "\n\n**What to do:** " in plain
    assert "HTTPS\\_PROXY" in plain or "HTTPS_PROXY" in plain
    assert "sesame" not in plain
    await one.ok("%config ChatMagics.base_url = ''\n%config ChatMagics.provider = 'koala'")
