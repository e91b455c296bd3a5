"""Whose conversation it is where a page of JupyterLab tells the notebook's own id: copy, rename and move for certain."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.kernel.kernels import Kernel, Ran, kernel

LOAD = "%load_ext g4f_magic"


class Page:
    """A notebook as a page holds it, and its end of the comm."""

    def __init__(self, path: Path, *cells: str) -> None:
        self.path = path
        self.cells = list(cells)
        self.own = ""

    @classmethod
    def opened(cls, path: Path) -> Page:
        """Read it from its file, as a page does that is opened."""
        saved = nbformat.read(path, as_version=4)
        page = cls(path, *(cell.id for cell in saved.cells))
        page.own = saved.metadata.get("g4f_magic", {}).get("notebook", "")
        return page

    def save(self, path: Path | None = None) -> Path:
        """Write it as JupyterLab does: into the file that is there."""
        made = [nbformat.v4.new_code_cell(source_of(cell), id=cell) for cell in self.cells]
        book = nbformat.v4.new_notebook(cells=made)
        if self.own:
            book.metadata["g4f_magic"] = {"notebook": self.own}
        (path or self.path).write_text(nbformat.writes(book))
        return path or self.path


class Talk:
    """A kernel, and the page before it."""

    def __init__(self, one: Kernel, page: Page, comm: str, root: Path) -> None:
        self.kernel = one
        self.page = page
        self._comm = comm
        self._root = root

    def tell(self) -> None:
        told = {
            "path": self.page.path.relative_to(self._root).as_posix(),
            "id": self.page.own,
            "cells": [cell for cell in self.page.cells if cell != "load"],
        }
        content = {"comm_id": self._comm, "data": {"notebook": told}}
        client = self.kernel.client
        client.shell_channel.send(client.session.msg("comm_msg", content))

    async def ask(self, cell: str) -> Ran:
        if cell not in self.page.cells:
            self.page.cells.append(cell)
        self.tell()
        ran = await self.kernel.ok(source_of(cell), cell=cell)
        for content in ran.of_type("comm_msg"):
            data: dict[str, Any] = content["data"]
            if "identify" in data and self.page.own in ("", data["instead"]):
                self.page.own = data["identify"]
                self.tell()
        return ran


def source_of(cell: str) -> str:
    return LOAD if cell == "load" else f"%%chat\n!echo {cell}"


def sent(ran: Ran) -> str:
    """Return the questions that the service received."""
    text = (
        ran.reply.partition("Note:")[0] if ran.reply.startswith("{") else ran.reply[ran.reply.index('{"') :]
    )
    asked = [one["content"] for one in json.loads(text)["messages"] if one["role"] == "user"]
    return " ".join(one.removeprefix("!echo ") for one in asked)


@asynccontextmanager
async def opened(page: Page, root: Path, *, named: Path | None = None) -> AsyncIterator[Talk]:
    """Start a kernel for a page; `named` is the path that the front end named, where the page is elsewhere by now."""
    history = str(root / "history.sqlite")
    async with kernel(JPY_SESSION_NAME=str(named or page.path), G4F_MAGIC_HISTORY=history) as one:
        ran = await one.ok(LOAD, cell="load")
        (comm,) = [made["comm_id"] for made in ran.of_type("comm_open") if made["target_name"] == "g4f_magic"]
        yield Talk(one, page, comm, root)


@pytest.mark.heavy
async def test_copy_rename_and_move_are_told_apart(tmp_path: Path) -> None:
    page = Page(tmp_path / "mine.ipynb", "load", "c1")
    page.save()
    async with opened(page, tmp_path) as talk:
        assert sent(await talk.ask("c1")) == "c1"
        assert page.own
        page.path = page.path.rename(tmp_path / "renamed.ipynb")
        assert sent(await talk.ask("c2")) == "c1 c2"
    page.save()

    (tmp_path / "there").mkdir()
    moved = Page.opened(Path(shutil.move(page.path, tmp_path / "there" / "moved.ipynb")))
    moved.save(moved.path.with_name("part")).replace(moved.path)  # and another file than it was
    async with opened(moved, tmp_path) as talk:
        ran = await talk.ask("c3")
        assert sent(ran) == "c1 c2 c3"
        assert "renamed.ipynb`: its conversations go on here." in ran.plain
    moved.save()

    copy = Page.opened(Path(shutil.copy2(moved.path, tmp_path / "copy.ipynb")))
    async with opened(copy, tmp_path) as talk:
        ran = await talk.ask("d1")
        assert sent(ran) == "d1"
        assert "it looks like a copy" in ran.plain
        assert "%chat adopt" in ran.plain
        assert copy.own not in ("", moved.own)
        assert sent(await talk.ask("d2")) == "d1 d2"
