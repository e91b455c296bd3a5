"""The line to a browser's DevTools: whole messages, each one JSON text.

It is a pipe that nobody else can open. By a port, any account of the machine could steer the browser while it runs,
and read with it what this person may read. Windows gives a program no pipes beyond the first three, so there it is one.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Protocol

import aiohttp

from g4f_magic.errors import UnreachableError

_MOST_BYTES = 256 * 1024 * 1024


class Line(Protocol):
    """Messages to and from a browser."""

    async def send(self, message: str) -> None:
        """Send one message."""

    async def receive(self) -> str:
        """Return the next message.

        Raises:
            UnreachableError: the browser has ended.
        """


class _Pipe:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, message: str) -> None:
        self._writer.write(message.encode() + b"\0")
        try:
            await self._writer.drain()
        except OSError:
            raise _ended() from None

    async def receive(self) -> str:
        try:
            return (await self._reader.readuntil(b"\0"))[:-1].decode()
        except (OSError, EOFError, asyncio.LimitOverrunError):
            raise _ended() from None


class _Socket:
    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def send(self, message: str) -> None:
        await self._socket.send_str(message)

    async def receive(self) -> str:
        received = await self._socket.receive()
        if received.type is not aiohttp.WSMsgType.TEXT:
            raise _ended()
        text: str = received.data
        return text


def _ended() -> UnreachableError:
    return UnreachableError("the browser ended before the page was loaded", hint="Try again.")


@asynccontextmanager
async def by_pipe(end: socket.socket) -> AsyncGenerator[Line]:
    """Give the line whose other end the browser holds."""
    reader, writer = await asyncio.open_unix_connection(sock=end, limit=_MOST_BYTES)
    try:
        yield _Pipe(reader, writer)
    finally:
        writer.close()


@asynccontextmanager
async def by_port(address: str) -> AsyncGenerator[Line]:
    """Give a line to the websocket at `address`.

    Raises:
        UnreachableError: the browser does not answer.
    """
    try:
        async with (
            aiohttp.ClientSession() as http,
            http.ws_connect(address, max_msg_size=0) as socket,
        ):
            yield _Socket(socket)
    except aiohttp.ClientError:
        raise UnreachableError("the browser does not answer", hint="Try again.") from None
