"""The conversation follows the saved notebook: cells that were inserted, moved and deleted."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import nbformat
import pytest

from tests.kernel.kernels import Kernel, kernel


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    return tmp_path / "talk.ipynb"


@pytest.fixture
async def one(notebook: Path, tmp_path: Path) -> AsyncIterator[Kernel]:
    save(notebook, "load", "a", "b")
    history = str(tmp_path / "history.sqlite")
    async with kernel(JPY_SESSION_NAME=str(notebook), G4F_MAGIC_HISTORY=history) as one:
        await one.ok("%load_ext g4f_magic", cell="load")
        yield one


def save(notebook: Path, *cells: str) -> None:
    made = [nbformat.v4.new_code_cell(f"%%chat\n!echo {cell}", id=cell) for cell in cells]
    nbformat.write(nbformat.v4.new_notebook(cells=made), notebook)


async def sent(one: Kernel, cell: str, options: str = "") -> str:
    """Run a cell and return the questions that the service received."""
    ran = await one.ok(f"%%chat {options}\n!echo {cell}", cell=cell)
    received, _ = json.JSONDecoder().raw_decode(ran.reply)  # a line may follow: that answers below are older
    messages = received["messages"]
    return " ".join(
        message["content"].removeprefix("!echo ") for message in messages if message["role"] == "user"
    )


async def test_a_cell_sees_what_stands_above_it_in_the_saved_notebook(one: Kernel, notebook: Path) -> None:
    assert await sent(one, "a") == "a"
    assert await sent(one, "b") == "a b"
    assert await sent(one, "new") == "a b new"
    save(notebook, "load", "a", "new", "x", "b")
    assert await sent(one, "new") == "a new"
    assert await sent(one, "x") == "a new x"
    assert await sent(one, "b") == "a new x b"
    save(notebook, "b", "load", "a", "new")
    assert await sent(one, "a") == "b a"
    shown = (await one.ok("%chat history")).plain
    assert shown.index("!echo b") < shown.index("!echo a") < shown.index("!echo new")
    assert "1 turn of cells that the saved notebook no longer has" in shown
    assert "> !echo x" not in shown


async def test_what_was_recorded_after_an_insertion_replays_for_who_has_no_history(
    one: Kernel, notebook: Path, tmp_path: Path
) -> None:
    for cell in ("a", "b"):
        await sent(one, cell, "--record")
    save(notebook, "load", "a", "new", "b")
    await one.restart()
    await one.ok("%load_ext g4f_magic")
    for cell in ("a", "new", "b"):
        await sent(one, cell, "--record")
    fresh = str(tmp_path / "other.sqlite")
    async with kernel(JPY_SESSION_NAME=str(notebook), G4F_MAGIC_HISTORY=fresh) as other:
        await other.ok("%load_ext g4f_magic")
        assert [await sent(other, cell, "--replay --pace fast") for cell in ("a", "new", "b")] == [
            "a",
            "a new",
            "a new b",
        ]


async def test_a_cell_that_chats_no_more_is_left_out(one: Kernel, notebook: Path) -> None:
    save(notebook, "load", "a", "x", "y", "b")
    for cell in ("a", "x", "y", "b"):
        await sent(one, cell)
    made = nbformat.read(notebook, as_version=4)
    made.cells[2] = nbformat.v4.new_markdown_cell(made.cells[2].source, id="x")
    made.cells[3].source = "1 + 1"
    nbformat.write(made, notebook)
    assert await sent(one, "b") == "a b"
    await one.restart()
    await one.ok("%load_ext g4f_magic")
    assert await sent(one, "b") == "a b"


async def test_a_file_that_is_damaged_or_gone_changes_nothing(one: Kernel, notebook: Path) -> None:
    save(notebook, "load", "b", "a")
    for cell in ("a", "b"):
        await sent(one, cell)
    notebook.write_text('{"cells": [{"id": "a"')
    assert await sent(one, "a") == "b a"
    notebook.unlink()
    assert await sent(one, "new") == "b a new"
    save(notebook, "another", "notebook")
    assert await sent(one, "new") == "b a new"
