"""How fast events are read: ours beside a loop over aiohttp's lines, and beside httpx-sse.

    python -m benchmarks.sse

All read the same stream, in one process and by turns, so that the ratios hold where the machine is busy.
"""

from __future__ import annotations

import asyncio
import platform
import statistics
import time
from collections.abc import Callable

import aiohttp
import httpx
import httpx_sse
from aiohttp.base_protocol import BaseProtocol

from g4f_magic.wire.sse import EventDecoder

EVENT = b'data: {"choices":[{"delta":{"content":"abcd efgh"}}]}\n\n'
DATA_SIZE = len(EVENT) - len(b"data: \n\n")
EVENTS = 60_000
PIECE_BYTES = 64 * 1024
ROUNDS = 7

Pieces = list[bytes]


def cut(stream: bytes, size: int = PIECE_BYTES) -> Pieces:
    return [stream[start : start + size] for start in range(0, len(stream), size)]


def with_ours(pieces: Pieces) -> int:
    decoder = EventDecoder()
    size = sum([len(event.data) for piece in pieces for event in decoder.feed(piece)])
    return size + sum([len(event.data) for event in decoder.close()])


def stream_reader(pieces: Pieces) -> aiohttp.StreamReader:
    loop = asyncio.get_running_loop()
    reader = aiohttp.StreamReader(BaseProtocol(loop), 2**40, loop=loop)  # never asks for a pause
    for piece in pieces:
        reader.feed_data(piece)
    reader.feed_eof()
    return reader


def with_ours_behind_aiohttp(pieces: Pieces) -> int:
    async def read() -> int:
        decoder = EventDecoder()
        size = 0
        async for piece in stream_reader(pieces).iter_any():
            size += sum([len(event.data) for event in decoder.feed(piece)])
        return size + sum([len(event.data) for event in decoder.close()])

    return asyncio.run(read())


def with_aiohttp_lines(pieces: Pieces) -> int:
    async def read() -> int:
        size = 0
        async for line in stream_reader(pieces):
            if line.startswith(b"data: "):
                size += len(line[6:].decode().rstrip("\r\n"))
        return size

    return asyncio.run(read())


def with_httpx_sse(pieces: Pieces) -> int:
    response = httpx.Response(200, headers={"content-type": "text/event-stream"}, content=iter(pieces))
    return sum([len(event.data) for event in httpx_sse.EventSource(response).iter_sse()])


FLOOR = "aiohttp lines"
READERS: dict[str, Callable[[Pieces], int]] = {
    "g4f_magic": with_ours,
    "g4f_magic behind aiohttp": with_ours_behind_aiohttp,
    FLOOR: with_aiohttp_lines,
    "httpx-sse": with_httpx_sse,
}


def measure(pieces: Pieces, events: int) -> dict[str, float]:
    """Return the median seconds of each reader."""
    seconds: dict[str, list[float]] = {name: [] for name in READERS}
    for _ in range(ROUNDS):
        for name, read in READERS.items():
            began = time.perf_counter()
            size = read(pieces)
            seconds[name].append(time.perf_counter() - began)
            if size != events * DATA_SIZE:
                raise SystemExit(f"{name} read {size:,} characters of {events * DATA_SIZE:,}")
    return {name: statistics.median(times) for name, times in seconds.items()}


def report(title: str, stream: bytes, piece_bytes: int, events: int) -> None:
    medians = measure(cut(stream, piece_bytes), events)
    print(f"\n{title}: {events:,} events of {len(stream) / events:.0f} bytes")
    for name, seconds in medians.items():
        speed, ratio = len(stream) / seconds / 1e6, medians[FLOOR] / seconds
        print(
            f"  {name:26}{speed:8.1f} MB/s {seconds / events * 1e6:8.2f} µs an event {ratio:8.2f} x {FLOOR}"
        )


def main() -> None:
    print(
        f"Python {platform.python_version()}, aiohttp {aiohttp.__version__}, httpx-sse {httpx_sse.__version__}"
    )
    print(f"medians of {ROUNDS} rounds")
    stream = EVENT * EVENTS
    report("pieces of 64 KiB", stream, PIECE_BYTES, EVENTS)
    report("one event in a piece", stream, len(EVENT), EVENTS)
    report("CRLF, 64 KiB", stream.replace(b"\n", b"\r\n"), PIECE_BYTES, EVENTS)
    report("with a type, 64 KiB", stream.replace(b"data: ", b"event: delta\ndata: "), PIECE_BYTES, EVENTS)


if __name__ == "__main__":
    main()
