"""Whose conversation it is: what the service receives after notebooks were made, renamed, copied and moved."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import nbformat
import pytest

from tests.kernel.kernels import Kernel, Ran, kernel
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.heavy

LOAD = "%load_ext g4f_magic"
Start = Callable[..., AbstractAsyncContextManager[Kernel]]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Start a kernel whose front end names that path, all with one history."""

    @asynccontextmanager
    async def started(path: Path, load: str | None = None) -> AsyncIterator[Kernel]:
        history = str(tmp_path / "history.sqlite")
        async with kernel(JPY_SESSION_NAME=str(path), G4F_MAGIC_HISTORY=history) as one:
            await one.ok(LOAD, cell=load)
            yield one

    return started


def save(path: Path, *cells: str) -> Path:
    """Save a notebook as JupyterLab does: into the file that is there."""
    made = [nbformat.v4.new_code_cell(source_of(cell), id=cell) for cell in cells]
    path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=made)))
    return path


def source_of(cell: str) -> str:
    return LOAD if cell.startswith("load") else f"%%chat\n!echo {cell}"


async def ask(one: Kernel, cell: str, *, named: bool = True) -> Ran:
    return await one.ok(source_of(cell), cell=cell if named else None)


def sent(ran: Ran) -> str:
    """Return the questions that the service received."""
    messages = json.loads(ran.reply.partition("Note:")[0] if ran.reply.startswith("{") else last(ran))[
        "messages"
    ]
    return " ".join(
        message["content"].removeprefix("!echo ") for message in messages if message["role"] == "user"
    )


def last(ran: Ran) -> str:
    return ran.reply[ran.reply.index('{"') :]


async def test_a_new_notebook_of_a_name_that_another_had_begins_empty(start: Start, tmp_path: Path) -> None:
    untitled = save(tmp_path / "Untitled2.ipynb")
    async with start(untitled, "load3") as one:
        a3 = untitled.rename(tmp_path / "a3.ipynb")
        assert sent(await ask(one, "c3")) == "c3"
        save(a3, "load3", "c3")
    save(untitled)
    async with start(untitled, "load4") as two:
        untitled.rename(tmp_path / "a4.ipynb")
        assert "Nothing was said" in (await two.ok("%chat history", cell="h4")).plain
        assert sent(await ask(two, "c4")) == "c4"
    async with start(a3, "load3") as again:
        assert sent(await ask(again, "d3")) == "c3 d3"


@pytest.mark.parametrize("is_named", [True, False], ids=["with ids", "without ids"])
async def test_it_begins_empty_too_before_it_is_renamed(start: Start, tmp_path: Path, is_named: bool) -> None:
    untitled = save(tmp_path / "Untitled2.ipynb")
    async with start(untitled) as one:
        await ask(one, "c3", named=is_named)
        save(untitled, "load3", "c3")
        untitled.rename(tmp_path / "a3.ipynb")
    save(untitled)
    async with start(untitled) as two:
        assert sent(await ask(two, "c4", named=is_named)) == "c4"


@pytest.mark.parametrize("how", ["in place", "atomically"])
async def test_a_renamed_notebook_goes_on_by_itself(start: Start, tmp_path: Path, how: str) -> None:
    path = save(tmp_path / "a.ipynb", "load", "c1", "c2")
    async with start(path, "load") as one:
        await ask(one, "c1")
        path = path.rename(tmp_path / "b.ipynb")
        assert sent(await ask(one, "c2")) == "c1 c2"  # the front end still names the old path
    path = path.rename(tmp_path / "c.ipynb")
    if how == "atomically":
        save(tmp_path / "part", "load", "c1", "c2", "c3").replace(path)
    else:
        save(path, "load", "c1", "c2", "c3")
    async with start(path, "load") as two:
        ran = await ask(two, "c3")
        assert sent(ran) == "c1 c2 c3"
        assert "This notebook was `b.ipynb`" in ran.plain
        assert "after 2 turns" in ran.provenance


async def test_a_copy_begins_empty_and_adopts(start: Start, tmp_path: Path) -> None:
    path = save(tmp_path / "mine.ipynb", "load", "c1", "c2")
    async with start(path, "load") as one:
        await ask(one, "c1")
        await ask(one, "c2")
    copy = Path(shutil.copy2(path, tmp_path / "copy.ipynb"))
    save(copy, "load", "c1", "c2", "c3")
    async with start(copy, "load") as two:
        ran = await ask(two, "c3")
        assert sent(ran) == "c3"
        assert "looks like a copy of `mine.ipynb` (2 turns)" in ran.plain
        assert "%chat adopt mine.ipynb" in ran.plain
        assert "copy of" not in (await ask(two, "c3")).plain
        told = (await two.ok("%chat adopt mine.ipynb", cell="x")).plain
        assert "2 turns of" in told
        assert "!echo c1" in told
        assert sent(await ask(two, "c3")) == "c1 c2 c3"
        await two.ok("%chat undo", cell="u")
        await two.ok("%chat undo", cell="u")
        assert sent(await ask(two, "c3")) == "c3"
    async with start(path, "load") as again:
        assert sent(await ask(again, "c4")) == "c1 c2 c4"


