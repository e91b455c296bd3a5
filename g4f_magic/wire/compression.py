"""Bytes out of compressed bytes, in parts of a bounded size. No I/O.

The client's own decoder takes a gzip body that was cut short for whole, and older ones make as much of a piece
as there is in it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Protocol

from g4f_magic.errors import BrokenOffError, WireError

MOST_PART_BYTES = 2**17
_ZLIB, _RAW, _GZIP = 15, -15, 31


class Decompressor(Protocol):
    """Compressed bytes in, bytes out."""

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Yield what `piece` holds, in small parts; take them all before the next piece.

        Raises:
            WireError: it is not compressed as it should be.
        """

    def close(self) -> None:
        """Make sure that the end came.

        Raises:
            BrokenOffError: it did not.
        """


def decompressor(encoding: str) -> Decompressor:
    """Return what reads a body of that `Content-Encoding`. One that is no compression ("utf-8") changes nothing.

    Raises:
        WireError: that compression is not known here.
    """
    match encoding.strip().lower():
        case "gzip" | "x-gzip":
            return _Deflated(_GZIP)
        case "deflate":
            return _Deflated(_ZLIB)
        case "br":
            return _Brotli()
        case "zstd" | "compress" as other:
            raise WireError(f"the reply is compressed with {other}, which nobody asked for", hint=_HINT)
        case _:
            return _Plain()


_HINT = "Try again; if it stays so, look whether a proxy stands before the service."


class _Plain:
    def feed(self, piece: bytes) -> Iterator[bytes]:
        yield piece

    def close(self) -> None:
        pass


class _Deflated:
    """gzip, of one member or several, or deflate, with its header or without."""

    def __init__(self, form: int) -> None:
        self._form = form
        self._decoder: Any = None

    def feed(self, piece: bytes) -> Iterator[bytes]:
        part = b""
        while piece or len(part) == MOST_PART_BYTES:
            if self._decoder is None:
                self._decoder = self._begun(piece)
            elif self._decoder.eof:
                if self._form != _GZIP or piece[:1] != b"\x1f":
                    return  # what stands after the end is nobody's
                self._decoder = self._begun(piece)
            try:
                part = self._decoder.decompress(piece, MOST_PART_BYTES)
            except zlib.error:
                raise _broken() from None
            if part:
                yield part
            piece = self._decoder.unused_data if self._decoder.eof else self._decoder.unconsumed_tail

    def close(self) -> None:
        if self._decoder is not None and not self._decoder.eof:
            raise _cut_short()

    def _begun(self, piece: bytes) -> Any:
        # Some servers leave the two bytes out with which deflate should begin.
        is_raw = self._form == _ZLIB and piece[0] & 0x0F != 8
        return zlib.decompressobj(_RAW if is_raw else self._form)


class _Brotli:
    """Brotli, where one of its packages is installed; only then is it asked for."""

    def __init__(self) -> None:
        try:
            module = import_module("brotli")
        except ImportError:
            try:
                module = import_module("brotlicffi")
            except ImportError:
                raise WireError("the reply is compressed with Brotli", hint="%pip install brotli") from None
        self._error = module.error
        self._decoder = module.Decompressor()
        self._is_begun = False

    def feed(self, piece: bytes) -> Iterator[bytes]:
        self._is_begun = self._is_begun or bool(piece)
        read = getattr(self._decoder, "process", None) or self._decoder.decompress
        try:
            part = read(piece)
        except self._error:
            raise _broken() from None
        for start in range(0, len(part), MOST_PART_BYTES):
            yield part[start : start + MOST_PART_BYTES]

    def close(self) -> None:
        if self._is_begun and not self._decoder.is_finished():
            raise _cut_short()


def _broken() -> WireError:
    return WireError("the reply's compression is broken", hint=_HINT)


def _cut_short() -> BrokenOffError:
    return BrokenOffError(
        "the reply broke off inside its compression",
        hint="What had arrived is kept. Ask again for a new reply.",
    )
