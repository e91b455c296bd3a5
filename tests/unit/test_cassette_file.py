"""A cassette's file: whole lines whatever happens, beside other kernels too."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from g4f_magic.cassette import file
from g4f_magic.cassette.entry import Entry, to_line
from g4f_magic.cassette.key import Asked
from g4f_magic.cassette.tape import Tape
from g4f_magic.chunks import Text
from g4f_magic.errors import InputError


def entry(prompt: str, reply: str = "Yes") -> Entry:
    return Entry(asked=Asked(provider="koala", prompt=prompt), chunks=((1, Text(reply)),))


def line(prompt: str, reply: str = "Yes") -> bytes:
    return to_line(entry(prompt, reply))


def prompts(path: Path) -> list[str]:
    return [one.asked.prompt for _, one in Tape(path).index.all()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.chat.jsonl"


def test_a_cassette_lies_beside_its_notebook() -> None:
    assert file.beside(Path("work/analysis.v2.ipynb")) == Path("work/analysis.v2.chat.jsonl")


def test_turns_stand_in_the_order_in_which_they_were_asked(path: Path) -> None:
    tape = Tape(path)
    for prompt in ("one", "two", "three"):
        tape.keep(entry(prompt), "")
    assert prompts(path) == ["one", "two", "three"]
    assert path.read_bytes() == line("one") + line("two") + line("three")


def test_recording_a_turn_again_changes_its_line_and_no_other(path: Path) -> None:
    path.write_bytes(line("one") + line("two") + line("three"))
    Tape(path).keep(entry("two", "No"), "")
    assert path.read_bytes() == line("one") + line("two", "No") + line("three")


def test_a_cell_whose_prompt_was_changed_changes_its_line_and_no_other(path: Path) -> None:
    tape = Tape(path)
    for prompt in ("one", "two", "three"):
        tape.keep(entry(prompt), f"cell {prompt}")
    tape.keep(entry("zwei"), "cell two")
    assert path.read_bytes() == line("one") + line("zwei") + line("three")


def test_a_cell_that_asks_what_another_one_asks_gets_a_line_of_its_own(path: Path) -> None:
    tape = Tape(path)
    tape.keep(entry("one", "A"), "first")
    tape.keep(entry("one", "B"), "second")
    tape.keep(entry("one", "C"), "first")
    assert path.read_bytes() == line("one", "C") + line("one", "B")


def test_identical_requests_are_answered_in_their_order(path: Path) -> None:
    path.write_bytes(line("one", "A") + line("one", "B"))
    tape, asked = Tape(path), entry("one").asked
    found = [tape.find(asked, "") for _ in range(3)]
    assert [one and one.reply for one in found] == ["A", "B", None]
    assert "twice" in str(tape.missed(asked)) or "2 times" in str(tape.missed(asked))


def test_a_cell_that_asks_again_gets_the_same_answer(path: Path) -> None:
    path.write_bytes(line("one", "A") + line("one", "B"))
    tape, asked = Tape(path), entry("one").asked
    found = [tape.find(asked, slot) for slot in ("x", "y", "x", "y")]
    assert [one and one.reply for one in found] == ["A", "B", "A", "B"]


def test_a_new_run_begins_with_the_first_again(path: Path) -> None:
    path.write_bytes(line("one", "A") + line("one", "B"))
    tape, asked = Tape(path), entry("one").asked
    tape.find(asked, "")
    tape.begin_run()
    again = tape.find(asked, "")
    assert again is not None
    assert again.reply == "A"


def test_what_another_kernel_wrote_is_seen_at_once(path: Path) -> None:
    mine, theirs = Tape(path), Tape(path)
    mine.keep(entry("one"), "")
    theirs.keep(entry("two"), "")
    assert mine.find(entry("two").asked, "") is not None
    mine.keep(entry("three"), "")
    assert prompts(path) == ["one", "two", "three"]


def test_a_torn_last_line_is_left_out_with_a_warning_and_moved_aside(path: Path) -> None:
    torn = line("two")[:40]
    path.write_bytes(line("one") + torn)
    tape = Tape(path)
    assert [one.asked.prompt for _, one in tape.index.all()] == ["one"]
    assert len(tape.warnings) == 1
    tape.keep(entry("three"), "")
    assert path.read_bytes() == line("one") + line("three")
    assert path.with_name("a.chat.jsonl.torn").read_bytes() == torn
    assert len(tape.warnings) == 1


def test_a_file_that_is_nothing_but_a_torn_line_is_begun_anew(path: Path) -> None:
    path.write_bytes(line("one")[:40])
    Tape(path).keep(entry("two"), "")
    assert path.read_bytes() == line("two")


@given(cut=st.integers(0, len(line("two"))))
@example(cut=line("two").index(b"{}") + 2)
def test_wherever_the_last_line_is_cut_nothing_wrong_is_read_and_the_next_is_whole(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    path = tmp_path_factory.mktemp("cut") / "a.chat.jsonl"
    path.write_bytes(line("one") + line("two")[:cut])
    Tape(path).keep(entry("three"), "")
    assert prompts(path) in (["one", "three"], ["one", "two", "three"])


def test_a_last_line_without_its_end_is_whole_all_the_same(path: Path) -> None:
    path.write_bytes((line("one") + line("two")).rstrip(b"\n"))
    tape = Tape(path)
    tape.keep(entry("three"), "")
    assert path.read_bytes() == line("one") + line("two") + line("three")
    assert not tape.warnings


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
        _ = Tape(path).index


def test_100_megabytes_are_read(path: Path) -> None:
    with path.open("wb") as out:
        for number in range(25):
            out.write(line(f"turn {number}", "x" * 4_000_000))
    tape = Tape(path)
    found = tape.find(entry("turn 24").asked, "")
    assert found is not None
    assert len(found.reply) == 4_000_000


def test_a_file_too_large_to_read_says_so(path: Path) -> None:
    with path.open("wb") as out:
        out.truncate(file.MOST_BYTES + 1)
    with pytest.raises(InputError, match=r"a\.chat\.jsonl has \d+ MB"):
        _ = Tape(path).index


def test_a_folder_in_its_place_says_so(path: Path) -> None:
    path.mkdir()
    with pytest.raises(InputError, match="cannot be read"):
        _ = Tape(path).index


def test_a_folder_that_is_not_there_is_an_error_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        Tape(tmp_path / "none" / "a.chat.jsonl").check_writable()


_AS_NOBODY = """
import os, sys
from pathlib import Path
from g4f_magic.cassette.tape import Tape
from g4f_magic.errors import InputError
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
try:
    Tape(Path(sys.argv[1])).check_writable()
