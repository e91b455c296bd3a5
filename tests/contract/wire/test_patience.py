"""What counts as silence, and how much a reply's headers may hold: against sockets that say what they like."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Awaitable, Callable

import pytest

from g4f_magic.errors import ChatError, ChatTimeoutError, WireError
from g4f_magic.providers.openai import OpenAI
from g4f_magic.wire.compression import accepted_encodings
from tests.contract.asking import text_and_error
from tests.contract.wire.roads import REPLY, Say, saying
from tests.patience import PATIENCE_SECONDS

HELLO = [{"role": "user", "content": "Hello"}]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
SECONDS = 0.5
Behave = Callable[[bytes, Say], Awaitable[None]]


def url_of(port: int) -> str:
    return f"http://127.0.0.1:{port}/v1"


async def asked(port: int, **options: object) -> tuple[str, ChatError | None]:
    text, raised = await text_and_error(OpenAI.at(url_of(port)).create_async_generator("m", HELLO, **options))
    assert raised is None or isinstance(raised, ChatError), raised
    return text, raised


async def for_ever(say: Say, data: bytes) -> None:
    while True:
        await say(data)
        await asyncio.sleep(0.02)


async def headers_without_end(head: bytes, say: Say) -> None:
    await say(HEAD)
    await for_ever(say, b"X-More: yes\r\n")


async def a_status_line_without_end(head: bytes, say: Say) -> None:
    await say(b"HTTP/1.1 200 ")
    await for_ever(say, b"O")


async def promises_without_end(head: bytes, say: Say) -> None:
    await for_ever(say, b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")


async def a_chunk_size_without_end(head: bytes, say: Say) -> None:
    await say(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5;")
    await for_ever(say, b"x")


async def gzip_of_nothing(head: bytes, say: Say) -> None:
    await say(HEAD + b"Content-Encoding: gzip\r\n\r\n")
    await for_ever(say, gzip.compress(b""))


async def deflate_of_nothing(head: bytes, say: Say) -> None:
    await say(HEAD + b"Content-Encoding: deflate\r\n\r\n")
    coder = zlib.compressobj()
    await say(coder.compress(b"") + coder.flush(zlib.Z_SYNC_FLUSH))
    while True:
        await say(coder.flush(zlib.Z_FULL_FLUSH) or b"\0\0\0\xff\xff")
        await asyncio.sleep(0.02)


SILENT = [
    headers_without_end,
    a_status_line_without_end,
    promises_without_end,
    a_chunk_size_without_end,
    gzip_of_nothing,
    deflate_of_nothing,
]


@pytest.mark.parametrize("behave", SILENT)
async def test_bytes_that_say_nothing_are_silence(behave: Behave, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OpenAI, "retry_seconds", ())
    async with saying(behave) as port, asyncio.timeout(PATIENCE_SECONDS):
        _, raised = await asked(port, timeout=SECONDS)
    assert isinstance(raised, ChatTimeoutError)


async def test_a_secure_connection_that_is_never_made_is_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OpenAI, "retry_seconds", ())

    async def never(head: bytes, say: Say) -> None:
        raise AssertionError("a hello of TLS has no end of a head")

    async with saying(never) as port, asyncio.timeout(PATIENCE_SECONDS):
        provider = OpenAI.at(f"https://127.0.0.1:{port}/v1")
        _, raised = await text_and_error(provider.create_async_generator("m", HELLO, timeout=SECONDS))
    assert isinstance(raised, ChatTimeoutError)


async def test_a_list_of_models_is_waited_for_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    async with saying(headers_without_end) as port, asyncio.timeout(PATIENCE_SECONDS):
        with pytest.raises(ChatTimeoutError):
            await OpenAI.at(url_of(port)).list_models(timeout=SECONDS)


@pytest.mark.parametrize("sign", [b": ping\n\n", b"\n", b'data: {"choices":[]}\n\n', b": ping\r\n\r\n"])
async def test_signs_of_life_keep_a_reply_alive(sign: bytes) -> None:
    async def think(head: bytes, say: Say) -> None:
        await say(HEAD + b"\r\n")
        loop = asyncio.get_running_loop()
        end = loop.time() + 3 * SECONDS
        while loop.time() < end:
            await say(sign)
            await asyncio.sleep(0.02)
        await say(REPLY)

    async with saying(think) as port:
        assert await asked(port, timeout=SECONDS) == ("Hello there", None)


async def test_signs_of_life_alone_are_no_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OpenAI, "retry_seconds", ())
    monkeypatch.setattr("g4f_magic.providers.replies.MOST_SILENCES", 2)

    async def ping(head: bytes, say: Say) -> None:
        await say(HEAD + b"\r\n")
        await for_ever(say, b": ping\n\n")

    async with saying(ping) as port, asyncio.timeout(PATIENCE_SECONDS):
        _, raised = await asked(port, timeout=SECONDS)
    assert isinstance(raised, ChatTimeoutError)
    assert "signs of life" in str(raised)


async def test_a_slow_reply_is_no_silent_one() -> None:
    async def drip(head: bytes, say: Say) -> None:
        await say(HEAD + b"\r\n")
        for place in range(0, len(REPLY), 4):
            await say(REPLY[place : place + 4])
            await asyncio.sleep(0.03)

    async with saying(drip) as port:
        assert await asked(port, timeout=SECONDS) == ("Hello there", None)


def head_of(*lines: bytes) -> Behave:
    async def behave(head: bytes, say: Say) -> None:
        await say(HEAD + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + REPLY)

    return behave


@pytest.mark.parametrize(
    "lines",
    [
        [b"Content-Security-Policy: " + b"a" * 11_000],
        [b"Content-Security-Policy: " + b"a" * 60_000],
        [b"Set-Cookie: a%d=" % number + b"b" * 100 for number in range(500)],
    ],
)
async def test_headers_of_up_to_64_kb_are_read(lines: list[bytes]) -> None:
    async with saying(head_of(*lines)) as port:
        assert await asked(port) == ("Hello there", None)


@pytest.mark.parametrize(
    "lines",
    [
        [b"Content-Security-Policy: " + b"a" * 70_000],
        [b"X-%d: " % number + b"b" * 40_000 for number in range(3)],
        [b"X-%d: " % number + b"b" * 60 for number in range(2_000)],
    ],
)
async def test_longer_headers_are_named(lines: list[bytes]) -> None:
    async with saying(head_of(*lines)) as port:
        _, raised = await asked(port)
    assert isinstance(raised, WireError)
    assert "headers" in str(raised)
    assert "64 KB" in str(raised)


async def test_what_can_be_read_is_asked_for_and_nothing_else() -> None:
    heads: list[bytes] = []

    async def note(head: bytes, say: Say) -> None:
        heads.append(head)
        await say(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    async with saying(note) as port:
        await asked(port)
        with pytest.raises(ChatError):
            await OpenAI.at(url_of(port)).list_models()
    for head in heads:
        lines = [line for line in head.decode().split("\r\n") if line.lower().startswith("accept-encoding")]
        assert lines == [f"Accept-Encoding: {accepted_encodings()}"]
    assert len(heads) == 2
