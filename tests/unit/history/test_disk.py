"""Disks that fail: the chat goes on in memory, one warning says so, and no file is overwritten."""

from __future__ import annotations

import resource
import signal
import sqlite3
from contextlib import closing

import pytest

from g4f_magic.history import History, schema, store
from g4f_magic.history.search import SNIPPET_MARKS
from g4f_magic.turn import Turn
from tests.turns import changed, make_turn, say


@pytest.fixture
def clock(monkeypatch):
    """Time that goes on by itself and can be put forward, so that nobody waits for the next try."""
    ahead = [0.0]
    real = store.time.monotonic
    monkeypatch.setattr(store.time, "monotonic", lambda: real() + ahead[0])
    return ahead


def chat_on(history: History) -> None:
    """Use all of it, as a person would who does not notice."""
    before = history.turns("nb", "main")
    first, second = say(history, "new-1"), say(history, "new-2")
    again = say(history, "new-1", reply="Anew.")
    assert history.turns("nb", "main") == (*before, again, second)
    assert history.revisions("nb", "main", "new-1") == (first, again)
    history.undo("nb", "main")
    assert history.turns("nb", "main") == (*before, first, second)
    history.redo("nb", "main")
    history.fork("nb", "main", "side")
    assert history.turns("nb", "side") == (*before, again, second)
    assert [hit.turn for hit in history.search("anew")] == [again]
    assert history.version() == history.version()


def kept(file) -> tuple[Turn, ...]:
    """Return what another kernel reads from the file."""
    other = History(file)
    try:
        return other.turns("nb", "main")
    finally:
        other.close()
        assert other.warnings == []


@pytest.mark.parametrize(
    "place", ["a file/history.sqlite", "/proc/history/history.sqlite", "a folder", "/dev/full/x"]
)
def test_a_place_where_no_file_can_be_made_leaves_the_chat_in_memory(tmp_path, place):
    (tmp_path / "a file").write_text("mine")
    (tmp_path / "a folder").mkdir()
    history = History(tmp_path / place)
    chat_on(history)
    assert history.file is None
    history.close()
    assert len(history.warnings) == 1
    assert "kept in memory alone" in history.warnings[0]
    assert (tmp_path / "a file").read_text() == "mine"


def test_a_file_that_cannot_be_written_is_still_read(history, file, monkeypatch):
    old = say(history, "old", reply="From before.")
    history.close()

    def read_only(path, **_):
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
        db.row_factory = sqlite3.Row
        return db

    # Root may write everywhere: SQLite itself is told to refuse.
    monkeypatch.setattr(schema, "open_file", read_only)
    assert history.turns("nb", "main") == (old,)
    chat_on(history)
    assert len(history.warnings) == 1
    assert "it cannot be written" in history.warnings[0]
    assert [hit.turn for hit in history.search("before")] == [old]
    monkeypatch.undo()
    history.close()


def test_a_locked_file_is_written_as_soon_as_it_is_free(history, file, clock):
    old = say(history)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        chat_on(history)
        during = history.turns("nb", "main")
        assert during[0] == old
        assert len(history.warnings) == 1
        assert "locked" in history.warnings[0]
        other.execute("ROLLBACK")
    clock[0] += 2
    after = say(history)
    assert history.turns("nb", "main") == (*during, after)
    assert kept(file) == (*during, after)
    assert [one.name for one in history.conversations("nb")] == ["main", "side"]
    assert len(history.warnings) == 1


@pytest.mark.heavy
def test_a_file_that_is_locked_from_the_start_is_written_at_the_end(history, file):
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("CREATE TABLE lock (x)")
        other.execute("DROP TABLE lock")
        chat_on(history)
        during = history.turns("nb", "main")
        assert len(history.warnings) == 1
    history.close()
    assert kept(file) == during


def test_a_turn_that_was_open_when_the_lock_came_is_settled_on_the_file(history, file, clock):
    turn = make_turn()
    history.begin("nb", "main", turn)
    done = changed(turn, reply="all", status="done")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        history.flush(turn.id, reply="half")
        history.settle(done)
        assert history.turns("nb", "main") == (done,)
        other.execute("ROLLBACK")
    clock[0] += 2
    assert history.turns("nb", "main") == (done,)
    assert kept(file) == (done,)


def test_a_turn_whose_beginning_had_arrived_all_the_same_is_kept_once(history, file, clock):
    turn = make_turn()
    history.begin("nb", "main", turn)
    done = changed(turn, reply="all", status="done")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        history.begin("nb", "main", turn)
        history.settle(done)
        other.execute("ROLLBACK")
    clock[0] += 2
    assert history.turns("nb", "main") == (done,)
    assert kept(file) == (done,)


def test_a_full_disk_loses_nothing_and_is_written_when_there_is_room(history, file, clock):
    say(history, "old", reply="x" * 10_000)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size, limits[1]))
        big = say(history, "big", reply="word " * 200_000)
        chat_on(history)
        during = history.turns("nb", "main")
        assert during[1] == big
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert len(history.warnings) == 1
    assert "disk" in history.warnings[0]
    clock[0] += 2
    assert history.turns("nb", "main") == during
    assert kept(file) == during


