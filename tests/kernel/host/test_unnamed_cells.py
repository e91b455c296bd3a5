"""Front ends that take questions and do not name their cells: classic notebooks, consoles, and what is unknown."""

from __future__ import annotations

from pathlib import Path

from tests.kernel.kernels import Kernel, Ran, kernel
from tests.notebook_file import write_notebook


async def ask(one: Kernel, code: str) -> Ran:
    """Run a cell as such a front end does."""
    return await one.finish(one.send(code, can_be_asked=True))


def prompts(ran: Ran) -> list[str]:
    return [line[2:] for line in (ran.plain or ran.stdout).splitlines() if line.startswith("> ")]


async def test_a_console_shows_a_whole_reply_with_its_first_display() -> None:
    async with kernel() as one:
        await ask(one, "%load_ext g4f_magic")
        ran = await ask(one, "%%chat -p koala\nHello")
        (shown,) = ran.of_type("display_data")
        assert "jumps over" in shown["data"]["text/plain"]
        assert ran.of_type("update_display_data") == []
        assert "does not update outputs" in (await ask(one, "%chat")).plain


async def test_what_failed_there_is_replaced_by_the_next_try_and_what_came_whole_is_not() -> None:
    async with kernel() as one:
        await ask(one, "%load_ext g4f_magic")
        for _ in range(2):
            assert (await ask(one, "%%chat -p koala\ncontinue")).status == "ok"
        for _ in range(2):
            assert (await ask(one, "%%chat -p koala\n!empty")).status == "error"
        assert prompts(await ask(one, "%chat history")) == ["continue", "continue", "!empty"]
        await ask(one, "%%chat -p koala\nAnother")
        await ask(one, "%%chat -p koala\n!empty")
        told = prompts(await ask(one, "%chat history"))
        assert told == ["continue", "continue", "!empty", "Another", "!empty"]


async def test_a_notebook_runs_the_saved_cell_that_holds_the_code(tmp_path: Path) -> None:
    codes = [
        "%load_ext g4f_magic",
        "%%chat -p koala\nOne",
        "%%chat -p koala\nTwice",
        "%%chat -p koala\nTwice",
    ]
    notebook = write_notebook(tmp_path / "a.ipynb", *codes)
    async with kernel(JPY_SESSION_NAME=str(notebook)) as one:
        await ask(one, "%load_ext g4f_magic")
        for text in ("One", "Twice", "One", "Twice"):
            ran = await ask(one, f"%%chat -p koala\n{text}")
            assert ran.of_type("update_display_data")  # it is painted while it comes
        assert prompts(await ask(one, "%chat history")) == ["One", "Twice", "Twice"]


async def test_the_panel_is_a_widget_where_the_person_says_so() -> None:
    async with kernel() as one:
        await ask(one, "%load_ext g4f_magic")
        view = "application/vnd.jupyter.widget-view+json"
        assert not [
            True for shown in (await ask(one, "%chat panel")).of_type("display_data") if view in shown["data"]
        ]
        await ask(one, "%config ChatMagics.panel = 'widget'")
        assert [
            True for shown in (await ask(one, "%chat panel")).of_type("display_data") if view in shown["data"]
        ]
