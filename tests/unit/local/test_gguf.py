"""What a model file says of itself."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.errors import InputError
from g4f_magic.local import gguf
from tests.unit.local.gguf_files import LLAMA, written


def test_a_header_tells_what_the_model_is(tmp_path):
    model = gguf.read(written(tmp_path / "m.gguf", LLAMA, {"a": (576, 100), "b": (10,)}))
    assert (model.name, model.architecture, model.context_tokens) == ("m", "llama", 8192)
    assert model.parameters == 57_610
    assert model.cache_bytes_per_token == 2 * 30 * 3 * (64 + 64)
    assert model.chats
    assert model.size_bytes == model.path.stat().st_size


def test_it_goes_by_the_name_that_it_was_found_by(tmp_path):
    assert gguf.read(written(tmp_path / "sha256-abc", LLAMA), "llama3.2:latest").name == "llama3.2:latest"


def test_what_a_file_does_not_say_is_empty(tmp_path):
    model = gguf.read(written(tmp_path / "m.gguf", {}))
    assert (model.name, model.architecture, model.context_tokens, model.parameters) == ("m", "", 0, 0)
    assert not model.chats


def test_a_template_that_speaks_of_functions_is_told_from_one_that_does_not(tmp_path):
    plain = gguf.read(written(tmp_path / "m.gguf", LLAMA))
    template = "{% if tools %}{{ tools }}{% endif %}{{ messages }}"
    taking = gguf.read(written(tmp_path / "t.gguf", {**LLAMA, "tokenizer.chat_template": template}))
    assert (plain.takes_tools, taking.takes_tools) == (False, True)


@pytest.mark.parametrize(
    ("languages", "is_english"), [(["en"], True), (["en", "de"], False), (["de"], False)]
)
def test_a_model_for_english_alone_is_told(tmp_path, languages, is_english):
    found = gguf.read(written(tmp_path / "m.gguf", {**LLAMA, "general.languages": languages}))
    assert found.is_english is is_english


def test_a_model_for_vectors_does_not_chat(tmp_path):
    assert not gguf.read(written(tmp_path / "m.gguf", {**LLAMA, "llama.pooling_type": 3})).chats


def test_heads_that_differ_by_layer_count_as_the_most(tmp_path):
    values = {**LLAMA, "llama.attention.head_count_kv": [1, 3, 2]}
    assert gguf.read(written(tmp_path / "m.gguf", values)).cache_bytes_per_token == 2 * 30 * 3 * 128


def test_a_number_that_is_none_counts_as_not_said(tmp_path):
    values = {**LLAMA, "llama.context_length": "long", "llama.block_count": float("nan")}
    model = gguf.read(written(tmp_path / "m.gguf", values))
    assert (model.context_tokens, model.cache_bytes_per_token) == (0, 0)


def test_a_file_that_changed_is_read_anew(tmp_path):
    path = written(tmp_path / "m.gguf", LLAMA)
    assert gguf.read(path).context_tokens == 8192
    written(path, {**LLAMA, "llama.context_length": 4096})
    os.utime(path, ns=(1, 1))
    assert gguf.read(path).context_tokens == 4096


def test_of_a_model_in_several_files_all_count(tmp_path):
    first = written(tmp_path / "m-00001-of-00002.gguf", LLAMA, {"a": (10,)})
    second = written(tmp_path / "m-00002-of-00002.gguf", {}, {"b": (5, 5)})
    model = gguf.read(first)
    assert model.parameters == 35
    assert model.size_bytes == first.stat().st_size + second.stat().st_size


def test_a_model_of_which_a_file_is_missing_is_refused(tmp_path):
    path = written(tmp_path / "m-00001-of-00003.gguf", LLAMA)
    written(tmp_path / "m-00003-of-00003.gguf", {})
    with pytest.raises(InputError, match=r"m-00002-of-00003\.gguf is missing"):
        gguf.read(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "broken"),
        (b"GIF89a", "not a GGUF file"),
        (b"GGUF" + struct.pack("<I", 1), "version 1"),
        (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "version"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1), "broken"),
        (b"GGUF" + struct.pack("<IQQ", 3, 2**60, 0), "broken"),
        (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 2**62), "broken"),
        (b"GGUF" + struct.pack("<IQQQsIIQ", 3, 0, 1, 1, b"a", 9, 8, 2**62), "broken"),
        (b"GGUF" + struct.pack("<IQQQsIIQ", 3, 0, 1, 1, b"a", 9, 4, 2**62), "broken"),
        (b"GGUF" + struct.pack("<IQQQsIIQ", 3, 0, 1, 1, b"a", 9, 9, 2**62), "broken"),
        (b"GGUF" + struct.pack("<IQQQsI", 3, 0, 1, 1, b"a", 99), "broken"),
    ],
)
def test_what_is_no_model_is_refused(tmp_path, content, words):
    path = tmp_path / "m.gguf"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words):
        gguf.read(path)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        gguf.read(tmp_path / "m.gguf")


@given(cut=st.integers(0, 400), junk=st.binary(max_size=40))
def test_whatever_a_header_holds_it_is_a_model_or_one_error(tmp_path_factory, cut: int, junk: bytes):
    path: Path = tmp_path_factory.mktemp("gguf") / "m.gguf"
    whole = written(path, LLAMA, {"a": (4, 4)}).read_bytes()
    path.write_bytes(whole[:cut] + junk + whole[cut + len(junk) :])
    try:
        assert gguf.read(path).size_bytes == path.stat().st_size
    except InputError as exc:
        assert "m.gguf" in str(exc) or str(exc).startswith("m is")


HEAD = b"GGUF" + struct.pack("<I", 3)
ARRAY, TEXT = struct.pack("<I", 9), struct.pack("<I", 8)


def entry(kind: bytes, content: bytes) -> bytes:
    return HEAD + struct.pack("<QQ", 0, 1) + struct.pack("<Q", 1) + b"k" + kind + content


def test_headers_that_would_take_long_are_refused(tmp_path):
    inner = struct.pack("<IQ", 4, 0)
    headers = {
        "arrays of arrays": entry(ARRAY, struct.pack("<IQ", 9, 5_000_000) + inner * 100_000),
        "empty texts": entry(ARRAY, TEXT + struct.pack("<Q", 8_000_000)),
        "tensors": HEAD + struct.pack("<QQ", 1_000_000, 0),
        "values": HEAD + struct.pack("<QQ", 0, 1_000_000),
    }
    for name, content in headers.items():
        path = tmp_path / f"{name}.gguf"
        path.write_bytes(content)
        with pytest.raises(InputError, match="is broken"):
            gguf.read(path)


@pytest.mark.parametrize("count", [-5, -(2**63), 2**63 - 1])
def test_a_count_that_cannot_be_counts_as_not_said(tmp_path, count):
    text = b"general.architecture"
    said = struct.pack("<Q", len(text)) + text + TEXT + struct.pack("<Q", 1) + b"a"
    said += struct.pack("<Q", 16) + b"a.context_length" + struct.pack("<Iq", 11, count)
    path = tmp_path / "m.gguf"
    path.write_bytes(HEAD + struct.pack("<QQ", 0, 2) + said)
    assert gguf.read(path).context_tokens == 0


def test_what_is_no_plain_file_holds_nobody_up(tmp_path):
    os.mkfifo(tmp_path / "pipe.gguf")
    with pytest.raises(InputError, match="it is a pipe"):
        gguf.read(tmp_path / "pipe.gguf")
    assert not gguf.is_gguf(tmp_path / "pipe.gguf")
    (tmp_path / "zero.gguf").symlink_to("/dev/zero")
    assert not gguf.is_gguf(tmp_path / "zero.gguf")