async def test_a_notebook_of_someone_else_with_one_of_my_cells_gets_nothing(
    start: Start, tmp_path: Path
) -> None:
    async with start(save(tmp_path / "mine.ipynb", "c1", "c2", "c3", "c4")) as one:
        for cell in ("c1", "c2", "c3", "c4"):
            await ask(one, cell)
    (tmp_path / "theirs").mkdir()
    for folder in (tmp_path / "theirs", tmp_path):
        async with start(save(folder / "review.ipynb", "c1", "z9")) as two:
            assert sent(await ask(two, "z9")) == "z9"
            assert sent(await ask(two, "c1")) == "c1"
            assert "c2" not in (await two.ok("%chat history")).plain


async def test_a_notebook_with_all_of_my_cells_in_another_folder_gets_nothing(
    start: Start, tmp_path: Path
) -> None:
    path = save(tmp_path / "mine.ipynb", "c1", "c2")
    async with start(path) as one:
        await ask(one, "c1")
    (tmp_path / "there").mkdir()
    moved = path.rename(tmp_path / "there" / "mine.ipynb")
    async with start(moved) as two:
        ran = await ask(two, "c2")
        assert sent(ran) == "c2"
        assert f"%chat adopt {path}" in ran.plain
        await two.ok(f"%chat adopt {path}", cell="x")
        assert sent(await ask(two, "c2")) == "c1 c2"


async def test_a_notebook_that_another_runs_does_not_speak_in_its_conversation(
    start: Start, tmp_path: Path
) -> None:
    async with start(save(tmp_path / "parent.ipynb", "load", "c1"), "load") as one:
        await ask(one, "c1")
    async with start(
        tmp_path / "parent.ipynb"
    ) as child:  # what runs it inherits the variable, and names no cells
        ran = await child.ok("%%chat\n!echo of the child")
        assert sent(ran) == "of the child"


@pytest.mark.parametrize("name", ["analysis.md", "analysis.py"])
async def test_a_text_notebook_is_known_by_its_path(start: Start, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("# %%\n%load_ext g4f_magic\n\n# %%\nprint(1)\n")
    async with start(path) as one:
        await ask(one, "c1")
    path.write_text("# %%\n%load_ext g4f_magic\n\n# %%\nprint(1)\n\n# %%\nprint(2)\n")
    async with start(path) as two:
        assert sent(await ask(two, "c2")) == "c1 c2"
        assert name in (await two.ok("%chat notebook")).plain
        assert "history.sqlite" in (await two.ok("%chat")).plain


async def test_where_no_notebook_is_named_it_is_said_that_nothing_is_kept(
    start: Start, tmp_path: Path
) -> None:
    async with start(tmp_path / "console-1-abc") as one:
        await ask(one, "c1")
        assert "until the kernel ends" in (await one.ok("%chat")).plain
        assert "ends with the kernel" in (await one.ok("%chat notebook")).plain


async def test_a_notebook_reached_by_two_paths_is_one(start: Start, tmp_path: Path) -> None:
    path = save(tmp_path / "a.ipynb", "load", "c1", "c2")
    (tmp_path / "link.ipynb").symlink_to(path)
    async with start(path, "load") as one:
        await ask(one, "c1")
    async with start(tmp_path / "link.ipynb", "load") as two:
        assert sent(await ask(two, "c2")) == "c1 c2"


async def test_adopting_says_what_there_is_and_what_there_is_not(start: Start, tmp_path: Path) -> None:
    async with start(save(tmp_path / "a.ipynb", "load", "c1"), "load") as one:
        assert "No other notebook" in (await one.ok("%chat adopt", cell="x")).plain
        await ask(one, "c1")
    async with start(save(tmp_path / "b.ipynb", "load", "d1"), "load") as two:
        assert "a.ipynb" in (await two.ok("%chat adopt", cell="x")).plain
        ran = await two.run("%chat adopt nowhere.ipynb", cell="x")
        assert ran.status == "error"
        assert "%chat adopt lists them" in "\n".join(ran.error)
        reply = await two.client.complete("%chat adopt ", 12, reply=True, timeout=PATIENCE_SECONDS)
        assert "a.ipynb" in reply["content"]["matches"]
