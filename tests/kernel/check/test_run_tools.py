"""`check --run --run-tools`: what functions give is compared with what was recorded; a plain run runs none of them."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.contract.tools.serving import service
from tests.contract.tools.streams import openai, words
from tests.kernel.check.test_rerun import check
from tests.notebook_file import write_notebook

pytestmark = pytest.mark.heavy

FUNCTION = """%load_ext g4f_magic
import pathlib
def price(item: str) -> int:
    with pathlib.Path("ran").open("a") as file:
        file.write(item + ",")
    return 3
"""


@pytest.mark.heavy
async def test_functions_are_run_and_compared_where_that_is_asked_for(tmp_path: Path) -> None:
    async with service([openai([("price", {"item": "tea"})]), words("It costs 3.")]) as server:
        ask = f"%%chat -p {server.url} -m tiny --tools price --approve price\nWhat does tea cost?"
        path = write_notebook(tmp_path / "a.ipynb", FUNCTION, ask)
        book = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        client = NotebookClient(book, resources={"metadata": {"path": str(tmp_path)}})
        record = {"G4F_MAGIC_MODE": "record", "G4F_MAGIC_CASSETTE": str(tmp_path / "a.chat.jsonl")}
        await client.async_execute(env={**os.environ, **record, "G4F_MAGIC_HISTORY": "off"})
    ran = tmp_path / "ran"
    assert ran.read_text() == "tea,"

    done = await asyncio.to_thread(check, path)
    assert done.returncode == 0, done.stderr
    assert "the run fails nowhere" in done.stdout
    assert ran.read_text() == "tea,"

    done = await asyncio.to_thread(check, path, "--run-tools")
    assert done.returncode == 0, done.stderr
    assert ran.read_text() == "tea,tea,"

    path.write_text(path.read_text().replace("return 3", "return 4"))
    assert (await asyncio.to_thread(check, path)).returncode == 0
    done = await asyncio.to_thread(check, path, "--run-tools")
    assert done.returncode == 1
    assert "price gives something else than when it was recorded: '4' in place of '3'" in done.stderr
