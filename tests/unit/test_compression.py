"""Compressed bodies: read as they come, in small pieces, and never taken for whole where they were cut."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.errors import BrokenOffError, WireError
from g4f_magic.wire.compression import Decompressor, decompressor

TEXT = "The quick brown fox — größer 🦊\n".encode() * 50


def deflated_raw(data: bytes) -> bytes:
    coder = zlib.compressobj(wbits=-15)
    return coder.compress(data) + coder.flush()


FORMS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("x-gzip", gzip.compress),
    "two gzip members": ("gzip", lambda data: gzip.compress(data[:40]) + gzip.compress(data[40:])),
    "deflate": ("deflate", zlib.compress),
    "deflate without its header": ("deflate", deflated_raw),
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


@pytest.mark.parametrize("form", ["gzip", "deflate", "deflate without its header"])
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


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_what_is_not_compressed_at_all_is_said(encoding: str) -> None:
    with pytest.raises(WireError, match="compression"):
        read(decompressor(encoding), [b'data: "Hello"\n\n'])


def test_an_empty_body_is_whole() -> None:
    assert read(decompressor("gzip"), []) == b""


def test_a_compression_that_is_not_known_is_said() -> None:
    with pytest.raises(WireError, match="zstd"):
        decompressor("zstd")


def test_what_stands_after_the_end_is_left_out() -> None:
    for encoding, compress in (("gzip", gzip.compress), ("deflate", zlib.compress)):
        assert read(decompressor(encoding), [compress(TEXT) + b"\0\0 more", b"and more"]) == TEXT


def test_a_little_that_becomes_very_much_comes_in_small_parts() -> None:
    bomb = gzip.compress(bytes(64 * 2**20))
    sizes = [len(part) for part in decompressor("gzip").feed(bomb)]
    assert sum(sizes) == 64 * 2**20
    assert max(sizes) <= 2**17


@given(st.binary(max_size=60), st.sampled_from(["gzip", "deflate"]))
def test_whatever_comes_is_bytes_or_an_error_of_ours(junk: bytes, encoding: str) -> None:
    try:
        read(decompressor(encoding), [junk])
    except WireError as exc:
        assert exc.hint
    except BrokenOffError as exc:
        assert exc.hint
