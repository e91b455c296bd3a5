"""Which notebook a kernel serves, and finding its history again after a rename or a copy."""

from __future__ import annotations

import json

import nbformat
import pytest

from g4f_magic.errors import InputError
from g4f_magic.history import KERNEL, History, Identity
from g4f_magic.notebook import cell_ids, identify, kernel_key, named_key
from tests.unit.test_history import make_turn


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


def opened(history: History, path) -> str:
    """Return the key that a kernel of the notebook at `path` gets."""
    return history.resolve(Identity(str(path), cell_ids(path)))


def ask(history: History, key: str, slot: str) -> str:
    turn = make_turn(slot)
    history.begin(key, "main", turn)
    return turn.id


def ids(history: History, key: str) -> list[str]:
    return [turn.id for turn in history.turns(key, "main")]


def test_jupyter_says_it_by_the_environment(monkeypatch, tmp_path):
    path = save(tmp_path / "a.ipynb", "x", "y")
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    assert identify({}) == Identity(str(path), ("x", "y"))


def test_jupyter_with_live_collaboration_names_the_same_file(monkeypatch, tmp_path):
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "RTC:a.ipynb"))
    assert identify({}) == Identity(str(tmp_path / "a.ipynb"))


def test_vs_code_says_it_in_the_namespace(monkeypatch, tmp_path):
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "other.ipynb"))
    assert identify({"__vsc_ipynb_file__": str(tmp_path / "a.ipynb")}) == Identity(str(tmp_path / "a.ipynb"))


@pytest.mark.parametrize("name", ["", "/home/me/console-1-abc", "/home/me/script.py"])
def test_a_terminal_and_a_console_have_no_notebook(monkeypatch, name):
    monkeypatch.setenv("JPY_SESSION_NAME", name)
    assert identify({"__vsc_ipynb_file__": None}) is None


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"[]", b'{"cells": 3}', b'{"cells": [1]}', b'{"cells": [{"id": 3}]}', b"[" * 100_000],
)
def test_a_file_that_is_no_notebook_has_no_cells(tmp_path, content):
    (tmp_path / "a.ipynb").write_bytes(content)
    assert cell_ids(tmp_path / "a.ipynb") == ()
    assert cell_ids(tmp_path / "missing.ipynb") == cell_ids(tmp_path) == ()


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
    assert opened(history, save(tmp_path / "b.ipynb", "asked", "more")) == key


def test_a_copied_notebook_goes_on_apart_from_its_original(history, tmp_path):
    path = save(tmp_path / "a.ipynb", "x", "y")
    key = opened(history, path)
    first = ask(history, key, "x")
    copy = opened(history, save(tmp_path / "b.ipynb", "x", "y"))
    assert copy != key
    assert ids(history, copy) == [first]
    here, there = ask(history, key, "y"), ask(history, copy, "y")
    assert ids(history, key) == [first, here]
    assert ids(history, copy) == [first, there]
    assert [turn.id for turn in history.revisions(copy, "main", "y")] == [there]
    history.undo(copy, "main")
    history.undo(copy, "main")
    assert ids(history, copy) == []
    assert ids(history, key) == [first, here]


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


def test_a_notebook_of_an_old_format_is_known_by_its_path(history, tmp_path):
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "source": "1"}], "nbformat_minor": 2}))
    key = opened(history, path)
    ask(history, key, "made up for this session")
    assert opened(history, path) == key


def test_a_name_is_a_notebook_too_and_a_kernel_never_shares_its_key():
    assert named_key(" thesis ") == named_key("thesis")
    assert kernel_key().startswith(KERNEL)
    assert kernel_key() != kernel_key()
    with pytest.raises(InputError):
        named_key("  ")
