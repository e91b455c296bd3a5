"""Which notebook a kernel serves, and finding its history again after a rename or a copy."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing

import nbformat
import pytest

from g4f_magic.cassette import beside
from g4f_magic.errors import InputError
from g4f_magic.history import FoundNotebook, History
from g4f_magic.host.cell import code_mark
from g4f_magic.notebook import named_key, saved_cells
from g4f_magic.whereabouts import Surroundings, identify
from tests.turns import changed, make_turn


@pytest.fixture
def history(tmp_path):
    history = History(tmp_path / "data" / "history.sqlite")
    yield history
    history.close()
    assert history.warnings == []


@pytest.fixture(autouse=True)
def no_session(monkeypatch):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)


def save(path, *cells: str):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", id=cell) for cell in cells])
    nbformat.write(notebook, path)
    return path


def met(history: History, path, *ran: str) -> FoundNotebook:
    """Return what a new kernel finds whose front end names `path`, after these cells ran, or the first that is saved."""
    identity = identify(str(path), frozenset(ran or [saved_cells(path)[0].id]))
    assert identity is not None
    return history.meet(identity, Surroundings())


def opened(history: History, path, *ran: str) -> str:
    """Return the key that a new kernel of the notebook at `path` gets."""
    return met(history, path, *ran).key


def ask(history: History, key: str, slot: str) -> str:
    turn = make_turn(slot)
    history.begin(key, "main", turn)
    history.settle(changed(turn, status="done", reply="An answer."))
    return turn.id


def ids(history: History, key: str) -> list[str]:
    return [turn.id for turn in history.turns(key, "main")]


def test_what_the_front_end_names_is_the_file_that_lies_there(tmp_path):
    path = save(tmp_path / "a.ipynb", "x", "y")
    identity = identify(str(path), frozenset({"y"}))
    assert (identity.path, identity.cells, identity.is_sure) == (str(path), ("x", "y"), True)


def test_jupyter_with_live_collaboration_names_the_same_file(tmp_path):
    assert identify(str(tmp_path / "RTC:a.ipynb")).path == str(tmp_path / "a.ipynb")


@pytest.mark.parametrize("name", ["a.md", "a.qmd", "a.Rmd", "a.py"])
def test_a_text_that_is_opened_as_a_notebook_is_known_by_its_path_and_recorded_beside_it(
    history, tmp_path, name: str
) -> None:
    path = tmp_path / name
    path.write_text("# %%\nx = 1\n\n# %%\ny = 2\n")
    key = opened(history, path, "c1")
    ask(history, key, "c1")
    path.write_text("# %%\nx = 1\n\n# %%\ny = 2\n\n# %%\nz = 3\n")
    assert opened(history, path, "c2") == key
    assert beside(path) == tmp_path / "a.chat.jsonl"


@pytest.mark.parametrize("name", ["", "/home/me/console-1-abc", "/home/me/script.py"])
def test_a_terminal_and_a_console_have_no_notebook(name):
    assert identify(name) is None


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"[]", b'{"cells": 3}', b'{"cells": [1]}', b'{"cells": [{"id": 3}]}', b"[" * 100_000],
)
def test_a_file_that_is_no_notebook_has_no_cells(tmp_path, content):
    (tmp_path / "a.ipynb").write_bytes(content)
    assert not any(cell.id for cell in saved_cells(tmp_path / "a.ipynb"))
    assert saved_cells(tmp_path / "missing.ipynb") == saved_cells(tmp_path) == ()


def test_a_notebook_has_the_same_key_at_every_start(history, tmp_path):
    path = save(tmp_path / "a.ipynb", "x")
    key = opened(history, path)
    ask(history, key, "x")
    history.close()
    assert opened(history, path) == key
    assert opened(history, save(tmp_path / "a.ipynb", "x", "y")) == key


def test_a_renamed_notebook_finds_its_turns_again(history, tmp_path):
    path = save(tmp_path / "a.ipynb", "x", "y")
    key = opened(history, path)
    asked = ask(history, key, "x")
    path.rename(tmp_path / "b.ipynb")
    assert opened(history, tmp_path / "b.ipynb") == key
    assert ids(history, key) == [asked]
    assert opened(history, tmp_path / "b.ipynb") == key


def test_a_notebook_renamed_after_cells_were_added_is_known_by_the_cells_that_were_asked_in(
    history, tmp_path
):
    path = save(tmp_path / "a.ipynb", "first")
    key = opened(history, path)
    ask(history, key, "asked")
    path.unlink()
    save(tmp_path / "filler.ipynb", "z")  # takes the number that the file had
    assert opened(history, save(tmp_path / "b.ipynb", "first", "asked", "more")) == key


def test_a_copied_notebook_begins_empty_and_says_how_to_go_on(history, tmp_path):
    path = save(tmp_path / "a.ipynb", "x", "y")
    key = opened(history, path)
    first = ask(history, key, "x")
    found = met(history, save(tmp_path / "b.ipynb", "x", "y"))
    assert not found.is_known
    assert (found.like.notebook, found.like.turns) == (key, 1)
    copy = found.key
    assert ids(history, copy) == []
    assert history.adopt(copy, key) == 1
    there = ask(history, copy, "y")
    assert [turn.slot for turn in history.turns(copy, "main")] == ["x", "y"]
    assert ids(history, copy)[1:] == [there]
    assert ids(history, key) == [first]
    history.undo(copy, "main")
    history.undo(copy, "main")
    assert ids(history, copy) == []
    assert opened(history, tmp_path / "b.ipynb") == copy
    assert opened(history, path) == key


def test_a_new_notebook_of_an_old_name_begins_anew_and_the_old_one_is_found_where_it_went(history, tmp_path):
    path = save(tmp_path / "Untitled.ipynb", "x")
    key = opened(history, path)
    asked = ask(history, key, "x")
    path.rename(tmp_path / "named.ipynb")
    new = opened(history, save(path, "other"))
    assert new != key
    assert ids(history, new) == []
    assert opened(history, tmp_path / "named.ipynb") == key
    assert ids(history, key) == [asked]


def test_notebooks_without_common_cells_have_nothing_in_common(history, tmp_path):
    key = opened(history, save(tmp_path / "a.ipynb", "x"))
    ask(history, key, "x")
    other = opened(history, save(tmp_path / "b.ipynb", "y"))
    assert ids(history, other) == []


def test_a_notebook_of_an_old_format_is_known_by_the_code_of_its_cells(history, tmp_path):
    path = tmp_path / "old.ipynb"
    cells = [{"cell_type": "code", "source": source} for source in ("%%chat\nHello", "1")]
    path.write_text(json.dumps({"cells": cells, "nbformat_minor": 2}))
    key = opened(history, path, code_mark(cells[0]["source"]), "made up for this session")
    ask(history, key, "made up for this session")
    assert opened(history, path, code_mark(cells[0]["source"])) == key
    assert opened(history, path, "made up for another session", code_mark(cells[0]["source"])) == key


def test_a_name_is_a_notebook_too():
    assert named_key(" thesis ") == named_key("thesis")
    with pytest.raises(InputError):
        named_key("  ")


def of_version_two(history: History, cells: list[str] | None) -> None:
    """Make of the history's file what the version before wrote; `cells` are those that it noted of the notebook."""
    history.close()
    with closing(sqlite3.connect(history.file, isolation_level=None)) as db:
        db.execute("ALTER TABLE notebooks DROP COLUMN seen")
        db.execute("PRAGMA user_version = 2")
        if cells is not None:
            db.execute("UPDATE notebooks SET cells = ?", (json.dumps(cells),))


