"""Bytes out of compressed bytes, in parts of a bounded size. No I/O.

The client's own decoder takes a gzip body that was cut short for whole, and older ones make as much of a piece
as there is in it. Each of these makes at most `MOST_PART_BYTES` at a time, so that who reads can stop; Brotli and
zstd are asked for only where an installed library can be held to that (brotli and brotlicffi from 1.2; zstd in
Python 3.14 and in backports.zstd).
"""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from typing import Any, Protocol

from g4f_magic.errors import BrokenOffError, WireError
from g4f_magic.secret import cut

MOST_PART_BYTES = 2**17
MOST_RATIO = 2_000
"""More than so many bytes out of each that came are a trick: gzip itself cannot do better than 1,032."""
_FREE_BYTES = 2**20
"""So much may come out of however little."""
_MOST_LAYERS = 3
_MOST_WINDOW_LOG = 23
"""A zstd window of 8 MiB is the most that the web allows (RFC 9659); a frame may ask for gigabytes."""
_ZLIB, _RAW, _GZIP = 15, -15, 31
_GZIP_NAMES = ("gzip", "x-gzip")
_TEXT = frozenset(b'{[:<"deirDEIR \t\r\n\xef')
"""What a body that is not compressed begins with: JSON, events, a page."""
_ZSTD_MAGIC, _SKIPPABLE_MAGIC = b"\x28\xb5\x2f\xfd", b"\x2a\x4d\x18"
_HINT = "Try again; if it stays so, look whether a proxy stands before the service."


class Decompressor(Protocol):
    """Compressed bytes in, bytes out."""

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Yield what `piece` holds, in small parts; take them all before the next piece.

        Raises:
            WireError: it is not compressed as it should be, or holds more than a reply can.
        """

    def close(self) -> None:
        """Make sure that the end came.

        Raises:
            BrokenOffError: it did not.
        """


@cache
def accepted_encodings() -> str:
    """Return the compressions that can be read here, as an `Accept-Encoding` header."""
    further = [name for name, library in (("br", _brotli()), ("zstd", _zstd())) if library is not None]
    return ", ".join(["gzip", "deflate", *further])


def decompressor(encoding: str) -> Decompressor:
    """Return what reads a body of that `Content-Encoding`, of several too; the last was put on last.

    One that is no compression ("identity", "utf-8") changes nothing.

    Raises:
        WireError: a compression is not known here, or there are more than three.
    """
    names = [name for name in (part.strip().lower() for part in encoding.split(",")) if not _is_plain(name)]
    if not names or (len(names) == 1 and names[0] in _GZIP_NAMES):
        return _Looking(is_told=bool(names))  # proxies change the body, or its header, and not the other
    if len(names) > _MOST_LAYERS:
        raise WireError(f"the reply is compressed {len(names)} times over", hint=_HINT)
    return _Bounded([_one(name) for name in reversed(names)])


def _one(name: str) -> Decompressor:
    if name in _GZIP_NAMES:
        return _Deflated(_GZIP)
    if name == "deflate":
        return _Deflated(_ZLIB)
    if name == "br" and (brotli := _brotli()) is not None:
        return _Brotli(brotli)
    if name == "zstd" and (zstd := _zstd()) is not None:
        return _Zstd(zstd)
    package = {"br": "'brotli>=1.2'", "zstd": "backports.zstd"}.get(name)
    hint = f"It can be read after %pip install {package}" if package else _HINT
    shown = "".join(sign for sign in cut(name, 20) if sign.isalnum() or sign in "-_") or "something unknown"
    raise WireError(f"the reply is compressed with {shown}, which nobody asked for", hint=hint)


def _is_plain(name: str) -> bool:
    """Say whether it is no compression: some servers write a charset there."""
    if name in ("", "identity", "none"):
        return True
    try:
        return name not in ("zlib", "bz2") and codecs.lookup(name)._is_text_encoding
    except (LookupError, ValueError):
        return False


@cache
def _brotli() -> Any:
    """Return the Brotli library that is installed and can be told to stop, or None."""
    for name in ("brotli", "brotlicffi"):
        try:
            library = import_module(name)
        except ImportError:
            continue
        if hasattr(library.Decompressor, "can_accept_more_data"):
            return library
    return None


@cache
def _zstd() -> Any:
    """Return Python's own zstd, or its backport, or None."""
    for name in ("compression.zstd", "backports.zstd"):
        try:
            return import_module(name)
        except ImportError:
            continue
    return None


class _Plain:
    def feed(self, piece: bytes) -> Iterator[bytes]:
        yield piece

    def close(self) -> None:
        pass