def test_a_corrupt_file_is_set_aside_and_a_new_one_begun(history, file, tmp_path):
    file.write_bytes(b"not a database, but something of mine " * 1000)
    chat_on(history)
    (aside,) = tmp_path.glob("history.sqlite.corrupt-*")
    assert aside.read_bytes() == b"not a database, but something of mine " * 1000
    assert len(history.warnings) == 1
    assert aside.name in history.warnings[0]
    assert kept(file) == history.turns("nb", "main")


def test_two_corrupt_files_of_one_second_are_both_kept(file, tmp_path):
    for content in (b"one" * 100, b"two" * 100):
        file.write_bytes(content)
        schema.set_aside(file)
    assert {path.read_bytes() for path in tmp_path.iterdir()} == {b"one" * 100, b"two" * 100}


def test_a_file_that_becomes_corrupt_under_the_kernel_loses_no_turn_of_its_conversation(
    history, file, tmp_path
):
    turns = [say(history, reply="word " * 2000) for _ in range(20)]
    history.close()
    assert history.turns("nb", "main") == tuple(turns)
    with file.open("r+b") as opened:
        opened.seek(4096)
        opened.write(b"\xff" * (file.stat().st_size - 4096))
    turns.append(say(history))
    assert history.turns("nb", "main") == tuple(turns)
    assert len(list(tmp_path.glob("history.sqlite.corrupt-*[0-9]"))) == 1
    assert len(history.warnings) == 1
    assert kept(file) == tuple(turns)


def test_a_fork_and_its_original_both_outlive_a_corrupt_file(history, file):
    first, second = say(history), say(history)
    history.fork("nb", "main", "side", first.id)
    history.close()
    file.write_bytes(b"x" * 10_000)
    assert history.turns("nb", "main") == (first, second)
    assert history.turns("nb", "side") == (first,)


def test_two_kernels_that_find_the_file_corrupt_both_go_on_in_the_new_one(history, file, tmp_path):
    mine = say(history)
    other = History(file)
    open_turn = make_turn()
    other.begin("other", "main", open_turn)
    history.turns("nb", "main")
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with file.open("r+b") as opened:
        opened.seek(4096)
        opened.write(b"\xff" * (file.stat().st_size - 4096))
    theirs = say(history)
    done = changed(open_turn, reply="whole", status="done")
    other.settle(done)
    assert other.turns("other", "main") == (done,)
    assert other.turns("nb", "main") == history.turns("nb", "main") == (mine, theirs)
    assert len(list(tmp_path.glob("history.sqlite.corrupt-*[0-9]"))) == 1
    other.close()
    assert other.warnings == []


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (f"PRAGMA user_version = {len(schema.MIGRATIONS) + 1}", "newer version"),
        ("PRAGMA application_id = 7", "another program"),
    ],
)
def test_a_file_that_is_not_ours_to_write_stays_as_it_is(history, file, statement, reason):
    say(history)
    history.close()
    with closing(sqlite3.connect(file)) as db:
        db.execute(statement)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = file.read_bytes()
    chat_on(history)
    history.close()
    assert file.read_bytes() == before
    assert len(history.warnings) == 1
    assert reason in history.warnings[0]


def test_a_file_that_was_removed_is_begun_anew(history, file):
    say(history)
    for path in file.parent.iterdir():
        path.unlink()
    turn = say(history)
    assert kept(file) == (turn,)
    assert history.warnings == []


def test_a_mistake_of_ours_is_not_taken_for_a_bad_disk(history):
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        history._store.read("nb", lambda db: db.execute("SELECT * FROM koalas"))
    assert history.warnings == []


def test_a_file_of_the_first_version_is_brought_to_the_present_one(file):
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        for statement in schema._statements(schema.MIGRATIONS[0]):
            db.execute(statement)
        db.execute("PRAGMA user_version = 1")
        db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    history = History(file)
    turn = say(history)
    history.close()
    assert history.warnings == []
    assert kept(file) == (turn,)


def test_a_step_that_fails_leaves_the_version_before_it(file, monkeypatch):
    history = History(file)
    turn = say(history)
    history.close()
    monkeypatch.setattr(
        schema, "MIGRATIONS", (*schema.MIGRATIONS, "CREATE TABLE extra (x);\nCREATE nonsense")
    )
    with pytest.raises(sqlite3.OperationalError, match="nonsense"):
        History(file).turns("nb", "main")
    monkeypatch.undo()
    assert kept(file) == (turn,)


def test_without_an_index_words_are_still_found(file, monkeypatch):
    monkeypatch.setattr(schema, "_WORDS", "CREATE VIRTUAL TABLE words USING fts5_that_is_not_there (x)")
    history = History(file)
    turn = say(history, prompt="Where is 100% of the Koala?")
    say(history, prompt="Where is 1000 of it?")
    found = history.search("100% koala")
    assert [(hit.turn, hit.snippet) for hit in found] == [
        (turn, f"Where is {'100%'.join(SNIPPET_MARKS)} of the Koala? … Because.")
    ]
    history.forget_turns("nb", [turn.id])
    assert history.search("koala") == ()
    history.close()
