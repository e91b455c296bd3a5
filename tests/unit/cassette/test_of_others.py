"""A cassette in a folder that others filled: links, pipes, devices, and files made to take all memory."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest

from g4f_magic.cassette import Asked, Entry, Index, OpenCassette
from g4f_magic.cassette.entry_line import MOST_LINE_BYTES, to_line
from g4f_magic.cassette.file import MOST_LINES, CassetteFile
from g4f_magic.cassette.miss import difference, miss_error
from g4f_magic.chunks import Text
from g4f_magic.errors import ChatStopped, InputError
from g4f_magic.loop import stoppable
from g4f_magic.options import Options
from g4f_magic.session import Session
from g4f_magic.settings import Settings

START_UP = b"export PATH=$HOME/bin:$PATH\n"


def entry(prompt: str, reply: str = "Yes") -> Entry:
    return Entry(asked=Asked(provider="koala", prompt=prompt), chunks=((1, Text(reply)),))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a start-up file, which is nobody's business here."""
    home = tmp_path / "home"
    home.mkdir()
    (home / ".bashrc").write_bytes(START_UP)
    return home


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "theirs"
    folder.mkdir()
    return folder / "a.chat.jsonl"


def cassette_of(path: Path) -> OpenCassette:
    return OpenCassette(path, within=path.parent)


def everything(folder: Path) -> dict[str, bytes]:
    return {
        str(one.relative_to(folder)): one.read_bytes() if one.is_file() and not one.is_symlink() else b""
        for one in folder.rglob("*")
    }


def test_what_is_set_aside_goes_through_no_link(path: Path, home: Path) -> None:
    path.write_bytes(to_line(entry("one")) + to_line(entry("rm -rf ~"))[:60])
    path.with_name("a.chat.jsonl.torn").symlink_to(home / ".bashrc")
    before = everything(path.parent.parent)
    with pytest.raises(InputError, match=r"a\.chat\.jsonl\.torn cannot be written: it is a link"):
        cassette_of(path).keep(entry("two"), "")
    assert everything(path.parent.parent) == before


@pytest.mark.parametrize("name", [".bash_profile", ".bashrc", "other.chat.jsonl"])
def test_a_link_out_of_the_notebooks_folder_is_refused(path: Path, home: Path, name: str) -> None:
    path.symlink_to(home / name)
    before = everything(home)
    cassette = cassette_of(path)
    for attempt in (lambda: cassette.index, cassette.check_writable, lambda: cassette.keep(entry("one"), "")):
        with pytest.raises(InputError, match="leads out of the notebook's folder") as caught:
            attempt()
        assert str(home / name) in caught.value.hint
    assert everything(home) == before


def test_a_folder_that_is_a_link_is_refused_too(tmp_path: Path, home: Path) -> None:
    (tmp_path / "cassettes").symlink_to(home)
    cassette = OpenCassette(tmp_path / "cassettes" / "a.chat.jsonl", within=tmp_path / "cassettes" / "..")
    cassette.keep(entry("one"), "")  # `home` lies in the same folder
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "cassettes").symlink_to(home)
    for way in ("cassettes/b.chat.jsonl", "../home/b.chat.jsonl"):
        with pytest.raises(InputError, match="leads out of"):
            OpenCassette(tmp_path / "in" / way, within=tmp_path / "in").keep(entry("one"), "")
    assert not (home / "b.chat.jsonl").exists()


def test_a_link_inside_of_the_folder_is_played_and_not_written(path: Path) -> None:
    real = path.with_name("real.chat.jsonl")
    real.write_bytes(to_line(entry("one")))
    path.symlink_to(real.name)
    cassette = cassette_of(path)
    assert cassette.find(entry("one").asked, "") is not None
    with pytest.raises(InputError, match="it is a link"):
        cassette.keep(entry("two"), "")


