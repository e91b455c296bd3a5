"""Everything that can go wrong on the way to a reply, by name, and how the server plays it."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from g4f_magic.gateway.dialects.raw_text import DataStreamWriter
from g4f_magic.testing.script import SCRIPT_TEXT
from tests.faults.server import NO_END_MARK, PIECES, PROVIDERS, RAW_TEXT, Connection, endless

Play = Callable[[Connection], Awaitable[None]]
HALF = PIECES[: len(PIECES) // 2]
HTML = b"<!doctype html><html><head><title>Welcome</title></head><body><p>Please sign in</p></body></html>"
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Fault:
    """One way in which a reply goes wrong."""

    name: str
    says: str
    """What happens, for the table."""
    play: Play | None = None
    """What the server does; None: it is not reached."""
    scheme: str = "http"
    host: str = ""
    """Another host than the server's."""
    timeout_seconds: float = 20.0
    providers: tuple[str, ...] = tuple(PROVIDERS)
    """Whose protocol has a place for it."""
    is_heavy: bool = False
    """Whether it moves many megabytes."""
    error: str = ""
    """The error that a person sees; empty: the reply comes."""
    unmarked_error: str | None = None
    """The same where the protocol has no end mark; None: it makes no difference."""
    is_whole_text: bool = True
    """Whether what is kept is the beginning of the script's text."""

    def error_for(self, provider: str) -> str:
        """Return the name of the error that this provider's reply ends with."""
        if self.unmarked_error is not None and provider in NO_END_MARK:
            return self.unmarked_error
        return self.error


async def play(name: str, connection: Connection) -> None:
    """Do what the fault of that name does; `cut-NUMBER` resets after so many bytes of a whole reply."""
    if name.startswith("cut-"):
        await _reset_after(connection, int(name.removeprefix("cut-")))
        return
    action = FAULTS[name].play
    assert action is not None
    await action(connection)


