"""Which file of a repository is meant."""

from __future__ import annotations

import pytest

from g4f_magic.errors import InputError
from g4f_magic.local.pulling import picked

FILES = dict.fromkeys(
    (
        "README.md",
        "mmproj-m-f16.gguf",
        "m-Q8_0.gguf",
        "m-Q4_K_M.gguf",
        "m-Q2_K.gguf",
        "big/m-F16-00001-of-00002.gguf",
        "big/m-F16-00002-of-00002.gguf",
    ),
    10**9,
)


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ("", ["m-Q4_K_M.gguf"]),
        ("q8_0", ["m-Q8_0.gguf"]),
        ("m-Q2_K.gguf", ["m-Q2_K.gguf"]),
        ("m-q2_k", ["m-Q2_K.gguf"]),
        ("F16", ["big/m-F16-00001-of-00002.gguf", "big/m-F16-00002-of-00002.gguf"]),
    ],
)
def test_a_file_is_named_by_a_part_of_its_name_and_comes_with_all_its_parts(wanted: str, names: list[str]):
    assert picked("who/m", FILES, wanted) == names


def test_where_no_name_tells_the_bits_the_first_is_taken():
    assert picked("who/m", {"z.gguf": 1, "a.gguf": 1}) == ["a.gguf"]


def test_what_fits_none_or_several_is_refused_with_those_that_there_are():
    with pytest.raises(InputError, match="has no file 'Q5'") as none:
        picked("who/m", FILES, "Q5")
    assert "m-Q8_0.gguf (1.0 GB)" in none.value.hint
    with pytest.raises(InputError, match="fits several files") as several:
        picked("who/m", FILES, "m-Q")
    assert "m-Q2_K.gguf" in several.value.hint


def test_a_repository_without_gguf_is_told():
    with pytest.raises(InputError, match="no GGUF file") as error:
        picked("who/m", {"model.safetensors": 5})
    assert "-GGUF" in error.value.hint
