"""Servers that are no loopback to who asks: at this machine's own address in its network, with TLS or without."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from aiohttp import web

from tests.serving import served

REPLY = b'data: {"choices":[{"index":0,"delta":{"content":"Hello there"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'


def own_address() -> str:
    """Return this machine's address in its network. Nothing is sent to find it out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no network")
        found = str(probe.getsockname()[0])
    if found.startswith("127."):
        pytest.skip("this machine has no address but loopback's")
    return found


class Asked:
    """A server that answers all, and what it was asked."""

    def __init__(self) -> None:
        self.requests: list[web.Request] = []
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        if request.path.endswith("/models"):
            return web.json_response({"data": [{"id": "m-1"}, {"id": "m-2"}]})
        await request.read()
        return web.Response(body=REPLY, content_type="text/event-stream")


@asynccontextmanager
async def asked(host: str, tls: ssl.SSLContext | None = None) -> AsyncIterator[Asked]:
    """Run one at an address of this machine."""
    server = Asked()
    async with served(server.answer, host=host, tls=tls) as server.url:
        yield server


_LENGTH = re.compile(rb"^content-length: *(\d+)", re.IGNORECASE | re.MULTILINE)
Say = Callable[[bytes], Awaitable[None]]


@asynccontextmanager
async def saying(behave: Callable[[bytes, Say], Awaitable[None]]) -> AsyncIterator[int]:
    """Run what says on a port what `behave` says to the head of a request, and give the port; nothing stays open."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(data: bytes) -> None:
            writer.write(data)
            await writer.drain()

        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                head = await reader.readuntil(b"\r\n\r\n")
                # Closing with something unread would reset the connection.
                await reader.readexactly(int(length[1]) if (length := _LENGTH.search(head)) else 0)
                await behave(head, say)
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def certificate(folder: Path, host: str) -> tuple[Path, ssl.SSLContext]:
    """Return the file of a company's own certificate for an address, and a server's side that uses it."""
    key, file = folder / "key.pem", folder / "company.pem"
    subject = ["-subj", "/CN=company", "-addext", f"subjectAltName=IP:{host},IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    subprocess.run([*command, "-keyout", key, "-out", file], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key)
    return file, context
