"""What is known of how services take a schema: in a file, for a while."""

from __future__ import annotations

from pathlib import Path

import pytest

from g4f_magic.answering.form import Way
from g4f_magic.answering.known_ways import KEPT_SECONDS, KEPT_SECONDS_HERE, KnownWays

PLACE = ("https://llm.example/v1", "m")
HERE = ("http://127.0.0.1:8080/v1", "m")


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "schemas.json"


def test_what_one_kernel_found_out_another_knows(file: Path, clock: Clock) -> None:
    one, other = KnownWays(file, clock), KnownWays(file, clock)
    assert other.best(PLACE, "s", Way.SCHEMA) is Way.SCHEMA
    one.keep(PLACE, Way.OBJECT)
    one.keep_unsure(PLACE)
    for known in (other, KnownWays(file, clock)):
        assert known.best(PLACE, "s", Way.SCHEMA) is Way.OBJECT
        assert known.best(PLACE, "s", Way.WORDS) is Way.WORDS
        assert known.is_unsure(PLACE)
        assert known.best(("https://llm.example/v1", "other"), "s", Way.SCHEMA) is Way.SCHEMA
    other.keep(PLACE, Way.WORDS, "s")
    assert one.best(PLACE, "s", Way.SCHEMA) is Way.WORDS
    assert one.best(PLACE, "t", Way.SCHEMA) is Way.OBJECT


@pytest.mark.parametrize(("place", "seconds"), [(PLACE, KEPT_SECONDS), (HERE, KEPT_SECONDS_HERE)])
def test_it_is_found_out_anew_after_a_while(
    file: Path, clock: Clock, place: tuple[str, str], seconds: float
) -> None:
    known = KnownWays(file, clock)
    known.keep(place, Way.WORDS)
    known.keep_unsure(place)
    clock.now += seconds - 1
    assert (known.best(place, "s", Way.SCHEMA), known.is_unsure(place)) == (Way.WORDS, True)
    clock.now += 1
    assert (known.best(place, "s", Way.SCHEMA), known.is_unsure(place)) == (Way.SCHEMA, False)


def test_no_secret_of_an_address_is_in_the_file_and_nobody_else_can_read_it(file: Path) -> None:
    known = KnownWays(file)
    known.keep(("https://me:hidden@llm.example/v1?key=hidden", "m"), Way.WORDS)
    assert "hidden" not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    assert known.best(PLACE, "s", Way.SCHEMA) is Way.WORDS


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"url": 1}]', '{"a": 1}', '[{"way": 9}]', "null"])
def test_a_file_that_cannot_be_read_is_no_error(file: Path, text: str) -> None:
    file.parent.mkdir()
    file.write_text(text)
    known = KnownWays(file)
    assert known.best(PLACE, "s", Way.SCHEMA) is Way.SCHEMA
    known.keep(PLACE, Way.OBJECT)
    assert KnownWays(file).best(PLACE, "s", Way.SCHEMA) is Way.OBJECT


def test_without_a_file_it_is_known_as_long_as_it_lives() -> None:
    known = KnownWays()
    known.keep(PLACE, Way.OBJECT)
    assert known.best(PLACE, "s", Way.SCHEMA) is Way.OBJECT


def test_a_place_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    known = KnownWays(tmp_path / "cache" / "schemas.json")
    known.keep(PLACE, Way.OBJECT)
    assert known.best(PLACE, "s", Way.SCHEMA) is Way.OBJECT
