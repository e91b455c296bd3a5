"""A home on a network's file system: no write-ahead log there, several kernels at once, and no kernel that hangs."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from g4f_magic import file_system
from g4f_magic.history import History, schema
from tests.turns import say

TABLE = """\
22 1 0:21 / / rw,relatime - ext4 /dev/vda rw
23 22 0:22 / /home rw - nfs4 files.example:/home rw,vers=4.2
24 22 0:23 / /home/me/local\\040disk rw - xfs /dev/vdb rw
25 22 0:24 / /content/drive rw,nosuid - fuse.drive drive rw
26 22 0:25 / /mnt/ntfs rw - fuseblk /dev/sdc1 rw
27 22 0:26 / /mnt/c rw - 9p drvfs rw
a line that is none
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/var/lib", ""),
        ("/home/me/.local/share/g4f_magic", "nfs4"),
        ("/home/me/local disk/x", ""),
        ("/content/drive/MyDrive", "fuse.drive"),
        ("/mnt/ntfs/x", ""),
        ("/mnt/c/Users/me", "9p"),
        ("/homes/me", ""),
    ],
)
def test_the_table_of_mounts_tells_what_a_folder_lies_on(
    folder: str, kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(TABLE)
    monkeypatch.setattr(file_system, "_TABLE", table)
    assert file_system.network_kind(Path(folder)) == kind


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "home" / "history.sqlite"


@pytest.fixture
def history(file: Path) -> Iterator[History]:
    history = History(file, network_kind=lambda folder: "nfs4")
    yield history
    history.close()


def _journal(file: Path) -> str:
    with closing(sqlite3.connect(file)) as db:
        return str(db.execute("PRAGMA journal_mode").fetchone()[0])


def test_there_is_no_write_ahead_log(history: History, file: Path) -> None:
    turn = say(history, "a")
    assert history.turns("nb", "main") == (turn,)
    assert not file.with_name(f"{file.name}-wal").exists()
    assert _journal(file) != "wal"


def test_it_is_said_once_for_a_file(history: History, file: Path) -> None:
    say(history, "a")
    (warning,) = history.warnings
    assert "network's file system (nfs4)" in warning
    history.close()
    again = History(file, network_kind=lambda folder: "nfs4")
    say(again, "b")
    assert again.warnings == []
    again.close()


def test_several_kernels_write_to_it(history: History, file: Path) -> None:
    other = History(file, network_kind=lambda folder: "nfs4")
    first, second = say(history, "a"), say(other, "b")
    third = say(history, "c")
    assert other.turns("nb", "main") == (first, second, third) == history.turns("nb", "main")
    other.close()


def test_a_file_with_a_log_of_before_is_taken_over_whole(file: Path) -> None:
    before = History(file, network_kind=lambda folder: "")
    turn = say(before, "a")
    before.close()
    assert _journal(file) == "wal"
    history = History(file, network_kind=lambda folder: "nfs4")
    second = say(history, "b")
    assert history.turns("nb", "main") == (turn, second)
    assert _journal(file) != "wal"
    history.close()


@pytest.mark.heavy
def test_while_an_earlier_version_uses_its_log_the_chats_stay_in_memory(file: Path) -> None:
    with closing(schema.open_file(file)) as before:
        before.execute("SELECT count(*) FROM turns").fetchone()
        history = History(file, network_kind=lambda folder: "nfs4")
        turn = say(history, "a")
        assert history.turns("nb", "main") == (turn,)
        assert "another program holds it locked" in history.warnings[-1]
    history.close()  # writes what waited
    with closing(schema.open_file(file)) as after:
        assert after.execute("SELECT count(*) FROM turns").fetchone()[0] == 1


def test_without_locks_the_chats_stay_in_memory(
    history: History, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_system, "has_locks", lambda file: False)
    turn = say(history, "a")
    assert history.turns("nb", "main") == (turn,)
    assert "its file system (nfs4) gives no locks" in history.warnings[0]
    assert not file.exists()


def test_a_lock_that_never_comes_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    never = threading.Event()
    monkeypatch.setattr(fcntl, "lockf", lambda *_: never.wait())
    assert not file_system.has_locks(tmp_path / "lock", seconds=0.01)
    never.set()


def test_locks_of_this_disk_work(tmp_path: Path) -> None:
    assert file_system.has_locks(tmp_path / "lock")
