"""Carries out an engine's moves on one connection, in the words of one dialect."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import assert_never

from aiohttp import web

from g4f_magic.chunks import Chunk, Finish, Notice, Reasoning, Served, Text
from g4f_magic.errors import ChatError
from g4f_magic.gateway.dialects import Answer, Dialect, Writer
from g4f_magic.gateway.failures import headers_of, status_of
from g4f_magic.gateway.moves import (
    BadLine,
    Begin,
    Cut,
    CutOff,
    Cutting,
    ErrorEvent,
    Hang,
    Move,
    RawBytes,
    Refuse,
)
from g4f_magic.messages import Usage

_BREATH_SECONDS = 0.001
"""Between two writes that the reader is to see apart."""
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
        self._is_cut_off = False

    async def carry_out(self, moves: AsyncGenerator[Move]) -> web.StreamResponse:
        """Return the response when the last of the moves is done; `moves` is closed however this ends."""
        async with aclosing(moves):
            try:
                return await self._carry_out(moves)
            except ChatError as exc:
                return await self._fail(exc)
            except ConnectionError:  # the one who asked has gone
                return self._response or web.StreamResponse()

    async def _carry_out(self, moves: AsyncGenerator[Move]) -> web.StreamResponse:
        pings = asyncio.create_task(self._ping())
        try:
            async for move in moves:
                match move:
                    case Hang():
                        pings.cancel()
                        await asyncio.Event().wait()
                    case Refuse():
                        return refusal(self._dialect, move)
                    case CutOff():
                        self._cut_off(reset=move.reset)
                    case _:
                        await self._do(move)
                if self._is_cut_off:
                    break
            return await self._finish()
        finally:
            pings.cancel()
            await asyncio.gather(pings, return_exceptions=True)

    async def _do(self, move: Chunk | Begin | Cut | RawBytes | BadLine | ErrorEvent) -> None:
        match move:
            case Text() | Reasoning() | Usage() | Finish():
                await self._write(_words(self._writer, move))
            case Notice() | Served():
                pass
            case Begin():
                async with self._is_writing:
                    await self._begin()
            case Cut():
                self._cutting = move.where
            case RawBytes():
                await self._write(move.data)
            case BadLine():
                await self._write(self._writer.bad_line())
            case ErrorEvent():
                await self._report(move.message)
            case _:
                assert_never(move)

    async def _begin(self) -> web.StreamResponse:
        if self._response is None:
            self._response = web.StreamResponse(headers=self._writer.headers)
            await self._response.prepare(self._request)
            await self._send(self._writer.begin())
        return self._response

    async def _write(self, data: bytes) -> None:
        async with self._is_writing:  # a ping must not land in the middle of an event
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

    async def _report(self, message: str) -> None:
        words = self._writer.error(message)
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
        message = f"{error} ({error.hint})" if error.hint else str(error)
        if self._response is None:
            refuse = Refuse(status_of(error), message, headers_of(error))
            return whole_response(self._dialect.failure(refuse))
        await self._report(message)
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
        """Keep the connection of a dialect that pings open, its headers sent, while the engine is silent."""
        if not self._writer.is_prompt_to_begin:
            return
        while True:
            await asyncio.sleep(self._ping_seconds)
            await self._write(self._writer.ping())


def refusal(dialect: Dialect, refuse: Refuse) -> web.Response:
    """Return the answer in place of a stream."""
    if refuse.body is None:
        return whole_response(dialect.answer(refuse))
    return whole_response(Answer(refuse.status, refuse.body, refuse.headers))


def whole_response(answer: Answer) -> web.Response:
    """Return a response that is complete as it stands."""
    return web.Response(
        status=answer.status, reason=answer.reason, body=answer.body, headers=dict(answer.headers)
    )


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
        case Notice() | Served():
            return b""
        case _:
            assert_never(chunk)
