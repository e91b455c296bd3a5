"""Compressed bodies: read as they come, in small pieces, and never taken for whole where they were cut."""

from __future__ import annotations

import gzip
import importlib
import zlib
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.errors import BrokenOffError, WireError
from g4f_magic.wire import compression
from g4f_magic.wire.compression import MOST_PART_BYTES, Decompressor, accepted_encodings, decompressor

TEXT = "The quick brown fox — größer 🦊\n".encode() * 50


def deflated_raw(data: bytes) -> bytes:
    coder = zlib.compressobj(wbits=-15)
    return coder.compress(data) + coder.flush()


def zstd(data: bytes, level: int = 3) -> bytes:
    return bytes(_zstd_library().compress(data, level))


def quick_brotli(data: bytes) -> bytes:
    return brotli.compress(data, quality=3)


def _zstd_library() -> Any:
    found = compression._zstd()
    if found is None:
        pytest.skip("zstd is in Python 3.14, else in backports.zstd")
    return found


FORMS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("x-gzip", gzip.compress),
    "two gzip members": ("gzip", lambda data: gzip.compress(data[:40]) + gzip.compress(data[40:])),
    "deflate": ("deflate", zlib.compress),
    "deflate without its header": ("deflate", deflated_raw),
    "brotli": ("br", brotli.compress),
    "zstd": ("zstd", zstd),
    "two zstd frames": ("zstd", lambda data: zstd(data[:40]) + zstd(data[40:])),
    "gzip inside brotli": ("gzip, br", lambda data: brotli.compress(gzip.compress(data))),
    "gzip, and nothing": ("gzip, identity", gzip.compress),
    "gzip that nobody names": ("", gzip.compress),
    "none": ("", lambda data: data),
    "identity": ("identity", lambda data: data),
    "the name of a charset": ("UTF-8", lambda data: data),
}


def read(decoder: Decompressor, pieces: list[bytes]) -> bytes:
    found = b"".join(part for piece in pieces for part in decoder.feed(piece))
    decoder.close()
    return found


@pytest.mark.parametrize("form", FORMS)
@given(places=st.lists(st.integers(0, 300), max_size=4))
def test_how_bytes_are_cut_does_not_matter(form: str, places: list[int]) -> None:
    encoding, compress = FORMS[form]
    body = compress(TEXT)
    bounds = sorted({0, len(body), *(place for place in places if place < len(body))})
    pieces = [body[start:end] for start, end in pairwise(bounds)]
    assert read(decompressor(encoding), pieces) == TEXT


@pytest.mark.parametrize(
    "form", ["gzip", "deflate", "deflate without its header", "brotli", "zstd", "gzip inside brotli"]
)
def test_wherever_it_is_cut_it_broke_off(form: str) -> None:
    encoding, compress = FORMS[form]
    body = compress(TEXT)
    for end in range(1, len(body)):
        with pytest.raises(BrokenOffError):
            read(decompressor(encoding), [body[:end]])


def test_what_came_before_the_cut_is_given() -> None:
    decoder = decompressor("gzip")
    body = gzip.compress(TEXT, compresslevel=1)
    assert b"".join(decoder.feed(body[:-9])).startswith(TEXT[:100])


def test_a_second_frame_that_is_cut_short_broke_off() -> None:
    body = zstd(TEXT) + zstd(TEXT)[:-5]
    with pytest.raises(BrokenOffError):
        read(decompressor("zstd"), [body])


@pytest.mark.parametrize("encoding", ["deflate", "br", "zstd"])
def test_what_is_not_compressed_at_all_is_said(encoding: str) -> None:
    if encoding == "zstd":
        _zstd_library()
    with pytest.raises(WireError, match="compression"):
        read(decompressor(encoding), [b'data: "Hello"\n\n'])


@pytest.mark.parametrize("body", [b"data: {}\n\n", b'{"a": 1}', b": ping\n\n", b"<html>", b"event: a\n"])
def test_what_is_called_gzip_and_is_none_is_read(body: bytes) -> None:
    decoder = decompressor("gzip")
    assert b"".join(part for at in range(len(body)) for part in decoder.feed(body[at : at + 1])) == body
    decoder.close()


