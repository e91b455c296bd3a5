"""What a page of JupyterLab tells a real kernel beside its cells, and what it is answered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest
import pytest_asyncio

from tests.kernel.kernels import Kernel, kernel

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]
ECHO = "%%chat -p koala --gateway\n!echo {}"


class PageOf:
    """The other end of the comm."""

    def __init__(self, kernel: Kernel, comm: str) -> None:
        self.kernel = kernel
        self.comm = comm
        self._asked = 0
        self.older: list[list[str]] = []

    def tell(self, **data: Any) -> None:
        content = {"comm_id": self.comm, "data": data}
        client = self.kernel.client
        client.shell_channel.send(client.session.msg("comm_msg", content))

    async def ask(self, what: str, **data: Any) -> Mapping[str, Any]:
        self._asked += 1
        self.tell(what=what, ask=self._asked, **data)
        while True:
            message = await self.kernel.client.get_iopub_msg(timeout=60)
            if message["msg_type"] == "comm_msg" and message["content"]["comm_id"] == self.comm:
                answer: Mapping[str, Any] = message["content"]["data"]
                if "older" in answer:
                    self.older.append(answer["older"])
                    continue
                assert answer["answer"] == self._asked
                return answer


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Kernel, Path]]:
    folder = tmp_path_factory.mktemp("server")
    (folder / "deep").mkdir()
    named = folder / "deep" / "book.ipynb"
    async with kernel(JPY_SESSION_NAME=str(named), G4F_MAGIC_HISTORY=str(folder / "history.sqlite")) as one:
        yield one, named


@pytest_asyncio.fixture(loop_scope="module")
async def page(served: tuple[Kernel, Path]) -> AsyncIterator[PageOf]:
    one, named = served
    named.unlink(missing_ok=True)
    ran = await one.ok("%load_ext g4f_magic", cell="load")
    (opened,) = [content for content in ran.of_type("comm_open") if content["target_name"] == "g4f_magic"]
    assert opened["data"]["protocol"] == 1
    yield PageOf(one, opened["comm_id"])
    await one.ok("%chat reset")
    await one.ok("%unload_ext g4f_magic")


async def asked_before(page: PageOf, cell: str, prompt: str) -> list[str]:
    """Ask in a cell, and return which prompts went along with its own."""
    ran = await page.kernel.ok(ECHO.format(prompt), cell=cell)
    messages = ran.received["messages"]
    return [one["content"].removeprefix("!echo ") for one in messages if one["role"] == "user"][:-1]


async def test_cells_that_were_never_saved_stand_in_their_order(page: PageOf) -> None:
    page.tell(notebook={"path": "deep/book.ipynb", "cells": ["a", "c"]})
    await asked_before(page, "a", "first")
    await asked_before(page, "c", "last")
    page.tell(notebook={"path": "deep/book.ipynb", "cells": ["a", "b", "c"]})
    assert await asked_before(page, "b", "between") == ["first"]
    assert await asked_before(page, "c", "last") == ["first", "between"]
    page.tell(notebook={"path": "deep/book.ipynb", "cells": ["c", "a"]})
    assert await asked_before(page, "a", "first") == ["last"]


async def test_a_reply_of_a_notebook_that_several_have_open_grows_in_one_output(page: PageOf) -> None:
    long = "%%chat -p koala --gateway\n!long 20"
    page.tell(notebook={"path": "deep/book.ipynb", "cells": ["a"], "isShared": True})
    ran = await page.kernel.ok(long, cell="a")
    shown = [content["transient"]["display_id"] for content in ran.of_type("display_data")]
    cleared = [message["msg_type"] for message in ran.messages].index("clear_output")
    before = [one["msg_type"] for one in ran.messages[:cleared]].count("display_data")
    assert before == 1
    assert len(shown) - before >= 1
    page.tell(notebook={"path": "deep/book.ipynb", "cells": ["a"]})


async def test_a_notebook_that_was_renamed_is_known_at_once(
    page: PageOf, served: tuple[Kernel, Path]
) -> None:
    _, named = served
    await page.kernel.ok(ECHO.format("hi"), cell="a")
    page.tell(notebook={"path": "deep/book.ipynb", "cells": ["a"]})
    await page.kernel.ok("%chat")
    new = named.with_name("new.ipynb")
    nbformat.write(nbformat.v4.new_notebook(), new)
    page.tell(notebook={"path": "deep/new.ipynb", "cells": ["a"]})
    await page.kernel.ok("%chat")
    magics = "get_ipython().magics_manager.registry['ChatMagics']"
    assert await page.kernel.value(f"{magics}.page.file({magics}.host.notebook)") == repr(str(new))
    new.unlink()


async def test_older_answers_are_told_with_their_date_and_model(page: PageOf) -> None:
    for prompt in ("one", "two"):
        await page.kernel.ok(f"%%chat -p koala --gateway\n!echo {prompt}", cell="old")
    assert (await page.ask("answers", cell="old"))["count"] == 2
    first = await page.ask("answer", cell="old", number=1)
    assert "one" in first["html"]
    assert "two" not in first["html"]
    assert "koala" in first["about"]
    assert (await page.ask("answers", cell="nowhere"))["count"] == 0


async def test_an_answer_that_is_older_than_what_it_builds_on_is_told_with_those_to_ask_again(
    page: PageOf,
) -> None:
    page.tell(notebook={"path": "deep/book.ipynb", "cells": ["a", "b", "c"]})
    for cell in ("a", "b", "c"):
        await page.kernel.ok(ECHO.format(cell), cell=cell)
    assert (await page.ask("answers", cell="b"))["again"] == []
    await page.kernel.ok(ECHO.format("another"), cell="a")
    assert (await page.ask("answers", cell="b"))["again"] == ["b", "c"]
    assert (await page.ask("answers", cell="a"))["again"] == []


async def test_a_page_is_told_which_cells_hold_answers_that_are_older(page: PageOf) -> None:
    page.tell(notebook={"path": "deep/book.ipynb", "cells": ["m", "n", "o"]})
    for cell in "mno":
        await page.kernel.ok(ECHO.format(cell), cell=cell)
    ran = await page.kernel.ok(ECHO.format("another"), cell="m")
    (told,) = [one["data"] for one in ran.of_type("comm_msg")]
    assert (told["older"], told["answers"]["m"]) == (["n", "o"], 2)
    page.tell(protocol=1)  # it was loaded anew
    await page.ask("answers", cell="m")
    assert page.older == [["n", "o"]]
    ran = await page.kernel.ok("%chat rerun", cell="z")
    again = [one["data"] for one in ran.of_type("comm_msg")]
    assert [one["older"] for one in again] == [["o"], []]
    assert {cell: again[-1]["answers"][cell] for cell in "mno"} == {"m": 2, "n": 2, "o": 2}


async def test_the_panel_of_the_side_bar_is_one_and_the_same_and_keeps_nothing(page: PageOf) -> None:
    model = (await page.ask("panel"))["model"]
    assert (await page.ask("panel"))["model"] == model
    assert await page.kernel.value(f"{model!r} in get_ipython().kernel.comm_manager.comms") == "True"
    ran = await page.kernel.ok(ECHO.format("hi"), cell="a")
    assert not [data for data in ran.displays.values() if "g4f-kept" in str(data)]


@pytest.mark.parametrize(
    "junk",
    [
        {"notebook": 7},
        {"notebook": {"path": 7, "cells": {"a": 1}}},
        {"notebook": {"path": "../../etc/passwd", "cells": ["a", 7, None, ""]}},
        {"notebook": {"path": "x" * 10_000, "cells": ["a"] * 30_000}},
        {"ask": "one", "what": "panel"},
        {"protocol": "many"},
        {},
    ],
)
async def test_junk_from_a_page_changes_nothing(page: PageOf, junk: dict[str, Any]) -> None:
    page.tell(notebook={"path": "deep/book.ipynb", "cells": ["a", "b"]})
    page.tell(**junk)
    assert "older than this page" in (await page.ask("nonsense"))["error"]
    assert "no such answer" in (await page.ask("answer", cell="a", number=99))["error"]
    magics = "get_ipython().magics_manager.registry['ChatMagics']"
    notebook = await page.kernel.value(f"{magics}.page.file({magics}.host.notebook)")
    assert notebook.endswith("deep/book.ipynb'")
    assert not await page.kernel.leaks()


async def test_a_page_that_had_it_loaded_opens_the_comm_itself(served: tuple[Kernel, Path]) -> None:
    one, _ = served
    ran = await one.ok("%load_ext g4f_magic")
    assert not ran.of_type("comm_open")  # no cell: a console, or a machine
    content = {"comm_id": "mine", "target_name": "g4f_magic", "data": {"protocol": 1}}
    one.client.shell_channel.send(one.client.session.msg("comm_open", content))
    assert (await PageOf(one, "mine").ask("answers", cell="a"))["count"] >= 0
    await one.ok("%unload_ext g4f_magic")
    assert await one.value("len(get_ipython().kernel.comm_manager.comms)") == "0"
