"""VS Code names cells by their place: turns belong to the saved file's cells all the same."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import nbformat
import pytest

from tests.completions import completions
from tests.kernel.kernels import Kernel, kernel
from tests.unit.host.test_vscode import address


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    return tmp_path / "talk.ipynb"


@pytest.fixture
async def one(notebook: Path, tmp_path: Path) -> AsyncIterator[Kernel]:
    save(notebook, load="%load_ext g4f_magic", a="one", b="two")
    async with kernel(G4F_MAGIC_HISTORY=str(tmp_path / "history.sqlite")) as running:
        await opened(running, notebook)
        yield running


async def opened(running: Kernel, notebook: Path) -> None:
    await running.ok(f"__vsc_ipynb_file__ = {str(notebook)!r}")
    await running.ok("%load_ext g4f_magic", cell=address(0))


def save(notebook: Path, **cells: str) -> None:
    made = [
        nbformat.v4.new_code_cell(text if text.startswith("%") else f"%%chat\n!echo {text}", id=cell)
        for cell, text in cells.items()
    ]
    notebook.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=made)))


async def sent(running: Kernel, place: int, text: str) -> str:
    ran = await running.ok(f"%%chat\n!echo {text}", cell=address(place))
    # A line may follow: that answers below are older.
    received, _ = json.JSONDecoder().raw_decode(ran.reply[ran.reply.index("{") :])
    messages = received["messages"]
    return " ".join(one["content"].removeprefix("!echo ") for one in messages if one["role"] == "user")


async def test_an_inserted_cell_replaces_no_neighbour_after_the_file_was_opened_again(
    one: Kernel, notebook: Path
) -> None:
    assert await sent(one, 1, "one") == "one"
    assert await sent(one, 2, "two") == "one two"
    assert (
        await sent(one, 3, "inserted") == "one two inserted"
    )  # not saved yet: its handle goes on from there
    save(notebook, load="%load_ext g4f_magic", a="one", new="inserted", b="two")
    assert await sent(one, 2, "two") == "one inserted two"
    await one.restart()
    await opened(one, notebook)
    assert await sent(one, 2, "inserted") == "one inserted"  # the handles are counted anew
    assert await sent(one, 3, "two") == "one inserted two"
    assert await sent(one, 1, "one") == "one"
    assert (await one.ok("%chat history", cell=address(9))).plain.count("> !echo") == 3


async def test_an_edited_cell_has_one_turn_once_it_is_saved(one: Kernel, notebook: Path) -> None:
    await sent(one, 1, "one")
    await sent(one, 2, "two")
    await sent(one, 1, "one, edited")
    save(notebook, load="%load_ext g4f_magic", a="one, edited", b="two")
    assert await sent(one, 2, "two") == "one, edited two"
    shown = (await one.ok("%chat history --all", cell=address(9))).plain
    assert shown.count("> !echo one\n") == 1
    assert "revision 1" in shown
    await one.ok("%chat undo", cell=address(9))
    await one.ok("%chat undo", cell=address(9))
    assert "> !echo one\n" in (await one.ok("%chat history", cell=address(9))).plain


async def test_the_last_error_is_explained_and_its_corrected_cell_offered(
    one: Kernel, notebook: Path
) -> None:
    corrected = "rows = [1, 2]\nrows[1]"
    failing = "rows = [1, 2]\nrows[2]"
    reply = f"There are two rows.\n\n```python\n{corrected}\n```\n"
    save(notebook, load="%load_ext g4f_magic", a="one")
    async with completions(reply) as server:
        way = f"-p openai -m m --base-url {server.url} --once"
        failed = await one.finish(one.send(failing, cell=address(2)))
        assert failed.status == "error"
        await one.ok(f"%chat explain {way}", cell=address(3))
        (asked,) = server.contents
        assert "IndexError" in asked
        assert failing in asked
        fixed = await one.ok(f"%chat fix {way}", cell=address(4))
        (offered,) = [payload for payload in fixed.payload if payload["source"] == "set_next_input"]
        assert (offered["text"], offered["replace"]) == (corrected, False)
        assert "-rows[2]" in fixed.plain
        assert "+rows[1]" in fixed.plain
        explained = await one.ok(f"%chat explain {way}", cell=address(5))
        assert "There are two rows." in explained.plain
