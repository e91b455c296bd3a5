"""When it is checked whether a turn can be recorded: before anything is sent, and anew where the file is another one."""

from __future__ import annotations

import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from g4f_magic.cassette import Asked, CassetteFile, Entry, OpenCassette
from g4f_magic.cassette.entry_line import to_line
from g4f_magic.chat import Chat
from g4f_magic.chunks import Text
from g4f_magic.errors import InputError
from g4f_magic.gateway import Gateway
from g4f_magic.settings import Settings
from g4f_magic.testing.script import ScriptEngine


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with Gateway(ScriptEngine()) as gateway:
        yield gateway


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.chat.jsonl"


def entry(prompt: str) -> Entry:
    return Entry(asked=Asked(provider="koala", prompt=prompt), chunks=((1, Text("Yes")),))


def obstruct(path: Path) -> None:
    """Keep a file from being written, and leave it as it is."""
    path.with_name(f".{path.name}.lock").mkdir()


@contextmanager
def full(path: Path) -> Iterator[None]:
    """Let no file become longer than one is, as a disk that is full does not: nothing but a write tells."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def chat(mode: str, path: Path, gateway: Gateway) -> Chat:
    settings = Settings(mode=mode, cassette=str(path), history="off")
    return Chat("koala", settings=settings, base_url=gateway.base_url)


def changed_at(path: Path) -> int:
    """Return when anything was made or removed last beside a file: checking does both."""
    return path.parent.stat().st_mtime_ns


def test_a_file_that_was_written_here_is_not_checked_again(path: Path) -> None:
    cassette = OpenCassette(path)
    cassette.look(to_write=True)
    cassette.keep(entry("one"), "")
    before = changed_at(path)
    cassette.look(to_write=True)
    assert changed_at(path) == before
    cassette.check_writable()
    assert changed_at(path) != before


@pytest.mark.parametrize("change", ["another turn", "another mode", "another file of the same turns"])
def test_a_file_that_others_changed_is_checked_again(path: Path, change: str) -> None:
    cassette = OpenCassette(path)
    cassette.keep(entry("one"), "")
    match change:
        case "another turn":
            OpenCassette(path).keep(entry("two"), "")
        case "another mode":
            path.chmod(0o400)
        case _:
            fresh = path.with_name("fresh")
            fresh.write_bytes(path.read_bytes())
            fresh.replace(path)
    obstruct(path)
    with pytest.raises(InputError, match="cannot be written"):
        cassette.look(to_write=True)


def test_what_was_only_read_is_checked_before_it_is_written(path: Path) -> None:
    path.write_bytes(to_line(entry("one")))
    obstruct(path)
    cassette = OpenCassette(path)
    cassette.look()
    assert cassette.is_as_left()
    with pytest.raises(InputError, match="cannot be written"):
        cassette.look(to_write=True)


def test_a_file_that_was_named_is_checked_again_where_it_must_not_lead_out_of_a_folder(path: Path) -> None:
    cassette = OpenCassette(path)
    cassette.keep(entry("one"), "")
    cassette.file = CassetteFile(path, within=path.parent / "notebooks")
    with pytest.raises(InputError, match="leads out of"):
        cassette.look(to_write=True)


@pytest.mark.parametrize("mode", ["record", "auto"])
async def test_what_comes_to_lie_beside_the_file_is_seen_before_anything_is_sent(
    path: Path, gateway: Gateway, mode: str
) -> None:
    async with chat(mode, path, gateway) as asker:
        await asker.ask("One")
        obstruct(path)
        sent = len(gateway.requests)
        with pytest.raises(InputError, match="cannot be written"):
            await asker.ask("Two")
        assert len(gateway.requests) == sent


@pytest.mark.parametrize("slot", ["", "cell"], ids=["at the end", "in place of a turn"])
def test_after_a_turn_that_could_not_be_written_the_file_is_checked_again(path: Path, slot: str) -> None:
    cassette = OpenCassette(path)
    cassette.keep(entry("one"), slot)
    cassette.look(to_write=True)
    with full(path):
        cassette.look(to_write=True)  # all is as it was left
        with pytest.raises(InputError, match="cannot be written"):
            cassette.keep(entry("two, which is longer"), slot)
    assert path.read_bytes() == to_line(entry("one"))
    assert not cassette.is_as_left(to_write=True)


@pytest.mark.parametrize("is_there", [True, False])
async def test_where_nothing_can_be_written_the_first_question_is_not_sent(
    path: Path, gateway: Gateway, *, is_there: bool
) -> None:
    if is_there:
        path.write_bytes(to_line(entry("one")))
    obstruct(path)
    async with chat("record", path, gateway) as asker:
        with pytest.raises(InputError, match="cannot be written"):
            await asker.ask("One")
    assert not gateway.requests


async def test_what_a_full_disk_does_not_take_fails_once_and_is_asked_for_again(
    path: Path, gateway: Gateway
) -> None:
    async with chat("record", path, gateway) as asker:
        await asker.ask("One")
        before = path.read_bytes()
        with full(path), pytest.raises(InputError, match="cannot be written"):
            await asker.ask("Two")
        assert asker.turns[-1].reply
        assert path.read_bytes() == before
        await asker.ask("Three")
        assert path.read_bytes().startswith(before)


async def test_a_file_that_others_changed_is_checked_before_anything_is_sent(
    path: Path, gateway: Gateway
) -> None:
    async with chat("record", path, gateway) as asker:
        await asker.ask("One")
        path.write_bytes(path.read_bytes() * 2)
        obstruct(path)
        sent = len(gateway.requests)
        with pytest.raises(InputError, match="cannot be written"):
            await asker.ask("Two")
        assert len(gateway.requests) == sent
