"""Loading and unloading the extension in a real kernel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

from g4f_magic.testing.script import SCRIPT_TEXT
from tests.kernel.kernels import kernel

SHOWN = SCRIPT_TEXT.rstrip("\n")


async def test_loading_imports_nothing_heavy():
    async with kernel(is_warm=False) as one:
        ran = await one.ok(
            "import sys; before = set(sys.modules)\n%load_ext g4f_magic\n"
            "heavy = ['aiohttp', 'ipywidgets', 'markdown_it', 'nh3', 'sqlite3', 'anywidget', 'nest_asyncio',"
            " 'g4f_magic.session', 'g4f_magic.wire']\n"
            "print([name for name in heavy if name in set(sys.modules) - before])"
        )
        assert ran.stdout.strip() == "[]"


async def test_loading_twice_and_reloading_leaves_one_magic():
    async with kernel() as one:
        await one.ok("%load_ext g4f_magic")
        assert "already loaded" in (await one.ok("%load_ext g4f_magic")).stdout
        await one.ok("%reload_ext g4f_magic")
        ran = await one.ok("%%chat\nHello")
        assert ran.reply == SHOWN
        transformers = await one.value("len(get_ipython().input_transformers_cleanup)")
        await one.ok("%unload_ext g4f_magic")
        assert int(await one.value("len(get_ipython().input_transformers_cleanup)")) == int(transformers) - 1


async def test_a_cell_that_loads_and_asks_is_told_to_ask_in_the_next():
    for below in ("%ask How are you?", "%%chat\nHello"):
        async with kernel() as one:
            ran = await one.run(f"%load_ext g4f_magic\n{below}")
            assert ran.plain.startswith("**Ask in the next cell.**")
            assert "**Ask" not in (await one.ok("%reload_ext g4f_magic\n%ask --once Why?")).plain


AGAIN = {
    "reloaded": "%reload_ext g4f_magic",
    "unloaded and loaded": "%unload_ext g4f_magic\n%load_ext g4f_magic",
    "twice": "%reload_ext g4f_magic\n%reload_ext g4f_magic",
}


@pytest.mark.parametrize("again", AGAIN.values(), ids=AGAIN)
@pytest.mark.parametrize("is_named", [False, True], ids=["in memory", "of a file"])
async def test_the_conversation_goes_on_after_the_extension_is_loaded_anew(
    again: str, is_named: bool, tmp_path: Path
):
    path = tmp_path / "a.ipynb"
    cells = [nbformat.v4.new_code_cell("%%chat\n!echo one", id="one")]
    path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=cells)))
    named = {"JPY_SESSION_NAME": str(path), "G4F_MAGIC_HISTORY": str(tmp_path / "history.sqlite")}
    async with kernel(**(named if is_named else {})) as one:
        await one.ok("%load_ext g4f_magic")
        await one.ok("%%chat\n!echo one", cell="one")
        await one.ok(again)
        ran = await one.ok("%%chat\n!echo two", cell="two")
        assert questions(ran.received) == ["!echo one", "!echo two"]
        ran = await one.ok("%%chat\n!echo one again", cell="one")
        assert questions(ran.received) == ["!echo one again"]
        assert await one.leaks() == []


async def test_what_was_told_is_not_told_again_after_the_extension_is_loaded_anew(tmp_path: Path):
    (tmp_path / "history.sqlite").mkdir()  # the chats are kept in memory alone, and that is said
    async with kernel(G4F_MAGIC_HISTORY=str(tmp_path / "history.sqlite")) as one:
        told = await one.ok("%load_ext g4f_magic\n%chat notebook mine\n%chat history")
        assert "kept in memory alone" in told.plain
        await one.ok("%reload_ext g4f_magic")
        assert "Note:" not in (await one.ok("%%chat\nHello")).plain


async def test_what_was_set_stays_set_after_the_extension_is_loaded_anew():
    async with kernel(G4F_MAGIC_BUDGET="3") as one:
        await one.ok("%load_ext g4f_magic")
        await one.ok("%config ChatMagics.longest_reply = 777\n%chat switch idea")
        await one.ok("%reload_ext g4f_magic")
        set_now = "(lambda it: (it.longest_reply, it.budget, it.session.conversation_name))"
        here = "get_ipython().magics_manager.registry['ChatMagics']"
        assert await one.value(f"{set_now}({here})") == "(777, 3.0, 'idea')"


async def test_another_history_that_is_named_between_is_the_one_in_use(tmp_path: Path):
    async with kernel() as one:
        await one.ok("%load_ext g4f_magic")
        await one.ok("%%chat\n!echo one")
        await one.ok("%unload_ext g4f_magic")
        await one.ok(f"import os; os.environ['G4F_MAGIC_HISTORY'] = {str(tmp_path / 'other.sqlite')!r}")
        await one.ok("%load_ext g4f_magic")
        assert questions((await one.ok("%%chat\n!echo two")).received) == ["!echo two"]


def questions(received: dict[str, Any]) -> list[str]:
    """Return what the service was asked, the questions of before included."""
    return [message["content"] for message in received["messages"] if message["role"] == "user"]


async def test_unloading_puts_back_what_was_there():
    async with kernel() as one:
        state = (
            "(list(get_ipython().magics_manager.registry), len(get_ipython().configurables),"
            " [sorted(names) for names in get_ipython().magics_manager.magics.values()],"
            " len(get_ipython().input_transformers_cleanup))"
        )
        await one.ok("%unload_ext g4f_magic")  # has IPython register the magics that it makes on demand
        before = await one.value(state)
        await one.ok("%load_ext g4f_magic")
        await one.ok("%%chat\nHello")
        assert await one.value(state) != before
        await one.ok("%unload_ext g4f_magic")
        assert await one.value(state) == before
        ran = await one.run("%%chat\nHello")
        assert "Cell magic `%%chat` not found" in ran.stdout
        await one.ok("%load_ext g4f_magic")
        assert (await one.ok("%%chat\nHello")).reply == SHOWN
        assert await one.leaks() == []


OTHER = """
import types
other_chat = types.ModuleType("other_chat")
exec('''
from IPython.core.magic import Magics, cell_magic, magics_class
@magics_class
class Other(Magics):
    @cell_magic
    def chat(self, line, cell): print("the other one")
''', other_chat.__dict__)
get_ipython().register_magics(other_chat.Other)
"""


async def test_another_owner_of_the_magic_is_named_and_stays():
    async with kernel() as one:
        await one.ok(OTHER)
        ran = await one.run("%load_ext g4f_magic")
        assert ran.status == "error"
        assert ran.error == [
            "InputError: other_chat already owns %%chat",
            "Unload it first (%unload_ext other_chat), or use g4f_magic.Chat.",
        ]
        assert (await one.ok("%%chat\nHello")).stdout == "the other one\n"


async def test_a_chat_cell_loads_no_subcommand():
    async with kernel() as one:
        await one.ok("%load_ext g4f_magic\nx = 1")
        assert (await one.ok("%%chat\nHello")).reply == SHOWN
        loaded = await one.ok(
            "import sys; print([name for name in sys.modules if 'g4f_magic.commands.' in name])"
        )
        assert "subcommand" not in loaded.stdout
        assert "steering" not in loaded.stdout
