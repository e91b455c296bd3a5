from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from g4f_magic import providers
from g4f_magic.gateway import Gateway
from g4f_magic.gateway.dialects import public_dialects
from g4f_magic.testing.script import ScriptEngine
from tests.contract.asking import Place
from tests.contract.wire.proxies import Proxy, http_proxy

EVERY = [*(dialect.name for dialect in public_dialects()), "openai"]
"""Each provider with a protocol of its own."""


@pytest.fixture(params=EVERY)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with Gateway(ScriptEngine()) as gateway:
        yield gateway


@pytest.fixture
def place(name: str, gateway: Gateway) -> Place:
    return Place(providers.get(name), name, gateway.base_url)


@pytest.fixture(scope="session")
def proxy() -> Iterator[Proxy]:
    """A proxy that wants no password: one for all tests, as it takes a second to start. Who asks sees by the host."""
    with http_proxy() as running:
        yield running


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pass the waits between tries at once, and keep what they would have been."""
    waited: list[float] = []
    real_sleep = asyncio.sleep

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        await real_sleep(0)

    monkeypatch.setattr("g4f_magic.providers.base._wait", sleep)
    return waited


@asynccontextmanager
async def raw_server(*parts: bytes, keeps_open: bool = False) -> AsyncIterator[str]:
    """Serve these bytes, a packet each, to whoever posts, and give the address."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                int(line.split(b":")[1])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length")
            )
            await reader.readexactly(length)
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0)
            if keeps_open:
                await reader.read()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