except InputError as error:
    print(error)
"""


def test_a_folder_that_cannot_be_written_is_an_error_before_anything_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "a.chat.jsonl"
    path.write_bytes(line("one"))
    path.chmod(0o644)
    tmp_path.chmod(0o555)
    for parent in tmp_path.parents[:2]:
        parent.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", _AS_NOBODY, str(path)], capture_output=True, text=True, timeout=20, check=True
    )
    tmp_path.chmod(0o755)
    assert "cannot be written: Permission denied" in done.stdout


def test_checking_leaves_nothing_behind(path: Path) -> None:
    Tape(path).check_writable()
    assert list(path.parent.iterdir()) == []


def test_replacing_keeps_the_file_s_mode_and_a_link_to_it(tmp_path: Path) -> None:
    real, link = tmp_path / "real.chat.jsonl", tmp_path / "link.chat.jsonl"
    real.write_bytes(line("one"))
    real.chmod(0o640)
    link.symlink_to(real)
    Tape(link).keep(entry("one", "No"), "")
    assert link.is_symlink()
    assert real.read_bytes() == line("one", "No")
    assert real.stat().st_mode & 0o777 == 0o640
    assert len(list(tmp_path.iterdir())) == 2


def test_a_disk_that_is_full_leaves_the_file_as_it_was(path: Path) -> None:
    path.write_bytes(line("one"))
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from g4f_magic.cassette import file; from g4f_magic.errors import InputError\n"
        "path = Path(sys.argv[1]); signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 100,) * 2)\n"
        "try:\n    file.append(path, b'{' + b'x' * 5000 + b'}\\n')\n"
        "except InputError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=20, check=True
    )
    assert "cannot be written: File too large" in done.stdout
    assert path.read_bytes() == line("one")


_WRITER = """
import sys
from pathlib import Path
from g4f_magic.cassette.entry import Entry
from g4f_magic.cassette.key import Asked
from g4f_magic.cassette.tape import Tape
from g4f_magic.chunks import Text
path, name = Path(sys.argv[1]), sys.argv[2]
for number in range(20):
    asked = Asked(provider="koala", prompt=f"{name} {number}")
    Tape(path).keep(Entry(asked=asked, chunks=((1, Text("x" * 20_000)),)), "")
    shared = Asked(provider="koala", prompt=f"of {name}")
    Tape(path).keep(Entry(asked=shared, chunks=((1, Text(str(number))),)), "")
