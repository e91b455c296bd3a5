"""What a `.env` says, read in one pass, and that nothing else than a file is read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.answering import env_file


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A=abc#def", "abc#def"),
        ("A=abc #def", "abc"),
        ("A=abc\t# def # ghi", "abc"),
        ("A='abc #def' # ghi", "abc #def"),
        ('A="abc\\"#def"#ghi', 'abc"#def'),
        ('A="one\\ntwo\\\\n"', "one\ntwo\\n"),
        ("A='one\\ntwo'", "one\\ntwo"),
        ('A="begun\nended" # so', "begun\nended"),
        ("A='begun\r\nended'", "begun\nended"),
        ("A='not closed", "'not closed"),
        ("A='closed' and more", "'closed' and more"),
        ("A=#x", "#x"),
        ("export\tA = spaced  ", "spaced"),
        ("A=1\nA=2", "2"),
        ("B='never closed\nA=found", "found"),
        ("\x00=1\nA=${HOME}", "${HOME}"),
    ],
)
def test_a_value_is_what_people_mean(text: str, value: str) -> None:
    assert env_file.parse(text)["A"] == value


@pytest.mark.parametrize("text", ["A= # a comment", "# A=1", "1A=1", "A", "=x", "A B=1", "A =", 'A=""'])
def test_what_gives_no_value(text: str) -> None:
    assert not env_file.parse(text).get("A")


LONG = 1_000_000


@pytest.mark.heavy
@pytest.mark.parametrize(
    "unit",
    [
        "A=a{blanks}x",
        "A={signs}",
        "A='{quotes}",
        "{blanks}x",
        "A='\n{lines}",
        "export {exports}A=1",
        "A={comments}",
    ],
)
def test_the_longest_file_is_read_at_once(unit: str) -> None:
    # What looks at each sign again for each other one would not come to an end here.
    text = unit.format(
        blanks=" " * LONG,
        signs="#" * LONG,
        quotes="A='" * (LONG // 3),
        lines="A='\n" * (LONG // 4),
        exports="export " * (LONG // 7),
        comments=' \\"#' * (LONG // 4),
    )
    assert set(env_file.parse(text)) <= {"A"}


@given(st.text(st.sampled_from("A=' \"\\#\n\tx")))
def test_no_text_is_an_error(text: str) -> None:
    assert all(name == "A" * len(name) or "x" in name for name in env_file.parse(text))


NAMES = st.text(st.sampled_from("AB_"), min_size=1)
VALUES = st.text(st.characters(exclude_characters="'\r", exclude_categories=["Cs"]))


@given(st.dictionaries(NAMES, VALUES))
def test_what_is_quoted_is_read_back(variables: dict[str, str]) -> None:
    text = "".join(f"export {name}='{value}'\n" for name, value in variables.items())
    assert env_file.parse(text) == {name: value.strip() for name, value in variables.items()}


@pytest.mark.parametrize("kind", ["device", "pipe", "folder", "large"])
def test_only_a_file_of_bounded_size_is_read(tmp_path: Path, kind: str) -> None:
    file = tmp_path / ".env"
    match kind:
        case "device":
            file.symlink_to("/dev/zero")
        case "pipe":
            os.mkfifo(file)
        case "folder":
            file.mkdir()
        case _:
            file.write_bytes(b"A=1\n" * 300_000)
    assert env_file.read(file) == {}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path: Path, encoding: str) -> None:
    (tmp_path / ".env").write_bytes("A=äß\r\n".encode(encoding))
    assert env_file.read(tmp_path / ".env")["A"].reveal() == "äß"