@pytest.mark.parametrize(
    "cells", [["x", "y"], ["x"], []], ids=["all", "those that chat", "none: it was not saved yet"]
)
def test_a_history_of_the_version_before_is_found_by_an_unmoved_notebook(history, tmp_path, cells):
    path = save(tmp_path / "a.ipynb", "load", "x", "y", "z")
    key = opened(history, path)
    asked = ask(history, key, "x")
    of_version_two(history, cells)
    assert opened(history, path, "load") == key
    assert ids(history, key) == [asked]
    copy = met(history, save(tmp_path / "b.ipynb", "load", "x", "y", "z"))
    assert not copy.is_known
    assert copy.like is not None


def test_a_history_of_the_version_before_tells_a_new_notebook_of_an_old_name_from_the_old_one(
    history, tmp_path
):
    path = save(tmp_path / "Untitled.ipynb")
    key = opened(history, path, "x")
    ask(history, key, "x")
    of_version_two(history, [])
    path.rename(tmp_path / "a3.ipynb")
    assert opened(history, save(path), "other") != key
    assert opened(history, save(tmp_path / "Untitled.ipynb", "other"), "other") != key


def test_a_renamed_notebook_is_found_in_a_history_of_the_version_before(history, tmp_path):
    path = save(tmp_path / "a.ipynb", "load", "x", "y")
    key = opened(history, path)
    ask(history, key, "x")
    of_version_two(history, ["load", "x", "y"])
    path.rename(tmp_path / "b.ipynb")
    assert met(history, tmp_path / "b.ipynb", "load").renamed_from == str(path)


