"""Asks a gateway through a bare socket, so that tests see the bytes themselves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from g4f_magic.gateway import Gateway

SESSION = {"Cookie": "__Secure-next-auth.session-token=a=b=="}
USER = [{"role": "user", "content": "Hi"}]


@dataclass
class Reply:
    """What came: the status line, the headers with lower-case names, and the writes of the body."""

    status_line: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    pieces: list[bytes] = field(default_factory=list)
    ending: str = "open"
    """whole (the body's own end), cut (the connection ended before it), or open (we left)."""

    @property
    def status(self) -> int:
        return int(self.status_line.split()[1])

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)


def body_for(dialect: str, text: str = "Hi") -> tuple[str, dict[str, Any], dict[str, str]]:
    """Return path, body and headers of a request in a dialect."""
    messages = [{"role": "user", "content": text}]
    match dialect:
        case "koala":
            body: dict[str, Any] = {
                "input": text,
                "inputHistory": [],
                "outputHistory": [],
                "model": "gpt-4o-mini",
            }
            return "/api/gpt/", body, {}
        case "darkai":
            return "/chat", {"query": text, "model": "gpt-4o"}, {}
        case "freenetfly":
            body = {"messages": messages, "stream": True, "model": "gpt-4"}
            return "/api/openai/v1/chat/completions", body, {}
        case "aura":
            model = {"id": "openchat_3.6", "tokenLimit": 8192}
            body = {"model": model, "messages": messages, "key": "", "prompt": "", "temperature": 0.5}
            return "/api/chat", body, {}
        case "whiterabbitneo":
            return "/api/chat", {"messages": messages, "id": "abc123", "enhancePrompt": False}, SESSION
        case _:
            return "/v1/chat/completions", {"messages": messages, "stream": True, "model": "script"}, {}


async def ask(gateway: Gateway, dialect: str, text: str = "Hi", **options: Any) -> Reply:
    """Send one request in `dialect`."""
    path, body, headers = body_for(dialect, text)
    return await talk(gateway, path, body, headers=headers, **options)


async def talk(
    gateway: Gateway,
    path: str,
    body: Any = None,
    *,
    headers: dict[str, str] | None = None,
    method: str = "POST",
    with_token: bool = True,
    until: Callable[[Reply], bool] = lambda reply: False,
) -> Reply:
    """Send one request and read its reply to the end, or until `until` is true; then leave."""
    base = urlsplit(gateway.base_url)
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {"Host": base.netloc, "Content-Length": str(len(data)), **(headers or {})}
    if method == "HEAD":
        given["Connection"] = "close"  # the end of the connection tells that no body came
    head = f"{method} {base.path if with_token else ''}{path} HTTP/1.1\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in given.items())
    reader, writer = await asyncio.open_connection(base.hostname, base.port)
    reply = Reply()
    try:
        writer.write(head.encode() + b"\r\n" + data)
        await _read(reader, reply, until, has_length=method != "HEAD")
    except (asyncio.IncompleteReadError, ConnectionResetError) as exc:
        reply.ending = "reset" if isinstance(exc, ConnectionResetError) else "cut"
    finally:
        writer.transport.abort()
    return reply


async def _read(
    reader: asyncio.StreamReader, reply: Reply, until: Callable[[Reply], bool], *, has_length: bool
) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    reply.status_line, *lines = head.rstrip().split("\r\n")
    reply.headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    if not has_length:
        reply.pieces.append(await reader.read())
        reply.ending = "whole"
        return
    if reply.headers.get("transfer-encoding") != "chunked":
        reply.pieces.append(await reader.readexactly(int(reply.headers.get("content-length", 0))))
        reply.ending = "whole"
        return
    while not until(reply):
        size = int((await reader.readuntil(b"\r\n")).strip(), 16)
        data = (await reader.readexactly(size + 2))[:-2]
        if size == 0:
            reply.ending = "whole"
            return
        reply.pieces.append(data)


def text_in(dialect: str, body: bytes) -> str:
    """Return the text of a whole reply, read the plain way."""
    if dialect in ("aura", "whiterabbitneo"):
        return body.decode()
    texts = []
    for line in body.decode().splitlines():
        if not line.startswith("data: ") or line == "data: [DONE]":
            continue
        value = json.loads(line.removeprefix("data: "))
        match dialect:
            case "koala":
                texts.append(value)
            case "darkai":
                texts.append(value["data"].get("text", ""))
            case _:
                texts += [choice["delta"].get("content", "") for choice in value["choices"]]
    return "".join(texts)