@pytest.mark.parametrize("is_there", [True, False])
def test_a_link_that_the_person_named_leads_to_recordings_alone(
    path: Path, home: Path, *, is_there: bool
) -> None:
    target = home / ("empty" if is_there else "missing")
    if is_there:
        target.touch()
    path.symlink_to(target)
    with pytest.raises(InputError, match="a link to a file of another kind"):
        OpenCassette(path).keep(entry("one"), "")
    path.unlink()
    path.symlink_to(home / "real.chat.jsonl")
    OpenCassette(path).keep(entry("one"), "")
    assert (home / "real.chat.jsonl").read_bytes() == to_line(entry("one"))


@pytest.mark.parametrize("name", ["{name}", ".{name}.lock", "{name}.torn"])
@pytest.mark.parametrize("what", ["pipe", "folder", "device", "link"])
def test_what_is_no_file_is_refused_and_holds_nobody_up(path: Path, home: Path, what: str, name: str) -> None:
    place = path.with_name(name.format(name=path.name))
    if place != path:
        path.write_bytes(to_line(entry("one")) + to_line(entry("two"))[:60])
    match what:
        case "pipe":
            os.mkfifo(place)
        case "folder":
            place.mkdir()
        case "device":
            place.symlink_to("/dev/zero")
        case _:
            place.symlink_to(home / ".bashrc")
    cassette = cassette_of(path)
    # The first of them runs before anything is sent.
    for attempt in (cassette.check_writable, lambda: cassette.keep(entry("three"), "")):
        with pytest.raises(InputError) as caught:
            attempt()
        assert place.name in str(caught.value)
        assert caught.value.hint
    assert (home / ".bashrc").read_bytes() == START_UP


def test_a_lock_that_is_another_name_of_a_file_leaves_it_as_it_is(path: Path, home: Path) -> None:
    os.link(home / ".bashrc", path.with_name(f".{path.name}.lock"))
    cassette_of(path).keep(entry("one"), "")
    assert (home / ".bashrc").read_bytes() == START_UP


def test_another_name_of_the_file_keeps_what_it_held(path: Path) -> None:
    path.write_bytes(to_line(entry("one")))
    os.link(path, path.with_name("copy"))
    cassette_of(path).keep(entry("two"), "")
    assert path.with_name("copy").read_bytes() == to_line(entry("one"))
    assert path.read_bytes() == to_line(entry("one")) + to_line(entry("two"))