@pytest.mark.parametrize("name", ["a.ipynb", "sub/../a.ipynb"])
def test_the_same_file_by_another_spelling_is_the_same_notebook(history, tmp_path, name):
    key = opened(history, save(tmp_path / "a.ipynb", "x"))
    ask(history, key, "x")
    (tmp_path / "sub").mkdir()
    assert opened(history, tmp_path / name, "x") == key


def test_where_a_copy_took_the_place_of_its_original_neither_is_guessed(history, tmp_path):
    path = save(tmp_path / "a.ipynb", "x", "y")
    key = opened(history, path)
    ask(history, key, "x")
    path.rename(tmp_path / "b.ipynb")
    shutil.copy2(tmp_path / "b.ipynb", path)
    for name in ("a.ipynb", "b.ipynb"):  # the number of a file that was saved anew may be the copy's by now
        found = met(history, tmp_path / name)
        assert found.key != key
        assert found.like.notebook == key


def test_of_a_renamed_notebook_and_its_copy_neither_is_guessed_where_both_are_new_files(history, tmp_path):
    path = save(tmp_path / "a.ipynb", "x", "y")
    key = opened(history, path)
    ask(history, key, "x")
    for name in ("b.ipynb", "c.ipynb"):
        save(tmp_path / name, "x", "y")
    path.unlink()
    assert opened(history, tmp_path / "b.ipynb") != key
    assert opened(history, tmp_path / "c.ipynb") != key


def test_a_file_that_was_deleted_and_made_anew_begins_empty(history, tmp_path):
    path = save(tmp_path / "a.ipynb", "x", "y")
    key = opened(history, path)
    ask(history, key, "x")
    path.unlink()
    found = met(history, save(path, "n1", "n2"), "n1")
    assert found.key != key
    assert found.like.notebook == key  # that is said, with the way to adopt


def test_a_branch_with_other_cells_keeps_the_notebook_that_it_was(history, tmp_path):
    path = save(tmp_path / "a.ipynb", "a", "b", "c", "d")
    key = opened(history, path)
    ask(history, key, "a")
    for cells in (("a", "b", "e"), ("a", "b", "c", "d"), ("a", "b")):
        save(tmp_path / "checked-out", *cells).replace(path)
        assert opened(history, path, "a") == key


def test_a_file_written_over_mine_with_one_of_my_cells_begins_empty(history, tmp_path):
    path = save(tmp_path / "mine.ipynb", "c1", "c2", "c3", "c4")
    key = opened(history, path)
    ask(history, key, "c2")
    inode = path.stat().st_ino
    path.write_bytes(save(tmp_path / "theirs", "c1", "z9").read_bytes())
    assert path.stat().st_ino == inode
    assert opened(history, path, "c1") != key