class _Looking:
    """A body that is gzip or plain, as its first byte says; what its header says counts where that says nothing."""

    def __init__(self, *, is_told: bool) -> None:
        self._is_told = is_told
        self._chosen: Decompressor | None = None

    def feed(self, piece: bytes) -> Iterator[bytes]:
        if self._chosen is None and piece:
            is_gzip = piece[0] not in _TEXT if self._is_told else piece[:1] == b"\x1f"
            self._chosen = _Bounded([_Deflated(_GZIP)]) if is_gzip else _Plain()
        if self._chosen is not None:
            yield from self._chosen.feed(piece)

    def close(self) -> None:
        if self._chosen is not None:
            self._chosen.close()


class _Bounded:
    """One compression, or several one inside the other, whose size keeps in proportion to what came."""

    def __init__(self, layers: Sequence[Decompressor]) -> None:
        self._layers = layers
        self._came_bytes = self._made_bytes = 0

    def feed(self, piece: bytes) -> Iterator[bytes]:
        self._came_bytes += len(piece)
        yield from self._through(piece, 0)

    def close(self) -> None:
        for layer in self._layers:
            layer.close()

    def _through(self, piece: bytes, place: int) -> Iterator[bytes]:
        """Yield what `piece` holds below the layers from `place` on; what lies between two of them counts as well."""
        if place == len(self._layers):
            yield piece
            return
        for part in self._layers[place].feed(piece):
            self._made_bytes += len(part)
            if self._made_bytes > _FREE_BYTES + MOST_RATIO * self._came_bytes:
                raise WireError(
                    f"{self._came_bytes:,} compressed bytes became more than {self._made_bytes:,}",
                    hint="That is not a chat reply; look at the address that was asked.",
                )
            yield from self._through(part, place + 1)


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
    def __init__(self, library: Any) -> None:
        self._error = library.error
        self._decoder = library.Decompressor()
        self._is_begun = False

    def feed(self, piece: bytes) -> Iterator[bytes]:
        self._is_begun = self._is_begun or bool(piece)
        while not self._decoder.is_finished():  # what stands after the end is nobody's
            try:
                part = self._decoder.process(piece, output_buffer_limit=MOST_PART_BYTES)
            except self._error:
                raise _broken() from None
            # The library keeps to the limit roughly: by the doubling of its buffer.
            for start in range(0, len(part), MOST_PART_BYTES):
                yield part[start : start + MOST_PART_BYTES]
            piece = b""
            # "Can accept more" is also said where more waits to be taken.
            if len(part) < MOST_PART_BYTES and self._decoder.can_accept_more_data():
                return

    def close(self) -> None:
        if self._is_begun and not self._decoder.is_finished():
            raise _cut_short()


class _Zstd:
    """zstd, of one frame or several."""

    def __init__(self, library: Any) -> None:
        self._library = library
        self._decoder: Any = None
        self._start = b""
        """The first bytes of what stands behind a frame, as long as they may be those of another."""
        self._has_ended = self._is_over = False

    def feed(self, piece: bytes) -> Iterator[bytes]:
        while not self._is_over and (piece or self._has_more()):
            if self._decoder is None:
                piece = self._begun(piece)
                continue
            try:
                part = self._decoder.decompress(piece, MOST_PART_BYTES)
            except (self._library.ZstdError, EOFError):
                raise _broken() from None
            if part:
                yield part
            piece = b""
            if self._decoder.eof:
                piece, self._decoder, self._has_ended = self._decoder.unused_data, None, True

    def _has_more(self) -> bool:
        return self._decoder is not None and not self._decoder.needs_input

    def close(self) -> None:
        if self._decoder is not None or (self._start and not self._has_ended):
            raise _cut_short()

    def _begun(self, piece: bytes) -> bytes:
        """Begin a frame if that is what comes, and return what there is of it."""
        start, self._start = self._start + piece, b""
        if len(start) < len(_ZSTD_MAGIC):
            self._start = start
            return b""
        if self._has_ended and not (start.startswith(_ZSTD_MAGIC) or start[1:4] == _SKIPPABLE_MAGIC):
            self._is_over = True  # what stands after the end is nobody's
            return b""
        limit = {self._library.DecompressionParameter.window_log_max: _MOST_WINDOW_LOG}
        self._decoder = self._library.ZstdDecompressor(options=limit)
        return start


def _broken() -> WireError:
    return WireError("the reply's compression is broken", hint=_HINT)


def _cut_short() -> BrokenOffError:
    return BrokenOffError(
        "the reply broke off inside its compression",
        hint="What had arrived is kept. Ask again for a new reply.",
    )
