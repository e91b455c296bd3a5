"""Carries out an engine's actions on one connection, in the words of one dialect."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import Any, assert_never
from urllib.parse import quote

from aiohttp import web

from g4f_magic.chunks import (
    Chunk,
    Citations,
    Finish,
    Named,
    Notice,
    Reasoning,
    Rethought,
    Served,
    Text,
    ToolCall,
    ToolResult,
    Unfit,
    Unshown,
)
from g4f_magic.errors import ChatError
from g4f_magic.gateway.actions import (
    Action,
    BadLine,
    Begin,
    Cut,
    CutOff,
    Cutting,
    ErrorEvent,
    Hang,
    RawBytes,
    Refuse,
    Relayed,
)
from g4f_magic.gateway.dialects import Dialect, Writer
from g4f_magic.gateway.failures import refusal_of
from g4f_magic.gateway.whole import refusal, whole_response
from g4f_magic.messages import Usage
from g4f_magic.providers.naming import MODEL_HEADER

_SAFE = " !#$&'()*+,-./:;<=>?@[]^_`{|}~"
_BREATH_SECONDS = 0.001
"""Between two writes that the reader is to see apart."""
_SILENCES = 4
"""How many times the wait for a ping an error may take to come with a status of its own."""
STALL_SECONDS = 300.0
"""How long one who asked may read nothing before the reply is given up."""


class Delivery:
    """One reply on its way.

    The headers go out with the first bytes, so that an engine that fails before it says anything still gets
    the status that its dialect has for that.
    """

    def __init__(
        self, request: web.Request, dialect: Dialect, writer: Writer, *, ping_seconds: float
    ) -> None:
        self._request = request
        self._dialect = dialect
        self._writer = writer
        self._ping_seconds = ping_seconds
        self._cutting: Cutting = "whole"
        self._response: web.StreamResponse | None = None
        self._is_writing = asyncio.Lock()
        self._is_begun = False
        """Whether what the dialect begins with was sent: a ping may go out before it."""
        self._writes = 0
        self._is_cut_off = False
        self._model = ""

    async def carry_out(self, actions: AsyncGenerator[Action]) -> web.StreamResponse:
        """Return the response when the last of the actions is done; `actions` is closed however this ends."""
        async with aclosing(actions):
            try:
                return await self._carry_out(actions)
            except ChatError as exc:
                return await self._fail(exc)
            except ConnectionError:  # the one who asked has gone
                return self._response or web.StreamResponse()

    async def _carry_out(self, actions: AsyncGenerator[Action]) -> web.StreamResponse:
        pings = asyncio.create_task(self._ping())
        try:
            async for action in actions:
                match action:
                    case Hang():
                        pings.cancel()
                        await asyncio.Event().wait()
                    case Refuse() if self._response is None:
                        return refusal(self._dialect, action)
                    case Refuse():
                        await self._report(action)
                        break
                    case CutOff():
                        self._cut_off(reset=action.reset)
                    case _:
                        await self._do(action)
                if self._is_cut_off:
                    break
            return await self._finish()
        finally:
            pings.cancel()
            await asyncio.gather(pings, return_exceptions=True)

    async def _do(self, action: Chunk | Relayed | Begin | Cut | RawBytes | BadLine | ErrorEvent) -> None:
        match action:
            case Served() | Named():
                self._serve(action.model)
            case Relayed():
                self._serve(action.value.get("model"))
                await self._write(self._writer.relayed(action.value))
            case Begin():
                async with self._is_writing:
                    await self._begin()
            case Cut():
                self._cutting = action.where
            case RawBytes():
                await self._write(action.data)
            case BadLine():
                await self._write(self._writer.bad_line())
            case ErrorEvent():
                await self._report(Refuse(500, action.message))
            case _:
                await self._write(_words(self._writer, action))

    def _serve(self, model: Any) -> None:
        """Note the model that answers; said in the headers, as most dialects have no place for it."""
        if isinstance(model, str) and model and not self._is_begun:
            self._writer.named(model)
            self._model = model

    async def _begin(self) -> web.StreamResponse:
        response = await self._open()
        if not self._is_begun:
            self._is_begun = True
            await self._send(self._writer.begin())
        return response

    async def _open(self) -> web.StreamResponse:
        if self._response is None:
            named = {MODEL_HEADER: quote(self._model, safe=_SAFE)} if self._model else {}
            self._response = web.StreamResponse(headers={**self._writer.headers, **named})
            await self._response.prepare(self._request)
        return self._response

    async def _write(self, data: bytes) -> None:
        async with self._is_writing:  # a ping must not land in the middle of an event
            self._writes += 1
            if data:
                await self._begin()
                await self._send(data)

    async def _send(self, data: bytes) -> None:
        response = self._response
        if response is None or not data:
            return
        try:
            async with asyncio.timeout(STALL_SECONDS):
                for piece in pieces(data, self._cutting) if self._cutting != "whole" else (data,):
                    await response.write(piece)
                    if self._cutting != "whole":
                        await asyncio.sleep(_BREATH_SECONDS)
        except TimeoutError:
            self._cut_off(reset=False)
            raise ConnectionError("who asked reads nothing") from None

    async def _report(self, refuse: Refuse) -> None:
        words = self._writer.error(refuse)
        if words is None:
            self._cut_off(reset=False)
        else:
            await self._write(words)

    async def _finish(self) -> web.StreamResponse:
        if self._is_cut_off:
            return self._response or web.StreamResponse()
        async with self._is_writing:
            response = await self._begin()
            await response.write_eof()
        return response

    async def _fail(self, error: ChatError) -> web.StreamResponse:
        refuse = refusal_of(error)
        if self._response is None:
            return whole_response(self._dialect.failure(refuse))
        await self._report(refuse)
        return await self._finish()

    def _cut_off(self, *, reset: bool) -> None:
        self._is_cut_off = True
        transport = self._request.transport
        if transport is not None:
            if reset:
                linger = struct.pack("ii", 1, 0)
                transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            transport.abort()

    async def _ping(self) -> None:
        """Keep the connection of a dialect that pings open while the engine is silent: clients give up after some minutes.

        Where the headers tell how it went, they wait for that a while.
        """
        silences = 0
        while True:
            before = self._writes
            await asyncio.sleep(self._ping_seconds)
            silences = silences + 1 if before == self._writes else 0
            if self._writer.is_prompt_to_begin:
                await self._write(self._writer.ping())
            elif silences and (self._response is not None or silences >= _SILENCES):
                async with self._is_writing:
                    if ping := self._writer.ping():
                        await self._open()
                        await self._send(ping)


def pieces(data: bytes, where: Cutting) -> Iterator[bytes]:
    """Return `data` in the pieces that are written apart."""
    start = 0
    for end in range(1, len(data)):
        # A byte of the form 10xxxxxx goes on with the character before it.
        if where == "bytes" or (where == "characters" and data[end] & 0xC0 == 0x80):
            yield data[start:end]
            start = end
    yield data[start:]


def _words(writer: Writer, chunk: Chunk) -> bytes:
    match chunk:
        case Text():
            return writer.text(chunk.text)
        case Reasoning():
            return writer.reasoning(chunk.text)
        case Usage():
            return writer.usage(chunk)
        case Finish():
            return writer.end(chunk)
        case Rethought():
            return writer.rethought()
        case ToolCall():
            return writer.call(chunk)
        case Citations():
            return writer.citations(chunk.citations)
        case Notice() | Served() | Named() | Unshown() | Unfit() | ToolResult():
            return b""
        case _:
            assert_never(chunk)
