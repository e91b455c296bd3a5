"""The turns of a notebook stand in the order of its cells, as the saved file tells it."""

from __future__ import annotations

import sqlite3
import sys
import threading
from contextlib import closing

import pytest

from g4f_magic.errors import InputError
from g4f_magic.history import History, Identity
from g4f_magic.history.line import Order
from tests.examples import share
from tests.turns import changed, key_of, make_turn


@pytest.fixture
def history(tmp_path):
    history = History(tmp_path / "history.sqlite")
    yield history
    history.close()
    assert history.warnings == []


def say(history, key, slot):
    turn = changed(make_turn(slot), prompt=slot or "panel", reply="An answer.")
    history.begin(key, "main", turn)
    history.settle(changed(turn, status="done"))
    return turn.id


def asked(turns):
    return [turn.prompt for turn in turns]


@pytest.mark.parametrize(
    ("line", "cells", "there"),
    [
        ("a b c", "", "a b c"),
        ("a b c", "c a b", "c a b"),
        ("a b c x", "a x b c", "a x b c"),
        ("a b new", "a b", "a b new"),
        ("a b new", "b a", "b a new"),
        ("a new b", "a b", "a new b"),
        ("a new b", "b a", "b a new"),
        ("a new b", "b", "new b"),
        ("new a b", "b a", "new b a"),
        ("a#2 a b", "b a", "b a a#2"),
        ("a a#2 a#10 b", "a b", "a a#2 a#10 b"),
        ("vscode-cell:/x#W1 a", "a", "vscode-cell:/x#W1 a"),
    ],
)
def test_turns_stand_as_their_cells_do_and_those_without_one_behind_what_was_before_them(line, cells, there):
    gone = frozenset("abc") - set(cells.split()) if cells else frozenset()
    order = Order({cell: at for at, cell in enumerate(cells.split())}, gone)
    turns = [changed(make_turn(slot), prompt=slot) for slot in line.split()]
    kept = [slot for slot in line.split() if slot.partition("#")[0] not in gone]
    assert asked(order.arranged(turns)) == [slot for slot in there.split() if slot in kept]
    assert asked(order.left_out(turns)) == [slot for slot in line.split() if slot not in kept]


@pytest.mark.parametrize(
    ("slot", "there"),
    [
        ("a", ""),
        ("x", "a"),
        ("b", "a"),
        ("b#2", "a b"),
        ("c", "a b panel"),
        ("new", "a b panel c"),
        ("", "a b panel c"),
    ],
)
def test_a_turn_is_told_of_what_stands_before_its_cell(history, slot, there):
    key = key_of(history, Identity("/n.ipynb", ("a", "b", "c")))
    for one in ("a", "b", "", "c"):
        say(history, key, one)
    history.arrange(key, ("a", "x", "b", "c"))
    assert asked(history.before(key, "main", slot)) == there.split()


def test_a_cell_that_was_inserted_stands_where_the_saved_notebook_has_it(history):
    key = key_of(history, Identity("/n.ipynb", ("a", "b")))
    for one in ("a", "b", "x"):
        say(history, key, one)
    assert asked(history.turns(key, "main")) == ["a", "b", "x"]
    history.arrange(key, ("a", "x", "b"))
    assert asked(history.turns(key, "main")) == ["a", "x", "b"]
    again = say(history, key, "x")
    assert [turn.id for turn in history.turns(key, "main")][1] == again


def test_the_turn_of_a_cell_that_was_deleted_is_left_out_and_comes_back_with_it(history, tmp_path):
    key = key_of(history, Identity("/n.ipynb", ("a", "b", "c")))
    for one in ("a", "b", "c"):
        say(history, key, one)
    history.arrange(key, ("a", "c"))
    assert asked(history.turns(key, "main")) == ["a", "c"]
    assert asked(history.left_out(key, "main")) == ["b"]
    assert [one.turns for one in history.conversations(key)] == [2]
    assert [hit.turn.prompt for hit in history.search("b")] == ["b"]
    other = History(history.file)
    assert asked(other.turns(key, "main")) == ["a", "c"]
    other.close()
    history.close()
    assert asked(history.turns(key, "main")) == ["a", "c"]
    history.arrange(key, ("a", "b", "c"))
    assert asked(history.turns(key, "main")) == ["a", "b", "c"]
    assert history.left_out(key, "main") == ()


def test_turns_are_adopted_without_those_of_cells_that_were_deleted(history):
    key = key_of(history, Identity("/a.ipynb", ("a", "b", "c", "d")))
    for one in ("a", "b", "c", "d"):
        say(history, key, one)
    history.arrange(key, ("a", "c", "d"))
    copy = key_of(history, Identity("/b.ipynb", ("d", "a")))
    assert history.turns(copy, "main") == ()
    assert history.adopt(copy, key) == 3
    assert asked(history.turns(copy, "main")) == ["d", "a", "c"]
    assert asked(history.turns(key, "main")) == ["a", "c", "d"]


@pytest.mark.parametrize("cells", [(), ("other", "cells")])
def test_a_file_that_tells_nothing_of_the_notebook_changes_nothing(history, cells):
    key = key_of(history, Identity("/n.ipynb", ("a", "b")))
    for one in ("a", "b"):
        say(history, key, one)
    history.arrange(key, cells)
    assert asked(history.turns(key, "main")) == ["a", "b"]
    history.arrange("name:mine", ("a", "b"))
    assert history.turns("name:mine", "main") == ()