"""


def test_kernels_that_append_and_replace_at_once_mix_and_lose_no_line(path: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", _WRITER, str(path), name]) for name in ("a", "b", "c")]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    found = prompts(path)
    assert sorted(found) == sorted(
        [f"{name} {number}" for name in "abc" for number in range(20)] + [f"of {name}" for name in "abc"]
    )
    assert sorted(os.listdir(path.parent)) == ["a.chat.jsonl"]


def test_removing_takes_out_those_turns_alone(path: Path) -> None:
    path.write_bytes(line("one") + line("two") + line("one"))
    tape = Tape(path)
    tape.find(entry("one").asked, "")
    tape.remove(tape.unused())
    assert path.read_bytes() == line("one")


@pytest.mark.parametrize("old", [0, 1, 2, 3])
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_identical_requests_at_once_stand_in_the_order_in_which_they_were_asked(
    path: Path, order: tuple[int, ...], old: int
) -> None:
    asked = entry("same").asked
    path.write_bytes(b"".join(line("same", f"old {number}") for number in range(old)))
    tape = Tape(path)
    seats = [tape.reserve(asked.key, "") for _ in range(3)]
    for number in order:
        tape.keep(entry("same", f"new {number}"), "", seats[number])
    assert [found.reply for _, found in tape.index.all()] == ["new 0", "new 1", "new 2"]


def test_a_request_that_came_to_nothing_leaves_its_place_to_the_next(path: Path) -> None:
    tape = Tape(path)
    key = entry("same").asked.key
    tape.release(tape.reserve(key, ""))
    tape.keep(entry("same", "kept"), "", tape.reserve(key, ""))
    tape.begin_run()
    found = tape.find(entry("same").asked, "")
    assert found is not None
    assert found.reply == "kept"


def test_a_slot_that_was_recorded_with_another_prompt_asks_the_old_one_no_more(path: Path) -> None:
    tape = Tape(path)
    tape.keep(entry("same"), "a")
    tape.keep(entry("same"), "b")
    tape.keep(entry("other"), "a")
    assert prompts(path) == ["other", "same"]
    found = tape.find(entry("same").asked, "b")
    assert found is not None


_HOLDER = """
import sys
from pathlib import Path
from g4f_magic.cassette.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


def holder(path: Path) -> subprocess.Popen[str]:
    """A process that holds the lock until it is told a line, or killed."""
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, "-c", _HOLDER, str(path)], stdin=pipe, stdout=pipe, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_who_writes_waits_for_the_kernel_that_is_at_it(path: Path) -> None:
    with holder(path) as other, ThreadPoolExecutor() as pool:
        written = pool.submit(Tape(path).keep, entry("one"), "")
        with pytest.raises(TimeoutError):
            written.result(timeout=0.2)
        assert not path.exists()
        other.communicate("go on\n")
        written.result(timeout=20)
    assert prompts(path) == ["one"]
    assert os.listdir(path.parent) == [path.name]


def test_a_kernel_killed_while_it_wrote_is_in_nobody_s_way(path: Path) -> None:
    with holder(path) as other:
        other.kill()
        other.communicate()
    assert len(os.listdir(path.parent)) == 1
    Tape(path).keep(entry("one"), "")
    assert os.listdir(path.parent) == [path.name]


def test_two_names_of_one_file_are_one_lock(tmp_path: Path) -> None:
    (tmp_path / "link.chat.jsonl").symlink_to(tmp_path / "real.chat.jsonl")
    with holder(tmp_path / "real.chat.jsonl") as other, ThreadPoolExecutor() as pool:
        written = pool.submit(Tape(tmp_path / "link.chat.jsonl").keep, entry("one"), "")
        with pytest.raises(TimeoutError):
            written.result(timeout=0.2)
        other.communicate("go on\n")
        written.result(timeout=20)
    assert prompts(tmp_path / "real.chat.jsonl") == ["one"]