@pytest.mark.parametrize("content", [START_UP, START_UP.strip(), b"\0" * 9 + b"x", b'{"a": 1', b"[]\n"])
def test_a_file_that_is_no_cassette_is_never_changed(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(InputError):
        cassette_of(path).keep(entry("one"), "")
    assert path.read_bytes() == content
    assert os.listdir(path.parent) == [path.name]


def test_zeros_that_a_crash_left_are_set_aside(path: Path) -> None:
    path.write_bytes(to_line(entry("one")) + b"\0" * 4096)
    cassette = cassette_of(path)
    cassette.keep(entry("two"), "")
    assert path.read_bytes() == to_line(entry("one")) + to_line(entry("two"))
    assert len(cassette.warnings) == 1


def _sparse(size: int) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with path.open("wb") as file:
            file.write(b"{")
            file.truncate(size)

    return make


def _with(line: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(line) and None


def _lists_without_end(path: Path) -> None:
    path.write_bytes(b'{"format":1,"a":[' + b"[]," * 12_000_000 + b"0]}\n")


BODY = json.loads(to_line(entry("one")))
HUGE = {
    "two gigabytes": (_sparse(2_000_000_000), "is too large"),
    "one line that is too long": (_sparse(MOST_LINE_BYTES + 1), "a line of"),
    "too many lines": (_with(b"\n" * (MOST_LINES + 1)), "more than 2,000,000 lines"),
    "nested deeply": (_with(b'{"format":1,"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}\n"), "line 1"),
    "lists without end": (_lists_without_end, "line 1"),
    "a field twice": (_with(to_line(entry("one")).replace(b'{"format"', b'{"reply":"No","format"')), "twice"),
    "NUL": (_with(to_line(entry("one")).replace(b"Yes", b"Y\0s")), "line 1: it is not JSON"),
    "no UTF-8": (_with(to_line(entry("one")).replace(b"Yes", b"Y\xffs")), "line 1: it is not JSON"),
    "a number of many digits": (_with(b'{"format":' + b"9" * 5000 + b"}\n"), "line 1"),
    "another format": (_with(b'{"format":' + b"9" * 4000 + b"}\n"), "which a newer"),
}


@pytest.mark.heavy
@pytest.mark.parametrize("what", HUGE)
def test_what_is_made_to_take_all_memory_is_refused(path: Path, what: str) -> None:
    make, message = HUGE[what]
    make(path)
    with pytest.raises(InputError, match=message) as caught:
        _ = cassette_of(path).index
    assert caught.value.hint
    assert len(str(caught.value)) < 300


def test_what_would_not_be_read_again_is_not_written(path: Path) -> None:
    for attempt in (
        lambda: CassetteFile(path).append(b"x" * (MOST_LINE_BYTES + 1)),
        lambda: CassetteFile(path).change(lambda lines: [b"x" * (MOST_LINE_BYTES + 1)]),
    ):
        with pytest.raises(InputError, match="what is read again"):
            attempt()
    assert not path.exists()


def test_a_name_as_long_as_names_get_is_locked_and_written(path: Path) -> None:
    long = path.with_name("é" * 121 + ".chat.jsonl")
    cassette_of(long).keep(entry("one"), "")
    cassette_of(long).keep(entry("one", "No"), "")
    assert os.listdir(long.parent) == [long.name]


def test_a_session_refuses_a_link_until_it_is_named(path: Path, home: Path) -> None:
    (home / "mine.chat.jsonl").write_bytes(to_line(entry("one")))
    path.symlink_to(home / "mine.chat.jsonl")
    session = Session(Settings(history="off"))
    session.notebook.file = path.with_name("a.ipynb")
    with pytest.raises(InputError, match="leads out of"):
        _ = session.cassette().index
    session.settings.cassette = str(path)
    assert len(session.cassette().index.all()) == 1
    session.settings.cassette = ""
    with pytest.raises(InputError, match="leads out of"):
        session.cassette().check_writable()


async def test_an_interrupt_ends_the_reading_of_a_large_cassette(path: Path) -> None:
    path.write_bytes(b"".join(to_line(entry(str(number))) for number in range(200)))
    session = Session(Settings(history="off", mode="replay", cassette=str(path)))
    read: list[str] = []

    def interrupt(frame: FrameType, event: str, arg: object) -> None:
        if event == "call" and frame.f_code.co_name == "outline":
            read.append("a line")
            if len(read) == 10:
                signal.raise_signal(signal.SIGINT)

    sys.setprofile(interrupt)
    try:
        with pytest.raises(ChatStopped):
            await stoppable(session.ask("150", Options()))
    finally:
        sys.setprofile(None)
    assert len(read) < 20


@pytest.mark.heavy
def test_a_miss_in_a_large_cassette_is_told_without_comparing_all_exactly(path: Path) -> None:
    """What is exact is quadratic: 2,000 prompts of 500 signs took the better part of a minute."""
    prompts = ["ab" * n + "b" * (500 - 2 * n) for n in range(200)]
    index = Index("a", [to_line(entry(prompt)).rstrip() for prompt in [*prompts, "x" * 400]])
    compared: list[int] = []

    def count(frame: FrameType, event: str, arg: object) -> None:
        if event == "call" and frame.f_code.co_name == "ratio":
            compared.append(1)

    sys.setprofile(count)
    try:
        error = miss_error("a.chat.jsonl", index, Asked(provider="koala", prompt="x" * 399))
    finally:
        sys.setprofile(None)
    assert "xxx" in error.hint
    assert 0 < len(compared) < 20


def test_a_difference_at_the_end_of_a_long_prompt_is_shown() -> None:
    held, asked = (Asked(provider="koala", prompt="same\n" * 5_000 + end) for end in ("", "more"))
    assert "+more" in difference(Entry(asked=held, chunks=()), asked)
