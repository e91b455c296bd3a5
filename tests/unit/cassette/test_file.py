"""A cassette's file: whole lines whatever happens, beside other kernels too."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from g4f_magic.cassette import beside
from g4f_magic.cassette.entry import Entry
from g4f_magic.cassette.entry_line import to_line
from g4f_magic.cassette.file import MOST_BYTES
from g4f_magic.cassette.key import Asked
from g4f_magic.cassette.open_cassette import OpenCassette
from g4f_magic.chunks import Text
from g4f_magic.errors import InputError


def entry(prompt: str, reply: str = "Yes") -> Entry:
    return Entry(asked=Asked(provider="koala", prompt=prompt), chunks=((1, Text(reply)),))


def line(prompt: str, reply: str = "Yes") -> bytes:
    return to_line(entry(prompt, reply))


def prompts(path: Path) -> list[str]:
    return [one.asked.prompt for _, one in OpenCassette(path).index.all()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.chat.jsonl"


def test_a_cassette_lies_beside_its_notebook() -> None:
    assert beside(Path("work/analysis.v2.ipynb")) == Path("work/analysis.v2.chat.jsonl")


def test_turns_stand_in_the_order_in_which_they_were_asked(path: Path) -> None:
    cassette = OpenCassette(path)
    for prompt in ("one", "two", "three"):
        cassette.keep(entry(prompt), "")
    assert prompts(path) == ["one", "two", "three"]
    assert path.read_bytes() == line("one") + line("two") + line("three")


def test_recording_a_turn_again_changes_its_line_and_no_other(path: Path) -> None:
    path.write_bytes(line("one") + line("two") + line("three"))
    OpenCassette(path).keep(entry("two", "No"), "")
    assert path.read_bytes() == line("one") + line("two", "No") + line("three")


def test_a_cell_whose_prompt_was_changed_changes_its_line_and_no_other(path: Path) -> None:
    cassette = OpenCassette(path)
    for prompt in ("one", "two", "three"):
        cassette.keep(entry(prompt), f"cell {prompt}")
    cassette.keep(entry("zwei"), "cell two")
    assert path.read_bytes() == line("one") + line("zwei") + line("three")


def test_a_cell_that_asks_what_another_one_asks_gets_a_line_of_its_own(path: Path) -> None:
    cassette = OpenCassette(path)
    cassette.keep(entry("one", "A"), "first")
    cassette.keep(entry("one", "B"), "second")
    cassette.keep(entry("one", "C"), "first")
    assert path.read_bytes() == line("one", "C") + line("one", "B")


def test_identical_requests_are_answered_in_their_order(path: Path) -> None:
    path.write_bytes(line("one", "A") + line("one", "B"))
    cassette, asked = OpenCassette(path), entry("one").asked
    found = [cassette.find(asked, "") for _ in range(3)]
    assert [one and one.reply for one in found] == ["A", "B", None]
    assert "twice" in str(cassette.missed(asked)) or "2 times" in str(cassette.missed(asked))


def test_a_cell_that_asks_again_gets_the_same_answer(path: Path) -> None:
    path.write_bytes(line("one", "A") + line("one", "B"))
    cassette, asked = OpenCassette(path), entry("one").asked
    found = [cassette.find(asked, slot) for slot in ("x", "y", "x", "y")]
    assert [one and one.reply for one in found] == ["A", "B", "A", "B"]


def test_a_new_run_begins_with_the_first_again(path: Path) -> None:
    path.write_bytes(line("one", "A") + line("one", "B"))
    cassette, asked = OpenCassette(path), entry("one").asked
    cassette.find(asked, "")
    cassette.begin_run()
    again = cassette.find(asked, "")
    assert again is not None
    assert again.reply == "A"


def test_what_another_kernel_wrote_is_seen_at_once(path: Path) -> None:
    mine, theirs = OpenCassette(path), OpenCassette(path)
    mine.keep(entry("one"), "")
    theirs.keep(entry("two"), "")
    assert mine.find(entry("two").asked, "") is not None
    mine.keep(entry("three"), "")
    assert prompts(path) == ["one", "two", "three"]


def test_a_torn_last_line_is_left_out_with_a_warning_and_moved_aside(path: Path) -> None:
    torn = line("two")[:40]
    path.write_bytes(line("one") + torn)
    cassette = OpenCassette(path)
    assert [one.asked.prompt for _, one in cassette.index.all()] == ["one"]
    assert len(cassette.warnings) == 1
    cassette.keep(entry("three"), "")
    assert path.read_bytes() == line("one") + line("three")
    assert path.with_name("a.chat.jsonl.torn").read_bytes() == torn
    assert len(cassette.warnings) == 1


def test_a_file_that_is_nothing_but_a_torn_line_is_begun_anew(path: Path) -> None:
    path.write_bytes(line("one")[:40])
    OpenCassette(path).keep(entry("two"), "")
    assert path.read_bytes() == line("two")


@given(cut=st.integers(0, len(line("two"))))
@example(cut=line("two").index(b"{}") + 2)
def test_wherever_the_last_line_is_cut_nothing_wrong_is_read_and_the_next_is_whole(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    path = tmp_path_factory.mktemp("cut") / "a.chat.jsonl"
    path.write_bytes(line("one") + line("two")[:cut])
    OpenCassette(path).keep(entry("three"), "")
    assert prompts(path) in (["one", "three"], ["one", "two", "three"])


def test_a_last_line_without_its_end_is_whole_all_the_same(path: Path) -> None:
    path.write_bytes((line("one") + line("two")).rstrip(b"\n"))
    cassette = OpenCassette(path)
    cassette.keep(entry("three"), "")
    assert path.read_bytes() == line("one") + line("two") + line("three")
    assert not cassette.warnings


@pytest.mark.parametrize("prefix", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
def test_windows_line_ends_are_read(path: Path, prefix: bytes) -> None:
    path.write_bytes(prefix + (line("one") + line("two")).replace(b"\n", b"\r\n"))
    assert prompts(path) == ["one", "two"]


def test_only_a_line_feed_ends_a_line(path: Path) -> None:
    path.write_bytes(line("one\u2028\x85\x0b\x0c\r\n") + line("two"))
    assert prompts(path) == ["one\u2028\x85\x0b\x0c\r\n", "two"]


def test_a_conflict_in_a_large_file_is_named_by_its_line(path: Path) -> None:
    path.write_bytes(b"".join(line(f"turn {n}") for n in range(999)) + b"<<<<<<< HEAD\n" + line("mine"))
    with pytest.raises(InputError, match="line 1000: it is the mark of a merge conflict"):
        _ = OpenCassette(path).index


@pytest.mark.heavy
def test_100_megabytes_are_read(path: Path) -> None:
    with path.open("wb") as out:
        for number in range(25):
            out.write(line(f"turn {number}", "x" * 4_000_000))
    cassette = OpenCassette(path)
    found = cassette.find(entry("turn 24").asked, "")
    assert found is not None
    assert len(found.reply) == 4_000_000


def test_a_file_too_large_to_read_says_so(path: Path) -> None:
    with path.open("wb") as out:
        out.truncate(MOST_BYTES + 1)
    with pytest.raises(InputError, match="it is too large"):
        _ = OpenCassette(path).index


def test_a_folder_in_its_place_says_so(path: Path) -> None:
    path.mkdir()
    with pytest.raises(InputError, match="cannot be read"):
        _ = OpenCassette(path).index


def test_a_folder_that_is_not_there_is_an_error_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        OpenCassette(tmp_path / "none" / "a.chat.jsonl").check_writable()


def test_checking_leaves_nothing_behind(path: Path) -> None:
    OpenCassette(path).check_writable()
    assert list(path.parent.iterdir()) == []


def test_replacing_keeps_the_file_s_mode_and_a_link_to_it(tmp_path: Path) -> None:
    real, link = tmp_path / "real.chat.jsonl", tmp_path / "link.chat.jsonl"
    real.write_bytes(line("one"))
    real.chmod(0o640)
    link.symlink_to(real)
    OpenCassette(link).keep(entry("one", "No"), "")
    assert link.is_symlink()
    assert real.read_bytes() == line("one", "No")
    assert real.stat().st_mode & 0o777 == 0o640
    assert len(list(tmp_path.iterdir())) == 2


def test_removing_takes_out_those_turns_alone(path: Path) -> None:
    path.write_bytes(line("one") + line("two") + line("one"))
    cassette = OpenCassette(path)
    cassette.find(entry("one").asked, "")
    cassette.remove(cassette.unused())
    assert path.read_bytes() == line("one")


@pytest.mark.parametrize("old", [0, 1, 2, 3])
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_identical_requests_at_once_stand_in_the_order_in_which_they_were_asked(
    path: Path, order: tuple[int, ...], old: int
) -> None:
    asked = entry("same").asked
    path.write_bytes(b"".join(line("same", f"old {number}") for number in range(old)))
    cassette = OpenCassette(path)
    seats = [cassette.reserve(asked, "") for _ in range(3)]
    for number in order:
        cassette.keep(entry("same", f"new {number}"), "", seats[number])
    assert [found.reply for _, found in cassette.index.all()] == ["new 0", "new 1", "new 2"]


def test_a_request_that_came_to_nothing_leaves_its_place_to_the_next(path: Path) -> None:
    cassette = OpenCassette(path)
    asked = entry("same").asked
    cassette.release(cassette.reserve(asked, ""))
    cassette.keep(entry("same", "kept"), "", cassette.reserve(asked, ""))
    cassette.begin_run()
    found = cassette.find(entry("same").asked, "")
    assert found is not None
    assert found.reply == "kept"


def test_a_slot_that_was_recorded_with_another_prompt_asks_the_old_one_no_more(path: Path) -> None:
    cassette = OpenCassette(path)
    cassette.keep(entry("same"), "a")
    cassette.keep(entry("same"), "b")
    cassette.keep(entry("other"), "a")
    assert prompts(path) == ["other", "same"]
    found = cassette.find(entry("same").asked, "b")
    assert found is not None
