"""Text and lines from bytes that arrive in pieces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.errors import WireError
from g4f_magic.wire import text_decoding
from g4f_magic.wire.text_decoding import LineDecoder, PairJoiner, TextDecoder
from tests.memory import held_bytes

pieces_of_bytes = st.lists(
    st.one_of(
        st.binary(max_size=8),
        st.text(alphabet="aé日🦊\r\n", max_size=6).map(str.encode),
        st.sampled_from([b"\r", b"\n", b"\xf0", b"\x9f\xa6", b"\x8a", b"\xc3", b"\xed\xa0\x80"]),
    )
)


def texts(*pieces: bytes) -> str:
    decoder = TextDecoder()
    return "".join([*map(decoder.feed, pieces), decoder.close()])


def lines(*pieces: bytes, limit_bytes: int = 1000) -> list[str]:
    decoder = LineDecoder(limit_bytes=limit_bytes)
    return [line for piece in pieces for line in decoder.feed(piece)] + decoder.close()


@given(pieces_of_bytes)
def test_how_bytes_are_cut_does_not_matter_to_text(pieces: list[bytes]) -> None:
    assert texts(*pieces) == b"".join(pieces).decode("utf-8", "replace")


@given(pieces_of_bytes)
def test_how_bytes_are_cut_does_not_matter_to_lines(pieces: list[bytes]) -> None:
    whole = b"".join(pieces)
    parts = whole.split(b"\n")
    expected = [part.removesuffix(b"\r").decode("utf-8", "replace") for part in parts]
    assert lines(*pieces) == (expected if parts[-1] else expected[:-1])


@given(st.text(), st.integers(min_value=1, max_value=5))
def test_text_comes_back_as_it_was(text: str, size: int) -> None:
    raw = text.encode("utf-8", "replace")
    pieces = [raw[start : start + size] for start in range(0, len(raw), size)]
    assert texts(*pieces) == raw.decode()


def test_a_character_is_given_with_its_last_byte() -> None:
    decoder = TextDecoder()
    assert [decoder.feed(bytes([byte])) for byte in "a🦊".encode()] == ["a", "", "", "", "🦊"]


def test_a_byte_order_mark_within_text_stays() -> None:
    assert texts("a\N{BOM}b".encode()) == "a\N{BOM}b"


def test_half_a_character_at_the_end_is_shown_as_lost() -> None:
    assert texts(b"a\xf0\x9f") == "a\N{REPLACEMENT CHARACTER}"


def test_closing_text_twice_shows_the_loss_once() -> None:
    decoder = TextDecoder()
    decoder.feed(b"\xf0")
    assert [decoder.close(), decoder.close()] == ["\N{REPLACEMENT CHARACTER}", ""]


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"", []),
        (b"\n", [""]),
        (b"a\nb\n", ["a", "b"]),
        (b"a\r\nb\r\n", ["a", "b"]),
        (b"a\n\nb", ["a", "", "b"]),
        (b"a\rb\n", ["a\rb"]),
        (b"a\r\r\n", ["a\r"]),
        (b"a\x0bb\x0cc\x1cd\xc2\x85e\xe2\x80\xa8f\n", ["a\x0bb\x0cc\x1cd\x85e\u2028f"]),
    ],
)
def test_only_lf_and_crlf_end_a_line(stream: bytes, expected: list[str]) -> None:
    assert lines(stream) == expected


def test_a_line_is_given_with_its_newline() -> None:
    decoder = LineDecoder()
    assert [decoder.feed(piece) for piece in (b"a", b"b\r", b"\nc", b"\n")] == [[], [], ["ab"], ["c"]]


@pytest.mark.parametrize("pieces", [[b"x" * 11], [b"x"] * 11, [b"a\n" + b"x" * 11 + b"\nb"]])
def test_a_line_above_the_limit_is_a_wire_error(pieces: list[bytes]) -> None:
    with pytest.raises(WireError, match="more than 10 bytes") as caught:
        lines(*pieces, limit_bytes=10)
    assert caught.value.hint


@pytest.mark.heavy
def test_a_line_of_sixteen_mebibytes_in_small_pieces_arrives() -> None:
    decoder = LineDecoder()
    waiting = [line for _ in range(2**14) for line in decoder.feed(b"x" * 1024)]
    assert (waiting, decoder.feed(b"\n")) == ([], ["x" * 2**24])


def joined(pieces: list[str]) -> str:
    joiner = PairJoiner()
    return "".join([*map(joiner.feed, pieces), joiner.close()])


def test_two_halves_of_an_emoji_are_one_again() -> None:
    assert joined(["a \ud83e", "\udd8a b"]) == "a 🦊 b"
    assert joined(["\ud83e", "", "\udd8a"]) == "🦊"
    assert joined(["\ud83e\udd8a"]) == "🦊"


def test_a_half_that_stays_alone_is_shown_as_lost() -> None:
    assert joined(["a\ud83e"]) == "a\ufffd"
    assert joined(["\ud83e", "b", "\udd8a"]) == "\ufffdb\ufffd"


@given(st.text(st.characters(codec=None) | st.characters(categories=["Cs"])), st.integers(1, 5))
def test_whatever_text_comes_can_be_written_and_how_it_is_cut_does_not_matter(text: str, size: int) -> None:
    found = joined([text[start : start + size] for start in range(0, len(text), size)])
    assert found == joined([text])
    assert found.encode().decode() == found
    assert found == text or any("\ud800" <= sign <= "\udfff" for sign in text)


@pytest.mark.heavy
def test_a_line_in_pieces_of_two_bytes_takes_no_more_memory_than_its_bytes() -> None:
    decoder = LineDecoder()

    def feed() -> None:
        for _ in range(100_000):
            decoder.feed(bytes(2))

    assert 200_000 <= held_bytes(feed, text_decoding) < 400_000