def whole_reply(connection: Connection) -> bytes:
    """Return every byte of a good reply."""
    body = connection.body()
    headers = {**connection.says.headers, "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 200 OK\r\n{head}\r\n".encode() + body


async def _reset_after(connection: Connection, number: int) -> None:
    await connection.send(whole_reply(connection)[:number])
    await asyncio.sleep(0.01)  # a reset would overtake what the other side has not read yet
    connection.reset()


async def _good(connection: Connection) -> None:
    await connection.begin()
    for piece in PIECES:
        await connection.say(piece)
    await connection.end()


async def _reset(connection: Connection) -> None:
    connection.reset()


async def _close(connection: Connection) -> None:
    """Return, which ends the connection as it should be ended."""


async def _reset_in_headers(connection: Connection) -> None:
    await _reset_after(connection, 25)


async def _half(connection: Connection) -> None:
    await connection.begin()
    for piece in HALF:
        await connection.say(piece)
    await asyncio.sleep(0.01)


async def _reset_in_the_middle(connection: Connection) -> None:
    await _half(connection)
    connection.reset()


async def _hang(connection: Connection) -> None:
    await connection.hang()


async def _hang_in_the_middle(connection: Connection) -> None:
    await _half(connection)
    await connection.hang()


async def _drip(connection: Connection) -> None:
    for byte in whole_reply(connection):
        await connection.send(bytes([byte]))
        await asyncio.sleep(0)


def _preceded_by(*heads: bytes) -> Play:
    async def action(connection: Connection) -> None:
        await connection.send(*(b"HTTP/1.1 " + head + b"\r\n\r\n" for head in heads))
        await _good(connection)

    return action


def _redirect(status: str, where: str) -> Play:
    async def action(connection: Connection) -> None:
        await connection.head(status, Location=where or connection.path, Content_Length="0")

    return action


def _refused(status: str, message: str, **headers: str) -> Play:
    async def action(connection: Connection) -> None:
        body = json.dumps({"error": {"message": message}}).encode()
        await connection.head(
            status, Content_Type="application/json", Content_Length=str(len(body)), **headers
        )
        await connection.send(body)

    return action


async def _refused_and_reset(connection: Connection) -> None:
    await connection.head("401 Unauthorized", Content_Type="application/json", Content_Length="500")
    await connection.send(b'{"error":')
    await asyncio.sleep(0.01)
    connection.reset()


async def _refused_and_stalled(connection: Connection) -> None:
    await connection.head("400 Bad Request", Content_Type="text/plain", Content_Length="500")
    await connection.send(b"no such thing here\n")
    await connection.hang()


def _of_length(more: int) -> Play:
    async def action(connection: Connection) -> None:
        body = connection.body()
        length = len(body) + more
        await connection.head(Content_Length=str(length))
        await connection.send(body[:length])
        await asyncio.sleep(2)  # unless whoever asked has left before
        await connection.send(body[length:])

    return action


async def _too_much_at_once(connection: Connection) -> None:
    head, _, body = whole_reply(connection).partition(b"\r\n\r\n")
    head = head.replace(b"Content-Length: %d" % len(body), b"Content-Length: %d" % (len(body) - 40))
    await connection.send(head + b"\r\n\r\n" + body)


async def _gzip_cut(connection: Connection) -> None:
    body = gzip.compress(connection.body(*PIECES, "more " * 2000), compresslevel=1)
    await connection.whole(body[:-70], Content_Encoding="gzip")


async def _gzip_broken(connection: Connection) -> None:
    body = bytearray(gzip.compress(connection.body()))
    body[20:30] = bytes(10)
    await connection.whole(bytes(body), Content_Encoding="gzip")


async def _gzip_bomb(connection: Connection) -> None:
    await connection.head(Content_Encoding="gzip", Transfer_Encoding="chunked")
    bomb = gzip.compress(connection.says.text("x" * MEGABYTE) * 100)
    for start in range(0, len(bomb), 4096):
        await connection.chunk(bomb[start : start + 4096])
    await connection.send(b"0\r\n\r\n")


async def _html(connection: Connection) -> None:
    await connection.whole(HTML, Content_Type="text/html; charset=utf-8")


async def _html_as_events(connection: Connection) -> None:
    await connection.whole(HTML)


async def _nothing(connection: Connection) -> None:
    await connection.whole(b"")


async def _large(connection: Connection) -> None:
    await connection.begin()
    piece = ("lorem ipsum " * 6)[:63] + "\n"
    block = connection.says.text(piece) * 1000
    for _ in range(100 * MEGABYTE // (1000 * len(piece))):
        await connection.chunk(block)
    await connection.end()


async def _endless(connection: Connection) -> None:
    await connection.begin()
    for block in endless(connection.says.text("lorem ipsum ")):
        await connection.chunk(block)


async def _endless_pings(connection: Connection) -> None:
    await connection.begin()
    for block in endless(b": ping\r\n\r\n"):
        await connection.chunk(block)


async def _one_event(connection: Connection) -> None:
    if connection.provider == "whiterabbitneo":
        connection.says = DataStreamWriter()
    await connection.begin()
    event = connection.says.text("x" * 64 * MEGABYTE)
    for start in range(0, len(event), 2**16):
        await connection.chunk(event[start : start + 2**16])
    await connection.end()


async def _one_body(connection: Connection) -> None:
    await connection.head(Content_Type="application/json")
    await connection.send(b'{"choices": [{"message": {"content": "')
    for block in itertools.islice(endless(b"x"), 64 * MEGABYTE // 2**16):
        await connection.send(block)


async def _tiny_events(connection: Connection) -> None:
    await connection.begin()
    block = connection.says.text("x") * 1000
    for _ in range(1000):
        await connection.chunk(block)
    await connection.end()


def _with(*bad: bytes) -> Play:
    """Say the first half, then these bytes inside a text of their own, then the rest."""

    async def action(connection: Connection) -> None:
        await _half(connection)
        for one in bad:
            await connection.chunk(connection.says.text("@").replace(b"@", one))
        for piece in PIECES[len(HALF) :]:
            await connection.say(piece)
        await connection.end()

    return action


async def _nul(connection: Connection) -> None:
    escaped = b"\0" if connection.provider in RAW_TEXT else b"\\u0000"
    await _with(b"\0", escaped)(connection)


async def _twice_ended(connection: Connection) -> None:
    await connection.whole(connection.body() + connection.body("").removeprefix(connection.says.begin()))


async def _said_after_the_end(connection: Connection) -> None:
    await connection.whole(connection.body() + connection.says.text("And one thing more."))


EVENTS = tuple(name for name in PROVIDERS if name not in RAW_TEXT)
ENDED = tuple(name for name in PROVIDERS if name not in NO_END_MARK)

_ALL = [
    Fault("good", "nothing: the reply as it should be", _good),
    Fault("refused", "nobody listens", host="127.0.0.1:9", error="UnreachableError"),
    Fault("dns", "the name does not resolve", host="no-such-host.invalid", error="UnreachableError"),
    Fault("tls", "a certificate that nobody signed", _good, scheme="https", error="UnreachableError"),
    Fault("reset-before", "reset before the headers", _reset, error="UnreachableError"),
    Fault("closed-before", "closed before the headers", _close, error="UnreachableError"),
    Fault("reset-in-headers", "reset inside the headers", _reset_in_headers, error="UnreachableError"),
    Fault("reset-in-the-middle", "reset in the middle", _reset_in_the_middle, error="BrokenOffError"),
    Fault("closed-in-the-middle", "closed in the middle", _half, error="BrokenOffError"),
    Fault(
        "stall-before", "silent before the first byte", _hang, timeout_seconds=0.3, error="ChatTimeoutError"
    ),
    Fault(
        "stall-in-the-middle",
        "silent in the middle",
        _hang_in_the_middle,
        timeout_seconds=0.3,
        error="ChatTimeoutError",
    ),
    Fault("drip", "one byte at a time", _drip),
    Fault("continue", "100 Continue first", _preceded_by(b"100 Continue")),
    Fault(
        "hints", "103 Early Hints, twice", _preceded_by(b"103 Early Hints\r\nLink: </a>", b"103 Early Hints")
    ),
    Fault(
        "redirect",
        "302 to another host",
        _redirect("302 Found", "http://127.0.0.2:9/elsewhere"),
        error="ResponseStatusError",
    ),
    Fault(
        "redirect-loop", "307 to itself", _redirect("307 Temporary Redirect", ""), error="ResponseStatusError"
    ),
    Fault(
        "400", "400", _refused("400 Bad Request", "temperature is not a number"), error="ResponseStatusError"
    ),
    Fault("401", "401", _refused("401 Unauthorized", "wrong key"), error="MissingAuthError"),
    Fault("401-reset", "401, reset inside its body", _refused_and_reset, error="MissingAuthError"),
    Fault(
        "400-stalled",
        "400, silent inside its body",
        _refused_and_stalled,
        timeout_seconds=1.0,  # the status has to come within it
        error="ResponseStatusError",
    ),
    Fault("404", "404", _refused("404 Not Found", "nothing here"), error="ResponseStatusError"),
    Fault(
        "429", "429", _refused("429 Too Many Requests", "slow down", Retry_After="7"), error="RateLimitError"
    ),
    Fault("500", "500", _refused("500 Internal Server Error", "it fell over"), error="ResponseStatusError"),
    Fault("503", "503", _refused("503 Service Unavailable", "overloaded"), error="ResponseStatusError"),
    Fault("504", "504", _refused("504 Gateway Timeout", "too slow"), error="ChatTimeoutError"),
    Fault("length-short", "a Content-Length 40 bytes too short", _of_length(-40)),
    Fault("length-short-at-once", "the same, in one packet", _too_much_at_once, error="WireError"),
    Fault(
        "length-long", "a Content-Length 40 bytes too long", _of_length(40), unmarked_error="BrokenOffError"
    ),
    Fault("gzip-cut", "gzip cut short", _gzip_cut, error="BrokenOffError", is_whole_text=False),
    Fault("gzip-broken", "gzip with ten bytes changed", _gzip_broken, error="WireError"),
    Fault("html", "a web page", _html, error="WireError"),
    Fault(
        "html-as-events",
        "a web page under the reply's own type",
        _html_as_events,
        error="WireError",
        is_whole_text=False,
    ),
    Fault("nothing", "an empty body", _nothing, error="BrokenOffError", unmarked_error="ServiceError"),
    Fault("utf-8", "bytes that are not UTF-8", _with(b"\xff\xfe\x80"), is_whole_text=False),
    Fault("nul", "NUL bytes", _nul, is_whole_text=False),
    Fault(
        "halves",
        "an emoji cut into two JSON strings",
        _with(b"\\ud83e", b"\\udd8a"),
        providers=EVENTS,
        is_whole_text=False,
    ),
    Fault("lone-half", "half an emoji", _with(b"\\ud83e"), providers=EVENTS, is_whole_text=False),
    Fault("two-ends", "two end marks", _twice_ended, providers=ENDED),
    Fault("after-the-end", "text after the end mark", _said_after_the_end, providers=ENDED),
    Fault("100mb", "a reply of 100 MB", _large, is_heavy=True, error="BrokenOffError", is_whole_text=False),
    Fault(
        "endless",
        "a reply without an end",
        _endless,
        is_heavy=True,
        error="BrokenOffError",
        is_whole_text=False,
    ),
    Fault(
        "pings", "pings without an end", _endless_pings, providers=EVENTS, is_heavy=True, error="WireError"
    ),
    Fault("64mb", "one event of 64 MB", _one_event, is_heavy=True, is_whole_text=False),
    Fault(
        "64mb-body",
        "one JSON body of 64 MB",
        _one_body,
        providers=("openai",),
        is_heavy=True,
        error="WireError",
    ),
    Fault("tiny", "a million tiny events", _tiny_events, is_heavy=True, is_whole_text=False),
    Fault(
        "bomb",
        "100 MB in 100 KB of gzip",
        _gzip_bomb,
        is_heavy=True,
        error="BrokenOffError",
        is_whole_text=False,
    ),
]
FAULTS = {fault.name: fault for fault in _ALL}
TEXT = SCRIPT_TEXT
