"""A server on loopback that misbehaves on the level of bytes, in the dialect of each provider.

    python -m tests.faults.server CERTIFICATE KEY

It prints its two ports, of HTTP and of HTTPS, and serves until its input ends. The path says what it does:
`/FAULT/PROVIDER/...`. It is a process of its own, so that what it holds is not counted as its client's.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress

from g4f_magic.chunks import Finish
from g4f_magic.gateway.chat_request import ChatRequest
from g4f_magic.gateway.dialects import Dialect, OpenAIDialect, Writer, public_dialects
from g4f_magic.messages import Message
from g4f_magic.testing.script import SCRIPT_TEXT

PROVIDERS: dict[str, Dialect] = {one.name: one for one in (*public_dialects(), OpenAIDialect())}
RAW_TEXT = frozenset(name for name, dialect in PROVIDERS.items() if not dialect.has_frames)
NO_END_MARK = frozenset(name for name, dialect in PROVIDERS.items() if not dialect.has_end_mark)
ASK = ChatRequest((Message("user", "Hello"),), "m", {"stream": True, "include_usage": True})
PIECES = [SCRIPT_TEXT[start : start + 4] for start in range(0, len(SCRIPT_TEXT), 4)]


class Connection:
    """One request that was read, and what is done to the one who asked."""

    def __init__(self, provider: str, path: str, writer: asyncio.StreamWriter) -> None:
        self.provider = provider
        self.path = path
        self.dialect = PROVIDERS[provider]
        self.says: Writer = self.dialect.writer(ASK)
        self._writer = writer

    async def send(self, *parts: bytes) -> None:
        for part in parts:
            self._writer.write(part)
            await self._writer.drain()

    async def head(self, status: str = "200 OK", **headers: str) -> None:
        """Send status line and headers; without a framing of the caller's the body ends with the connection."""
        given = {**self.says.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in given.items()), "", ""]
        await self.send("\r\n".join(lines).encode())

    async def begin(self) -> None:
        """Send the headers of a stream in chunks, and what the dialect begins with."""
        await self.head(Transfer_Encoding="chunked")
        await self.chunk(self.says.begin())

    async def chunk(self, data: bytes) -> None:
        if data:
            await self.send(b"%x\r\n%s\r\n" % (len(data), data))

    async def say(self, text: str) -> None:
        await self.chunk(self.says.text(text))

    async def end(self) -> None:
        await self.chunk(self.says.end(Finish("stop")))
        await self.send(b"0\r\n\r\n")

    def body(self, *texts: str) -> bytes:
        """Return a whole body that says these texts, or the script's."""
        said = [self.says.text(text) for text in texts or PIECES]
        return b"".join([self.says.begin(), *said, self.says.end(Finish("stop"))])

    async def whole(self, body: bytes, **headers: str) -> None:
        await self.head(Content_Length=str(len(body)), **headers)
        await self.send(body)

    async def hang(self) -> None:
        """Say nothing more until the other side leaves."""
        await asyncio.Event().wait()

    def reset(self) -> None:
        """End the connection with a RST."""
        raw = self._writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    from tests.faults.faults import play

    asking: asyncio.Task[None] | None = None
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = head.split()[1]
        await reader.readexactly(_length(head))
        _, fault, provider, *_ = path.split("/")
        asking = asyncio.create_task(play(fault, Connection(provider, path, writer)))
        left = asyncio.create_task(reader.read())
        await asyncio.wait([asking, left], return_when=asyncio.FIRST_COMPLETED)
        left.cancel()
    except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
        pass
    finally:
        if asking is not None:
            asking.cancel()
            with suppress(asyncio.CancelledError, ConnectionError):
                await asking
        writer.close()


def _length(head: str) -> int:
    lines = head.lower().split("\r\n")
    return next((int(line.split(":")[1]) for line in lines if line.startswith("content-length")), 0)


def endless(text: bytes, size: int = 64 * 1024) -> Iterator[bytes]:
    """Yield the same piece for ever, about so many bytes at once."""
    piece = text * max(1, size // len(text))
    while True:
        yield piece


async def main(certificate: str, key: str) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    servers = [await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) for context in (None, tls)]
    ports = [server.sockets[0].getsockname()[1] for server in servers]
    print(json.dumps(ports), flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
