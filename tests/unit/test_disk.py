"""What others may lay into a folder: pipes, devices, links, endless and huge files."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from g4f_magic import disk
from g4f_magic.answering import env_file
from g4f_magic.check.walk import code_cells
from g4f_magic.errors import ChatError
from g4f_magic.files import importing
from g4f_magic.folder import RefusedError, content_of
from g4f_magic.history import History
from g4f_magic.notebook import saved_cells
from g4f_magic.providers import presets
from g4f_magic.providers.model_cache import ModelCache
from g4f_magic.turn import Turn
from g4f_magic.wire.cookies import get_cookies
from g4f_magic.wire.trust import context_for

resource = pytest.importorskip("resource", reason="pipes, devices and limits are made as POSIX has them")

TURN = Turn.plain(id="t", slot="s", prompt="Hello", provider="koala", model="m", started_at=1.0)


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(bytes(range(256)) * 20_000)
    assert disk.read(file, most_bytes=10_000_000) == file.read_bytes()


@pytest.mark.parametrize("through", ["itself", "a link"])
@pytest.mark.parametrize("what", ["pipe", "folder", "device", "socket"])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, what: str, through: str) -> None:
    place = made(tmp_path / "x", what)
    if through == "a link":
        (tmp_path / "link").symlink_to(place)
        place = tmp_path / "link"
    with pytest.raises(RefusedError):
        disk.read(place, most_bytes=1000)


@pytest.mark.skipif(not Path("/proc/kmsg").exists(), reason="Linux alone has it")
def test_what_the_system_makes_up_is_not_read() -> None:
    assert disk.read(Path("/proc/kmsg"), most_bytes=1000) == b""


def test_a_large_file_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "a").open("wb") as file:
        file.truncate(2_000_000_000)
    with pytest.raises(RefusedError, match="2,000,000,000 bytes"):
        disk.read(tmp_path / "a", most_bytes=1000)


def test_a_file_that_grows_is_read_as_it_was(tmp_path: Path) -> None:
    with (tmp_path / "a").open("wb+") as file:
        file.write(b"one")
        file.flush()
        handle = os.dup(file.fileno())
        try:
            assert content_of(handle, most_bytes=3) == b"one"
        finally:
            os.close(handle)


def test_a_link_is_followed_as_far_as_the_folder(tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "deep" / "a").write_bytes(b"inside")
    (tmp_path / "out").write_bytes(b"outside")
    (tmp_path / "in" / "near").symlink_to("deep/a")
    (tmp_path / "in" / "far").symlink_to("../out")
    (tmp_path / "in" / "up").symlink_to("..")
    within = tmp_path / "in"
    assert disk.read(within / "near", most_bytes=100, within=within) == b"inside"
    assert disk.read(within / "far", most_bytes=100) == b"outside"
    for way in ("far", "up/out", "../out", "deep/../../out"):
        with pytest.raises(RefusedError, match="leads out of"):
            disk.read(within / way, most_bytes=100, within=within)


def test_a_folder_that_is_reached_by_links_may_hold_all(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "home").symlink_to("real")
    disk.write(tmp_path / "home" / "a", b"x", within=tmp_path / "home")
    assert (tmp_path / "real" / "a").read_bytes() == b"x"


@pytest.mark.parametrize("what", ["pipe", "folder", "device", "socket", "link", "dangling link"])
def test_nothing_but_a_file_is_replaced(tmp_path: Path, what: str) -> None:
    place = made(tmp_path / "x", what)
    before = place.lstat()
    for is_new in (False, True):
        with pytest.raises((RefusedError, FileExistsError)):
            disk.write(place, b"content", is_new=is_new)
    assert place.lstat().st_ino == before.st_ino
    assert not (tmp_path / "missing").exists()
    assert {one.name for one in tmp_path.iterdir()} <= {"x", "target"}


def test_a_file_is_its_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        disk.write(tmp_path / "a", b"x")
        disk.write(tmp_path / "b", b"x", mode=0o640)
    finally:
        os.umask(before)
    assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in "ab"] == [0o600, 0o640]


def test_a_new_file_is_never_put_over_another(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(FileExistsError):
        disk.write(tmp_path / "a", b"new", is_new=True)
    assert (tmp_path / "a").read_bytes() == b"old"


def test_another_name_of_the_same_file_keeps_what_it_held(tmp_path: Path) -> None:
    (tmp_path / "mine").write_bytes(b"old")
    os.link(tmp_path / "mine", tmp_path / "a")
    disk.write(tmp_path / "a", b"new")
    assert (tmp_path / "mine").read_bytes() == b"old"


def test_a_disk_that_is_full_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        for name in ("a", "b"):
            with pytest.raises(OSError, match="File too large"):
                disk.write(tmp_path / name, bytes(3_000_000), is_new=name == "b")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("a", b"old")]


def test_a_name_as_long_as_the_system_takes_can_be_written(tmp_path: Path) -> None:
    for name in ("é" * 127, "a" * 255):
        disk.write(tmp_path / name, b"x")
        assert (tmp_path / name).read_bytes() == b"x"


def test_a_link_that_takes_the_folders_place_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "elsewhere").mkdir()
    with disk.opened(tmp_path / "notes", within=tmp_path) as folder:
        (tmp_path / "notes").rename(tmp_path / "moved")
        (tmp_path / "notes").symlink_to("elsewhere")
        folder.write("a", b"x")
    assert (tmp_path / "moved" / "a").exists()
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_link_that_is_put_in_between_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "target").write_bytes(b"old")
    with disk.opened(tmp_path) as folder:
        monkeypatch.setattr(folder, "stat", lambda name: None)
        (tmp_path / "a").symlink_to("target")
        with pytest.raises(RefusedError, match="a link"):
            folder.open("a", os.O_WRONLY | os.O_CREAT)


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() != 0, reason="files of another user are made as root")
def test_in_a_shared_folder_a_file_of_another_is_not_replaced() -> None:
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom g4f_magic import disk\n"
        "os.setegid(65534); os.seteuid(65534)\n"
        "try: disk.write(Path(sys.argv[1]), b'ours')\nexcept OSError as exc: print(type(exc).__name__)\n"
        "print(sorted(os.listdir(os.path.dirname(sys.argv[1]))))"
    )
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        shared = Path(folder)
        shared.chmod(0o1777)
        (shared / "a").write_bytes(b"theirs")
        command = [sys.executable, "-c", code, str(shared / "a")]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout.splitlines() == ["PermissionError", "['a']"]
        assert (shared / "a").read_bytes() == b"theirs"


def made(place: Path, what: str) -> Path:
    """Lay something there that is no plain file."""
    match what:
        case "pipe":
            os.mkfifo(place)
        case "folder":
            place.mkdir()
        case "socket":
            os.mknod(place, stat.S_IFSOCK | 0o600)
        case "device":
            place.symlink_to("/dev/zero")
        case "link":
            (place.parent / "target").write_bytes(b"theirs")
            place.symlink_to("target")
        case _:
            place.symlink_to("missing")
    return place


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("history.sqlite", "pipe"),
        ("history.sqlite", "folder"),
        ("history.sqlite", "device"),
        ("history.sqlite-wal", "pipe"),
        ("history.sqlite-wal", "dangling link"),
        ("history.sqlite-shm", "folder"),
        ("history.sqlite-journal", "link"),
    ],
)
def test_a_history_is_no_pipe_and_writes_beside_itself_through_no_link(
    tmp_path: Path, name: str, what: str
) -> None:
    made(tmp_path / name, what)
    history = History(tmp_path / "history.sqlite")
    history.begin("name:n", "main", TURN)
    assert [turn.prompt for turn in history.turns("name:n", "main")] == ["Hello"]
    assert "in memory alone" in history.warnings[0]
    assert not (tmp_path / "missing").exists()
    history.close()


@pytest.mark.parametrize("what", ["pipe", "folder", "device"])
def test_every_reader_passes_over_or_refuses_what_is_no_file(tmp_path: Path, what: str) -> None:
    for name in ("a.ipynb", "models.json", "services.toml", "c.txt", "talk.json", ".env"):
        made(tmp_path / name, what)
    assert saved_cells(tmp_path / "a.ipynb") == ()
    model_cache = ModelCache(tmp_path / "models.json")
    assert model_cache.known("http://127.0.0.1:1/v1") == []
    model_cache.keep("http://127.0.0.1:1/v1", ["m"])
    assert env_file.read(tmp_path / ".env") == {}
    for refused in (
        lambda: presets._read(tmp_path / "services.toml"),
        lambda: get_cookies("example.com", source=tmp_path / "c.txt"),
        lambda: code_cells(tmp_path / "a.ipynb"),
        lambda: importing.read(tmp_path / "talk.json"),
        lambda: context_for(str(tmp_path / "services.toml")),
    ):
        with pytest.raises(ChatError) as caught:
            refused()
        assert caught.value.hint