def test_a_fork_goes_by_the_order_that_is_seen(history):
    key = key_of(history, Identity("/n.ipynb", ("a", "b", "c")))
    ids = {one: say(history, key, one) for one in ("a", "b", "c")}
    history.arrange(key, ("c", "a"))
    history.fork(key, "main", "side", ids["c"])
    history.fork(key, "main", "all")
    assert asked(history.turns(key, "side")) == ["c"]
    assert asked(history.turns(key, "all")) == ["c", "a"]
    with pytest.raises(InputError, match="not in the conversation"):
        history.fork(key, "main", "more", ids["b"])
    assert history.undo(key, "all") is not None
    assert asked(history.turns(key, "all")) == ["c"]


def test_an_empty_conversation_holds_nothing_that_could_come_back(history):
    key = key_of(history, Identity("/n.ipynb", ("a", "b")))
    for one in ("a", "b"):
        say(history, key, one)
    history.arrange(key, ("a",))
    assert history.reset(key, "main") == 2
    history.arrange(key, ("a", "b"))
    assert history.turns(key, "main") == ()


def test_a_deleted_cell_that_is_run_is_there_again(history):
    key = key_of(history, Identity("/n.ipynb", ("a", "b", "c")))
    for one in ("a", "b", "c"):
        say(history, key, one)
    history.arrange(key, ("a", "c"))
    say(history, key, "b")
    assert asked(history.turns(key, "main")) == ["a", "b", "c"]
    history.arrange(key, ("c", "b", "a"))
    assert asked(history.turns(key, "main")) == ["c", "b", "a"]


def test_turns_that_are_imported_are_not_left_out_with_a_deleted_cell(history):
    key = key_of(history, Identity("/n.ipynb", ("a", "b")))
    turns = [make_turn(slot) for slot in ("a", "b")]
    for one in ("a", "b"):
        say(history, key, one)
    history.arrange(key, ("a",))
    assert history.add(key, "other", turns) == 2
    assert len(history.turns(key, "other")) == 2


def test_the_order_holds_for_two_kernels_of_the_notebook(history):
    key = key_of(history, Identity("/n.ipynb", ("a", "b")))
    for one in ("a", "b"):
        say(history, key, one)
    other = History(history.file)
    for cells in (("b", "a"), ("a", "b"), ("b", "a")):
        for kernel in (history, other):
            kernel.arrange(key, cells)
            assert asked(history.turns(key, "main")) == asked(other.turns(key, "main")) == list(cells)
    other.close()


def test_a_notebook_that_was_forgotten_has_an_order_again(history):
    key = key_of(history, Identity("/n.ipynb", ("a", "b")))
    say(history, key, "a")
    history.forget_notebook(key)
    for one in ("b", "a"):
        say(history, key, one)
    history.arrange(key, ("a", "b"))
    assert asked(history.turns(key, "main")) == ["a", "b"]
    assert [shelf.path for shelf in history.notebooks()] == ["/n.ipynb"]


def test_a_deleted_cell_stays_left_out_after_the_file_was_lost(history):
    key = key_of(history, Identity("/n.ipynb", ("a", "b", "c")))
    for one in ("a", "b", "c"):
        say(history, key, one)
    history.arrange(key, ("c", "a"))
    assert asked(history.turns(key, "main")) == ["c", "a"]
    for file in history.file.parent.glob("history.sqlite*"):
        file.write_bytes(b"no database" * 100)
    say(history, key, "d")
    history.arrange(key, ("c", "a"))
    assert asked(history.turns(key, "main")) == ["c", "a", "d"]
    assert "was corrupt" in history.warnings.pop()


def test_a_file_of_the_version_before_is_read_while_it_cannot_be_changed(history):
    key = key_of(history, Identity("/n.ipynb", ("a", "b")))
    for one in ("a", "b"):
        say(history, key, one)
    history.close()
    with closing(sqlite3.connect(history.file, isolation_level=None)) as db:
        for column in ("gone", "seen"):
            db.execute(f"ALTER TABLE notebooks DROP COLUMN {column}")
        db.execute("PRAGMA user_version = 1")
        db.execute("BEGIN IMMEDIATE")
        other = History(history.file)
        assert asked(other.turns(key, "main")) == ["a", "b"]
        assert "locked" in other.warnings[0]
        other.close()
    assert asked(history.turns(key, "main")) == ["a", "b"]


def test_what_a_thread_reads_meanwhile_is_never_old_for_long(history):
    """The panel is answered from another thread than the one that asks."""
    key = key_of(history, Identity("/n.ipynb", ("a", "b")))
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    stop, errors = threading.Event(), []

    def read():
        number = 0
        while not stop.is_set():
            number += 1
            try:
                history.turns(key, "main")
                history.turns(key, f"other{number % 12}")
            except Exception as exc:
                errors.append(exc)

    readers = [threading.Thread(target=read) for _ in range(2)]
    try:
        for reader in readers:
            reader.start()
        for number in range(share(300)):
            identity = say(history, key, f"n{number}")
            assert history.turns(key, "main")[-1].id == identity
            assert history.turns(key, "main")[-1].is_settled
    finally:
        stop.set()
        for reader in readers:
            reader.join()
        sys.setswitchinterval(interval)
    assert errors == []