def test_an_empty_body_is_whole() -> None:
    assert read(decompressor("gzip"), []) == b""


@pytest.mark.parametrize("encoding", ["compress", "dcb", "pack200-gzip", "gzip, zip", "zlib", "bz2", "rot13"])
def test_a_compression_that_is_not_known_is_said(encoding: str) -> None:
    with pytest.raises(WireError, match=encoding.rpartition(" ")[2]):
        decompressor(encoding)


def test_a_compression_many_times_over_is_refused() -> None:
    with pytest.raises(WireError, match="4 times"):
        decompressor("gzip, gzip, gzip, gzip")


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> Any:
    """An installation without Brotli and zstd."""

    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(compression, "import_module", missing)
    for known in (compression._brotli, compression._zstd, accepted_encodings):
        known.cache_clear()
    yield
    for known in (compression._brotli, compression._zstd, accepted_encodings):
        known.cache_clear()


@pytest.mark.usefixtures("bare")
def test_without_the_libraries_they_are_not_asked_for_and_named_where_they_come() -> None:
    assert accepted_encodings() == "gzip, deflate"
    for encoding, package in (("br", "brotli"), ("zstd", "backports.zstd")):
        with pytest.raises(WireError, match=encoding) as raised:
            decompressor(encoding)
        assert package in raised.value.hint


def test_a_brotli_that_cannot_be_stopped_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    class Old:
        class Decompressor:
            """As before 1.2: it makes all that there is of a piece."""

    monkeypatch.setattr(compression, "import_module", {"brotli": Old, "brotlicffi": Old}.__getitem__)
    compression._brotli.cache_clear()
    try:
        assert compression._brotli() is None
    finally:
        compression._brotli.cache_clear()


def test_what_is_installed_is_asked_for() -> None:
    names = ["gzip", "deflate", "br"] + ["zstd"] * (compression._zstd() is not None)
    assert accepted_encodings() == ", ".join(names)
    assert importlib.import_module("brotli") is compression._brotli()


def test_what_stands_after_the_end_is_left_out() -> None:
    for encoding, compress in FORMS.values():
        if encoding not in ("gzip", "deflate", "zstd"):  # Brotli's library refuses it
            continue
        assert read(decompressor(encoding), [compress(TEXT) + b"\0\0 more", b"and more"]) == TEXT


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("encoding", "compress"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("br", quick_brotli)]
)
def test_a_little_that_becomes_very_much_comes_in_small_parts(
    encoding: str, compress: Callable[[bytes], bytes]
) -> None:
    text = b"".join(b"%d " % number for number in range(200_000))
    sizes = [len(part) for part in decompressor(encoding).feed(compress(text))]
    assert sum(sizes) == len(text)
    assert len(sizes) > 1
    assert max(sizes) <= MOST_PART_BYTES


@pytest.mark.parametrize(("encoding", "compress"), [("br", quick_brotli), ("zstd", zstd)])
def test_what_no_reply_can_be_is_refused_before_it_is_made(
    encoding: str, compress: Callable[[bytes], bytes]
) -> None:
    bomb = compress(bytes(64 * 2**20))
    sizes: list[int] = []
    with pytest.raises(WireError, match="compressed bytes became"):
        sizes.extend(len(part) for part in decompressor(encoding).feed(bomb))
    assert sum(sizes) <= 2**20 + 2_000 * len(bomb)
    assert max(sizes, default=0) <= MOST_PART_BYTES


@pytest.mark.heavy
def test_much_between_two_layers_counts_as_well() -> None:
    nothing = gzip.compress(b"") * 2**20  # much that holds nothing
    with pytest.raises(WireError, match="compressed bytes became"):
        list(decompressor("gzip, br").feed(quick_brotli(nothing)))


@given(st.binary(max_size=60), st.sampled_from(["gzip", "deflate", "br", "zstd"]))
def test_whatever_comes_is_bytes_or_an_error_of_ours(junk: bytes, encoding: str) -> None:
    if encoding == "zstd":
        _zstd_library()
    try:
        read(decompressor(encoding), [junk])
    except WireError as exc:
        assert exc.hint
    except BrokenOffError as exc:
        assert exc.hint
